"""A province as a plan means it, on the map of a day: its districts and communes, and where facts of other maps lie."""

from datetime import date

import pytest

from shared import units
from shared.areas import area

THEN, NOW = date(2023, 6, 1), date(2026, 11, 1)


@pytest.mark.parametrize(
    ("code", "on", "map_on", "name", "districts"),
    [
        ("42", "2025-12-31", "2025-12-31", "tỉnh Hà Tĩnh", 0),  # its communes changed, its land did not
        ("45", "2025-12-31", "2025-06-30", "tỉnh Quảng Trị", 10),  # merged: the last map that has it
        ("44", "2023-06-01", "2023-06-01", "tỉnh Quảng Bình", 8),
        ("51", "2020-12-31", "2020-12-31", "tỉnh Quảng Ngãi", 13),
        ("51", "2026-01-01", "2025-06-30", "tỉnh Quảng Ngãi", 13),  # since then it covers Kon Tum as well
    ],
)
def test_the_land_that_a_code_meant_in_the_period_of_a_plan(
    code: str, on: str, map_on: str, name: str, districts: int
) -> None:
    found = area(code, date(2019, 1, 1), date.fromisoformat(on))
    assert (found.on, found.name, len(found.districts)) == (date.fromisoformat(map_on), name, districts)


def test_since_districts_ended_the_last_map_with_districts_is_asked() -> None:
    found = area("42", THEN, date(2025, 12, 31))
    assert found.with_districts.on == date(2025, 6, 30)
    assert found.with_districts.with_districts is found.with_districts


def test_a_fact_of_another_map_lies_where_its_land_was_or_is() -> None:
    old = area("42", THEN, THEN)
    assert old.where("42", "18073", NOW) == (True, "436", None)  # made of several communes of one district
    assert old.where("51", "21548", NOW) == (False, None, None)
    new = area("42", NOW, NOW)
    assert new.where("42", "18073", THEN) == (True, None, "18073")
    assert new.where("42", None, NOW) == (True, None, None)


def test_an_island_that_was_a_district_is_one() -> None:
    assert area("51", THEN, THEN).where("51", "21548", NOW) == (True, "536", None)


def test_what_was_made_of_two_provinces_lies_nowhere_certain() -> None:
    assert area("45", THEN, THEN).where("44", None, NOW).inside is None
    assert area("44", NOW, NOW).where("45", None, THEN).inside is True


def test_from_new_to_old_there_are_the_units_that_a_unit_was_made_from() -> None:
    sources = units.predecessors("commune", "18073", NOW, THEN)
    assert {unit.parent for unit in sources} == {"436"}
    assert units.predecessors("commune", "18073", THEN, THEN) == [units.commune("18073", THEN)]
    assert units.predecessors("commune", "99999", NOW, THEN) == []
    with pytest.raises(ValueError, match="back in time"):
        units.predecessors("commune", "18073", THEN, NOW)


@pytest.mark.parametrize("code", ["12", "42", "45", "51"])
def test_back_and_forth_every_commune_finds_itself(code: str) -> None:
    """Whatever unit of today a commune became part of was made, among others, of it."""
    then = area(code, THEN, THEN)
    for commune in then.communes:
        for after in units.successors("commune", commune, THEN, NOW):
            assert commune in {unit.code for unit in units.predecessors("commune", after.code, NOW, THEN)}
