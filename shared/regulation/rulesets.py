"""Rulesets: the law as dated data, and the questions the program asks of it. `load("qd-26-2026")`."""

from datetime import date
from fractions import Fraction
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import Field

from shared.regulation import files
from shared.regulation.law import Law
from shared.regulation.provisions import (
    Band,
    Certificate,
    Deadline,
    DossierKind,
    Dossiers,
    Enactment,
    EvidenceKind,
    Form,
    Ground,
    Level,
    Named,
    Producers,
    ProductCode,
    ProductGroup,
    Revocation,
    RevokingAuthority,
    Rounds,
    RoundTerm,
    Scale,
    SetEntry,
)
from shared.regulation.sheets import Sheet
from shared.values import Refusal

T = TypeVar("T")


class UnknownRuleset(Refusal):
    rule = "unknown-ruleset"
    vi = "Không có bộ quy tắc {id}."
    en = "There is no ruleset {id}."


class NoRulesetInForce(Refusal):
    rule = "no-ruleset-in-force"
    vi = "Không có bộ quy tắc nào có hiệu lực ngày {on}."
    en = "No ruleset is in force on {on}."


class UnknownSheet(Refusal):
    rule = "unknown-sheet"
    vi = "Bộ quy tắc {ruleset} không có bộ tiêu chí số {set}."
    en = "Ruleset {ruleset} has no sheet {set}."


class NotInRuleset(Refusal):
    rule = "not-in-ruleset"
    vi = "Bộ quy tắc {ruleset} không có {what} {id}."
    en = "Ruleset {ruleset} has no {what} {id}."


