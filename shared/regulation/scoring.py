"""From ballots to stars: one pure function, exact, explaining what holds a product back (art. 3.3, Annex II)."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from fractions import Fraction
from typing import Any

from shared.regulation import frames
from shared.regulation.ballots import Ballot, agreed_options, by_part, points_of
from shared.regulation.bylaw import Bylaw
from shared.regulation.faults import Declared, faults_of_case
from shared.regulation.results import Eliminated, InvalidBallots, Missed, Number, Result, Standing, Status, standing
from shared.regulation.rulesets import Ruleset
from shared.regulation.sheets import Sheet

USUAL = Bylaw()

# Where several eliminations hold, the first of these statuses is the result's.
STATUS_OF: dict[str, Status] = {
    "dossier_rejected": "rejected",
    "product_rejected": "rejected",
    "not_assessed": "not_assessed",
    "assessment_stopped": "stopped",
}
BY_WEIGHT: tuple[Status, ...] = ("rejected", "not_assessed", "stopped")


def score(
    ruleset: Ruleset, set_no: str | None, ballots: Sequence[Ballot], *, agreed: Ballot | None = None,
    average: Fraction | None = None, declared: Sequence[Declared] = (), bylaw: Bylaw = USUAL,
) -> Result:  # fmt: skip
    """Scores one product (art. 3.3, Annex II).

    `agreed`: the options the council agreed on; else those that most ballots chose. `average`: a given average, 0 to
    100 points, used where there are no ballots. A declared elimination stands without ballots; an option that eliminates
    does so when agreed on. Of a frame ballots are part totals. Raises UnknownSheet, InvalidBallots.
    """
    if ruleset.is_frame:
        return frames.score(ruleset, set_no, ballots, agreed=agreed, average=average, declared=declared)
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
    have = _least(sheet, given) if given and bylaw.gates_on == "each_ballot" else on_agreed
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


def _least(sheet: Sheet, given: Sequence[Mapping[str, Number]]) -> dict[str, Number]:
    """The fewest points that any ballot gave, criterion by criterion."""
    return {code: min(points[code] for points in given) for code in sheet.criteria}


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

    return standing(ruleset, average, band, missed)
