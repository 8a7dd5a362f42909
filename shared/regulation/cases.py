"""Cases in JSON, scored to JSON: what `ocop score FILE` reads and prints. A malformed case never stops the others."""

import re
from dataclasses import asdict
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import orjson

from shared.regulation import files, frames, rulesets
from shared.regulation.faults import Declared, Fault, no_ballot
from shared.regulation.results import InvalidBallots, Result, Standing
from shared.regulation.rulesets import Ruleset, UnknownRuleset, UnknownSheet
from shared.regulation.scoring import score
from shared.values import Refusal

# An exact decimal, or the "n/d" in which averages are printed; bounded, so that no text costs unbounded work.
EXACT = re.compile(r"-?\d{1,20}(?:\.\d{1,60}|/\d{0,19}[1-9]\d{0,19})?", re.ASCII)
PLAIN = ("star_after_gates", "recognised", "next_star")


class UnreadableCases(Refusal):
    """The file as a whole cannot be read as cases."""

    rule = "unreadable-cases"
    vi = "Không đọc được tệp phiếu chấm: {why_vi}."
    en = "The file of cases cannot be read: {why_en}."


class _Malformed(Exception):
    def __init__(self, field: str, rule: str, vi: str, en: str) -> None:
        self.fault = Fault(field, rule, vi, en)


def score_file(path: Path) -> bytes:
    """The results of a file of cases, as JSON; raises OSError, UnreadableCases, UnknownRuleset."""
    return score_json(files.read_bytes(path))


def score_json(content: bytes) -> bytes:
    """The results of cases given as JSON; raises UnreadableCases, UnknownRuleset."""
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise UnreadableCases(why_vi=f"không phải JSON ({error})", why_en=f"not JSON ({error})") from error
    return orjson.dumps(score_cases(document), option=orjson.OPT_APPEND_NEWLINE)


def score_cases(document: Any) -> dict[str, Any]:
    """`{"ruleset", "cases"}` -> `{"ruleset", "results"}`, one result a case in the same order.

    A case that cannot be scored gives `{"id", "status": "invalid", "errors"}`. Raises UnreadableCases when the
    document is not of this form, UnknownRuleset.
    """
    if not isinstance(document, dict) or not isinstance(document.get("cases"), list):
        raise UnreadableCases(why_vi="cần một đối tượng có danh sách `cases`", why_en="an object with a list `cases`")
    ruleset_id = document.get("ruleset")
    if not isinstance(ruleset_id, str):
        raise UnknownRuleset("ruleset", id=ruleset_id)
    ruleset = rulesets.load(ruleset_id)
    return {"ruleset": ruleset.id, "results": [_score_case(ruleset, case) for case in document["cases"]]}


def as_json(result: Result) -> dict[str, Any]:
    """A result with the keys of the scoring file; exact numbers as `"n"` or `"n/d"`, points as whole numbers.

    Under a frame there is `mean_parts` besides, the ballots' means.
    """
    shown = {
        "ballot_totals": [_points(total) for total in result.ballot_totals],
        "average": None if result.average is None else str(result.average),
        "parts_of_agreed": _all_points(result.parts_of_agreed),
        "total_of_agreed": None if result.total_of_agreed is None else _points(result.total_of_agreed),
        "status": result.status,
        "eliminations": [asdict(elimination) for elimination in result.eliminations],
        "star_by_band": result.star_by_band,
        **_standing(result),
    }
    if result.set is None:
        shown["mean_parts"] = _all_points(result.mean_parts)
    if result.if_gates_applied:
        shown["if_gates_applied"] = _standing(result.if_gates_applied)
    return shown


def _score_case(ruleset: Ruleset, case: Any) -> dict[str, Any]:
    case_id = case.get("id") if isinstance(case, dict) else None
    try:
        return {"id": case_id, **as_json(_score(ruleset, case))}
    except _Malformed as malformed:
        faults = (malformed.fault,)
    except InvalidBallots as invalid:
        faults = invalid.faults
    except UnknownSheet as unknown:
        faults = (Fault("set", unknown.rule, unknown.message_vi, unknown.message_en),)
    except (frames.NoScale, frames.NoSuchStar) as refused:
        faults = (Fault("stars", refused.rule, refused.message_vi, refused.message_en),)
    return {"id": case_id, "status": "invalid", "errors": [asdict(fault) for fault in faults]}


