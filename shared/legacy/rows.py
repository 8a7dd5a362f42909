"""A row of an old register: what kind it is, what an importer reads of it, and which codes it says about it. Pure.

The columns are those of the old books (1 TT … 22 Ghi chú); 8 and 9 name a person and are never read.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from shared.calendar import certificate_expiry
from shared.legacy import words
from shared.legacy.cells import EPOCH_1900, Cell, date_of, is_error, is_filled, star_of, words_of, year_of
from shared.legacy.places import Place, Places
from shared.legacy.text import fold
from shared.values import Known

Kind = Literal["blank", "header", "section", "total", "footer", "data"]
Status = Literal["ok", "warning", "error"]
Row = dict[str, Any]

COLUMNS = 22
NAMES: dict[str, int] = {
    "product": 2, "group": 3, "type": 4, "subject": 5, "commune": 6, "address": 7, "star": 10, "expiry": 11, "star1": 12,
    "date1": 13, "year1": 14, "decision1": 15, "agency1": 16, "star2": 17, "date2": 18, "year2": 19, "decision2": 20,
    "agency2": 21, "note": 22,
}  # fmt: skip
PERSONAL = (8, 9)  # người đại diện, điện thoại
NUMBER, PRODUCT, GROUP, TYPE, SUBJECT, COMMUNE, ADDRESS, STAR, EXPIRY, NOTE = 1, 2, 3, 4, 5, 6, 7, 10, 11, 22
FIRST, SECOND = 12, 17  # where the five columns of each recognition begin
HEADER = re.compile(r"\([0-9]+\)")
ROMAN = re.compile(r"(?=[IVXLCDM])M*(C[MD]|D?C{0,3})(X[CL]|L?X{0,3})(I[XV]|V?I{0,3})\.?")
SEVERAL = re.compile(r"\( ?[0-9]+ sản phẩm ?\)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Given:
    """The 22 cells of a row; `merged`: whether one of them has its value from a merge that begins further up.

    `known`: where it is known from, if the register says so of each row.
    """

    cells: Sequence[Any]
    merged: bool = False
    known: Known | None = None

    def __getitem__(self, column: int) -> Any:
        return self.cells[column - 1]


@dataclass(slots=True)
class Verdict:
    """What is said about a data row; `read` is what an import would store, as far as it could be read."""

    codes: set[str] = field(default_factory=set)
    info: list[str] = field(default_factory=list)
    read: Row = field(default_factory=dict)
    place: Place | None = None
    same_as: int | None = None

    @property
    def status(self) -> Status:
        if any(code.startswith("E-") for code in self.codes):
            return "error"
        return "warning" if self.codes else "ok"


def kind_of(given: Given) -> Kind:
    """The kinds are tested in this order: blank, header, section, total, footer; the rest are data."""
    filled = [column for column in range(1, COLUMNS + 1) if is_filled(given[column])]
    if not filled:
        return "blank"
    first, second = (words_of(given[column]).value or "" for column in (NUMBER, PRODUCT))
    if HEADER.fullmatch(first):
        return "header"
    if set(filled) <= {NUMBER, PRODUCT} and _numbers_a_section(first):
        return "section"
    begins = f"{first} {second}".strip()
    if words.begins_with(begins, words.load().totals):
        return "total"
    return "footer" if words.begins_with(begins, words.load().footers) else "data"


def _numbers_a_section(text: str) -> bool:
    letter = text.removesuffix(".")
    return bool(ROMAN.fullmatch(text)) or (len(letter) == 1 and letter.isalpha() and letter.isupper())


def judge(given: Given, places: Places, as_of: date, epoch: date = EPOCH_1900) -> Verdict:
    """Reads a data row on its own; whether it repeats an earlier one, `Earlier` says."""
    verdict = Verdict()
    read = verdict.read
    read["product"] = _product(given, verdict)
    read["group"] = _group(given, verdict)
    read["subject"] = _missing_or(given[SUBJECT], "W-SUBJECT-MISSING", verdict, tidied=True)
    read["subject_type"] = _type(given, read["subject"], verdict)
    _commune(given, places, verdict)
    recognitions = [
        _recognition(n, given, at, verdict, epoch) for n, at in ((1, FIRST), (2, SECOND)) if _is_there(given, at)
    ]
    _of_all(recognitions, verdict)
    read["star"] = _star(given, recognitions, verdict)
    read["expiry"] = _expiry(given, recognitions, verdict, epoch)
    read["recognitions"] = recognitions
    _rest(given, verdict)
    if given.merged:
        verdict.info.append("I-MERGED")
    if read["expiry"] and read["expiry"] < as_of:
        verdict.info.append("I-EXPIRED")
    return verdict


# --- product, subject, commune ---


def _product(given: Given, verdict: Verdict) -> str | None:
    cell = words_of(given[PRODUCT])
    if cell.state == "error":
        verdict.codes.add("E-REF")
        return None
    _tidied(cell, verdict)
    if cell.value is None:
        verdict.codes.add("E-PRODUCT-MISSING")
    elif SEVERAL.search(cell.value):
        verdict.codes.add("W-SEVERAL-PRODUCTS")
    return cell.value


def _group(given: Given, verdict: Verdict) -> str | None:
    text = _missing_or(given[GROUP], "W-GROUP-MISSING", verdict)
    group = words.group_of(text) if text else None
    if text and group is None:
        verdict.codes.add("W-GROUP-UNKNOWN")
    return group


def _type(given: Given, subject: str | None, verdict: Verdict) -> str | None:
    cell = words_of(given[TYPE])
    if cell.state == "error":
        verdict.codes.add("W-REF")
    stated = words.type_of(cell.value) if cell.value else None
    told = words.type_told(subject) if subject else None
    if stated and told and stated != told:
        verdict.codes.add("W-TYPE-CONFLICT")
    return told or stated


def _commune(given: Given, places: Places, verdict: Verdict) -> None:
    text = _missing_or(given[COMMUNE], "W-COMMUNE-MISSING", verdict, tidied=True)
    address = words_of(given[ADDRESS])
    if address.state == "error":
        verdict.codes.add("W-REF")
    if text:
        verdict.place = places.find(text, address.value or "")
        verdict.codes |= {verdict.place.code} if verdict.place.code else set()
    unit = verdict.place and verdict.place.unit
    verdict.read["commune_now"] = verdict.place.name if verdict.place else None
    verdict.read["commune_code_now"] = unit.code if unit else None


def _missing_or(value: Any, missing: str, verdict: Verdict, *, tidied: bool = False) -> str | None:
    """Text, or none: where an error cell hides it, both codes are said."""
    cell = words_of(value)
    if cell.state == "error":
        verdict.codes.add("W-REF")
    if tidied:
        _tidied(cell, verdict)
    if cell.value is None:
        verdict.codes.add(missing)
    return cell.value


def _tidied(cell: Cell[str], verdict: Verdict) -> None:
    if cell.state == "text":
        verdict.codes.add("W-TEXT")


# --- recognitions ---


def _is_there(given: Given, at: int) -> bool:
    return any(is_filled(given[column]) for column in range(at, at + 5))


def _recognition(n: int, given: Given, at: int, verdict: Verdict, epoch: date) -> Row:
    star = _seen(star_of(given[at]), "STAR", verdict)
    if star.state == "empty":
        verdict.codes.add("E-STAR-MISSING")
    elif star.state == "error":
        verdict.codes.add("E-REF")  # nothing else gives the star of a decision
    on, year = _dated(given, at, verdict, epoch)
    decision, agency = words_of(given[at + 3]), words_of(given[at + 4])
    _tidied(decision, verdict)
    if decision.state == "error":
        verdict.codes.add("W-REF")
    elif decision.value is None:
        verdict.codes.add("W-DECISION-MISSING")
    if agency.state == "error":
        verdict.codes.add("W-REF")
    return {
        "n": n, "star": star.value, "date": on, "year": year, "decision": decision.value, "agency": agency.value
    }  # fmt: skip


def _dated(given: Given, at: int, verdict: Verdict, epoch: date) -> tuple[date | None, int | None]:
    """The date and the year, which is the date's where there is one."""
    on, year = _seen(date_of(given[at + 1], epoch), "DATE", verdict), year_of(given[at + 2])
    if on.state in ("empty", "error"):
        verdict.codes.add("W-DATE-MISSING")
    if on.state == "error":
        verdict.codes.add("E-REF" if year.value is None else "W-REF")
    if year.state == "error":
        verdict.codes.add("E-REF" if on.value is None else "W-REF")
    if on.value is None:
        return None, year.value
    if year.state in ("read", "unreadable") and year.value != on.value.year:
        verdict.codes.add("W-YEAR-DATE")
    return on.value, on.value.year