class Ruleset(Law):
    """One decision as data; sheets are read when first asked for. Never edited once in force.

    Of an older decision the frame alone is known (`is_frame`): levels, thresholds, authorities, bands. It has no sheets, its
    ballots are part totals, or stars where no scale is known; what the documents do not say is null or empty.
    """

    id: str = Field(alias="ruleset")
    kind: Literal["index", "frame"]
    folder: Path
    decision: Enactment
    scale: Scale | None
    stars: tuple[Band, ...]
    levels: tuple[Level, ...]
    authorities: tuple[Named, ...]
    classification: tuple[ProductGroup, ...]
    ministries: tuple[Named, ...] = ()
    producers: Producers
    certificate: Certificate
    rounds: Rounds | None
    deadlines: tuple[Deadline, ...]
    dossiers: Dossiers | None
    product_code: ProductCode | None = None
    forms: tuple[Form, ...] = ()
    revocation: Revocation | None
    evidence: tuple[EvidenceKind, ...] = ()
    sets: tuple[SetEntry, ...] = ()

    @property
    def is_frame(self) -> bool:
        """Whether only the frame of the decision is known, and no sheet."""
        return self.kind == "frame"

    @property
    def assesses_renewals_apart(self) -> bool:
        """Whether a re-assessment goes its own way, outside the rounds and by written opinion (art. 7.6)."""
        return not self.is_frame

    # ---------------------------------------------------------------- sheets and sets

    def sheet(self, set_no: str) -> Sheet:
        """The sheet of a product set (`"01"`…), read once; raises UnknownSheet."""
        return _sheet(self.folder / self.set_entry(set_no).file)

    def set_entry(self, set_no: str) -> SetEntry:
        """Name and file of a product set; raises UnknownSheet."""
        entry = self._sets.get(set_no) if isinstance(set_no, str) else None
        if entry is None:
            raise UnknownSheet("set", ruleset=self.id, set=set_no)
        return entry

    def group_of(self, set_no: str) -> str:
        """The id of the group (ngành, Annex I) of a set, such as `food`; raises UnknownSheet."""
        self.set_entry(set_no)
        return self._group_of_set[set_no]

    def group(self, group_id: str) -> ProductGroup:
        """A group with its labels and sets; raises NotInRuleset."""
        return self._one(self.classification, group_id, "group")

    @cached_property
    def _sets(self) -> dict[str, SetEntry]:
        return {entry.set: entry for entry in self.sets}

    @cached_property
    def _group_of_set(self) -> dict[str, str]:
        return {set_no: group.id for group in self.classification for set_no in group.sets()}

    # ---------------------------------------------------------------- stars and levels

    def band(self, average: Fraction) -> int:
        """The star of an exact average total, nothing rounded (art. 3.3); ValueError outside the scale."""
        for band in self.stars:
            if band.holds(average):
                return band.star
        raise ValueError(f"no star for an average of {average} points")

    def band_of(self, star: int) -> Band:
        """The points, level and recognition of a star; raises NotInRuleset."""
        for band in self.stars:
            if band.star == star:
                return band
        raise NotInRuleset(ruleset=self.id, what="star", id=star)

    @cached_property
    def top_star(self) -> int:
        return max(band.star for band in self.stars)

    @cached_property
    def lowest_recognised(self) -> int:
        """The lowest star that gets a decision and a certificate (art. 4.1); one above the top where none does."""
        return min((band.star for band in self.stars if band.recognised), default=self.top_star + 1)

    @property
    def certifies(self) -> bool:
        """Whether anybody certifies under these rules; where nobody does, a council's result is recorded and no more."""
        return bool(self.certificate.for_stars)

    def level(self, level_id: str) -> Level:
        """A level by its id; raises NotInRuleset."""
        return self._one(self.levels, level_id, "level")

    def deciding_levels(self) -> tuple[str, ...]:
        """The levels whose council assesses, from the lowest up (art. 4.1)."""
        return tuple(level.id for level in self.levels if level.scores)

    @property
    def asks_commune(self) -> bool:
        """Whether the commune checks a dossier and reports on its four contents before anybody scores it (art. 7.2)."""
        return any(level.id == "commune" for level in self.levels)

    def round_terms(self, level_id: str) -> tuple[RoundTerm, ...]:
        """The rounds of a level by the decision; none where it lays down no dates."""
        rules = self.rounds.by_level.get(level_id) if self.rounds else None
        return rules.terms if rules else ()

    def next_level(self, level_id: str, average: Fraction | None = None) -> str | None:
        """Where a level sends a dossier on, by the average alone; null when it stays.

        `average` may be left out for a level that does not score; raises NotInRuleset, ValueError.
        """
        up = self.level(level_id).sends_up
        if up is None or up.from_ is None:
            return up and up.to
        if average is None:
            raise ValueError(f"{level_id} sends a dossier on by its average")
        return up.to if average >= up.from_ else None

    def level_below(self, level_id: str, average: Fraction) -> str | None:
        """Where a level gives back a dossier whose average is too low for it (art. 7.4.g); else null."""
        down = self.level(level_id).sends_down
        return down.to if down and average < down.below else None

    def level_for(self, stars: int) -> str | None:
        """The level that certifies this star; null where nobody does (1 and 2 stars)."""
        return next((level.id for level in self.levels if stars in level.certifies), None)

    def authority_for(self, stars: int) -> str | None:
        """The id of the authority that recognises this star; null where nobody does (art. 4.1)."""
        return next((level.authority for level in self.levels if stars in level.certifies), None)

    def authority(self, authority_id: str) -> Named:
        """An authority with its names; raises NotInRuleset."""
        return self._one(self.authorities, authority_id, "authority")

    # ---------------------------------------------------------------- producers, dossiers, terms, revocation

    def producer_kind_allowed(self, kind: str, set_no: str) -> bool:
        """Whether this kind of producer may file for this set (art. 2.3); raises UnknownSheet."""
        return self.producer_kind_allowed_in(kind, self.group_of(set_no))

    def producer_kind_allowed_in(self, kind: str, group_id: str) -> bool:
        """The same for a product of this group, whatever its set."""
        allowed = self.producers.types
        if group_id == "tourism":
            allowed += self.producers.tourism_also
        return any(producer.id == kind for producer in allowed)

    def dossier_kind(self, kind: str) -> DossierKind:
        """A kind of dossier and its required papers (art. 6.1); raises NotInRuleset."""
        return self._one(self.dossiers.kinds if self.dossiers else (), kind, "dossier kind")

    def samples_for(self, set_no: str | None) -> int:
        """How many samples go with a dossier of this set (art. 6.2.d), 0 where it is not stated; raises UnknownSheet."""
        if self.dossiers is None:
            return 0
        samples = self.dossiers.samples
        return 0 if self.set_entry(set_no).set == samples.except_set else samples.count

    def deadline(self, deadline_id: str) -> Deadline:
        """A term by its id, such as `commune_handling`; raises NotInRuleset."""
        return self._one(self.deadlines, deadline_id, "deadline")

    def ground(self, ground_id: str) -> Ground:
        """A ground of revocation (art. 8.1); raises NotInRuleset."""
        return self._one(self.grounds, ground_id, "ground")

    @property
    def grounds(self) -> tuple[Ground, ...]:
        """The grounds of revocation; none where the decision's are not known."""
        return self.revocation.grounds if self.revocation else ()

    def revoking_authority(self, stars: int) -> RevokingAuthority:
        """Who revokes a certificate of this star (art. 8.2); raises NotInRuleset."""
        for authority in self.revocation.authority if self.revocation else ():
            if stars in authority.stars:
                return authority
        raise NotInRuleset(ruleset=self.id, what="revoking authority for stars", id=stars)

    def evidence_kind(self, evidence_id: str) -> EvidenceKind:
        """A kind of evidence; raises NotInRuleset."""
        return self._one(self.evidence, evidence_id, "evidence")

    def form(self, form_id: str) -> Form:
        """A form of Annex III; raises NotInRuleset."""
        return self._one(self.forms, form_id, "form")

    def _one(self, things: tuple[T, ...], wanted: str, what: str) -> T:
        for thing in things:
            if thing.id == wanted:  # type: ignore[attr-defined]
                return thing
        raise NotInRuleset(ruleset=self.id, what=what, id=wanted)


