"""Units by name, for reading old papers: all that bore it, with their days; nothing is chosen."""

from datetime import date

import pytest

from shared import placenames
from shared.placenames import fold, kind_apart, named, shown

TODAY, THEN = date(2026, 11, 27), date(2023, 5, 1)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hoà Thắng", "hòa thắng"),
        ("Phú Thuỷ", "Phú Thủy"),
        ("Ea H'Leo", "Ea HLeo"),
        ("Phường 08", "phường 8"),
        ("Y Tý", "Ý Ty"),
    ],
)
def test_two_spellings_are_one_name_where_only_marks_and_signs_move(one: str, other: str) -> None:
    assert (fold(one) == fold(other)) is (one != "Y Tý")


def test_letters_that_differ_stay_different() -> None:
    assert len({fold(name) for name in ("Đắk", "Đăk", "Đak")}) == 3


def test_the_kind_is_taken_off_and_counts_first() -> None:
    assert kind_apart("  thị  xã Kỳ Anh") == ("thị xã", "Kỳ Anh")
    assert kind_apart("Kỳ Anh") == (None, "Kỳ Anh")
    assert [one.code for one in named("thị xã Kỳ Anh", on=THEN, level="district")] == ["449", "447"]
    assert [one.code for one in named("Kỳ Anh", on=THEN, level="district")] == ["447", "449"]


def test_a_name_is_looked_for_on_a_day_and_within_a_place() -> None:
    assert [one.code for one in named("Tân Phong", on=THEN, within="105")] == ["03387"]
    assert {one.code for one in named("Tân Phong", on=THEN, within="12")} == {"03387"}
    assert len(named("Tân Phong", on=THEN)) > 3
    assert named("Tân Phong", on=TODAY, within="105") == []
    assert named("Không Có Nơi Này") == []


def test_a_split_commune_is_shown_with_every_candidate() -> None:
    [one] = named("Hòa Thắng", on=THEN, within="60")
    assert [unit["code"] for unit in shown(one, TODAY)["today"]] == ["23041", "23053"]


def test_a_name_that_ended_before_2025_is_offered_with_what_it_went_to() -> None:
    [one] = named("xã Sơn Bình", on=THEN, within="42")
    told = shown(one, TODAY)
    assert (told["by"], told["code"], told["last_listed"]) == ("former", "18193", date(2024, 11, 1))
    assert told["went_to"]
    assert [unit["name"] for unit in told["today"]] == ["xã Tứ Mỹ"]
    assert named("Sơn Bình", on=TODAY, within="42") == []
    unknown = [one for one in placenames._by_name().values() for one in one if one.by == "former" and not one.now]
    assert len(unknown) == 233
    assert all(shown(one, TODAY)["today"] == [] for one in unknown)


def test_every_name_of_the_tables_finds_its_unit() -> None:
    for one in placenames._listed():
        assert any(found.code == one.code for found in named(one.name, level=one.level)), one
