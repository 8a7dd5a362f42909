"""Role x action x place at the legal date: districts and old codes count in their time, and today's officers answer for them."""

from datetime import date

import pytest

from shared.auth.actors import Actor, Role
from shared.auth.permissions import Days, Place, may

TODAY = date(2026, 11, 27)
THEN, NOW = Days(date(2023, 3, 20), TODAY), Days(TODAY, TODAY)
COFFEE = Place(province="45", commune="19441", producer="x")  # Quảng Trị of 2023, huyện Hướng Hóa (465)
SEA = Place(province="44", commune="18991", producer="x")  # Quảng Bình of 2023
SPLIT = Place(province="60", commune="23053", producer="x")  # Bình Thuận of 2023; its commune was split in 2025
COUNCIL = Place(district="465")
TODAYS = Place(province="44", commune="19441", producer="x")


def accepts(place: str, thing: Place, days: Days | None) -> bool:
    return may(Actor("a", "agency", place), "registration:accept-idea", thing, days)


@pytest.mark.parametrize(
    ("place", "thing", "days", "allowed"),
    [
        ("45", COFFEE, THEN, True),  # an officer of that time
        ("44", COFFEE, THEN, True),  # of the province that it has become
        ("44", COFFEE, NOW, True),
        ("45", COFFEE, NOW, False),  # there is no such province any more
        ("45", TODAYS, NOW, False),
        ("44", SEA, THEN, True),
        ("45", SEA, THEN, False),
        ("42", COFFEE, THEN, False),
        ("465", COFFEE, THEN, True),  # the district of its commune
        ("466", COFFEE, THEN, False),
        ("465", COFFEE, NOW, False),  # districts ended on 30 June 2025
        ("465", TODAYS, NOW, False),
        ("68", SPLIT, THEN, True),  # a province stays whole where its communes do not
        ("45", COFFEE, None, True),  # without days, codes as they are
        ("465", COFFEE, None, False),
    ],
)
def test_an_agency_reaches_what_lay_in_its_place_on_the_legal_date_or_lies_in_it_today(
    place: str, thing: Place, days: Days | None, allowed: bool
) -> None:
    assert accepts(place, thing, days) is allowed


@pytest.mark.parametrize(
    ("commune", "thing", "days", "allowed"),
    [
        ("19441", COFFEE, THEN, True), ("19441", COFFEE, NOW, True), ("19429", COFFEE, THEN, False),
        ("23041", SPLIT, THEN, False), ("21028", Place(province="51", commune="21016"), NOW, True),
    ],
)  # fmt: skip
def test_a_commune_answers_for_what_has_become_a_part_of_it_as_a_whole(
    commune: str, thing: Place, days: Days, allowed: bool
) -> None:
    assert may(Actor("a", "commune", commune), "registration:screen-idea", thing, days) is allowed


@pytest.mark.parametrize(
    ("role", "place", "days", "allowed"),
    [
        ("district_chairman", "465", THEN, True), ("district_chairman", "465", NOW, False),
        ("district_chairman", "466", THEN, False), ("province_chairman", "45", THEN, False),
        ("province_chairman", "44", NOW, False), ("minister", "TW", THEN, True),
    ],
)  # fmt: skip
def test_what_a_districts_council_has_is_the_districts_alone(role: Role, place: str, days: Days, allowed: bool) -> None:
    assert may(Actor("a", role, place), "evaluation:form-council", COUNCIL, days) is allowed


@pytest.mark.parametrize(
    ("role", "place"),
    [("district_chairman", "45"), ("province_chairman", "465"), ("commune", "465"), ("ministry", "465")],
)
def test_a_role_has_places_of_its_own_level_only(role: Role, place: str) -> None:
    with pytest.raises(ValueError, match="no place of the role"):
        Actor("a", role, place)
