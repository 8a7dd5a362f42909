"""When a reporting duty comes due: its periods within a plan, and the last day of each. Pure.

"Before the 25th" ends with the 24th, and a fixed day does not move for weekends or holidays.
"""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple, Protocol

MONTHS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}


class Expected(NamedTuple):
    """One report of a duty: the period that it is of, both days included, and its last day; None where no day is named."""

    first: date
    last: date
    due_on: date | None


class Due(Protocol):
    """Before which day: of a fixed month, or of the first or last month of each period."""

    @property
    def day(self) -> int: ...
    @property
    def month(self) -> int | None: ...
    @property
    def month_of_period(self) -> str | None: ...


def expected(every: str, due: Due | None, begins: date, ends: date) -> Iterator[Expected]:
    """All reports of a duty within a plan's period, oldest first; none where it is on request or without a rhythm."""
    if every == "plan_period":
        yield Expected(begins, ends, due and due_on(due, begins, ends))
    if every not in MONTHS:
        return
    first = begins
    while first <= ends:
        first, last = whole(MONTHS[every], first)
        if (
            due is None or due.month is None or first.month <= due.month <= last.month
        ):  # a half-year's own month is in one only
            yield Expected(first, last, due and due_on(due, first, last))
        first = last + timedelta(days=1)


def expected_on(every: str, due: Due | None, on: date, begins: date, ends: date) -> Expected | None:
    """The report whose period has a day in it."""
    return next((one for one in expected(every, due, begins, ends) if one.first <= on <= one.last), None)


def whole(months: int, on: date) -> tuple[date, date]:
    """First and last day of the month, quarter, half year or year in which a day lies."""
    first = (on.month - 1) // months * months + 1
    last = first + months - 1
    return date(on.year, first, 1), date(on.year, last, monthrange(on.year, last)[1])


def due_on(due: Due, first: date, last: date) -> date:
    month = due.month or (first.month if due.month_of_period == "first" else last.month)
    day = min(due.day, monthrange(last.year, month)[1])
    return date(last.year, month, day) - timedelta(days=1)
