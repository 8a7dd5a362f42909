"""A code means a unit only with a date: both maps, and what became of what between them."""

import csv
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared import units
from shared.units import DATA, UnknownUnit

OLD, CUT, NOW = date(2025, 6, 30), date(2025, 7, 1), date(2026, 10, 1)


def codes(found: list[units.Unit]) -> list[str]:
    return [unit.code for unit in found]


def test_the_same_province_code_means_two_provinces_before_and_since_the_cut() -> None:
    assert [units.province("80", day).name for day in (OLD, CUT)] == ["Long An", "Tây Ninh"]
    assert [units.province("15", day).name for day in (OLD, CUT)] == ["Yên Bái", "Lào Cai"]


@pytest.mark.parametrize(
    ("code", "on", "name"),
    [
        ("51", NOW, "tỉnh Quảng Ngãi"),
        ("46", date(2024, 12, 31), "tỉnh Thừa Thiên Huế"),
        ("46", date(2025, 1, 1), "thành phố Huế"),
        ("22", date(2026, 8, 31), "tỉnh Quảng Ninh"),
        ("22", date(2026, 9, 1), "thành phố Quảng Ninh"),
        ("24", date(2026, 9, 20), "thành phố Bắc Ninh"),
    ],
)
def test_a_province_is_named_with_the_kind_of_that_day(code: str, on: date, name: str) -> None:
    assert units.province(code, on).full_name == name


def test_a_commune_is_named_with_its_kind_and_stands_under_its_province_since_the_cut() -> None:
    ba_dong = next(c for c in units.communes_of("51", NOW) if c.name == "Ba Động")
    assert ba_dong.full_name == "xã Ba Động"
    assert units.commune("21548", NOW).full_name == "đặc khu Lý Sơn"
    assert units.parent_on("commune", ba_dong.code, NOW) == units.province("51", NOW)


def test_before_the_cut_a_commune_stands_under_a_district_and_that_under_a_province() -> None:
    district = units.parent_on("commune", "28780", OLD)
    assert (district.level, district.code) == ("district", "829")
    assert units.parent_on("district", "829", OLD) == units.province("83", OLD)
    assert units.parent_on("province", "83", OLD) is None


@pytest.mark.parametrize(
    ("on", "provinces", "communes"), [(OLD, 63, 10_035), (CUT, 34, 3_321), (date(2026, 9, 20), 34, 3_321)]
)
def test_provinces_and_their_communes_are_the_official_numbers(on: date, provinces: int, communes: int) -> None:
    found = units.provinces(on)
    assert len(found) == provinces
    everywhere = [commune.code for province in found for commune in units.communes_of(province.code, on)]
    assert len(everywhere) == len(set(everywhere)) == communes


@settings(deadline=None)  # the first example reads the tables
@given(st.sampled_from(["province", "district", "commune"]), st.text(max_size=6), st.dates())
def test_unknown_codes_are_answered_with_nothing_and_never_fail(level: units.Level, code: str, on: date) -> None:
    found = units.unit(level, code, on)
    if found is None:
        assert units.successors(level, code, on, on) == []
        assert units.parent_on(level, code, on) is None
    else:
        assert (found.level, found.code) == (level, code)


def test_what_needs_a_commune_says_which_code_and_day_are_wrong() -> None:
    assert units.require_commune("21548", CUT).name == "Lý Sơn"
    with pytest.raises(UnknownUnit, match="no commune has the code '21548' on 2025-06-30") as refused:
        units.require_commune("21548", OLD)
    assert isinstance(refused.value, ValueError)


def test_a_merged_province_has_one_successor_and_its_code_is_the_code_of_today() -> None:
    assert codes(units.successors("province", "52", OLD, NOW)) == ["52"]
    assert units.today_code("62", OLD, NOW) == "51"  # Kon Tum joined Quảng Ngãi
    assert units.today_code("45", OLD, NOW) == "44"
    assert units.today_code("45", OLD, OLD) == "45"
    assert units.today_code("45", CUT, NOW) is None  # no province has it since


