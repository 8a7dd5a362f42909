"""The document as a Word file: fonts, margins and order of 30/2020/NĐ-CP, Phụ lục I."""

from copy import deepcopy
from io import BytesIO
from typing import Any

from docx import Document as new_file
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from services.programme.views.papers.document import DRAFT, MOTTO, Document, Table

WIDTH = 165  # mm between the margins
CENTRE, LEFT, BOTH = ALIGN.CENTER, ALIGN.LEFT, ALIGN.JUSTIFY


def word(document: Document) -> bytes:
    """The file's bytes."""
    file = new_file()
    page(file)
    head(file, document)
    title(file, document)
    for text in document.opening:
        line(file, text, align=BOTH)
    for table in document.tables:
        tabled(file, table)
    for text in document.closing:
        line(file, text, size=11, italic=True, align=BOTH)
    foot(file, document)
    out = BytesIO()
    file.save(out)
    return out.getvalue()


def page(file: Any) -> None:
    """A4; 20 mm above and below, 30 mm left, 15 mm right; the number of the page centred at its head, not on the first."""
    section, style = file.sections[0], file.styles["Normal"]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin = section.bottom_margin = Mm(20)
    section.left_margin, section.right_margin = Mm(30), Mm(15)
    style.font.name, style.font.size = "Times New Roman", Pt(13)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), "Times New Roman")
    style.paragraph_format.space_after = Pt(3)
    section.different_first_page_header_footer = True
    number = section.header.paragraphs[0]
    number.alignment = CENTRE
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    number._p.append(field)


def line(
    at: Any, text: str, *, size: float = 13, bold: bool = False, italic: bool = False, align: Any = LEFT,
    first: bool = False,
) -> Any:  # fmt: skip
    """A paragraph; `first`: that which an empty cell has already."""
    paragraph = at.paragraphs[0] if first else at.add_paragraph()
    paragraph.alignment = align
    run = paragraph.add_run(text)
    run.font.size, run.bold, run.italic = Pt(size), bold, italic
    return paragraph


def underlined(paragraph: Any) -> None:
    for run in paragraph.runs:
        run.underline = True


def head(file: Any, document: Document) -> None:
    """Left the agency with its number, right the country's name and motto with place and date."""
    left, right = file.add_table(rows=1, cols=2).rows[0].cells
    line(left, (document.above or document.agency).upper(), bold=not document.above, align=CENTRE, first=True)
    if document.above:
        underlined(line(left, document.agency.upper(), bold=True, align=CENTRE))
    line(left, document.number, align=CENTRE)
    line(right, MOTTO[0], size=12, bold=True, align=CENTRE, first=True)
    underlined(line(right, MOTTO[1], bold=True, align=CENTRE))
    line(right, document.place_and_date, italic=True, align=CENTRE)


def title(file: Any, document: Document) -> None:
    if document.drafted:
        line(file, DRAFT, bold=True, align=CENTRE)
    line(file, document.title, size=14, bold=True, align=CENTRE)
    line(file, document.about, size=14, bold=True, align=CENTRE)
    line(file, document.about_en, size=11, italic=True, align=CENTRE)
    if document.simulated:
        line(file, "Có số liệu MÔ PHỎNG / contains SIMULATED results", size=11, bold=True, align=CENTRE)


def tabled(file: Any, table: Table) -> None:
    line(file, table.title, bold=True)
    line(file, table.title_en, size=10, italic=True)
    if not table.rows:
        line(file, "Không có. / None.", size=11)
        return
    made = file.add_table(rows=2, cols=len(table.columns), style="Table Grid")
    whole = sum(share for _, _, share in table.columns)
    for cell, (vi, en, share) in zip(made.rows[0].cells, table.columns, strict=True):
        cell.width = Mm(WIDTH * share / whole)
        line(cell, vi, size=10.5, bold=True, align=CENTRE, first=True)
        line(cell, en, size=8.5, italic=True, align=CENTRE)
    made.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))  # again on each page
    for cell, (_, _, share) in zip(made.rows[1].cells, table.columns, strict=True):
        cell.width = Mm(WIDTH * share / whole)
        line(cell, "", size=10.5, first=True)
    fill(made, table.rows)


def fill(made: Any, rows: tuple[tuple[str, ...], ...]) -> None:
    """Rows are copies of the first: the library's own way looks for every cell in the whole table."""
    pattern = made.rows[1]._tr
    for row in rows:
        copied = deepcopy(pattern)
        for run, text in zip(copied.iter(qn("w:r")), row, strict=True):
            written = OxmlElement("w:t")
            written.text = text
            written.set(qn("xml:space"), "preserve")
            run.append(written)
        made._tbl.append(copied)
    made._tbl.remove(pattern)


def foot(file: Any, document: Document) -> None:
    """Left who gets it, right who signs, with room for the signature."""
    file.add_paragraph()
    left, right = file.add_table(rows=1, cols=2).rows[0].cells
    line(left, "Nơi nhận:", size=12, bold=True, italic=True, first=True)
    for recipient in document.recipients:
        line(left, f"- {recipient};", size=11)
    line(left, "- Lưu: VT.", size=11)
    for n, text in enumerate(document.signs):
        line(right, text.upper(), bold=True, align=CENTRE, first=n == 0)
    for _ in range(4):
        line(right, "", align=CENTRE)
