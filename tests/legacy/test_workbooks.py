"""Workbooks that nobody here has seen: other sheets, other header rows, merges, formulas, gaps; and files that are refused."""

import json
import struct
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from shared.legacy import guard
from shared.legacy.reading import read
from shared.values import Refusal
from tests.legacy.books import AS_OF, GOOD, make, only, repacked, row, rows_of

DATA = Path(__file__).with_name("data")


def whole(path: Path, as_of: date = AS_OF) -> dict[str, Any]:
    """Everything that is said of a workbook, as JSON gives it."""
    with read(path, as_of) as reading:
        sheets = [
            {"sheet": register.name, "province_code": register.province, "header_rows": register.header_rows,
             "rows": [judged.shown() for judged in rows]}
            for register, rows in reading.sheets()
        ]  # fmt: skip
        said = {"workbook": reading.workbook, "as_of": as_of, "ignored_sheets": reading.ignored, "sheets": sheets}
        return json.loads(json.dumps(said | {"totals": dict(reading.totals)}, default=str))


def test_every_row_of_the_known_register_is_as_expected() -> None:
    expected = json.loads((DATA / "legacy-register.expected.json").read_text(encoding="utf-8"))
    for sheet in expected["sheets"]:
        for one in sheet["rows"]:
            one.pop("facts", None), one.pop("defect", None)
    for remark in ("about", "rules"):
        del expected[remark]
    found = whole(DATA / "legacy-register.xlsx")
    assert found == expected
    assert sum(found["totals"].values()) == 115


# --- layout ---


@pytest.mark.parametrize("header_at", [1, 2, 5, 11, 12])
def test_the_header_may_stand_in_any_of_the_first_twelve_rows(tmp_path: Path, header_at: int) -> None:
    found = whole(make(tmp_path / "b.xlsx", [row(), row(tt=2, product="Trà")], header_at=header_at, numbers=True))
    (sheet,) = found["sheets"]
    assert sheet["header_rows"] == [header_at, header_at + 1]
    assert [one["kind"] for one in sheet["rows"]] == ["header", "data", "data"]
    assert sheet["province_code"] == (None if header_at == 1 else "40")


def test_a_header_in_the_thirteenth_row_is_none(tmp_path: Path) -> None:
    found = whole(make(tmp_path / "b.xlsx", [row()], header_at=13, sheet="Phụ lục", more=["Khác"]))
    assert (found["sheets"], found["ignored_sheets"]) == ([], ["Phụ lục", "Khác"])


def test_several_registers_and_a_hidden_one_are_read_and_the_others_named(tmp_path: Path) -> None:
    path = make(tmp_path / "b.xlsx", [row()], more=["Bìa"])
    book = load_workbook(path)
    again = book.copy_worksheet(book["Sổ"])
    again.title, again.sheet_state = "Sổ ẩn", "hidden"
    book.create_chartsheet("Biểu đồ")
    book.save(path)
    found = whole(path)
    assert [sheet["sheet"] for sheet in found["sheets"]] == ["Sổ", "Sổ ẩn"]
    assert found["ignored_sheets"] == ["Bìa", "Biểu đồ"]


def test_the_header_may_be_written_in_other_letters(tmp_path: Path) -> None:
    path = make(tmp_path / "b.xlsx", [row()])
    book = load_workbook(path)
    book["Sổ"]["B3"] = "TÊN  SẢN\nPHẨM"
    book.save(path)
    assert [judged.status for judged in rows_of(path)] == ["ok"]


def test_hidden_rows_and_gaps_are_read(tmp_path: Path) -> None:
    path = make(tmp_path / "b.xlsx", [row(), row(tt=2, product="Trà"), *[only()] * 3, row(tt=3, product="Cao")])
    book = load_workbook(path)
    book["Sổ"].row_dimensions[6].hidden = True
    book.save(path)
    assert [(judged.row, judged.kind) for judged in rows_of(path)] == [
        (5, "data"), (6, "data"), (7, "blank"), (8, "blank"), (9, "blank"), (10, "data"),
    ]  # fmt: skip


def test_formatted_rows_behind_the_last_are_no_rows(tmp_path: Path) -> None:
    path = make(tmp_path / "b.xlsx", [row()])
    book = load_workbook(path)
    for number in range(6, 1_300):
        book["Sổ"].cell(number, 1).number_format = "0.00"
    book.save(path)
    assert [judged.row for judged in rows_of(path)] == [5]


# --- merges ---


def test_a_merged_cell_belongs_to_every_row_that_it_covers(tmp_path: Path) -> None:
    rows = [
        row(),
        row(tt=2, product="Trà", subject=None, commune=None),
        row(tt=3, product="Cao", subject=None, commune=None),
    ]
    path = make(tmp_path / "b.xlsx", rows, merges=["E5:E7", "F5:F6"])
    first, second, third = [judged.verdict for judged in rows_of(path)]
    assert first
    assert second
    assert third
    assert [verdict.info for verdict in (first, second, third)] == [[], ["I-MERGED"], ["I-MERGED"]]
    assert {verdict.read["subject"] for verdict in (first, second, third)} == {GOOD["subject"]}
    assert (second.codes, third.codes) == (set(), {"W-COMMUNE-MISSING"})