def test_every_province_of_the_old_map_has_exactly_one_code_of_today() -> None:
    today = {units.today_code(province.code, OLD, NOW) for province in units.provinces(OLD)}
    assert today == {province.code for province in units.provinces(NOW)}


def test_every_commune_of_the_old_map_leads_to_communes_of_today_and_441_to_several() -> None:
    old = [commune for province in units.provinces(OLD) for commune in units.communes_of(province.code, OLD)]
    found = {commune.code: units.successors("commune", commune.code, OLD, NOW) for commune in old}
    assert all(found.values())
    assert sum(len(candidates) > 1 for candidates in found.values()) == 441
    assert sum(len(candidates) for candidates in found.values()) == 10_566
    assert all(candidate.valid_to is None for candidates in found.values() for candidate in candidates)


def test_a_split_gives_all_candidates_and_says_that_each_took_only_a_part() -> None:
    split = units.changes("commune", "23053", OLD)
    assert {change.new_code for change in split} == {"23053", "23041"}
    assert all(change.targets == 2 and change.partly for change in split)
    assert set(codes(units.successors("commune", "23053", OLD, NOW))) == {"23053", "23041"}


def test_an_island_district_becomes_a_commune_and_another_district_becomes_nothing() -> None:
    assert [unit.full_name for unit in units.successors("district", "498", OLD, NOW)] == ["đặc khu Hoàng Sa"]
    assert units.changes("district", "498", OLD)[0].new_level == "commune"
    assert units.successors("district", "829", OLD, NOW) == []


