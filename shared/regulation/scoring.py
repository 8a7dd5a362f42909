"""From ballots to stars: one pure function, exact, explaining what holds a product back (art. 3.3, Annex II)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from fractions import Fraction
from typing import Any, Literal

from shared.regulation.ballots import Ballot, agreed_options, by_part, points_of
from shared.regulation.bylaw import Bylaw
from shared.regulation.faults import Declared, Fault, faults_of_case
from shared.regulation.rulesets import Ruleset
from shared.regulation.sheets import ElimKind, Sheet
from shared.values import Refusal

Status = Literal["ranked", "stopped", "rejected", "not_assessed"]
Number = int | Fraction
USUAL = Bylaw()

# Where several eliminations hold, the first of these statuses is the result's.
STATUS_OF: dict[str, Status] = {
    "dossier_rejected": "rejected",
    "product_rejected": "rejected",
    "not_assessed": "not_assessed",
    "assessment_stopped": "stopped",
}
BY_WEIGHT: tuple[Status, ...] = ("rejected", "not_assessed", "stopped")


class InvalidBallots(Refusal):
    """The case cannot be scored; `faults` says all that is wrong with it."""

    rule = "invalid-ballots"
    vi = "Không chấm được: {first.message_vi}"
    en = "This cannot be scored: {first.message_en}"

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(faults[0].field, first=faults[0])


@dataclass(frozen=True, slots=True)
class Eliminated:
    """What ended the assessment: by an option chosen at this criterion, or declared."""

    kind: ElimKind
    at: str
    by: Literal["option", "declared"]


@dataclass(frozen=True, slots=True)
class Missed:
    """A gate that is missed: the points needed, the star mark that sets them, the points had."""

    criterion: str
    mark: int
    need: Number
    have: Number


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The star after gates, what holds it below its band, and what is missing for one star more."""

    star_after_gates: int | None = None
    recognised: bool = False
    blocking_for_band: tuple[Missed, ...] = ()
    next_star: int | None = None
    blocking_for_next: tuple[Missed, ...] = ()
    points_short_for_next: Fraction | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result(Standing):
    """The outcome of an assessment; points throughout, the average exact.

    `mean_parts` are the ballots' means and null without ballots; what is read on the agreed options is null without
    any. `if_gates_applied` is the other reading, for a sheet whose marks limit no star.
    """

    ruleset: str
    set: str
    ballot_totals: tuple[Number, ...]
    average: Fraction | None
    spread: Number | None
    mean_parts: Mapping[str, Fraction] | None
    agreed: Mapping[str, int | None] | None
    parts_of_agreed: Mapping[str, Number] | None
    total_of_agreed: Number | None
    status: Status
    eliminations: tuple[Eliminated, ...]
    star_by_band: int | None = None
    if_gates_applied: Standing | None = None


def score(
    ruleset: Ruleset, set_no: str, ballots: Sequence[Ballot], *, agreed: Ballot | None = None,
    average: Fraction | None = None, declared: Sequence[Declared] = (), bylaw: Bylaw = USUAL,
) -> Result:  # fmt: skip
    """Scores one product (art. 3.3, Annex II).

    `agreed`: the options the council agreed on; else those that most ballots chose. `average`: a given average, 0 to
    100 points, used where there are no ballots. A declared elimination stands without ballots too. An option that
    eliminates does so when agreed on. Raises UnknownSheet, InvalidBallots.
    """
    sheet = ruleset.sheet(set_no)
    faults = faults_of_case(sheet, ballots, agreed=agreed, average=average, declared=declared)
    if faults:
        raise InvalidBallots(faults)
    options = agreed or (agreed_options(sheet, ballots) if ballots else {})
    given = [points_of(sheet, ballot) for ballot in ballots]
    on_agreed = points_of(sheet, options) if options else {}
    totals = tuple(sum(points.values()) for points in given)
    exact_average = Fraction(sum(totals), len(totals)) if totals else average
    eliminations = _eliminations(sheet, options, declared)
    status = _status(eliminations)
    have = on_agreed
    if given and bylaw.gates_on == "each_ballot":
        have = {code: min(points[code] for points in given) for code in sheet.criteria}
    ranking = _ranking(ruleset, sheet, exact_average, have) if status == "ranked" else {}
    return Result(
        ruleset=ruleset.id,
        set=sheet.set,
        ballot_totals=totals,
        average=exact_average,
        spread=max(totals) - min(totals) if totals else None,
        mean_parts=_mean_parts(sheet, given),
        agreed=options or None,
        parts_of_agreed=by_part(sheet, on_agreed) if on_agreed else None,
        total_of_agreed=sum(on_agreed.values()) if on_agreed else None,
        status=status,
        eliminations=eliminations,
        **ranking,
    )


def _mean_parts(sheet: Sheet, given: Sequence[Mapping[str, Number]]) -> dict[str, Fraction] | None:
    if not given:
        return None
    parts = [by_part(sheet, points) for points in given]
    return {part.code: Fraction(sum(each[part.code] for each in parts), len(parts)) for part in sheet.parts}


def _eliminations(sheet: Sheet, options: Ballot, declared: Sequence[Declared]) -> tuple[Eliminated, ...]:
    found = []
    for code, criterion in sheet.criteria.items():
        opt = options.get(code)
        eliminated_by = criterion.options[opt - 1].eliminates if opt else None
        if eliminated_by:
            found.append(Eliminated(sheet.elimination(eliminated_by).kind, code, "option"))
    found += [Eliminated(one.kind, one.at, "declared") for one in declared]
    return tuple(found)


def _status(eliminations: Sequence[Eliminated]) -> Status:
    held = {STATUS_OF[elimination.kind] for elimination in eliminations}
    return next((status for status in BY_WEIGHT if status in held), "ranked")


def _ranking(ruleset: Ruleset, sheet: Sheet, average: Fraction, have: Mapping[str, Number]) -> dict[str, Any]:
    band = ruleset.band(average)
    gated = _standing(ruleset, sheet, average, band, have)
    held = gated if sheet.gates.applies else _standing(ruleset, sheet, average, band, None)
    standing = {field.name: getattr(held, field.name) for field in fields(Standing)}
    return {**standing, "star_by_band": band, "if_gates_applied": None if sheet.gates.applies else gated}


def _standing(
    ruleset: Ruleset, sheet: Sheet, average: Fraction, band: int, have: Mapping[str, Number] | None
) -> Standing:
    """`have` null: the marks limit no star."""

    def missed(star: int) -> tuple[Missed, ...]:
        needs = sheet.needs(star) if have is not None else ()
        return tuple(
            Missed(n.criterion, n.mark, n.need, have[n.criterion]) for n in needs if have[n.criterion] < n.need
        )

    lowest = ruleset.lowest_recognised
    held = next((star for star in range(band, lowest - 1, -1) if not missed(star)), lowest - 1)
    star = min(band, held)
    top = star == ruleset.top_star
    return Standing(
        star_after_gates=star,
        recognised=star >= lowest,
        blocking_for_band=missed(band),
        next_star=None if top else star + 1,
        blocking_for_next=() if top else missed(star + 1),
        points_short_for_next=Fraction(0) if top else max(Fraction(0), ruleset.band_of(star + 1).from_ - average),
    )
