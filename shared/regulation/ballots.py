"""Ballots (phiếu đánh giá): what a member ticked, the points that it gives, and what a council agreed on."""

from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction

from shared.regulation.sheets import Sheet

# Criterion code -> option number from 1; null or absent = no box ticked (blank). Of a frame: part -> its total.
Ballot = Mapping[str, int | Fraction | None]


def points_of(sheet: Sheet, ballot: Ballot) -> dict[str, int | Fraction]:
    """Points by criterion of a faultless ballot, in the order of the sheet.

    A blank counts 0; so does a criterion whose condition is not met, whatever is ticked there (5.2 without a story).
    """
    points = {code: criterion.scale[ballot.get(code) or 0] for code, criterion in sheet.criteria.items()}
    for code, condition in sheet.conditions.items():
        if points[condition.criterion] < condition.points_at_least:
            points[code] = 0
    return points


def by_part(sheet: Sheet, points: Mapping[str, int | Fraction]) -> dict[str, int | Fraction]:
    """Points of parts A, B and C."""
    parts: dict[str, int | Fraction] = {part.code: 0 for part in sheet.parts}
    for code, given in points.items():
        parts[sheet.part_of[code]] += given
    return parts


def agreed_options(sheet: Sheet, ballots: Sequence[Ballot]) -> dict[str, int | None]:
    """The option that most ballots chose in each criterion; a tie goes to the lower option, a blank being lowest."""
    return {code: _most_chosen([ballot.get(code) or 0 for ballot in ballots]) or None for code in sheet.criteria}


def _most_chosen(options: list[int]) -> int:
    counts = Counter(options)
    return min(counts, key=lambda option: (-counts[option], option))
