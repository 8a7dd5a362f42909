"""Whatever a book holds, it is read without a stumble, and what must hold of a verdict holds of every one."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.calendar import certificate_expiry
from shared.legacy.cells import ERRORS, is_error
from shared.legacy.places import OLD_DAY, places
from shared.legacy.rows import Given, judge, kind_of
from shared.legacy.words import codes
from tests.legacy.books import AS_OF, COLUMNS, GOOD, judged, make, row, rows_of

DAYS = st.dates(date(2019, 1, 1), date(2026, 8, 31)).map(lambda day: datetime(day.year, day.month, day.day))
ODD = st.sampled_from([
    None, "", " ", "\u00a0", 0, -1, 3, 4.0, 4.5, 2024, 45318, 1e20, float("inf"), True, "4 sao", "★★★★", "27/1/2024", "30.2.2024",
    "27/1/24", "2024", "Tổng cộng", "(1)", "I", "IV.", "Ghi chú", "Hợp tác xã", "Hộ", "xã Bình Thạnh", "Phường 1", "thu hồi",
    "Mật (4 sản phẩm)", "#ref!", "_x000D_", "Xa\u0303 Kim Lie\u0302n", datetime(2024, 2, 29), *sorted(ERRORS),
])  # fmt: skip
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)
CELL = st.one_of(ODD, TEXT, DAYS, st.integers(-10, 100_000))
ANY_ROW = st.lists(CELL, min_size=COLUMNS, max_size=COLUMNS)


@given(ANY_ROW, st.sampled_from([None, "01", "40", "68", "79"]), st.booleans())
@settings(max_examples=400, deadline=None)
def test_any_row_gets_a_verdict_that_holds_together(cells: list[Any], province: str | None, merged: bool) -> None:
    kind_of(Given(cells, merged))
    verdict = judge(Given(cells, merged), places(province, AS_OF), AS_OF)
    read, said = verdict.read, verdict.codes
    assert said | set(verdict.info) <= set(codes())
    assert list(read) == [
        "product", "group", "subject", "subject_type", "commune_now", "commune_code_now", "star", "expiry", "recognitions",
    ]  # fmt: skip

    assert (read["product"] is None) == bool("E-PRODUCT-MISSING" in said or is_error(cells[1]))
    assert (read["commune_now"] is None) == (read["commune_code_now"] is None)
    assert ("I-MERGED" in verdict.info) == merged
    for one in read["recognitions"]:
        assert one["star"] in (3, 4, 5, None)
        assert one["date"] is None or one["year"] == one["date"].year
    if read["recognitions"]:
        last = read["recognitions"][-1]
        assert last["date"] is None or read["expiry"] == certificate_expiry(last["date"])
        assert last["star"] is None or read["star"] == last["star"]
    assert not {"W-EXPIRY-MISSING", "E-DATE-UNREADABLE"} <= said or cells[10] is None or read["recognitions"]


@given(DAYS, st.integers(3, 5), st.sampled_from(["Xã Kim Liên", "Phường Vinh Phú", "xã Hạnh Lâm"]))
@settings(max_examples=50, deadline=None)
def test_a_clean_row_is_ok_and_read_back_as_written(day: datetime, star: int, commune: str) -> None:
    expiry = certificate_expiry(day.date())
    cells = row(
        date1=day,
        year1=day.year,
        star=star,
        star1=star,
        commune=commune,
        expiry=datetime.combine(expiry, datetime.min.time()),
    )
    verdict = judged(cells)
    assert verdict.status == "ok"
    assert verdict.read["expiry"] == expiry
    assert verdict.read["recognitions"][0] | {"n": 1} == {
        "n": 1, "star": star, "date": day.date(), "year": day.year, "decision": GOOD["decision1"], "agency": GOOD["agency1"],
    }  # fmt: skip


@given(DAYS, st.sampled_from(["/", ".", "-"]), st.booleans())
@settings(max_examples=100, deadline=None)
def test_a_date_reads_alike_however_it_is_written(day: datetime, sign: str, padded: bool) -> None:
    text = f"{day:%d{sign}%m{sign}%Y}" if padded else f"{day.day}{sign}{day.month}{sign}{day.year}"
    serial = (day.date() - date(1899, 12, 30)) // timedelta(days=1)
    dates = [judged(row(date1=given)).read["recognitions"][0]["date"] for given in (day, text, serial, str(serial))]
    assert dates == [day.date()] * 4


@given(
    st.lists(ANY_ROW, max_size=8), st.integers(1, 12),
    st.lists(st.tuples(st.integers(0, 7), st.integers(0, 3), st.integers(0, COLUMNS - 1), st.integers(0, 2)), max_size=3),
)  # fmt: skip
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_workbook_is_read_row_for_row(tmp_path: Path, rows: list[Any], header_at: int, merges: list[Any]) -> None:
    rows = [[None if cell in (float("inf"),) else cell for cell in cells] for cells in rows]
    taken: set[tuple[int, int]] = set()
    spans = []
    for first, more, column, wide in merges:
        area = {
            (r, c) for r in range(first, first + more + 1) for c in range(column, min(column + wide, COLUMNS - 1) + 1)
        }
        if len(area) > 1 and not area & taken:
            taken |= area
            below = header_at + 2
            spans.append((first + below, column + 1, first + more + below, min(column + wide, COLUMNS - 1) + 1))
    names = [f"{letter(c1)}{r1}:{letter(c2)}{r2}" for r1, c1, r2, c2 in spans]
    found = rows_of(make(tmp_path / "any.xlsx", rows, header_at=header_at, merges=names))
    numbers = [judged.row for judged in found]
    assert numbers == sorted(set(numbers))
    assert all(number > header_at + 1 for number in numbers)
    written = {header_at + 2 + at for at, cells in enumerate(rows) if kind_of(Given(cells)) != "blank"}
    under = {r for r1, _, r2, _ in spans for r in range(r1, r2 + 1)}
    assert written - under <= set(numbers)


def letter(column: int) -> str:
    return chr(ord("A") + column - 1)


@pytest.mark.parametrize("province", ["01", "68", "79"])
def test_every_commune_of_today_is_itself_and_every_old_one_is_found(province: str) -> None:
    known = places(province, AS_OF)
    for name, units_ in known._today._by_name.items():
        for unit in units_:
            assert known.find(unit.full_name, "").unit == unit, name
    for units_ in known._old._by_name.values():
        for unit in units_:
            place = known.find(unit.full_name, "")
            assert place.code in (None, "W-COMMUNE-OLD", "W-COMMUNE-SPLIT", "W-COMMUNE-AMBIGUOUS"), (unit, OLD_DAY)
