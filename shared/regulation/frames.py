"""Older rules of which the frame alone is known: ballots of part totals, or stars as a council recorded them.

No criteria, no minima and no eliminations are known there, so none holds a star back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from fractions import Fraction
from typing import Any

from shared.regulation.faults import Declared, Fault, no_ballot
from shared.regulation.results import InvalidBallots, Result, Standing, standing
from shared.regulation.rulesets import Ruleset
from shared.values import Refusal

# Part (A, B, C) -> points, exactly.
PartTotals = Mapping[str, int | Fraction]


class NoScale(Refusal):
    rule = "no-scale-known"
    vi = "Bộ quy tắc {ruleset} không có thang điểm: hội đồng ghi hạng sao, không chấm điểm."
    en = "Ruleset {ruleset} has no scale of points: a council records stars and gives no points."


class NoSuchStar(Refusal):
    rule = "no-such-star"
    vi = "Hạng sao từ 1 đến {top}, không phải {stars}."
    en = "Stars are 1 to {top}, not {stars}."


def score(
    ruleset: Ruleset, set_no: str | None, ballots: Sequence[PartTotals], *, agreed: Mapping[str, Any] | None = None,
    average: Fraction | None = None, declared: Sequence[Declared] = (),
) -> Result:  # fmt: skip
    """The band of the average of part totals, or of a given average. Raises NoScale, InvalidBallots."""
    if ruleset.scale is None:
        raise NoScale(ruleset=ruleset.id)
    faults = faults_of_case(ruleset, ballots, agreed=agreed, average=average, declared=declared)
    if faults:
        raise InvalidBallots(faults)
    totals = tuple(sum(ballot.values()) for ballot in ballots)
    mean = Fraction(sum(totals), len(totals)) if totals else average
    assert mean is not None
    band = ruleset.band(mean)
    parts = {
        part.code: Fraction(sum(ballot[part.code] for ballot in ballots), len(ballots)) if ballots else None
        for part in ruleset.scale.parts
    }
    return _result(
        ruleset, set_no, standing(ruleset, mean, band), ballot_totals=totals, average=mean,
        spread=max(totals) - min(totals) if totals else None, mean_parts=parts if totals else None, star_by_band=band,
    )  # fmt: skip


def recorded(ruleset: Ruleset, set_no: str | None, stars: int) -> Result:
    """A council's result where no points were given: the stars as they stand on paper. Raises NoSuchStar."""
    if not 1 <= stars <= ruleset.top_star:
        raise NoSuchStar(field="stars", stars=stars, top=ruleset.top_star)
    held = Standing(
        star_after_gates=stars, recognised=stars >= ruleset.lowest_recognised,
        next_star=None if stars == ruleset.top_star else stars + 1,
    )  # fmt: skip
    return _result(
        ruleset, set_no, held, ballot_totals=(), average=None, spread=None, mean_parts=None, star_by_band=None
    )


def _result(ruleset: Ruleset, set_no: str | None, held: Standing, **facts: Any) -> Result:
    return Result(
        ruleset=ruleset.id, set=set_no, agreed=None, parts_of_agreed=None, total_of_agreed=None, status="ranked",
        eliminations=(), **{field.name: getattr(held, field.name) for field in fields(Standing)}, **facts,
    )  # fmt: skip


# --- what keeps a case from being scored ---


def faults_of_case(
    ruleset: Ruleset, ballots: Sequence[PartTotals], *, agreed: Mapping[str, Any] | None = None,
    average: Fraction | None = None, declared: Sequence[Declared] = (),
) -> list[Fault]:  # fmt: skip
    """All of it, in the order of the case."""
    found = [fault for n, ballot in enumerate(ballots) for fault in faults_of(ruleset, ballot, f"ballots[{n}]")]
    found += [_unknown(ruleset, f"agreed.{code}", code) for code in agreed or ()]
    if not ballots and average is None:
        found.append(no_ballot())
    if average is not None and not 0 <= average <= 100:
        vi, en = "Điểm trung bình phải từ 0 đến 100.", "The average must be from 0 to 100."
        found.append(Fault("average_total", "invalid-average", vi, en))
    for n, one in enumerate(declared):
        vi = f"Bộ quy tắc {ruleset.id} chỉ có khung, không có điều kiện loại {one.kind} tại {one.at}."
        en = f"Ruleset {ruleset.id} is a frame and has no elimination {one.kind} at {one.at}."
        found.append(Fault(f"declared_eliminations[{n}]", "unknown-elimination", vi, en))
    return found


def faults_of(ruleset: Ruleset, ballot: Mapping[str, Any], at: str) -> list[Fault]:
    """What the scale does not allow on a ballot of part totals: each part once, from 0 to its most points."""
    parts = {part.code: part.max for part in ruleset.scale.parts} if ruleset.scale else {}
    found = [_unknown(ruleset, f"{at}.{code}", code) for code in ballot if code not in parts]
    for code, most in parts.items():
        given = ballot.get(code)
        if given is None:
            vi, en = f"Thiếu tổng điểm phần {code}.", f"The total of part {code} is missing."
            found.append(Fault(f"{at}.{code}", "blank-not-allowed", vi, en))
        elif isinstance(given, bool) or not isinstance(given, (int, Fraction)) or not 0 <= given <= most:
            vi, en = f"Phần {code} có từ 0 đến {most} điểm.", f"Part {code} gives 0 to {most} points."
            found.append(Fault(f"{at}.{code}", "points-outside-part", vi, en))
    return found


def _unknown(ruleset: Ruleset, field: str, code: str) -> Fault:
    vi = f"Bộ quy tắc {ruleset.id} chỉ có tổng điểm từng phần, không có tiêu chí {code}."
    en = f"Ruleset {ruleset.id} has part totals only, no criterion {code}."
    return Fault(field, "unknown-criterion", vi, en)
