"""Each metric of the plans' vocabulary is counted as its definition says: facts in, a number out."""

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest

from services.programme.views.counting import COUNTED, officers_trained, whole_months
from services.programme.views.known import KnownFacts, Span
from shared import plans
from shared.areas import area
from tests.given import an_id

PERIOD = Span(date(2023, 1, 1), date(2023, 12, 31), area("42", date(2023, 1, 1), date(2023, 12, 31)))
HERE = {"province": "42", "commune": "18073", "map_on": date(2023, 6, 1)}  # in the city of Hà Tĩnh (district 436)
THERE = HERE | {"commune": "18133"}  # in Hương Sơn (439)


def certificate(product: str, decided: str, stars: int = 3, **more: Any) -> dict[str, Any]:
    day = date.fromisoformat(decided)
    return HERE | {
        "number": f"{product} {decided}", "product_id": an_id(product), "producer_id": an_id(f"of {product}"),
        "producer_kind": "cooperative", "stars": stars, "decided_on": day, "issued_on": day, "day": day,
        "valid_to": day + timedelta(days=1000), "ended_on": None, "ended_by": None,
    } | more  # fmt: skip


def fact(what: str, day: str, **more: Any) -> dict[str, Any]:
    return HERE | {
        "what": what, "id": str(an_id(f"{what} {day} {more}")), "day": date.fromisoformat(day), "left_on": None, "stars": None,
        "producer_kind": "cooperative", "product_id": an_id("a"), "producer_id": an_id("of a"),
    } | more  # fmt: skip


def known(lists: dict[str, list[dict[str, Any]]] | None = None, **facts: list[dict[str, Any]]) -> KnownFacts:
    found = KnownFacts()
    found.facts.update(facts)
    found.lists.update(lists or {})
    return found


def count(metric: str, found: KnownFacts, span: Span = PERIOD) -> Any:
    return COUNTED[metric].count(found, span)


def test_every_metric_that_events_tell_is_counted_and_none_besides() -> None:
    told = {name for name, metric in plans.metrics().items() if metric.computed != "hand"}
    assert COUNTED.keys() == told
    assert len([m for m in plans.metrics().values() if m.computed == "events"]) == 21
    assert len([m for m in plans.metrics().values() if m.computed == "partly"]) == 11
    for name, counted in COUNTED.items():
        partly = plans.metrics()[name].computed == "partly"
        assert partly == bool(counted.lists) or name == "news_items", name


# --- certificates ---

YEAR = [
    certificate("old", "2022-05-01", 3, valid_to=date(2023, 6, 30), ended_on=date(2023, 7, 1), ended_by="replaced"),
    certificate("old", "2023-07-01", 4),
    certificate("new", "2023-03-01", 5, producer_kind="enterprise"),
    certificate("wrong", "2023-04-01", 3, valid_to=date(2023, 8, 31), ended_on=date(2023, 9, 1), ended_by="withdrawn"),
    certificate("lapsed", "2020-01-01", 4, valid_to=date(2022, 12, 31)),
    certificate("later", "2024-01-01", 3),
    certificate("elsewhere", "2023-05-01", 3, province="51", commune="21548"),
]


@pytest.mark.parametrize(
    ("metric", "number"),
    [
        ("products_recognised_min_star_3", 2),
        ("products_newly_recognised_min_star_3", 1),
        ("products_newly_recognised_star_3_or_4", 0),
        ("products_certified_star_4", 1),
        ("share_products_star_4", 50),
        ("share_products_star_5", 50),
        ("cooperatives_with_recognised_product", 1),
        ("share_producers_cooperatives", 50),
        ("share_producers_small_medium_enterprises", 50),
    ],
)
def test_certificates_of_a_year(metric: str, number: int) -> None:
    assert count(metric, known(certificates=YEAR)) == number


def test_what_was_withdrawn_as_wrong_counts_until_then() -> None:
    before = Span(PERIOD.first, date(2023, 8, 31), PERIOD.area)
    assert count("products_newly_recognised_min_star_3", known(certificates=YEAR), before) == 2


def test_a_share_of_nothing_is_no_number() -> None:
    for metric in ("share_products_star_4", "share_producers_cooperatives", "products_on_ecommerce_share"):
        assert count(metric, known()) is None