def _score(ruleset: Ruleset, case: Any) -> Result:
    if not isinstance(case, dict):
        raise _Malformed("", "malformed", "Một ca chấm phải là đối tượng JSON.", "A case must be a JSON object.")
    ballots = [_mapping(ballot, f"ballots[{n}]") for n, ballot in enumerate(_list(case, "ballots"))]
    if ruleset.is_frame:
        return _score_by_frame(ruleset, case, ballots)
    ruleset.set_entry(case.get("set"))
    agreed = case.get("agreed")
    average = None if ballots else _average(case.get("average_total"))
    declared = [_declared(one, n) for n, one in enumerate(_list(case, "declared_eliminations"))]
    if not ballots and average is None:
        # A council may reject a dossier unscored; a case of this file is there to be scored.
        raise InvalidBallots([no_ballot()])
    options = None if agreed is None else _mapping(agreed, "agreed")
    return score(ruleset, case["set"], ballots, agreed=options, average=average, declared=declared)


def _score_by_frame(ruleset: Ruleset, case: dict[str, Any], ballots: list[dict[str, Any]]) -> Result:
    """Part totals A, B, C or a given average; stars as recorded where no scale is known. The printed set is not looked at."""
    stars = case.get("stars")
    if ruleset.scale is None and isinstance(stars, int) and not isinstance(stars, bool):
        return frames.recorded(ruleset, None, stars)
    totals = [{code: _part(points) for code, points in ballot.items()} for ballot in ballots]
    agreed = None if case.get("agreed") is None else _mapping(case["agreed"], "agreed")
    declared = [_declared(one, n) for n, one in enumerate(_list(case, "declared_eliminations"))]
    average = None if ballots else _average(case.get("average_total"))
    return score(ruleset, None, totals, agreed=agreed, average=average, declared=declared)


def _part(points: Any) -> Any:
    """Exact where it is a number; whatever else is told by the scale's own fault."""
    if isinstance(points, float) or (isinstance(points, str) and EXACT.fullmatch(points)):
        return _average(points)
    return points


def _list(case: dict[str, Any], key: str) -> list[Any]:
    value = case.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise _Malformed(key, "malformed", f"`{key}` phải là danh sách.", f"`{key}` must be a list.")
    return value


def _mapping(value: Any, field: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        vi, en = "Phải là đối tượng: mã tiêu chí -> số phương án.", "Must be an object: criterion -> option number."
        raise _Malformed(field, "malformed", vi, en)
    return value


def _declared(value: Any, n: int) -> Declared:
    if not isinstance(value, dict) or not isinstance(value.get("kind"), str) or not isinstance(value.get("at"), str):
        vi, en = "Phải là đối tượng có `kind` và `at`.", "Must be an object with `kind` and `at`."
        raise _Malformed(f"declared_eliminations[{n}]", "malformed", vi, en)
    return Declared(value["kind"], value["at"])


def _average(value: Any) -> Fraction | None:
    """An exact number given as text or as a JSON number (whose shortest form is what was written)."""
    if value is None:
        return None
    text = f"{Decimal(repr(value)):f}" if isinstance(value, float) else str(value)
    if isinstance(value, bool) or not isinstance(value, (str, int, float)) or not EXACT.fullmatch(text):
        vi = "Điểm trung bình phải là số thập phân chính xác, như 69.999."
        raise _Malformed("average_total", "invalid-average", vi, "The average must be an exact decimal, as 69.999.")
    return Fraction(text)


def _standing(standing: Standing) -> dict[str, Any]:
    short = standing.points_short_for_next
    return {
        **{key: getattr(standing, key) for key in PLAIN},
        "blocking_for_band": [_all_points(asdict(missed)) for missed in standing.blocking_for_band],
        "blocking_for_next": [_all_points(asdict(missed)) for missed in standing.blocking_for_next],
        "points_short_for_next": None if short is None else str(short),
    }


def _all_points(values: Any) -> dict[str, Any] | None:
    return None if values is None else {key: _points(value) for key, value in values.items()}


def _points(value: Any) -> Any:
    """A whole number as it is, a fraction as text: JSON has no exact fractions."""
    if not isinstance(value, Fraction):
        return value
    return value.numerator if value.denominator == 1 else str(value)
