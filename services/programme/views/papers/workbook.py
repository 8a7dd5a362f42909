"""The document as a workbook: one sheet for its head and texts, one for each table."""

from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font

from services.programme.views.papers.document import DRAFT, MOTTO, Document, Table

SHEETS = ("Chỉ tiêu", "Sản phẩm", "Công nhận trong kỳ", "Hết hiệu lực", "Nhiệm vụ quá hạn")
WIDTH = 160  # characters of a whole table
BOLD, WRAPPED = Font(bold=True), Alignment(wrap_text=True, vertical="top")


def workbook(document: Document) -> bytes:
    """The file's bytes."""
    file = Workbook(write_only=True)
    front(file.create_sheet("Báo cáo"), document)
    for name, table in zip(SHEETS, document.tables, strict=True):
        tabled(file.create_sheet(name), table)
    out = BytesIO()
    file.save(out)
    return out.getvalue()


def cell(sheet: Any, text: str, *, bold: bool = False) -> Any:
    """Always a text: what begins with "=" is no formula."""
    made = WriteOnlyCell(sheet, text)
    made.data_type, made.alignment = "s", WRAPPED
    if bold:
        made.font = BOLD
    return made


def front(sheet: Any, document: Document) -> None:
    sheet.column_dimensions["A"].width = sheet.column_dimensions["B"].width = 60
    head = [
        (document.above.upper(), MOTTO[0]), (document.agency.upper(), MOTTO[1]),
        (document.number, document.place_and_date), ("", ""), (document.title, DRAFT if document.drafted else ""),
        (document.about, document.about_en), ("", ""),
    ]  # fmt: skip
    for left, right in head:
        sheet.append([cell(sheet, left, bold=True), cell(sheet, right, bold=True)])
    for text in (*document.opening, *document.closing):
        sheet.append([cell(sheet, text)])
    foot = ["Nơi nhận:", *(f"- {one};" for one in document.recipients), "- Lưu: VT."]
    for n, text in enumerate(foot):
        signs = document.signs[n].upper() if n < len(document.signs) else ""
        sheet.append([cell(sheet, text, bold=n == 0), cell(sheet, signs, bold=True)])


def tabled(sheet: Any, table: Table) -> None:
    for n, (_, _, share) in enumerate(table.columns):
        sheet.column_dimensions[chr(ord("A") + n)].width = WIDTH * share / 100
    sheet.freeze_panes = "A3"
    sheet.append([cell(sheet, f"{table.title} / {table.title_en}", bold=True)])
    sheet.append([cell(sheet, f"{vi}\n{en}", bold=True) for vi, en, _ in table.columns])
    for row in table.rows:
        sheet.append([cell(sheet, text) for text in row])