# --- lists ---


def entry(**more: Any) -> dict[str, Any]:
    return {"key": "x", "producers": [], "producer_id": None, "product_id": None, "day": None, "count": None, "level": None,
            "revenue_year_1": None, "revenue_year_3": None} | more  # fmt: skip


def test_craft_villages_and_their_products() -> None:
    villages = {"craft_villages": [entry(key="teng", producers=[str(an_id("of new"))]), entry(key="x")]}
    found = known(villages, certificates=YEAR)
    assert count("craft_village_products_newly_recognised_min_star_3", found) == 1
    assert count("share_craft_villages_with_product", found) == 50


def test_the_lowest_star_of_the_flagships_is_what_counts() -> None:
    flagships = {"flagship_products": [entry(product_id=str(an_id(name))) for name in ("old", "new")]}
    assert count("flagship_products_star_aim", known(flagships, certificates=YEAR)) == 4
    flagships["flagship_products"].append(entry(product_id=str(an_id("lapsed"))))
    assert count("flagship_products_star_aim", known(flagships, certificates=YEAR)) == 0


def test_founded_in_the_period_and_registered() -> None:
    lists = {"founded": [entry(producer_id=str(an_id("a")), day="2023-05-01"),
                         entry(producer_id=str(an_id("b")), day="2022-12-31"),
                         entry(producer_id=str(an_id("nobody")), day="2023-05-01")]}  # fmt: skip
    producers = [fact("producers", "2023-06-01", producer_id=an_id(name)) for name in ("a", "b")]
    assert count("cooperatives_created", known(lists, producers=producers)) == 1
    assert count("enterprises_created", known(lists, producers=producers)) == 0


def test_who_was_advised_and_who_sells_by_modern_channels() -> None:
    ideas = [fact("ideas", "2023-02-01", producer_id=an_id(name)) for name in ("of new", "of old")]
    lists = {"advised_producers": [entry(producer_id=str(an_id("of new")))],
             "modern_channels": [entry(producer_id=str(an_id("of new")))]}  # fmt: skip
    found = known(lists, ideas=ideas, certificates=YEAR, shelves=[], shelves_closed=[])
    assert count("producers_advised_share", found) == 50
    assert count("producers_in_modern_channels_share", found) == 50
    shelf = fact("shelves", "2023-03-05", product_id=an_id("old"), producer_id=an_id("of old"))
    found = known(lists, certificates=YEAR, shelves=[shelf], shelves_closed=[])
    assert count("producers_in_modern_channels_share", found) == 100
    assert count("products_on_ecommerce_share", found) == 50
    closed = known(lists, certificates=YEAR, shelves=[shelf], shelves_closed=[shelf | {"day": date(2023, 12, 1)}])
    assert count("products_on_ecommerce_share", closed) == 0


def test_what_linked_products_promise() -> None:
    lists = {"linked_products": [entry(product_id="p", revenue_year_1=600.0), entry(product_id="q")]}
    assert count("priority_product_revenue_year_1", known(lists)) == {"p": 600.0}
    assert count("priority_product_revenue_year_3", known(lists)) == {}


# --- councils, dossiers, trainings ---


def test_what_the_council_of_the_province_scored() -> None:
    rows = [fact("scored_in_province", "2023-05-01", product_id=an_id(name), stars=stars)
            for name, stars in (("a", 5), ("b", 3), ("c", 2), ("a", 5))]  # fmt: skip
    assert count("products_potential_star_5", known(scored_in_province=rows)) == 1
    assert count("products_scored_min_star_3", known(scored_in_province=rows)) == 2


def test_by_district_of_the_day() -> None:
    rows = [fact("dossiers", "2023-05-01"), fact("dossiers", "2023-06-01"),
            fact("dossiers", "2023-05-01", product_id=an_id("b"), commune="18133"),
            fact("dossiers", "2022-05-01", product_id=an_id("c"))]  # fmt: skip
    assert count("products_per_district_participating", known(dossiers=rows)) == {"436": 1, "439": 1}
    parts = known(dossiers=rows, ideas=[fact("ideas", "2023-05-01", producer_kind="household")])
    assert count("organisations_per_district_participating", parts) == {"436": 1, "439": 1}
    scored = [row | {"stars": 3} for row in rows]
    assert count("products_per_district_scored_min_star_3", known(scored=scored)) == {"436": 1, "439": 1}


