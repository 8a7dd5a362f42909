"""Old registers made for tests: workbooks of the layout that the rules know, and rows by the names of their columns."""

import itertools
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from shared.legacy.cells import EPOCH_1900
from shared.legacy.places import places
from shared.legacy.reading import Judged, read
from shared.legacy.rows import COLUMNS, Given, Verdict, judge

AS_OF = date(2026, 8, 31)
TITLE = "SỔ THEO DÕI SẢN PHẨM OCOP TỈNH NGHỆ AN"
HEADER = (
    "TT", "Tên sản phẩm", "Nhóm sản phẩm", "Loại hình chủ thể", "Tên chủ thể", "Xã/phường", "Địa chỉ", "Người đại diện",
    "Điện thoại", "Hạng sao hiện tại", "Thời hạn", "Công nhận lần 1", None, None, None, None, "Công nhận lần 2 / nâng hạng",
    None, None, None, None, "Ghi chú",
)  # fmt: skip
BELOW = (*(None,) * 11, *("Hạng sao", "Ngày cấp", "Năm", "Số quyết định", "Cơ quan ban hành") * 2)
AT = {
    "tt": 1, "product": 2, "group": 3, "type": 4, "subject": 5, "commune": 6, "address": 7, "person": 8, "phone": 9,
    "star": 10, "expiry": 11, "star1": 12, "date1": 13, "year1": 14, "decision1": 15, "agency1": 16, "star2": 17,
    "date2": 18, "year2": 19, "decision2": 20, "agency2": 21, "note": 22,
}  # fmt: skip
GOOD: dict[str, Any] = {
    "tt": 1, "product": "Hạt sen sấy", "group": "Thực phẩm", "type": "Hợp tác xã", "subject": "Hợp tác xã Sen Quê Bác",
    "commune": "Xã Kim Liên", "address": "xã Kim Liên, huyện Nam Đàn, tỉnh Nghệ An", "star": 4,
    "expiry": datetime(2027, 1, 27), "star1": 4, "date1": datetime(2024, 1, 27), "year1": 2024,
    "decision1": "279/QĐ-UBND", "agency1": "UBND tỉnh Nghệ An",
}  # fmt: skip
SECOND: dict[str, Any] = {
    "star2": 4, "date2": datetime(2025, 3, 2), "year2": 2025, "decision2": "303/QĐ-UBND", "agency2": "UBND tỉnh Nghệ An",
    "expiry": datetime(2028, 3, 2),
}  # fmt: skip


def row(base: dict[str, Any] | None = None, **cells: Any) -> list[Any]:
    """The 22 cells of a good row with some of them otherwise."""
    found: list[Any] = [None] * COLUMNS
    for name, value in {**(GOOD if base is None else base), **cells}.items():
        found[AT[name] - 1] = value
    return found


def only(**cells: Any) -> list[Any]:
    """A row with these cells alone."""
    return row({}, **cells)


def judged(cells: Sequence[Any], *, province: str = "40", merged: bool = False, epoch: date = EPOCH_1900) -> Verdict:
    return judge(Given(cells, merged), places(province, AS_OF), AS_OF, epoch)


def make(
    path: Path, rows: Iterable[Sequence[Any]], *, title: str = TITLE, header_at: int = 3, sheet: str = "Sổ",
    merges: Sequence[str] = (), more: Sequence[str] = (), numbers: bool = False,
) -> Path:  # fmt: skip
    """A workbook with one register: title above the header row `header_at`; `more`: sheets that are none."""
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = sheet
    if header_at > 1:
        page.cell(1, 1, title)
    below = [tuple(f"({n})" for n in range(1, COLUMNS + 1))] if numbers else []
    for number, cells in enumerate(itertools.chain([HEADER, BELOW], below, rows), header_at):
        for column, value in enumerate(cells, 1):
            if value is not None:
                page.cell(number, column, value)
    for merge in merges:
        page.merge_cells(merge)
    for name in more:
        book.create_sheet(name)["A1"] = "khác"
    book.save(path)
    return path


def rows_of(path: Path, province: str | None = None, as_of: date = AS_OF) -> list[Judged]:
    """All rows of the only register of a workbook."""
    with read(path, as_of, province) as reading:
        ((_, found),) = [(register, list(rows)) for register, rows in reading.sheets()]
    return found


def repacked(path: Path, to: Path, parts: dict[str, bytes]) -> Path:
    """The same archive with parts put in, or in the place of others."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, content in parts.items():
            new.writestr(name, content)
    return to
