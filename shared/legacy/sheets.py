"""The sheets of a workbook, row after row, as an importer sees them: merges carried down, no row kept in memory."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from shared.legacy import words, xlsx
from shared.legacy.cells import is_filled
from shared.legacy.guard import MOST_ROWS, NotAWorkbook, Sheet, TooLarge, look_over
from shared.legacy.places import province_in
from shared.legacy.rows import COLUMNS, PERSONAL, Given
from shared.legacy.text import as_text, fold

FIRST_ROWS = 12  # in which a register has its header
WIDEST = 100  # columns among which the header's words are looked for
LONGEST_TAIL = 1_000  # blank rows at the end beyond which they are only formatting
UNREADABLE = (ValueError, IndexError, KeyError, EOFError, xlsx.expat.ExpatError, xlsx.zipfile.BadZipFile)

Numbered = tuple[int, Given]
BLANK = Given((None,) * COLUMNS)


@dataclass(frozen=True)
class Register:
    """A sheet that is a register: the province of its title (code of the day, None if it names none) and its header."""

    name: str
    province: str | None
    header: int
    file: str
    _book: xlsx.Workbook
    ties = False  # its rows of one product and subject are joined by a person
    _part: str
    _seen: Sheet

    @property
    def header_rows(self) -> list[int]:
        return [self.header, self.header + 1]

    @property
    def epoch(self) -> date:
        """From which bare serial numbers count."""
        return self._book.epoch

    @property
    def length(self) -> int:
        """About how many rows follow the header."""
        return max(self._seen.last_row - self.header - 1, 0)

    def rows(self) -> Iterator[Numbered]:
        """Every row after the header, blank ones between others too. Raises TooLarge, NotAWorkbook."""
        blanks: list[Numbered] = []
        try:
            for number, given in carried(self._book.rows(self._part, COLUMNS), self._seen):
                if number <= self.header + 1:
                    continue
                if not any(map(is_filled, given.cells)):
                    if len(blanks) <= MOST_ROWS:
                        blanks.append((number, BLANK))
                    continue
                if number - self.header > MOST_ROWS:
                    raise TooLarge(field="file", file=self.file, what=f"{self.name}: {number} dòng / rows")
                yield from blanks
                blanks.clear()
                yield number, given
        except UNREADABLE as error:
            raise NotAWorkbook(field="file", file=self.file, why=f"{self.name}: {error}") from error
        yield from blanks if len(blanks) <= LONGEST_TAIL else ()


@dataclass(frozen=True)
class Book:
    """A workbook that was looked over and opened."""

    name: str
    registers: list[Register]
    ignored: list[str]


@contextmanager
def opened(path: Path, as_of: date, province: str | None = None) -> Iterator[Book]:
    """Opens a workbook; `province` stands for that of every title. Raises the refusals of `guard`; OSError."""
    seen = look_over(path)
    with xlsx.opened(path) as book:
        registers = [
            found for name, part in book.sheets.items()
            if part and (found := _register(path.name, book, name, part, seen[part.lstrip("/")], as_of, province))
        ]  # fmt: skip
        known = {register.name for register in registers}
        yield Book(path.name, registers, [name for name in book.sheets if name not in known])


def _register(
    file: str, book: xlsx.Workbook, name: str, part: str, seen: Sheet, as_of: date, province: str | None
) -> Register | None:
    try:
        header = _header(book, part)
    except UNREADABLE as error:
        raise NotAWorkbook(field="file", file=file, why=f"{name}: {error}") from error
    if header is None:
        return None
    number, title = header
    return Register(name, province or province_in(title, as_of), number, file, book, part, seen)


def _header(book: xlsx.Workbook, part: str) -> tuple[int, str] | None:
    """The row with the header's words, and the text of the title block above it."""
    title: list[str] = []
    for number, row in book.rows(part, WIDEST):
        if number > FIRST_ROWS:
            break
        texts = [as_text(value) for value in row if value is not None]
        if any(fold(text) == words.load().header for text in texts):
            return number, " | ".join(title)
        title += texts
    return None


def carried(rows: Iterator[tuple[int, list[Any]]], seen: Sheet) -> Iterator[Numbered]:
    """All rows from the first to the last; a merged cell belongs to every row that it covers, in its first column."""
    coming = sorted(merge for merge in seen.merges if merge[1] <= COLUMNS)
    at, active = 0, list[tuple[tuple[int, int, int, int], Any]]()
    last = max([seen.last_row, *(merge[2] for merge in coming)], default=0)
    for number, cells in _without_gaps(rows, last):
        merged = False
        for merge, value in active:
            _covered(cells, merge, merge[1])
            cells[merge[1] - 1] = value
            merged = merged or (is_filled(value) and merge[1] not in PERSONAL)
        while at < len(coming) and coming[at][0] <= number:
            active.append((coming[at], cells[coming[at][1] - 1]))
            _covered(cells, coming[at], coming[at][1] + 1)
            at += 1
        if active:
            active = [one for one in active if one[0][2] > number]
        yield number, Given(cells, merged)


def _covered(cells: list[Any], merge: tuple[int, int, int, int], first: int) -> None:
    """What still stands under a merge is not shown by any program, and does not count."""
    last = min(merge[3], COLUMNS)
    cells[first - 1 : last] = [None] * max(last - first + 1, 0)


def _without_gaps(rows: Iterator[tuple[int, list[Any]]], last: int) -> Iterator[tuple[int, list[Any]]]:
    """Rows that the part leaves out are empty, also those behind its last that a merge still covers."""
    at = 0
    for number, cells in rows:
        yield from ((between, [None] * COLUMNS) for between in range(at + 1, number))
        yield number, cells
        at = number
    yield from ((between, [None] * COLUMNS) for between in range(at + 1, min(last, at + MOST_ROWS) + 1))
