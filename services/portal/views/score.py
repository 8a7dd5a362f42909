"""A council's result explained: every criterion with the agreed option, the gates, and what the next star needs."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from services.portal.views.words import Text
from shared.regulation.sheets import Criterion, Part, Sheet

Outcome = Mapping[str, Any]  # as the evaluation house says it; points are exact: `"n"`, `"n/d"` or a number


def exact(value: str | int | float | None) -> Fraction | None:
    return None if value is None else Fraction(str(value))


def shown(value: str | int | float | Fraction | None) -> int | float | None:
    """Points for a page, cut to two decimals: 69.999 points are not 70."""
    if value is None:
        return None
    cut = Fraction(int(Fraction(str(value)) * 100), 100)
    return cut.numerator if cut.denominator == 1 else float(cut)


def explained(outcome: Outcome, sheet: Sheet) -> dict[str, Any]:
    """Parts with sections and their criteria, the gates missed, and what is missing for one star more."""
    standing = outcome.get("standing") or {}
    missed = {gate["criterion"]: gate for gate in standing.get("missed", ())}
    scores = {score["criterion"]: score for score in outcome.get("criteria", ())}
    return {
        "average": shown(outcome["average"]),
        "exact": outcome["average"],
        "spread": shown(outcome["spread"]),
        "by_band": outcome["star_by_band"],
        "star": standing.get("star"),
        "held_back": [gate_of(sheet, gate) for gate in standing.get("missed", ())],
        "next_star": standing.get("next_star"),
        "next_gates": [gate_of(sheet, gate) for gate in standing.get("missed_for_next", ())],
        "points_short": shown(standing.get("points_short")),
        "eliminations": [elimination_of(sheet, one) for one in outcome["eliminations"]],
        "parts": [part_of(part, outcome, scores, missed) for part in sheet.parts] if scores else [],
    }


def part_of(
    part: Part, outcome: Outcome, scores: Mapping[str, Any], missed: Mapping[str, Any]
) -> dict[str, Any]:  # fmt: skip
    return {
        "code": part.code,
        "label": Text(part.label_vi, part.label_en),
        "max": shown(part.max),
        "mean": shown((outcome["parts"] or {}).get(part.code)),
        "agreed": shown((outcome["agreed_parts"] or {}).get(part.code)),
        "sections": [
            {
                "code": section.code,
                "label": Text(section.label_vi, section.label_en),
                "rows": rows_of(section.criteria, scores, missed),
            }
            for section in part.sections
        ],
    }


def rows_of(
    criteria: Iterable[Criterion], scores: Mapping[str, Any], missed: Mapping[str, Any]
) -> list[dict[str, Any]]:  # fmt: skip
    leaves = [leaf for criterion in criteria for leaf in criterion.leaves()]
    return [row_of(leaf, scores[leaf.code], missed.get(leaf.code)) for leaf in leaves if leaf.code in scores]


def row_of(criterion: Criterion, score: Mapping[str, Any], gate: Mapping[str, Any] | None) -> dict[str, Any]:
    """One criterion: the agreed option's words, its points of the most, and how far the ballots went apart."""
    number = score["option"]
    option = criterion.options[number - 1] if number else None
    lowest, highest = exact(score["lowest"]), exact(score["highest"])
    return {
        "code": criterion.code,
        "label": Text(criterion.label_vi, criterion.label_en),
        "option": option and Text(option.label_vi, option.label_en),
        "points": shown(score["points"]),
        "max": shown(criterion.max),
        "mean": shown(score["mean"]),
        "lowest": shown(lowest),
        "highest": shown(highest),
        "apart": lowest != highest,
        "gate": gate and {"mark": gate["mark"], "need": shown(gate["need"])},
    }


def gate_of(sheet: Sheet, gate: Mapping[str, Any]) -> dict[str, Any]:
    """A criterion below a star's minimum, with the option that would reach it."""
    criterion, need = sheet.criteria[gate["criterion"]], exact(gate["need"])
    enough = next((option for option in criterion.options if need is not None and option.points >= need), None)
    return {
        "code": criterion.code,
        "label": Text(criterion.label_vi, criterion.label_en),
        "mark": gate["mark"],
        "need": shown(gate["need"]),
        "have": shown(gate["have"]),
        "enough": enough and Text(enough.label_vi, enough.label_en),
    }


def elimination_of(sheet: Sheet, found: Mapping[str, Any]) -> dict[str, Any]:
    """What ended the assessment, in the words of the sheet."""
    for one in sheet.eliminations:
        if (one.kind, one.at) == (found["kind"], found["at"]):
            return {"at": one.at, "label": Text(one.label_vi, one.label_en), "by": found["by"]}
    return {"at": found["at"], "label": Text(found["kind"], found["kind"]), "by": found["by"]}
