"""Each code of the importer by a row of its own: what is said, and what is read all the same."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from shared.legacy.cells import EPOCH_1904
from shared.legacy.words import codes
from tests.legacy.books import GOOD, SECOND, judged, make, only, row, rows_of

NO_FIRST = {name: value for name, value in GOOD.items() if not name.endswith("1")}
NO_STAR = {name: value for name, value in NO_FIRST.items() if name not in ("star", "expiry")}

ROWS: dict[str, tuple[list[Any], set[str]]] = {
    "good": (row(), set()),
    "good twice recognised": (row(**SECOND), set()),
    # --- product ---
    "no product": (row(product=None), {"E-PRODUCT-MISSING"}),
    "blank product": (row(product=" \u00a0"), {"E-PRODUCT-MISSING", "W-TEXT"}),
    "product is an error": (row(product="#NAME?"), {"E-REF"}),
    "several products": (row(product="Mật ong (4 sản phẩm)"), {"W-SEVERAL-PRODUCTS"}),
    "several without a number": (row(product="Mật ong (các sản phẩm)"), set()),
    # --- text ---
    "no-break space": (row(product="Hạt\u00a0sen"), {"W-TEXT"}),
    "two spaces in the subject": (row(subject="Hợp tác xã  Sen"), {"W-TEXT"}),
    "decomposed commune": (row(commune="Xa\u0303 Kim Liên"), {"W-TEXT"}),
    "space behind the decision": (row(decision1="279/QĐ-UBND "), {"W-TEXT"}),
    "agency is tidied silently": (row(agency1="UBND  tỉnh Nghệ An "), set()),
    "group is tidied silently": (row(group=" Thực  phẩm"), set()),
    "decision as a number": (row(decision1=279), set()),
    # --- group, subject, type ---
    "no group": (row(group=None), {"W-GROUP-MISSING"}),
    "group is an error": (row(group="#N/A"), {"W-GROUP-MISSING", "W-REF"}),
    "unknown group": (row(group="Nông sản"), {"W-GROUP-UNKNOWN"}),
    "group in capitals": (row(group="ĐỒ UỐNG"), set()),
    "no subject": (row(subject=None), {"W-SUBJECT-MISSING"}),
    "subject is an error": (row(subject="#REF!"), {"W-SUBJECT-MISSING", "W-REF"}),
    "type against the name": (row(type="Doanh nghiệp"), {"W-TYPE-CONFLICT"}),
    "unknown type": (row(type="Trang trại", subject="Trang trại Phú Quý"), set()),
    "Hội is no Hộ": (row(type="Hợp tác xã", subject="Hội Nông dân xã Kim Liên"), set()),
    "Hộ is a household": (row(type="HTX", subject="Hộ Nguyễn Văn Nam"), {"W-TYPE-CONFLICT"}),
    # --- commune ---
    "no commune": (row(commune=None), {"W-COMMUNE-MISSING"}),
    "commune is an error": (row(commune="#REF!"), {"W-COMMUNE-MISSING", "W-REF"}),
    "old commune": (row(commune="xã Xuân Thành"), {"W-COMMUNE-OLD"}),
    "misspelt commune": (row(commune="Xã Kim Lien"), {"W-COMMUNE-SPELLING"}),
    "unknown commune": (row(commune="Xã Không Có Thật"), {"W-COMMUNE-UNKNOWN"}),
    # --- date ---
    "date as text": (row(date1="27/1/2024"), {"W-DATE-TEXT"}),
    "date with dots": (row(date1="27.01.2024"), {"W-DATE-TEXT"}),
    "date with hyphens": (row(date1="27-1-2024"), {"W-DATE-TEXT"}),
    "date as a serial number": (row(date1=45318), {"W-DATE-TEXT"}),
    "year of two digits": (row(date1="27/1/24"), {"E-DATE-UNREADABLE"}),
    "no such day": (row(date1="30/2/2024"), {"E-DATE-UNREADABLE"}),
    "month and day swapped": (row(date1="01/27/2024"), {"E-DATE-UNREADABLE"}),
    "no date at all": (row(date1="đầu năm"), {"E-DATE-UNREADABLE"}),
    "a year for a date": (row(date1=2024), {"E-DATE-UNREADABLE"}),
    "date missing": (row(date1=None, expiry=None), {"W-DATE-MISSING"}),
    "date is an error, year there": (row(date1="#REF!"), {"W-DATE-MISSING", "W-REF"}),
    "date is an error, no year": (row(date1="#REF!", year1=None), {"W-DATE-MISSING", "E-REF"}),
    "year is an error, date there": (row(year1="#REF!"), {"W-REF"}),
    "year is an error, no date": (row(year1="#REF!", date1=None), {"W-DATE-MISSING", "E-REF"}),
    "another year than the date's": (row(year1=2023), {"W-YEAR-DATE"}),
    "year as text": (row(year1="2024"), set()),
    # --- decision ---
    "no decision": (row(decision1=None), {"W-DECISION-MISSING"}),
    "decision is an error": (row(decision1="#VALUE!"), {"W-REF"}),
    "agency is an error": (row(agency1="#VALUE!"), {"W-REF"}),
    # --- star ---
    "4 sao": (row(star1="4 sao"), {"W-STAR-TEXT"}),
    "4*": (row(star="4*"), {"W-STAR-TEXT"}),
    "4 as text": (row(star="4"), {"W-STAR-TEXT"}),
    "four stars": (row(star="★★★★"), {"W-STAR-TEXT"}),
    "two stars": (row(star1=2), {"E-STAR-RANGE"}),
    "half a star": (row(star1=3.5), {"E-STAR-RANGE"}),
    "bốn sao": (row(star="bốn sao"), {"E-STAR-RANGE"}),
    "2 sao": (row(star1="2 sao"), {"E-STAR-RANGE"}),
    "recognition without a star": (row(star1=None), {"E-STAR-MISSING"}),
    "star of a recognition is an error": (row(star1="#REF!"), {"E-REF"}),
    "no current star": (row(star=None), {"W-STAR-MISSING"}),
    "current star is an error": (row(star="#REF!"), {"W-REF"}),
    "another current star": (row(star=3), {"W-STAR-CONFLICT"}),
    # --- recognitions ---
    "no recognition": (row(NO_FIRST), {"W-DATE-MISSING", "W-DECISION-MISSING"}),
    "no recognition and no star": (row(NO_STAR), {"E-STAR-MISSING", "W-DATE-MISSING", "W-DECISION-MISSING"}),
    "only the second": (row({**NO_FIRST, **SECOND}), {"W-FIRST-MISSING"}),
    "second before the first": (
        row(**{**SECOND, "date2": datetime(2023, 3, 2), "year2": 2023, "expiry": datetime(2026, 3, 2)}), {"W-ORDER"},
    ),
    "an error cell is a recognition": (
        row(agency2="#REF!", expiry=None), {"E-STAR-MISSING", "W-DATE-MISSING", "W-DECISION-MISSING", "W-REF"},
    ),
    # --- last day ---
    "no expiry": (row(expiry=None), {"W-EXPIRY-MISSING"}),
    "another expiry": (row(expiry=datetime(2026, 1, 27)), {"W-EXPIRY-MISMATCH"}),
    "expiry is an error": (row(expiry="#REF!"), {"W-REF"}),
    "expiry is no date": (row(expiry="36 tháng"), {"E-DATE-UNREADABLE"}),
    # --- the rest ---
    "number is an error": (row(tt="#REF!"), {"W-REF"}),
    "note is an error": (row(note="#REF!"), {"W-REF"}),
    "revoked": (row(note="Đã THU HỒI 09/2025"), {"W-REVOKED-NOTE"}),
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
def test_a_row_says_these_codes_and_no_other(name: str) -> None:
    cells, said = ROWS[name]
    assert judged(cells).codes == said


def test_every_code_has_a_row() -> None:
    said = set().union(*(found for _, found in ROWS.values()))
    elsewhere = {"E-DUPLICATE", "W-REPEATED", "I-MERGED", "I-EXPIRED", "W-COMMUNE-SPLIT", "W-COMMUNE-AMBIGUOUS"}
    assert said | elsewhere == set(codes())


# --- what is read ---


def test_a_star_or_date_that_cannot_be_read_is_nothing_and_the_rest_stands() -> None:
    read = judged(row(star1="bốn", date1="1/13/2024")).read
    assert (read["star"], read["expiry"]) == (4, date(2027, 1, 27))
    assert read["recognitions"] == [
        {"n": 1, "star": None, "date": None, "year": 2024, "decision": "279/QĐ-UBND", "agency": "UBND tỉnh Nghệ An"}
    ]


def test_the_last_recognition_decides_star_and_last_day() -> None:
    read = judged(row(**{**SECOND, "star2": 5, "star": 4, "expiry": datetime(2027, 1, 27)})).read
    assert (read["star"], read["expiry"]) == (5, date(2028, 3, 2))


def test_without_a_dated_recognition_the_last_day_is_what_the_book_says() -> None:
    assert judged(row(date1=None)).read["expiry"] == date(2027, 1, 27)


def test_thirty_six_months_after_the_leap_day_end_on_28_february() -> None:
    verdict = judged(row(date1=datetime(2024, 2, 29), expiry=datetime(2027, 2, 28)))
    assert not verdict.codes
    assert verdict.read["expiry"] == date(2027, 2, 28)


def test_serial_numbers_count_from_the_epoch_of_the_workbook() -> None:
    cells = row(date1=45318 - 1462)
    assert judged(cells, epoch=EPOCH_1904).read["recognitions"][0]["date"] == date(2024, 1, 27)


def test_a_name_tells_the_type_where_the_column_is_silent() -> None:
    assert judged(row(type=None)).read["subject_type"] == "cooperative"
    assert judged(row(type="Doanh nghiệp")).read["subject_type"] == "cooperative"
    assert judged(row(type="HKD", subject="Bà Quế")).read["subject_type"] == "household"
    assert judged(row(type="Trang trại", subject="Phú Quý")).read["subject_type"] is None


def test_expired_is_what_ended_before_the_day() -> None:
    assert judged(row(date1=datetime(2023, 8, 31), year1=2023, expiry=datetime(2026, 8, 31))).info == []
    assert judged(row(date1=datetime(2023, 8, 30), year1=2023, expiry=datetime(2026, 8, 30))).info == ["I-EXPIRED"]


def test_personal_columns_are_never_read() -> None:
    verdict = judged(row(person="Nguyễn Thị Mai", phone="0912345678"))
    assert not verdict.codes
    assert "Mai" not in str(verdict)
    assert "0912" not in str(verdict)


# --- rows that repeat others ---


def test_the_same_row_again_is_a_duplicate_and_other_recognitions_are_a_repetition(tmp_path: Path) -> None:
    rows = [
        row(), row(product="Hạt  sen sấy", tt=2), row(tt=3, subject="HỢP TÁC XÃ SEN QUÊ BÁC"),
        row(**SECOND), row(subject=None), row(subject=None), row(subject=None, **SECOND),
    ]  # fmt: skip
    found = [
        (judged.verdict.codes, judged.verdict.same_as)
        for judged in rows_of(make(tmp_path / "b.xlsx", rows))
        if judged.verdict
    ]
    assert found == [
        (set(), None), ({"E-DUPLICATE", "W-TEXT"}, 5), ({"E-DUPLICATE"}, 5), ({"W-REPEATED"}, 5),
        ({"W-SUBJECT-MISSING"}, None), ({"W-SUBJECT-MISSING", "E-DUPLICATE"}, 9), ({"W-SUBJECT-MISSING"}, None),
    ]  # fmt: skip


# --- kinds of rows ---


def test_kinds_are_tested_in_their_order(tmp_path: Path) -> None:
    rows = [
        only(tt="(1)", product="(2)"), only(tt="I", product="Huyện Nam Đàn"), only(tt="IV."), only(tt="B.", product="Đồ uống"),
        only(tt="Đ", product="Khác"), only(tt="I", product="Hạt", star=3), only(), only(tt="Tổng cộng", group=60),
        only(product="TỔNG SỐ: 3"), only(tt=7, product="Cộng hưởng xanh"), only(product="Người lập biểu"),
        only(tt="Ghi chú: …"), only(tt="IIX", product="X"), only(product=" \u00a0 "), only(tt="a", product="b"),
    ]  # fmt: skip
    found = [judged.kind for judged in rows_of(make(tmp_path / "b.xlsx", rows, numbers=True))]
    assert found == [
        "header", "header", "section", "section", "section", "section", "data", "blank", "total", "total", "data", "footer",
        "footer", "data", "blank", "data",
    ]  # fmt: skip