def training(day: str, **more: Any) -> dict[str, Any]:
    facts = {"kind": "class", "leaders": 0, "attended": [], "officers_province": 0, "officers_district": 0,
             "officers_commune": 0, "own": True, "commune": None, "province": "42", "map_on": date(2023, 1, 1)}  # fmt: skip
    return facts | {"day": date.fromisoformat(day)} | more


def test_trainings_and_whom_they_reached() -> None:
    ideas = [fact("ideas", "2023-02-01", producer_id=an_id(name)) for name in ("a", "b", "c")]
    held = [training("2023-03-01", attended=[an_id("a"), an_id("z")], leaders=2, officers_district=10),
            training("2023-04-01", kind="study_tour", attended=[an_id("a")], officers_province=5),
            training("2022-04-01", attended=[an_id("b")])]  # fmt: skip
    lists = {"officers_in_charge": [entry(count=20, level="district"), entry(count=5, level="province")]}
    found = known(lists, ideas=ideas, trainings=held)
    assert count("training_classes_held", found) == 1
    assert count("producers_trained_share", found) == Fraction(100, 3)
    assert count("producer_leaders_trained_share", found) == Fraction(200, 3)
    assert count("officials_trained_share", found) == 60
    assert officers_trained(["district"])(found, PERIOD) == 50


def test_the_month_with_the_fewest_reviews_is_what_a_district_has() -> None:
    quarter = Span(date(2023, 1, 15), date(2023, 4, 10), PERIOD.area)
    assert list(whole_months(quarter.first, quarter.last)) == [(2023, 2), (2023, 3)]
    rows = [{"unit": unit, "day": date.fromisoformat(day)} for unit, day in
            (("436", "2023-02-03"), ("436", "2023-03-03"), ("436", "2023-03-20"), ("439", "2023-02-03"),
             (None, "2023-02-03"))]  # fmt: skip
    assert count("progress_reviews_per_month", known(reviews=rows), quarter) == {"436": 1, "439": 0}
    assert (
        count(
            "progress_reviews_per_month", known(reviews=rows), Span(date(2023, 1, 15), date(2023, 1, 31), PERIOD.area)
        )
        is None
    )


# --- promotion ---


def test_points_that_stand_fairs_and_stories() -> None:
    points = [fact("sales_points", "2022-05-01"), fact("sales_points", "2023-05-01", left_on=date(2023, 6, 1)),
              fact("sales_points", "2023-05-02", commune="18133")]  # fmt: skip
    assert count("sales_points_per_district", known(sales_points=points)) == {"436": 1, "439": 1}
    assert (
        count("exhibitions_in_province", known(fairs=[fact("fairs", "2023-05-01"), fact("fairs", "2022-05-01")])) == 1
    )
    assert count("news_items", known(stories=[fact("stories", "2023-05-01")])) == 1


# --- maps ---


def test_a_fact_told_by_a_later_map_lies_where_its_commune_was_made_from() -> None:
    """Commune 18073 of today was made of communes of one district; its province has its code still."""
    later = Span(PERIOD.first, date(2025, 6, 30), PERIOD.area)
    told = fact("sales_points", "2025-06-01", commune="18073", map_on=date(2026, 10, 22))
    assert count("sales_points_per_district", known(sales_points=[told]), later) == {"436": 1}


def test_what_cannot_be_placed_is_not_counted_and_is_told_apart() -> None:
    """Of a certificate only the province of the day is known, which had taken in another one."""
    old = Span(date(2019, 1, 1), date(2026, 12, 31), area("51", date(2019, 1, 1), date(2020, 12, 31)))
    one = certificate("x", "2026-08-01", province="51", commune=None, map_on=date(2026, 8, 1))
    found = known(certificates=[one])
    assert count("products_recognised_min_star_3", found, old) == 0
    assert found.uncertain(["certificates"], old, districts=False) == 1
