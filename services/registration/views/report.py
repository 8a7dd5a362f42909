"""The verdicts on an old register as a workbook, to lie beside the original: what was read, what was said, what came of it."""

from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font, PatternFill

from shared.legacy import words

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Row = dict[str, Any]
STATUS = {"ok": "Đạt / ok", "warning": "Cảnh báo / warning", "error": "Lỗi / error"}
STATES = {"staged": "Chờ / waiting", "recorded": "Đã ghi / recorded", "taken-back": "Đã hoàn tác / taken back"}
COLOURS = {"ok": "E2EFDA", "warning": "FFF2CC", "error": "F8CBAD"}
COLUMNS = (
    "Dòng / row", "Tình trạng / status", "Trạng thái / state", "Mã / codes", "Ý nghĩa / meaning", "Trùng dòng / same as",
    "Sản phẩm / product", "Nhóm / group", "Chủ thể / subject", "Loại hình / type", "Xã, phường / commune",
    "Mã xã / code", "Hạng sao / stars", "Hết hạn / expiry", "Lần 1 / first", "Lần 2 / second", "Nguồn / source",
    "Mã sản phẩm / product id",
)  # fmt: skip
NOT_IN_A_NAME = "[]:*?/\\'"  # of a sheet
WIDTHS = (8, 16, 18, 28, 50, 8, 34, 14, 34, 14, 24, 9, 8, 12, 40, 40, 26, 38)


def report(book: Row, rows: Iterable[Row]) -> bytes:
    """An .xlsx file: a sheet with the totals, then one for each register with its rows in order."""
    made = Workbook(write_only=True)
    _totals(made, book)
    pages = {number: _page(made, sheet["sheet"], number) for number, sheet in enumerate(book["sheets"])}
    for row in rows:
        page = pages[row["sheet"]]
        fill = PatternFill("solid", fgColor=COLOURS[row["status"]])
        cells = [_cell(page, value) for value in _values(row)]
        cells[1].fill = fill
        page.append(cells)
    out = BytesIO()
    made.save(out)
    return out.getvalue()


def _totals(made: Workbook, book: Row) -> None:
    page = made.create_sheet("Tổng hợp")
    page.column_dimensions["A"].width, page.column_dimensions["B"].width = 44, 60
    facts = [
        ("Tệp / file", book["name"]), ("SHA-256", book["sha256"]), ("Ngày xét / as of", str(book["as_of"])),
        *((STATUS.get(status, status), count) for status, count in (book["totals"] or {}).items()),
        ("Đã ghi / recorded", book["recorded"]),
    ]  # fmt: skip
    for name, value in facts:
        page.append([_cell(page, name), _cell(page, value)])
    page.append([])
    for code, (vi, en) in words.codes().items():
        page.append([_cell(page, code), _cell(page, f"{vi} / {en}")])


def _page(made: Workbook, name: str, number: int) -> Any:
    plain = "".join(letter for letter in name if letter not in NOT_IN_A_NAME)
    page = made.create_sheet(f"{number + 1} {plain}"[:31])
    page.freeze_panes = "A2"
    for at, width in enumerate(WIDTHS):
        page.column_dimensions[chr(ord("A") + at)].width = width
    head = [_cell(page, name) for name in COLUMNS]
    for cell in head:
        cell.font = Font(bold=True)
    page.append(head)
    return page


def _values(row: Row) -> Iterator[Any]:
    read, told = row["read"], {one["n"]: one for one in row["read"]["recognitions"]}
    yield from (row["row"], STATUS[row["status"]], STATES[row["state"]], " ".join(row["codes"]))
    yield "; ".join(words.codes()[code][0] for code in row["codes"])
    yield row["same_as"]
    for name in ("product", "group", "subject", "subject_type", "commune_now", "commune_code_now", "star", "expiry"):
        yield read[name]
    for n in (1, 2):
        one = told.get(n, {})
        yield " · ".join(str(one[name]) for name in ("star", "date", "year", "decision", "agency") if one.get(name))
    yield " ".join(filter(None, (row["known"]["source"], row["known"]["confidence"])))
    yield row["product_id"] and str(row["product_id"])


def _cell(page: Any, value: Any) -> Any:
    """A value as itself: a text that looks like a formula stays a text."""
    cell = WriteOnlyCell(page, value)
    if isinstance(value, str):
        cell.data_type = "s"
    return cell
