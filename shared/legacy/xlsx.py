"""The values of a workbook that was looked over, row after row, by expat.

A library's reader makes an object of every cell and takes a minute for the largest register; this gives the values alone,
those of formulas as last reckoned. What a number format means and how a serial number counts is the library's knowledge.
"""

import posixpath
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import IO, Any
from xml.etree import ElementTree
from xml.parsers import expat

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel

from shared.legacy.cells import EPOCH_1900, EPOCH_1904, ERRORS
from shared.legacy.guard import PIECE, NotAWorkbook, column_of

Values = list[Any]
SOME_ERROR = "#VALUE!"  # for errors that newer programs know beside the seven


@dataclass(frozen=True)
class Workbook:
    """Sheets by name in their order, each with its part; None where one is no worksheet."""

    sheets: dict[str, str | None]
    epoch: date
    _archive: zipfile.ZipFile
    _texts: list[str]
    _dates: frozenset[int]

    def rows(self, part: str, columns: int) -> Iterator[tuple[int, Values]]:
        """Rows by their number, each with so many values; rows that the part does not hold are left out."""
        with self._archive.open(part) as file:
            yield from _Rows(self._texts, self._dates, self.epoch, columns).of(file)


@contextmanager
def opened(path: Path) -> Iterator[Workbook]:
    """Raises NotAWorkbook, OSError."""
    try:
        archive = zipfile.ZipFile(path)
        parts = {name.lstrip("/").lower(): name for name in archive.namelist()}
        book = _Parts(archive, parts).workbook()
    except (KeyError, ValueError, zipfile.BadZipFile, ElementTree.ParseError, expat.ExpatError) as error:
        raise NotAWorkbook(field="file", file=path.name, why=error) from error
    with archive:
        yield book


class _Parts:
    """The parts of an archive by their names, of which letters' case does not count."""

    def __init__(self, archive: zipfile.ZipFile, names: dict[str, str]) -> None:
        self._archive, self._names = archive, names

    def workbook(self) -> Workbook:
        main = self._tree("xl/workbook.xml")
        assert main is not None
        links = {link.get("Id"): link for link in self._tree("xl/_rels/workbook.xml.rels") or ()}
        sheets = {
            sheet.get("name", ""): self._part(links.get(attribute(sheet, "id"))) for sheet in found(main, "sheet")
        }
        mac = any(attribute(facts, "date1904") in ("1", "true") for facts in found(main, "workbookPr"))
        return Workbook(sheets, EPOCH_1904 if mac else EPOCH_1900, self._archive, self._texts(), self._dates())

    def _part(self, link: ElementTree.Element | None) -> str | None:
        if link is None or not link.get("Type", "").endswith("/worksheet"):
            return None
        target = link.get("Target", "")
        whole = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
        return self._names.get(whole.lower())

    def _texts(self) -> list[str]:
        name = self._names.get("xl/sharedstrings.xml")
        if name is None:
            return []
        with self._archive.open(name) as file:
            return _Texts().of(file)

    def _dates(self) -> frozenset[int]:
        """The styles (numbers) under which a number is a date."""
        styles = self._tree("xl/styles.xml")
        if styles is None:
            return frozenset()
        formats = dict(BUILTIN_FORMATS)
        formats |= {int(one.get("numFmtId", 0)): one.get("formatCode", "") for one in found(styles, "numFmt")}
        used = [int(xf.get("numFmtId", 0)) for cells in found(styles, "cellXfs") for xf in cells]
        return frozenset(style for style, id in enumerate(used) if is_date_format(formats.get(id, "General")))

    def _tree(self, part: str) -> ElementTree.Element | None:
        name = self._names.get(part)
        return None if name is None else ElementTree.fromstring(self._archive.read(name))


def found(tree: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    """Elements by their name in whatever namespace: there are two, of the two editions of the standard."""
    return [element for element in tree.iter() if element.tag.rpartition("}")[2] == name]


def attribute(element: ElementTree.Element, name: str) -> str | None:
    return next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == name), None)


