"""The provisions of a decision outside its sheets: stars, levels, producers, rounds, terms, dossiers, revocation."""

from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, Literal

from pydantic import Field, model_validator

from shared.regulation.law import Bilingual, Law, Points


class Enactment(Law):
    """The decision that made the ruleset: in force from `effective` through `last`, which is open where none is stated.

    `signed` is null where the documents do not say it; `lapses`: the day on which what was still allowed under it ends.
    """

    number: str
    issuer_vi: str | None = None
    issuer_en: str | None = None
    signed: date | None
    effective: date
    last: date | None = None
    lapses: date | None = None


class ScalePart(Bilingual):
    """Part A, B or C and the most points that it gives."""

    code: str
    max: Points


class Scale(Law):
    """The points that a council may give, in parts."""

    total: Points
    parts: tuple[ScalePart, ...]


class Band(Bilingual):
    """A star and its points: from, included, to, excluded except at the top of the scale (art. 3.3); null: no points."""

    star: int
    from_: Points | None = Field(alias="from")
    to: Points | None
    to_included: bool
    level: str
    recognised: bool
    ref: str

    def holds(self, average: Fraction) -> bool:
        """False where the rules of that time gave no points."""
        if self.from_ is None or self.to is None:
            return False
        return self.from_ <= average and (average < self.to or (self.to_included and average == self.to))


class SendsUp(Law):
    """Where a level sends a dossier on; `from_` = the average from which it does, null = always."""

    to: str
    from_: Points | None = Field(alias="from")


class SendsDown(Law):
    """Where a level gives a dossier back when the average is below."""

    to: str
    below: Points
    ref: str | None = None


class Level(Law):
    """A level of administration: the stars that it certifies and by whose hand, and where it sends a dossier.

    `council`: whether a council of this level assesses, where the file says so.
    """

    id: str
    council: bool | None = None
    certifies: tuple[int, ...]
    authority: str | None
    sends_up: SendsUp | None
    sends_down: SendsDown | None = None
    ref: str
    role_vi: str | None = None
    role_en: str | None = None

    @property
    def scores(self) -> bool:
        """Whether a council of this level assesses: as the file says, or it certifies, or sends on by the average."""
        if self.council is not None:
            return self.council
        return bool(self.certifies) or (self.sends_up is not None and self.sends_up.from_ is not None)


class Named(Bilingual):
    """A thing with an id in the ruleset: an authority, a kind of producer, a form, a ministry."""

    id: str


class Subgroup(Law):
    """A line of the classification: one product set and the ministries behind it."""

    label_vi: str
    ministries: tuple[str, ...]
    set: str


class SubgroupList(Law):
    """A group (nhóm) of a sector."""

    code: str
    label_vi: str
    label_en: str
    subgroups: tuple[Subgroup, ...]


class ProductGroup(Law):
    """A sector of Annex I (ngành), called `group` on the bus: food, drinks, …, tourism."""

    code: str
    id: str
    label_vi: str
    label_en: str
    groups: tuple[SubgroupList, ...] = ()

    def sets(self) -> tuple[str, ...]:
        return tuple(line.set for group in self.groups for line in group.subgroups)


class Producers(Law):
    """Who may take part (art. 2.3): the types, and those that only tourism has as well."""

    types: tuple[Named, ...]
    tourism_also: tuple[Named, ...] = ()


class Extension(Law):
    """How long a certificate lives on while its renewal is decided."""

    max_days: int
    ref: str


class Certificate(Law):
    """Which stars get a certificate, and its validity in months from the day of issue (art. 4.3); null: not stated."""

    for_stars: tuple[int, ...]
    valid_months: int | None
    extension: Extension | None = None
    ref: str


class RoundTerm(Law):
    """A round of the year: proposals and conclusion *before* these days (`MM-DD`, art. 5)."""

    round: int
    proposals_before: str
    finished_before: str

    def proposals_last(self, year: int) -> date:
        """The last day for proposals: the day before the printed one. Fixed dates never roll."""
        return _day_before(self.proposals_before, year)

    def finished_last(self, year: int) -> date:
        """The last day to conclude a round whose proposals were due in `year`."""
        return _day_before(self.finished_before, year + (self.finished_before < self.proposals_before))


class RoundRules(Law):
    """The rounds of one level."""

    minimum_per_year: int
    terms: tuple[RoundTerm, ...] = Field(alias="list")


class Deadline(Law):
    """A term: its length in days, working days or months, and whom it binds."""

    id: str
    actor: str
    value: int
    unit: Literal["day", "working_day", "month"]
    from_vi: str | None = None
    from_en: str | None = None
    ref: str


class DossierKind(Bilingual):
    """A kind of dossier (first, upgrade, renewal), its required papers and what it must say besides."""

    id: str
    ref: str
    items: tuple[str, ...]
    also_vi: str | None = None
    also_en: str | None = None


class Samples(Law):
    """How many samples go with a dossier, except for one set."""

    count: int
    except_set: str | None = None
    ref: str


class Dossiers(Law):
    """What a dossier consists of (art. 6)."""

    samples: Samples
    kinds: tuple[DossierKind, ...]


class ProductCode(Law):
    """How the code of a product is formed on the sheet."""

    format: str
    ref: str


class Form(Bilingual):
    """A form of Annex III, and who fills it in."""

    id: str
    by: str


class Ground(Bilingual):
    """A ground of revocation (art. 8.1)."""

    id: str
    ref: str


class RevokingAuthority(Bilingual):
    """Who revokes which stars (art. 8.2)."""

    stars: tuple[int, ...]
    ref: str


class Revocation(Law):
    """Grounds, authority by star, and the days within which it is decided (art. 8)."""

    ref: str
    grounds: tuple[Ground, ...]
    authority: tuple[RevokingAuthority, ...]
    within_days: int


class EvidenceKind(Bilingual):
    """A kind of evidence, and the paper in which it comes."""

    id: str
    from_: str = Field(alias="from")


class SetEntry(Law):
    """A product set of the index: where its sheet is, and what it is called."""

    set: str
    file: str
    name_vi: str
    name_en: str
    gates_apply: bool


class Rounds(Law):
    """The rounds by level; the levels are keys of the file beside its texts."""

    ref: str
    by_level: Mapping[str, RoundRules]

    @model_validator(mode="before")
    @classmethod
    def _gather_levels(cls, given: dict[str, Any]) -> dict[str, Any]:
        return {
            "ref": given["ref"],
            "by_level": {key: rules for key, rules in given.items() if isinstance(rules, dict)},
        }


def _day_before(month_and_day: str, year: int) -> date:
    return date.fromisoformat(f"{year}-{month_and_day}") - timedelta(days=1)