def test_a_merge_over_columns_fills_its_first_column_only(tmp_path: Path) -> None:
    rows = [
        only(tt="I", product="Huyện Nam Đàn"),
        row(group="Thực phẩm", type=None),
        row(tt=2, product="Trà", group=None, type=None),
    ]
    path = make(tmp_path / "b.xlsx", rows, merges=["B5:V5", "C6:D7"])
    section, first, second = rows_of(path)
    assert section.kind == "section"
    assert first.verdict
    assert second.verdict
    assert (second.verdict.read["group"], second.verdict.read["subject_type"]) == ("food", "cooperative")


def test_merged_personal_columns_and_empty_merges_are_no_remark(tmp_path: Path) -> None:
    rows = [row(person="A", note=None), row(tt=2, product="Trà", note=None)]
    path = make(tmp_path / "b.xlsx", rows, merges=["H5:H6", "V5:V6"])
    assert [judged.verdict.info for judged in rows_of(path) if judged.verdict] == [[], []]


def test_an_error_is_carried_down_like_any_value(tmp_path: Path) -> None:
    path = make(tmp_path / "b.xlsx", [row(subject="#REF!"), row(tt=2, product="Trà", subject=None)], merges=["E5:E6"])
    second = rows_of(path)[1].verdict
    assert second
    assert second.codes == {"W-SUBJECT-MISSING", "W-REF"}


# --- what a cell holds ---


def in_sheet(path: Path, old: str, new: str) -> Path:
    name = "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(path) as archive:
        text = archive.read(name).decode()
    assert old in text
    return repacked(path, path.with_stem("other"), {name: text.replace(old, new).encode()})


@pytest.mark.parametrize(
    ("cell", "codes"),
    [
        ('<c r="J5"><f>3+1</f><v>4</v></c>', set()),
        ('<c r="J5" t="str"><f>A1</f><v>4 sao</v></c>', {"W-STAR-TEXT"}),
        ('<c r="J5" t="e"><f>A1/0</f><v>#DIV/0!</v></c>', {"W-REF"}),
        ('<c r="J5" t="e"><v>#SPILL!</v></c>', {"W-REF"}),
        ('<c r="J5" t="b"><v>1</v></c>', {"E-STAR-RANGE"}),
        ('<c r="J5"><f>A1</f></c>', {"W-STAR-MISSING"}),
        ('<c r="J5" t="inlineStr"><is><r><t>4</t></r><r><t> sao</t></r><rPh><t>b</t></rPh></is></c>', {"W-STAR-TEXT"}),
        ('<c t="n" r="J5"><v>4.0</v></c>', set()),
    ],
)  # fmt: skip
def test_cells_of_every_type_are_understood(tmp_path: Path, cell: str, codes: set[str]) -> None:
    path = in_sheet(make(tmp_path / "b.xlsx", [row()]), '<c r="J5" t="n"><v>4</v></c>', cell)
    (judged,) = rows_of(path)
    assert judged.verdict
    assert judged.verdict.codes == codes


def test_iso_dates_and_serial_numbers_of_either_epoch(tmp_path: Path) -> None:
    book = load_workbook(make(tmp_path / "b.xlsx", [row(), row(tt=2, product="Trà", date1=45318 - 1462)]))
    book.epoch = CALENDAR_MAC_1904
    for at in ("M5", "K5", "K6"):
        book["Sổ"][at] = GOOD["expiry"] if at.startswith("K") else GOOD["date1"]
    book.save(tmp_path / "mac.xlsx")
    first, second = rows_of(tmp_path / "mac.xlsx")
    assert first.verdict
    assert second.verdict
    assert first.verdict.codes == set()
    assert second.verdict.codes == {"W-DATE-TEXT"}
    assert second.verdict.read["recognitions"][0]["date"] == date(2024, 1, 27)


def test_shared_and_inline_texts_read_alike(tmp_path: Path) -> None:
    book = Workbook(write_only=True)
    page = book.create_sheet("Sổ")
    plain = load_workbook(make(tmp_path / "b.xlsx", [row()]))["Sổ"]
    for cells in plain.iter_rows(values_only=True):
        page.append(cells)
    book.save(tmp_path / "c.xlsx")
    assert [judged.shown() for judged in rows_of(tmp_path / "c.xlsx")] == [
        judged.shown() for judged in rows_of(tmp_path / "b.xlsx")
    ]


def test_prefixes_and_a_false_dimension_change_nothing(tmp_path: Path) -> None:
    path = make(tmp_path / "b.xlsx", [row()])
    with zipfile.ZipFile(path) as archive:
        text = archive.read("xl/worksheets/sheet1.xml").decode()
    text = text.replace('ref="A1:V5"', 'ref="A1:A1"')
    prefixed = text.replace("</", "<//").replace("<", "<x:").replace("<x://", "</x:").replace("xmlns=", "xmlns:x=")
    other = repacked(path, tmp_path / "x.xlsx", {"xl/worksheets/sheet1.xml": prefixed.encode()})
    assert [judged.status for judged in rows_of(other)] == ["ok"]