def test_chains_are_followed_through_changes_after_the_cut() -> None:
    with (DATA / "unit_changes.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["level"] == "commune"]
    again = {row["old_code"] for row in rows if row["on"] > CUT.isoformat()}
    chained = [row["old_code"] for row in rows if row["on"] == CUT.isoformat() and row["new_code"] in again]
    assert chained
    for code in chained:
        assert all(unit.valid_to is None for unit in units.successors("commune", code, OLD, NOW))
        assert any(unit.valid_from > CUT for unit in units.successors("commune", code, OLD, NOW))


def test_changes_are_those_of_the_next_day_of_change_only() -> None:
    assert [change.on for change in units.changes("province", "46", date(2024, 1, 1))] == [date(2025, 1, 1)]
    assert [change.on for change in units.changes("province", "46", date(2025, 1, 1))] == [CUT]
    assert units.changes("province", "46", CUT) == []


def test_from_a_new_code_back_to_an_old_one_there_is_no_rule() -> None:
    with pytest.raises(ValueError, match="2025-06-30 is before 2025-07-01"):
        units.successors("province", "51", CUT, OLD)


def test_former_names_point_to_units_of_the_old_map() -> None:
    with (DATA / "former_units.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 895
    assert all(units.unit(row["level"], code, OLD) for row in rows for code in row["now"].split("|") if code)


# --- the days of the map, and how long a code has meant one area ---


def test_the_map_changes_on_these_days_and_on_no_other() -> None:
    assert [str(day) for day in units.map_days()] == [
        "2025-01-01", "2025-07-01", "2026-04-30", "2026-09-01", "2026-09-20",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("level", "code", "on", "since"),
    [
        ("province", "44", OLD, None),  # Quảng Bình
        ("province", "44", NOW, CUT),  # Quảng Trị, larger
        ("province", "46", NOW, None),  # Huế, by another name and kind, is the same land all along
        ("province", "22", NOW, None),  # a city since 1 September 2026
        ("province", "24", NOW, CUT),  # Bắc Ninh took in Bắc Giang; that it became a city later changes nothing
        ("commune", "21548", NOW, CUT),  # the island district became a commune
        ("commune", "23053", NOW, CUT),  # what is left after a split
    ],
)
def test_a_code_means_one_area_until_something_is_added_or_taken_away(
    level: units.Level, code: str, on: date, since: date | None
) -> None:
    assert units.same_land_since(level, code, on) == since


def test_a_code_of_no_unit_has_no_area() -> None:
    with pytest.raises(UnknownUnit):
        units.same_land_since("province", "45", NOW)


def test_units_that_ended_between_two_days_are_all_those_of_the_first_that_the_second_does_not_have() -> None:
    assert len(units.ended("commune", OLD, NOW)) == 10_035
    assert codes(units.ended("province", CUT, date(2026, 9, 1))) == ["22", "75"]
    for unit in units.ended("commune", CUT, NOW):
        assert units.unit("commune", unit.code, CUT) == unit != units.unit("commune", unit.code, NOW)
    assert units.ended("commune", NOW, NOW) == []


# --- districts, codes carried over, and which facts lie in a unit ---


def test_a_commune_of_the_old_map_has_a_district_and_through_it_its_province() -> None:
    assert units.district_of("19441", OLD).full_name == "huyện Hướng Hóa"
    assert [units.province_of("19441", day).code for day in (OLD, CUT)] == ["45", "44"]
    assert units.district_of("19441", CUT) is None
    assert units.province_of("99999", OLD) is None


@pytest.mark.parametrize(
    ("level", "code", "known_on", "on", "now"),
    [
        ("province", "45", OLD, NOW, "44"), ("province", "44", OLD, NOW, "44"), ("province", "45", NOW, NOW, "44"),
        ("province", "45", OLD, OLD, "45"), ("commune", "23053", OLD, NOW, None), ("commune", "19441", OLD, NOW, "19441"),
        ("commune", "21016", OLD, NOW, "21028"), ("province", "99", OLD, NOW, None), ("district", "536", OLD, NOW, None),
    ],
)  # fmt: skip
def test_a_code_of_one_day_becomes_one_of_another_where_the_unit_stayed_whole(
    level: units.Level, code: str, known_on: date, on: date, now: str | None
) -> None:
    assert units.became(level, code, known_on, on) == now


def test_in_a_unit_of_today_lies_whatever_became_a_part_of_it_as_a_whole() -> None:
    found = {(code, since, until) for code, since, until in units.within("province", "44", NOW)}
    assert found == {("44", CUT, date.max), ("44", date.min, CUT), ("45", date.min, CUT)}
    assert units.within("province", "45", NOW) == ()
    assert {code for code, *_ in units.within("province", "22", NOW)} == {"22"}  # a city since, the same land all along
    assert [code for code, *_ in units.within("commune", "23053", NOW)] == [
        "23053",
        "23056",
    ]  # not the old 23053: split


def test_every_commune_of_the_old_map_that_was_not_split_lies_in_exactly_one_of_today() -> None:
    today = [commune for province in units.provinces(NOW) for commune in units.communes_of(province.code, NOW)]
    old = [code for one in today for code, since, _ in units.within("commune", one.code, NOW) if since == date.min]
    assert len(old) == len(set(old)) == 9_594


@pytest.mark.parametrize(
    ("code", "on", "stretch"),
    [
        ("44", OLD, ("44", date.min, CUT)), ("44", NOW, ("44", CUT, date.max)), ("46", NOW, ("46", date.min, date.max)),
        ("24", date(2025, 9, 1), ("24", CUT, date.max)),
    ],
)  # fmt: skip
def test_by_the_map_of_a_day_a_code_means_one_area_through_other_names_and_kinds(
    code: str, on: date, stretch: units.Stretch
) -> None:
    assert units.same_land("province", code, on) == (stretch,)
    assert units.same_land("province", "45", NOW) == ()


def test_what_changed_on_a_day() -> None:
    assert [change.old_code for change in units.changed_on(date(2026, 9, 1))] == ["22"]
    assert len(units.changed_on(date(2026, 9, 20))) == 13
    assert units.changed_on(date(2026, 9, 2)) == []


def test_codes_are_read_by_the_last_day_on_which_they_fit_together() -> None:
    assert units.day_of_codes("45", "19441", NOW) == OLD  # begun before the map changed, concluded after it
    assert units.day_of_codes("44", "19441", NOW) == NOW
    assert units.day_of_codes("45", "", NOW) == OLD
    assert units.day_of_codes("45", "19441", date(2023, 3, 1)) == date(2023, 3, 1)
    assert units.day_of_codes("45", "21548", NOW) == NOW  # never so: nothing is made up
