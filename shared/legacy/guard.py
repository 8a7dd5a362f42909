"""Looks a workbook over before anything in it is read: what it is, how large it really is, and what it would like to do.

Every part is parsed once by expat, which neither keeps it nor follows anything that it names.
"""

import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any
from xml.parsers import expat

from shared.values import Refusal

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
PIECE = 1 << 16
MOST_PARTS = 5_000
MOST_BYTES = 600 << 20  # of all parts unpacked: 50,000 rows of a full register are a sixth of it
MOST_SHARED_BYTES = 120 << 20  # texts that several cells share are held in memory
MOST_TIMES, LARGE_BYTES = 400, 10 << 20  # how many times its packed size a large part may have
MOST_ROWS = 200_000
MOST_MERGES = 200_000
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384  # of a sheet
CELLS = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})(?::\$?([A-Z]{1,3})\$?([0-9]{1,7}))?")


class NotAWorkbook(Refusal):
    rule = "import-not-a-workbook"
    vi = "{file} không phải sổ Excel (.xlsx) hay bảng .csv đọc được: {why}."
    en = "{file} is no readable Excel workbook (.xlsx) or .csv table: {why}."


class OldWorkbook(Refusal):
    rule = "import-old-workbook"
    vi = "{file} là sổ Excel kiểu cũ (.xls); hãy mở và lưu lại thành .xlsx."
    en = "{file} is a workbook of the old kind (.xls); open it and save it as .xlsx."


class Encrypted(Refusal):
    rule = "import-encrypted"
    vi = "{file} được đặt mật khẩu; hãy bỏ mật khẩu rồi lưu lại."
    en = "{file} is protected by a password; take it off and save the file again."


class TooLarge(Refusal):
    rule = "import-too-large"
    vi = "{file} giải nén ra quá lớn ({what}); tệp này không được mở."
    en = "{file} unpacks to too much ({what}); it is not opened."


class WithMacros(Refusal):
    rule = "import-macros"
    vi = "{file} có macro ({what}); hãy lưu lại thành .xlsx không macro."
    en = "{file} carries macros ({what}); save it as .xlsx without them."


class WithLinks(Refusal):
    rule = "import-external-links"
    vi = "{file} lấy dữ liệu từ tệp hay nguồn khác ({what}); hãy ngắt liên kết (Break Links) rồi lưu lại."
    en = "{file} draws on other files or sources ({what}); break the links and save it again."


class Hostile(Refusal):
    rule = "import-hostile-xml"
    vi = "{file} có khai báo DOCTYPE trong {what}; sổ Excel thật không có. Tệp này không được mở."
    en = "{file} declares a DOCTYPE in {what}, which no real workbook does; it is not opened."


@dataclass(slots=True)
class Sheet:
    """What a worksheet's part was seen to hold: merges as (first row, first column, last row, last column), and its last row."""

    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    last_row: int = 0