def test_the_province_may_be_named_by_hand(tmp_path: Path) -> None:
    path = make(tmp_path / "b.xlsx", [row(commune="xã Nam Dong")], title="SỔ OCOP TỈNH ĐẮK NÔNG")
    assert rows_of(path)[0].verdict.codes == {"W-COMMUNE-UNKNOWN"}  # type: ignore[union-attr]
    assert rows_of(path, "68")[0].status == "ok"


# --- what is refused ---


def bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            for _ in range(64):
                part.write(b" " * (1 << 20))


def false_size(path: Path) -> None:
    """One that says it is small where it is not."""
    bomb(path)
    content = bytearray(path.read_bytes())
    at = content.rindex(b"PK\x01\x02")
    content[at + 24 : at + 28] = struct.pack("<I", 100)
    path.write_bytes(content)


def with_part(name: str, content: bytes = b"x") -> Callable[[Path], None]:
    def write(path: Path) -> None:
        repacked(make(path.with_stem("plain"), [row()]), path, {name: content})

    return write


def cut(path: Path) -> None:
    content = make(path.with_stem("plain"), [row()]).read_bytes()
    path.write_bytes(content[: len(content) // 2])


def damaged(path: Path) -> None:
    make(path, [row() for _ in range(200)])
    content = bytearray(path.read_bytes())
    for at in range(content.index(b"xl/worksheets/sheet1.xml") + 200, len(content) // 2, 97):
        content[at] ^= 0xFF
    path.write_bytes(content)


ENTITY = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><sst>&b;</sst>'
NO_NUMBER = b'<worksheet><sheetData><row r="1"><c r="A1"><v>x</v></c></row></sheetData></worksheet>'
REFUSED: dict[str, tuple[Callable[[Path], Any], type[Refusal]]] = {
    "empty": (lambda path: path.write_bytes(b""), guard.NotAWorkbook),
    "text": (lambda path: path.write_text("Tên sản phẩm;Hạng sao"), guard.NotAWorkbook),
    "picture": (lambda path: path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100)), guard.NotAWorkbook),
    "half a file": (cut, guard.NotAWorkbook),
    "damaged": (damaged, guard.NotAWorkbook),
    "another zip": (lambda path: zipfile.ZipFile(path, "w").writestr("a.txt", "a"), guard.NotAWorkbook),
    "xls": (lambda path: path.write_bytes(guard.OLE + bytes(512)), guard.OldWorkbook),
    "encrypted": (lambda path: path.write_bytes(guard.OLE + bytes(64) + guard.ENCRYPTED), guard.Encrypted),
    "zip bomb": (bomb, guard.TooLarge),
    "zip bomb that lies": (false_size, guard.NotAWorkbook),
    "macros": (with_part("xl/vbaProject.bin"), guard.WithMacros),
    "macro type": (
        with_part("[Content_Types].xml", b'<Types a="application/vnd.ms-excel.sheet.macroEnabled.main+xml"/>'), guard.WithMacros,
    ),
    "external links": (with_part("xl/externalLinks/externalLink1.xml", b"<x/>"), guard.WithLinks),
    "connections": (with_part("xl/connections.xml", b"<x/>"), guard.WithLinks),
    "entities": (with_part("xl/sharedStrings.xml", ENTITY), guard.Hostile),
    "bad xml": (with_part("xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row>"), guard.NotAWorkbook),
    "rows backwards": (
        with_part("xl/worksheets/sheet1.xml", b'<worksheet><sheetData><row r="5"/><row r="4"/></sheetData></worksheet>'),
        guard.NotAWorkbook,
    ),
    "row beyond any sheet": (
        with_part("xl/worksheets/sheet1.xml", b'<worksheet><sheetData><row r="99999999"/></sheetData></worksheet>'),
        guard.NotAWorkbook,
    ),
    "text for a number": (
        with_part("xl/worksheets/sheet1.xml", NO_NUMBER),
        guard.NotAWorkbook,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_broken_or_hostile_file_is_refused_with_what_is_wrong(tmp_path: Path, name: str) -> None:
    write, refusal = REFUSED[name]
    path = tmp_path / "sổ.xlsx"
    write(path)
    with pytest.raises(refusal) as refused:
        whole(path)
    assert "sổ.xlsx" in refused.value.message_vi
    assert "sổ.xlsx" in refused.value.message_en


def test_rows_far_apart_are_refused_not_filled_up(tmp_path: Path) -> None:
    book = load_workbook(make(tmp_path / "b.xlsx", [row()]))
    book["Sổ"].cell(900_000, 2, "xa")
    book.save(tmp_path / "b.xlsx")
    with pytest.raises(guard.TooLarge):
        whole(tmp_path / "b.xlsx")


def test_a_hyperlink_is_no_external_link(tmp_path: Path) -> None:
    book = load_workbook(make(tmp_path / "b.xlsx", [row()]))
    book["Sổ"]["B5"].hyperlink = "https://example.vn/sen"
    book.save(tmp_path / "b.xlsx")
    assert [judged.status for judged in rows_of(tmp_path / "b.xlsx")] == ["ok"]
