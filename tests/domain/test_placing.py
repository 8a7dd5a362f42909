"""Where a product or producer is after the map changed: by rule, or as a person decides among the candidates of a split."""

import pytest

from services.registration.commands.placing import became_of
from services.registration.domain.held import Held
from services.registration.domain.placing import (
    Became,
    NotACandidate,
    NothingToChoose,
    PlaceToChoose,
    Site,
    chosen,
)
from services.registration.domain.producer import Producer
from services.registration.domain.product import HasASet, Product
from services.registration.published import PUBLISHED
from shared.contracts import registration as said
from shared.regulation.rulesets import load
from shared.values import About, Decision
from tests.given import about, given, on

SPLIT = Site(province="60", commune="23053", known_on=on("2024-05-06").on)
WHOLE = Site(province="45", commune="19441", known_on=on("2023-02-09").on)
MERGED = Site(province="51", commune="21016", known_on=on("2023-02-09").on)
RULES = load("qd-26-2026")


def moved(site: Site, day: str = "2026-10-05") -> Became:
    return became_of(site, on(day).on)


def old_product() -> Product:
    garlic = about(set="")
    facts = About(product=garlic.product, producer=garlic.producer, province="60", commune="23053")
    held = Held(number="X", stars=3, issued_on=on("2024-05-06").on, expires_on=on("2027-05-06").on)
    decision = Decision(number="1", date=on("2024-05-06").on, authority="x")
    return Product.record(
        about=facts, ruleset="qd-148-2023", certificate=held, decision=decision, simulated=True, when=on("2024-05-06")
    )


def test_a_commune_that_stayed_whole_has_a_rule() -> None:
    assert moved(WHOLE).by_rule() == ("44", "19441")  # the same commune, under a province of another code
    assert moved(MERGED).by_rule() == ("51", "21028")
    assert moved(WHOLE, "2025-06-30").by_rule() is None


def test_a_split_one_has_candidates_and_waits_for_a_person() -> None:
    became = moved(SPLIT)
    assert became.candidates == (("68", "23041"), ("68", "23053"))
    with pytest.raises(PlaceToChoose) as refused:
        became.by_rule()
    assert "23041, 23053" in refused.value.message_vi
    assert moved(SPLIT, "2025-06-30").by_rule() is None  # nothing has moved yet


def test_only_a_candidate_is_chosen_and_only_where_there_is_a_choice() -> None:
    assert chosen("23041", (moved(SPLIT), None)) == (moved(SPLIT), ("68", "23041"))
    with pytest.raises(NotACandidate):
        chosen("21548", (moved(SPLIT), None))
    with pytest.raises(NothingToChoose):
        chosen("19441", (moved(WHOLE), None))


def test_a_persons_choice_is_an_event_that_is_said_and_may_be_put_right() -> None:
    case = given(old_product()).when(
        lambda p: p.move_to(("68", "23041"), moved(SPLIT), chosen=True, reason="Thôn Hồng Chính", when=on("2026-10-05"))
    )
    event = case.then(Product.Placed)
    assert (event.about.province, event.about.commune, event.reason) == ("68", "23041", "Thôn Hồng Chính")
    told = PUBLISHED(event)
    assert isinstance(told, said.ProductPlaced)
    assert (told.was_province, told.was_commune, told.candidates, told.chosen) == (
        "60",
        "23053",
        ["23041", "23053"],
        True,
    )
    product = case.aggregate
    assert product.site == Site(province="68", commune="23041", known_on=on("2026-10-05").on)
    assert became_of(product.site, on("2026-11-01").on).by_rule() is None
    again = chosen("23053", (became_of(product.site, on("2026-11-01").on), product.became))
    assert again[1] == ("68", "23053")


def test_a_producers_place_moves_the_same_way() -> None:
    producer = Producer.record(about().producer, province="60", commune="23053", when=on("2024-05-06"))
    case = given(producer).when(
        lambda p: p.move_to(("68", "23053"), moved(SPLIT), chosen=True, reason="x", when=on("2026-10-05"))
    )
    told = PUBLISHED(case.then(Producer.Placed))
    assert isinstance(told, said.ProducerPlaced)
    assert (told.commune, told.was_commune) == ("23053", "23053")  # the same code, a smaller area
    assert case.aggregate.place.province == "68"


def test_a_product_of_older_rules_gets_its_set_once() -> None:
    case = given(old_product()).when(lambda p: p.classify("10", RULES, on("2026-10-05")))
    assert case.then(Product.Classified).about.product.set == "10"
    case.when(lambda p: p.classify("10", RULES, on("2026-10-06"))).said.clear()
    case.refuses(HasASet, lambda p: p.classify("11", RULES, on("2026-10-06")))