def naming(ruleset_id: str | None, on: date) -> Ruleset:
    """The ruleset whose names of groups, sets and kinds of paper a fact bears: its own where its sheets are known.

    An earlier recognition bears those of the day on which it was taken in. Raises NoRulesetInForce.
    """
    own = _load_known(ruleset_id, files.ROOTS) if ruleset_id else None
    if own and not own.is_frame:
        return own
    of_the_day = in_force(on)
    return own if own and of_the_day.is_frame else of_the_day


def load(ruleset_id: str) -> Ruleset:
    """A packaged ruleset by its id, read once; raises UnknownRuleset."""
    return _load(ruleset_id, files.ROOTS)


def available() -> list[str]:
    """The ids of all rulesets, oldest first."""
    return [ruleset.id for ruleset in _all(files.ROOTS)]


def in_force(on: date) -> Ruleset:
    """The ruleset in force on a legal date: the latest that has taken effect; raises NoRulesetInForce."""
    latest = _in_force(on, files.ROOTS)
    if latest is None:
        raise NoRulesetInForce(on=on)
    return latest


@lru_cache(maxsize=8192)  # asked by every fact of a history
def _in_force(on: date, roots: tuple[Path, ...]) -> Ruleset | None:
    effective = [ruleset for ruleset in _all(roots) if ruleset.decision.effective <= on]
    return effective[-1] if effective else None


@cache
def load_folder(folder: Path) -> Ruleset:
    """The ruleset of any folder, such as a made-up one; ValueError when it is not what the folder's name says."""
    ruleset = Ruleset.model_validate({**files.read_yaml(folder / "index.yaml"), "folder": folder})
    if ruleset.id != folder.name:
        raise ValueError(f"the folder {folder.name} holds the ruleset {ruleset.id}")
    return ruleset


@cache
def _load(ruleset_id: str, roots: tuple[Path, ...]) -> Ruleset:
    found = _load_known(ruleset_id, roots)
    if found is None:
        raise UnknownRuleset("ruleset", id=ruleset_id)
    return found


@cache
def _load_known(ruleset_id: str, roots: tuple[Path, ...]) -> Ruleset | None:
    folder = files.folders(roots).get(ruleset_id)
    return load_folder(folder) if folder else None


@cache
def _all(roots: tuple[Path, ...]) -> tuple[Ruleset, ...]:
    loaded = [load_folder(folder) for folder in files.folders(roots).values()]
    return tuple(sorted(loaded, key=lambda ruleset: (ruleset.decision.effective, ruleset.id)))


@cache
def _sheet(path: Path) -> Sheet:
    return Sheet.model_validate(files.read_yaml(path))
