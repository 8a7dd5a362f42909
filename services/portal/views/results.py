"""A council's result as it is read: what holds the star, what one more needs, how far the ballots lie apart, every criterion."""

import asyncio
from fractions import Fraction
from typing import Any

from services.portal.views import charts, words
from services.portal.views.houses import Houses
from services.portal.views.words import Text
from shared.regulation.rulesets import load
from shared.regulation.sheets import Option, Sheet

Row = dict[str, Any]


def explained(assessment: Row) -> Row | None:
    """The result of an assessment in words; None while there is none."""
    found = assessment["result"]
    if found is None:
        return None
    ruleset = load(found["ruleset"])
    sheet = None if ruleset.is_frame else ruleset.sheet(found["set"])
    return found | {
        "level": words.known(words.LEVELS, found["level"]),
        "outcome_name": words.known(words.OUTCOMES, found["outcome"]),
        "own": assessment["own"],
        "annulled_on": assessment["annulled_on"],
        "turns": assessment["ballot_rounds"],
        "sent_up_to": found["sent_up_to"] and words.known(words.LEVELS, found["sent_up_to"]),
        "parts": [part | {"criteria": criteria_of(found, part["part"])} for part in found["parts"]],
        "next": found["next"] | {"missing": with_enough(sheet, found["next"]["missing"])},
        "gates_missed": with_enough(sheet, found["gates_missed"]),
        "scale": charts.scale(cut(found["average"]), found.get("totals") or [], found["stars"]),
        "apart": apart(found),
    }  # fmt: skip


def cut(exact: str | None) -> float | None:
    """An exact average to two decimals, never rounded up."""
    return None if exact is None else int(Fraction(exact) * 100) / 100


def with_enough(sheet: Sheet | None, gates: list[Row]) -> list[Row]:
    return [gate | {"enough": enough(sheet, gate)} for gate in gates]


def enough(sheet: Sheet | None, gate: Row) -> Text | None:
    """The lowest option of the sheet that reaches a gate."""
    options = sheet.criteria[gate["criterion"]].options if sheet else ()
    reaching = sorted((option for option in options if option.points >= gate["need"]), key=lambda option: option.points)
    return Text(reaching[0].label_vi, reaching[0].label_en) if reaching else None


def criteria_of(result: Row, part: str) -> list[Row]:
    """The criteria of a part, each with the gate that holds it back, if one does."""
    missed = {gate["criterion"]: gate for gate in result["gates_missed"]}
    return [row | {"gate": missed.get(row["criterion"])} for row in result["criteria"] if row["part"] == part]


def apart(result: Row) -> list[Row]:
    """The criteria on which the ballots lie farthest apart, at most three."""
    ranges = [row | {"range": row["highest"] - row["lowest"]} for row in result["criteria"]]
    return sorted((row for row in ranges if row["range"] > 0), key=lambda row: -row["range"])[:3]


# --- the page of one result: the whole sheet with every option ---


async def sheet(houses: Houses, assessment_id: str) -> Row:
    """A result with all options of its sheet. Raises HouseSaid (404 where there is none), HouseSilent."""
    assessment, found = await asyncio.gather(
        houses.get("evaluation", "assessments", assessment_id),
        houses.get("evaluation", "assessments", assessment_id, "result"),
    )
    result = explained(assessment | {"result": found})
    assert result is not None
    ruleset = load(found["ruleset"])
    criteria = {} if ruleset.is_frame else ruleset.sheet(found["set"]).criteria
    for part in result["parts"]:
        for row in part["criteria"]:
            row["options"] = [option_of(option, row) for option in criteria[row["criterion"]].options]
    return {"assessment": assessment, "result": result}


def option_of(option: Option, row: Row) -> Row:
    """An option in words: its points, whether it was agreed on, and of which star it is the least."""
    points = option.points
    return {
        "label": Text(option.label_vi, option.label_en), "chosen": option.opt == row["option"], "gate": option.gate,
        "points": points.numerator if points.denominator == 1 else float(points),
    }  # fmt: skip
