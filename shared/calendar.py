"""Legal time of Viet Nam: working days, terms and their last days, in Asia/Ho_Chi_Minh. Nothing asks what day it is.

Civil Code 2015 arts. 147-148: the first day is not counted; a term of months ends on the day of the same number, or on
the last day of a shorter month; a term that ends on a day off ends on the next working day. Only terms that run forward
roll: a certificate's expiry date, fixed dates and days counted back do not.

Days off are those of `data/calendar/vn.yaml` in the stretch that it settles, of the `holidays` package outside it.
"""

import calendar as gregorian
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

import yaml

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
CERTIFICATE_MONTHS = 36  # 26/2026 art. 4.3
SATURDAY = 5
DAY = timedelta(days=1)

TermUnit = Literal["day", "working_day", "month"]


class Term(Protocol):
    """How long someone has, as a ruleset or a bylaw says it."""

    @property
    def value(self) -> int: ...

    @property
    def unit(self) -> TermUnit: ...


@dataclass(frozen=True, slots=True)
class Calendar:
    """Weekdays that are `off` and weekend days that are `worked` from `settled_from` to `settled_to`, both included."""

    settled_from: date
    settled_to: date
    off: frozenset[date]
    worked: frozenset[date]

    def exceptions(self, d: date) -> tuple[frozenset[date], frozenset[date]]:
        """(off, worked) as they hold around this day: this calendar's own, or the package's outside its stretch."""
        if self.settled_from <= d <= self.settled_to:
            return self.off, self.worked
        return packaged(d.year)


def read(file: Path) -> Calendar:
    """A calendar from a file in the form of `data/calendar/vn.yaml`."""
    data = yaml.safe_load(file.read_text(encoding="utf-8"))
    off = {holiday["date"] for holiday in data["holidays"]} | {swap["rest"] for swap in data["swapped"]}
    worked = {swap["work"] for swap in data["swapped"]}
    return Calendar(data["settled"]["from"], data["settled"]["to"], frozenset(off), frozenset(worked))


@cache
def packaged(year: int) -> tuple[frozenset[date], frozenset[date]]:
    """(off, worked) of a year by the `holidays` package; the years beside it may swap days with it."""
    import holidays  # takes a fifth of a second, and most days asked about are settled

    days = holidays.country_holidays("VN", years=[year - 1, year, year + 1])
    return frozenset(days), frozenset(days.weekend_workdays)


VIETNAM = read(Path(__file__).with_name("data") / "calendar" / "vn.yaml")


# --- working days ---


def is_working_day(d: date, calendar: Calendar = VIETNAM) -> bool:
    """Monday to Friday without public holidays and swapped days off, and the weekend days worked in exchange."""
    off, worked = calendar.exceptions(d)
    return d in worked or (d.weekday() < SATURDAY and d not in off)


def next_working_day(d: date, calendar: Calendar = VIETNAM) -> date:
    """The day itself if it is worked, otherwise the first worked day after it."""
    while not is_working_day(d, calendar):
        d += DAY
    return d


def add_working_days(start: date, n: int, calendar: Calendar = VIETNAM) -> date:
    """The n-th working day after `start`, which is not counted. Raises ValueError unless n >= 1."""
    _positive(n)
    d = start
    for _ in range(n):
        d = next_working_day(d + DAY, calendar)
    return d


# --- terms ---


def due(start: date, value: int, unit: TermUnit, calendar: Calendar = VIETNAM) -> date:
    """The last day of a term of `value` days, working days or months from `start` (Civil Code arts. 147-148).

    It rolls to the next working day. Raises ValueError for a value below 1 or an unknown unit.
    """
    _positive(value)
    match unit:
        case "working_day":
            return add_working_days(start, value, calendar)
        case "day":
            return next_working_day(start + value * DAY, calendar)
        case "month":
            return next_working_day(add_months(start, value), calendar)
        case _:
            raise ValueError(f"a term is counted in day, working_day or month, not {unit!r}")


def within(start: date, term: Term, on: date, calendar: Calendar = VIETNAM) -> bool:
    """Whether the day `on` keeps a term that began on `start`: not before it, and not after the term's last day."""
    return start <= on <= due(start, term.value, term.unit, calendar)


def days_before(end: date, n: int) -> date:
    """The day n days before `end`; days counted back do not roll (26/2026 art. 7.6: 180 and 120 days before expiry)."""
    _positive(n)
    return end - n * DAY


def working_days_before(end: date, n: int, calendar: Calendar = VIETNAM) -> date:
    """The n-th working day before `end`, which is not counted. Raises ValueError unless n >= 1."""
    _positive(n)
    d = end
    for _ in range(n):
        d -= DAY
        while not is_working_day(d, calendar):
            d -= DAY
    return d


def add_months(start: date, months: int) -> date:
    """The day of the same number so many months later, or the last day of a shorter month. It does not roll."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    last = gregorian.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(start.day, last))


def certificate_expiry(issued_on: date, months: int = CERTIFICATE_MONTHS) -> date:
    """The last day on which a certificate is valid: the same day 36 months later, 28 February for 29 February."""
    return add_months(issued_on, months)


# --- instants ---


def local_date(instant: datetime) -> date:
    """The legal date of an instant. Raises ValueError for an instant without a time zone."""
    if instant.tzinfo is None:
        raise ValueError(f"an instant needs its time zone: {instant}")
    return instant.astimezone(HANOI).date()


def utc_instant(d: date, hour: int = 9) -> datetime:
    """The instant (UTC) at which this hour of this day begins in Viet Nam."""
    return datetime.combine(d, time(hour), HANOI).astimezone(UTC)


def _positive(n: int) -> None:
    if n < 1:
        raise ValueError(f"a term has at least one day or month, not {n}")
