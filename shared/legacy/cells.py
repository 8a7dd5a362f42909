"""One cell of an old book: what stands in it, whether it could be read, and how. Pure.

A cell's value is what the workbook's reader gives: None, text, a number, a date, or a name of `ERRORS`.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Generic, Literal, TypeVar

from shared.legacy.text import as_text, tidy

T = TypeVar("T")
State = Literal["empty", "error", "unreadable", "text", "read"]

ERRORS = frozenset({"#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"})
STARS = (3, 4, 5)
STAR = re.compile(r"([0-9]{1,4}) ?(?:sao|\*)?", re.IGNORECASE)
DATE = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})")
SERIAL = re.compile(r"[0-9]{5}")
FIRST_SERIAL, LAST_SERIAL = (
    10_000,
    73_050,
)  # 1927 to 2099: a smaller number (a year, a day) is no date that anybody meant
YEAR = re.compile(r"[0-9]{4}")
FIRST_YEAR, LAST_YEAR = 1900, 2999
EPOCH_1900, EPOCH_1904 = date(1899, 12, 30), date(1904, 1, 1)


@dataclass(frozen=True, slots=True)
class Cell(Generic[T]):
    """What was made of a cell. `text`: a value that had to be read out of text; only `text` and `read` have one."""

    state: State
    value: T | None = None

    @property
    def filled(self) -> bool:
        return self.state != "empty"


EMPTY: Cell[Any] = Cell("empty")
ERROR: Cell[Any] = Cell("error")
UNREADABLE: Cell[Any] = Cell("unreadable")


def is_error(value: Any) -> bool:
    return isinstance(value, str) and "#" in value and value.strip().upper() in ERRORS


def is_filled(value: Any) -> bool:
    """Whether a cell holds anything; blanks are nothing, an error is something."""
    return value is not None and not (isinstance(value, str) and (not value or value.isspace()))


def words_of(value: Any) -> Cell[str]:
    """Text as it is stored; `text` where it had to be tidied, also where nothing is left of it."""
    if value is None:
        return EMPTY
    if is_error(value):
        return ERROR
    raw = as_text(value)
    kept = tidy(raw)
    if not kept:
        return Cell("empty", None) if not raw else Cell("text", None)
    return Cell("read" if kept == raw else "text", kept)


def star_of(value: Any) -> Cell[int]:
    """A whole number; or `4 sao`, `4*`, `4`, `★★★★` as text. What is not 3, 4 or 5 is unreadable."""
    if (bare := _bare(value)) is not None:
        return bare
    if isinstance(value, str):
        text = tidy(value)
        found = STAR.fullmatch(text)
        star = int(found[1]) if found else len(text) if set(text) == {"★"} else 0
        return Cell("text", star) if star in STARS else UNREADABLE
    whole = _whole(value)
    return Cell("read", whole) if whole in STARS else UNREADABLE


def date_of(value: Any, epoch: date = EPOCH_1900) -> Cell[date]:
    """A real date; or text d/m/yyyy, or a bare serial number, by the workbook's epoch. Day and month are never swapped."""
    if (bare := _bare(value)) is not None:
        return bare
    if isinstance(value, datetime):
        return Cell("read", value.date())
    if isinstance(value, date):
        return Cell("read", value)
    if isinstance(value, str):
        text = tidy(value)
        if found := DATE.fullmatch(text):
            day = _day(int(found[3]), int(found[2]), int(found[1]))
            return Cell("text", day) if day else UNREADABLE
        value = int(text) if SERIAL.fullmatch(text) else None
    if isinstance(value, int | float) and not isinstance(value, bool) and FIRST_SERIAL <= value <= LAST_SERIAL:
        return Cell("text", epoch + timedelta(days=int(value)))
    return UNREADABLE


def year_of(value: Any) -> Cell[int]:
    """A year of four digits, as a number, as text, or as a date of which only the year is shown."""
    if (bare := _bare(value)) is not None:
        return bare
    if isinstance(value, date):
        return Cell("read", value.year)
    if isinstance(value, str):
        text = tidy(value)
        value = int(text) if YEAR.fullmatch(text) else None
    whole = _whole(value)
    return Cell("read", whole) if whole is not None and FIRST_YEAR <= whole <= LAST_YEAR else UNREADABLE


def _bare(value: Any) -> Cell[Any] | None:
    if not is_filled(value):
        return EMPTY
    return ERROR if is_error(value) else None


def _whole(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value or value in (1e999, -1e999):
        return None
    return int(value) if value == int(value) else None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
