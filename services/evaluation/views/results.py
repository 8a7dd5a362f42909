"""A council's result, explained in the words of the sheet: options, gates, members' spread, what a star more needs."""

from collections.abc import Sequence
from typing import Any

from services.evaluation.domain.assessment import Assessment
from services.evaluation.domain.outcome import Elimination, Gate, Outcome, Standing
from services.evaluation.published import number, two_places
from services.evaluation.views.tables import HOUSE, SQL, Changes
from shared.eventstore.views import Change, View
from shared.regulation.provisions import ScalePart
from shared.regulation.rulesets import load
from shared.regulation.sheets import Part, Sheet

RESULTS = View("results", ["results"], HOUSE)


@RESULTS.on(Assessment.Decided)
def result(e: Assessment.Decided) -> Changes:
    a, p = e.about, e.about.product
    yield Change(
        SQL.result,
        (e.originator_id, e.dossier_id, p.id, p.code, p.name, p.set, a.producer.name, a.province, e.level, e.round_id,
         e.kind, e.ruleset, e.legal_date, e.sent_up_to, e.simulated, e.outcome.model_dump_json(), e.mode, e.again),
    )  # fmt: skip


def explained(row: dict[str, Any]) -> dict[str, Any]:
    """A row of `result_of` with the sheet's own words: what was agreed on, how far apart, what holds it back.

    Under older rules there is no sheet: part totals and the star, or the star alone.
    """
    outcome, ruleset = Outcome.model_validate_json(row["outcome"]), load(row["ruleset"])
    sheet = None if ruleset.is_frame else ruleset.sheet(row["set"])
    standing = outcome.standing
    return row | {
        "outcome": outcome.status,
        "sheet_vi": sheet and sheet.name_vi,
        "sheet_en": sheet and sheet.name_en,
        "average": None if outcome.average is None else str(outcome.average),
        "average_2dp": two_places(outcome.average),
        "spread": None if outcome.spread is None else number(outcome.spread),
        "ballots": len(outcome.totals),
        "totals": sorted(number(total) for total in outcome.totals.values()),  # whose is not public
        "eliminations": [eliminated(sheet, one) for one in outcome.eliminations],
        "star_by_band": outcome.star_by_band,
        "stars": outcome.star,
        "recognisable": outcome.recognised,
        "gates_missed": missed(sheet, standing.missed if standing else ()),
        "next": next_star(sheet, standing),
        "marks_read": outcome.marks_read and {"stars": outcome.marks_read.star, **next_star(sheet, outcome.marks_read)},
        "parts": parts_of(sheet.parts if sheet else ruleset.scale.parts if ruleset.scale else (), outcome),
        "criteria": criteria_of(sheet, outcome),
    }


def next_star(sheet: Sheet, standing: Standing | None) -> dict[str, Any]:
    """What one star more needs: points (exact text) and gates."""
    if standing is None or standing.next_star is None:
        return {"star": None, "points_short": None, "missing": []}
    return {
        "star": standing.next_star,
        "points_short": None if standing.points_short is None else str(standing.points_short),
        "missing": missed(sheet, standing.missed_for_next),
    }


def missed(sheet: Sheet, gates: tuple[Gate, ...]) -> list[dict[str, Any]]:
    return [
        {"criterion": g.criterion, **labels(sheet.criteria[g.criterion]), "mark": g.mark, "need": number(g.need),
         "have": number(g.have)}
        for g in gates
    ]  # fmt: skip


def labels(labelled: Any) -> dict[str, str]:
    if isinstance(labelled, ScalePart):
        return {"label_vi": labelled.vi, "label_en": labelled.en}
    return {"label_vi": labelled.label_vi, "label_en": labelled.label_en}


def eliminated(sheet: Sheet, found: Elimination) -> dict[str, Any]:
    return found.model_dump() | labels(sheet.elimination(found.id))


def parts_of(parts: Sequence[Part | ScalePart], outcome: Outcome) -> list[dict[str, Any]]:
    """Parts A, B, C: the ballots' mean and the agreed options' points (null without a sheet), of how many."""
    if outcome.parts is None:
        return []
    agreed = outcome.agreed_parts
    return [
        {"part": part.code, **labels(part), "max": number(part.max), "mean": two_places(outcome.parts[part.code]),
         "agreed": agreed and number(agreed[part.code])}
        for part in parts
    ]  # fmt: skip


def criteria_of(sheet: Sheet | None, outcome: Outcome) -> list[dict[str, Any]]:
    """Each criterion: the option agreed on, its points, the ballots' lowest, highest and mean, the star marks."""
    rows = []
    for score in outcome.criteria if sheet else ():
        criterion = sheet.criteria[score.criterion]
        option = criterion.options[score.option - 1] if score.option else None
        marks = {
            star: needs[score.criterion] for star, needs in sheet.gates.minimum.items() if score.criterion in needs
        }
        rows.append({
            "criterion": score.criterion, "part": sheet.part_of[score.criterion], **labels(criterion),
            "max": number(criterion.max), "option": score.option, "option_vi": option and option.label_vi,
            "option_en": option and option.label_en, "points": number(score.points), "lowest": number(score.lowest),
            "highest": number(score.highest), "mean": two_places(score.mean),
            "marks": [{"star": s, "need": number(n), "met": score.points >= n} for s, n in sorted(marks.items())],
        })  # fmt: skip
    return rows