def look_over(path: Path) -> dict[str, Sheet]:
    """The worksheets of a workbook by the name of their part. Raises the refusals of this module; OSError."""
    _check_beginning(path)
    with _opened(path) as archive:
        parts = archive.infolist()
        _check_sizes(path, parts)
        _check_names(path, [part.filename for part in parts], archive)
        sheets: dict[str, Sheet] = {}
        for part in parts:
            name = part.filename.lstrip("/")
            if name.endswith((".xml", ".rels", ".vml")):
                sheet = (
                    sheets.setdefault(name, Sheet())
                    if name.startswith("xl/worksheets/") and name.endswith(".xml")
                    else None
                )
                with archive.open(part) as file:
                    _Looking(path, name, sheet).through(file)
        return sheets


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """What is wrong with the archive or its text becomes a refusal."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (zipfile.BadZipFile, expat.ExpatError, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        if "password" in str(error):
            raise Encrypted(field="file", file=path.name) from error
        raise NotAWorkbook(field="file", file=path.name, why=error) from error
    except OSError as error:
        raise NotAWorkbook(field="file", file=path.name, why=error.strerror or error) from error
    except Exception as error:  # zlib.error has no base of its own
        if isinstance(error, Refusal):
            raise
        raise NotAWorkbook(field="file", file=path.name, why=error) from error


def _check_beginning(path: Path) -> None:
    with path.open("rb") as file:
        beginning = file.read(len(OLE))
        if beginning == OLE:
            rest = file.read(1 << 20)
            raise (Encrypted if ENCRYPTED in rest else OldWorkbook)(field="file", file=path.name)
    if not beginning:
        raise NotAWorkbook(field="file", file=path.name, why="tệp rỗng / an empty file")
    if not beginning.startswith(ZIP):
        raise NotAWorkbook(field="file", file=path.name, why="không phải tệp .xlsx / not an .xlsx file")


def _check_sizes(path: Path, parts: list[zipfile.ZipInfo]) -> None:
    if len(parts) > MOST_PARTS:
        raise TooLarge(field="file", file=path.name, what=f"{len(parts)} phần / parts")
    if (size := sum(part.file_size for part in parts)) > MOST_BYTES:
        raise TooLarge(field="file", file=path.name, what=f"{size >> 20} MB")
    for part in parts:
        times = part.file_size / max(part.compress_size, 1)
        if part.file_size > LARGE_BYTES and times > MOST_TIMES:
            raise TooLarge(field="file", file=path.name, what=f"{part.filename}: {times:.0f} lần / times")
        if part.filename.endswith("sharedStrings.xml") and part.file_size > MOST_SHARED_BYTES:
            raise TooLarge(field="file", file=path.name, what=f"{part.filename}: {part.file_size >> 20} MB")


def _check_names(path: Path, names: list[str], archive: zipfile.ZipFile) -> None:
    lower = [name.lower().lstrip("/") for name in names]
    for name in lower:
        if name.endswith(("vbaproject.bin", "vbadata.xml")) or "/macrosheets/" in name or "/activex/" in name:
            raise WithMacros(field="file", file=path.name, what=name)
        if "/externallinks/" in name or name.endswith("xl/connections.xml") or "/querytables/" in name:
            raise WithLinks(field="file", file=path.name, what=name)
    if "[content_types].xml" not in lower or "xl/workbook.xml" not in lower:
        what = "không có xl/workbook.xml / there is no xl/workbook.xml"
        raise NotAWorkbook(field="file", file=path.name, why=what)
    types = archive.read(names[lower.index("[content_types].xml")]).lower()
    if b"macroenabled" in types:
        raise WithMacros(field="file", file=path.name, what="[Content_Types].xml")


class _Looking:
    """One part read through: well-formed, without a DOCTYPE; of a worksheet its merges and rows."""

    def __init__(self, path: Path, name: str, sheet: Sheet | None) -> None:
        self._path, self._name, self._sheet = path, name, sheet
        self._parser = expat.ParserCreate()
        self._parser.StartDoctypeDeclHandler = self._doctype
        if sheet is not None:
            self._parser.StartElementHandler = self._element

    def through(self, file: IO[bytes]) -> None:
        while piece := file.read(PIECE):
            self._parser.Parse(piece, False)
        self._parser.Parse(b"", True)

    def _doctype(self, *_: Any) -> None:
        raise Hostile(field="file", file=self._path.name, what=self._name)

    def _element(self, name: str, attributes: dict[str, str]) -> None:
        assert self._sheet is not None
        local = name[name.rfind(":") + 1 :]
        if local == "row":
            self._row(int(attributes.get("r", self._sheet.last_row + 1)))
        elif local == "mergeCell":
            self._merge(attributes.get("ref", ""))

    def _row(self, number: int) -> None:
        assert self._sheet is not None
        if not self._sheet.last_row < number <= LAST_ROW:
            why = f"{self._name}: dòng / row {number}"
            raise NotAWorkbook(field="file", file=self._path.name, why=why)
        self._sheet.last_row = number

    def _merge(self, ref: str) -> None:
        assert self._sheet is not None
        found = CELLS.fullmatch(ref)
        if found is None or len(self._sheet.merges) >= MOST_MERGES:
            raise NotAWorkbook(field="file", file=self._path.name, why=f"{self._name}: mergeCell {ref!r}")
        first, last = (found[1], int(found[2])), (found[3] or found[1], int(found[4] or found[2]))
        self._sheet.merges.append((first[1], column_of(first[0]), last[1], column_of(last[0])))


def column_of(letters: str) -> int:
    """`A` is 1."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
