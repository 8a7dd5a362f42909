"""The sheets of a workbook, row after row, as an importer sees them: values of formulas, merges carried down, no memory kept."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from shared.legacy import words
from shared.legacy.cells import EPOCH_1900, EPOCH_1904, is_filled
from shared.legacy.guard import MOST_ROWS, NotAWorkbook, Sheet, TooLarge, look_over
from shared.legacy.places import province_in
from shared.legacy.rows import COLUMNS, PERSONAL, Given
from shared.legacy.text import as_text, fold

FIRST_ROWS = 12  # in which a register has its header
LONGEST_TAIL = 1_000  # blank rows at the end beyond which they are only formatting

Numbered = tuple[int, Given]


@dataclass(frozen=True)
class Register:
    """A sheet that is a register: the province of its title (code of the day, None if it names none) and its header."""

    name: str
    province: str | None
    header: int
    epoch: date
    _sheet: ReadOnlyWorksheet
    _seen: Sheet
    _file: str

    @property
    def header_rows(self) -> list[int]:
        return [self.header, self.header + 1]

    @property
    def length(self) -> int:
        """About how many rows follow the header."""
        return max(self._seen.last_row - self.header - 1, 0)

    def rows(self) -> Iterator[Numbered]:
        """Every row after the header, blank ones between others too. Raises TooLarge."""
        blanks: list[Numbered] = []
        for number, given in carried(self._sheet.iter_rows(max_col=COLUMNS, values_only=True), self._seen):
            if number <= self.header + 1:
                continue
            if not any(map(is_filled, given.cells)):
                blanks.append((number, BLANK))
                continue
            if number - self.header > MOST_ROWS:
                raise TooLarge(field="file", file=self._file, what=f"{self.name}: {number} dòng / rows")
            yield from blanks
            blanks.clear()
            yield number, given
        yield from blanks if len(blanks) <= LONGEST_TAIL else ()


BLANK = Given((None,) * COLUMNS)


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
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of parts that are not read anyway
        try:
            book = load_workbook(path, read_only=True, data_only=True, keep_links=False)
        except Exception as error:
            raise NotAWorkbook(field="file", file=path.name, why=error) from error
        try:
            yield _sorted(path, book, seen, as_of, province)
        finally:
            book.close()


def _sorted(path: Path, book: Any, seen: dict[str, Sheet], as_of: date, province: str | None) -> Book:
    """Which sheets are registers, and which are not."""
    epoch = EPOCH_1904 if book.epoch == CALENDAR_MAC_1904 else EPOCH_1900
    registers: list[Register] = []
    for name in book.sheetnames:
        sheet = book[name]
        if isinstance(sheet, ReadOnlyWorksheet):
            sheet.reset_dimensions()  # what the sheet says of its own size is only a remark
            if found := _header(sheet):
                header, title = found
                looked = seen.get(sheet._worksheet_path.lstrip("/"), Sheet())
                code = province or province_in(title, as_of)
                registers.append(Register(name, code, header, epoch, sheet, looked, path.name))
    known = {register.name for register in registers}
    return Book(path.name, registers, [name for name in book.sheetnames if name not in known])


def _header(sheet: ReadOnlyWorksheet) -> tuple[int, str] | None:
    """The row with the header's words, and the text of the title block above it."""
    title: list[str] = []
    for number, row in enumerate(sheet.iter_rows(max_row=FIRST_ROWS, values_only=True), 1):
        texts = [as_text(value) for value in row if value is not None]
        if any(fold(text) == words.load().header for text in texts):
            return number, " | ".join(title)
        title += texts
    return None


def carried(rows: Iterator[tuple[Any, ...]], seen: Sheet) -> Iterator[Numbered]:
    """Rows by their numbers; a merged cell belongs to every row that it covers, in its first column."""
    coming = sorted(merge for merge in seen.merges if merge[1] <= COLUMNS)
    at, active = 0, list[tuple[tuple[int, int, int, int], Any]]()
    last = max([seen.last_row, *(merge[2] for merge in coming if merge[0] <= seen.last_row)], default=0)
    for number, row in enumerate(_until(rows, last), 1):
        cells, merged = list(row[:COLUMNS]) + [None] * (COLUMNS - len(row)), False
        for merge, value in active:
            cells[merge[1] - 1 : merge[3]] = [None] * (min(merge[3], COLUMNS) - merge[1] + 1)
            cells[merge[1] - 1] = value
            merged = merged or (is_filled(value) and merge[1] not in PERSONAL)
        while at < len(coming) and coming[at][0] <= number:
            merge = coming[at]
            if merge[0] == number:
                active.append((merge, cells[merge[1] - 1]))
                cells[merge[1] : merge[3]] = [None] * (min(merge[3], COLUMNS) - merge[1])
            at += 1
        active = [one for one in active if one[0][2] > number]
        yield number, Given(cells, merged)


def _until(rows: Iterator[tuple[Any, ...]], last: int) -> Iterator[tuple[Any, ...]]:
    """Rows, and behind them the empty ones that a merge still covers."""
    passed = 0
    for row in rows:
        passed += 1
        yield row
    for _ in range(passed, min(last, passed + MOST_ROWS)):
        yield ()