class _Heard:
    """An expat parser whose `begin_<element>` and `end_<element>` methods hear of elements, whatever their prefix."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._said
        self._begins: dict[str, Any] = {}
        self._ends: dict[str, Any] = {}
        self.text = ""
        self._listens, self._aloud = False, False

    def pieces(self, file: IO[bytes]) -> Iterator[None]:
        while piece := file.read(PIECE):
            self._parser.Parse(piece, False)
            yield

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        try:
            begin = self._begins[name]
        except KeyError:
            begin = self._begins[name] = getattr(self, f"begin_{name.rpartition(':')[2]}", None)
        if begin:
            begin(attributes)

    def _end(self, name: str) -> None:
        try:
            end = self._ends[name]
        except KeyError:
            end = self._ends[name] = getattr(self, f"end_{name.rpartition(':')[2]}", None)
        if end:
            end()

    def _said(self, text: str) -> None:
        if self._listens:
            self.text += text

    def begin_t(self, _: dict[str, str]) -> None:
        self._listens = not self._aloud

    def end_t(self) -> None:
        self._listens = False

    def begin_rPh(self, _: dict[str, str]) -> None:
        """How it is read aloud is no part of a text."""
        self._aloud = True

    def end_rPh(self) -> None:
        self._aloud = False


class _Texts(_Heard):
    """The texts that cells share."""

    def of(self, file: IO[bytes]) -> list[str]:
        self._found: list[str] = []
        for _ in self.pieces(file):
            pass
        return self._found

    def begin_si(self, _: dict[str, str]) -> None:
        self.text = ""

    def end_si(self) -> None:
        self._found.append(self.text)


class _Rows(_Heard):
    """The rows of a sheet."""

    def __init__(self, texts: list[str], dates: frozenset[int], epoch: date, columns: int) -> None:
        super().__init__()
        self._texts, self._dates, self._columns = texts, dates, columns
        self._epoch = CALENDAR_MAC_1904 if epoch == EPOCH_1904 else CALENDAR_WINDOWS_1900
        self._rows: list[tuple[int, Values]] = []
        self._number = self._column = 0
        self._type, self._style = "n", ""
        self._values: Values = []

    def of(self, file: IO[bytes]) -> Iterator[tuple[int, Values]]:
        for _ in self.pieces(file):
            yield from self._rows
            self._rows.clear()

    def begin_row(self, attributes: dict[str, str]) -> None:
        self._number = int(attributes.get("r", self._number + 1))
        self._values, self._column = [None] * self._columns, 0

    def end_row(self) -> None:
        self._rows.append((self._number, self._values))

    def begin_c(self, attributes: dict[str, str]) -> None:
        ref = attributes.get("r")
        self._column = lettered(ref.rstrip("0123456789")) if ref else self._column + 1
        self._type, self._style, self.text = attributes.get("t", "n"), attributes.get("s", ""), ""

    def begin_v(self, _: dict[str, str]) -> None:
        self._listens = True

    def end_v(self) -> None:
        self._listens = False

    def end_c(self) -> None:
        if self.text and 0 < self._column <= self._columns:
            self._values[self._column - 1] = self._value(self.text)

    def end_sheetData(self) -> None:
        """What follows has elements of the same names that are no cells."""
        self._parser.StartElementHandler = self._parser.EndElementHandler = None
        self._parser.CharacterDataHandler = None

    def _value(self, text: str) -> Any:
        match self._type:
            case "s":
                return self._texts[int(text)]
            case "n":
                return self._number_or_date(text)
            case "b":
                return text.strip() in ("1", "true")
            case "e":
                return text if text in ERRORS else SOME_ERROR
            case "d":
                return as_date(text)
            case _:
                return text

    def _number_or_date(self, text: str) -> Any:
        number = float(text)
        if self._style and int(self._style) in self._dates and number >= 1:
            try:
                return from_excel(number, self._epoch)
            except (OverflowError, ValueError):
                return number  # no date at all, which the reader of the cell finds out
        return int(number) if number.is_integer() else number


def as_date(text: str) -> datetime | str:
    """A date in the manner of ISO 8601; as text where it is none."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return text


@cache
def lettered(letters: str) -> int:
    return column_of(letters)