def _seen(cell: Cell[Any], what: str, verdict: Verdict) -> Cell[Any]:
    """A star or a date with what is said about how it could be read."""
    if cell.state == "text":
        verdict.codes.add(f"W-{what}-TEXT")
    elif cell.state == "unreadable":
        verdict.codes.add("E-STAR-RANGE" if what == "STAR" else "E-DATE-UNREADABLE")
    return cell


def _of_all(recognitions: list[Row], verdict: Verdict) -> None:
    if not recognitions:
        verdict.codes |= {"W-DATE-MISSING", "W-DECISION-MISSING"}
    elif recognitions[0]["n"] == 2:
        verdict.codes.add("W-FIRST-MISSING")
    elif len(recognitions) == 2:
        first, second = (recognition["date"] for recognition in recognitions)
        if first and second and second < first:
            verdict.codes.add("W-ORDER")


# --- the current star and the last day ---


def _star(given: Given, recognitions: list[Row], verdict: Verdict) -> int | None:
    """The last recognition's star, whatever the book calls the current one; that one where the last has none."""
    current = _seen(star_of(given[STAR]), "STAR", verdict)
    last: int | None = recognitions[-1]["star"] if recognitions else None
    if current.state == "error":
        verdict.codes.add("W-REF")
    elif current.state == "empty":
        verdict.codes.add("W-STAR-MISSING" if recognitions else "E-STAR-MISSING")
    elif current.value and last and current.value != last:
        verdict.codes.add("W-STAR-CONFLICT")
    return last or current.value


def _expiry(given: Given, recognitions: list[Row], verdict: Verdict, epoch: date) -> date | None:
    """36 months after the last recognition's date; without one, what the book says."""
    stated = _seen(date_of(given[EXPIRY], epoch), "DATE", verdict)
    decided: date | None = recognitions[-1]["date"] if recognitions else None
    if stated.state == "error":
        verdict.codes.add("W-REF")
    if decided is None:
        return stated.value
    reckoned = certificate_expiry(decided)
    if stated.state == "empty":
        verdict.codes.add("W-EXPIRY-MISSING")
    elif stated.value and stated.value != reckoned:
        verdict.codes.add("W-EXPIRY-MISMATCH")
    return reckoned


def _rest(given: Given, verdict: Verdict) -> None:
    note = words_of(given[NOTE])
    # Of the personal columns only this is looked at: whether the workbook itself calls the cell an error.
    if any(is_error(given[column]) for column in (NUMBER, NOTE, *PERSONAL)):
        verdict.codes.add("W-REF")
    if note.value and words.load().revoked in fold(note.value):
        verdict.codes.add("W-REVOKED-NOTE")
