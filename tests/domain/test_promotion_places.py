"""Sales points keep the rules of their province; fairs show listed products; partners join by kind."""

from datetime import date

import pytest

from services.promotion.commands import WrongPlace, check_commune
from services.promotion.domain.fair import EndsBeforeItBegins, Fair
from services.promotion.domain.listing import Listing, Shown
from services.promotion.domain.partner import Partner
from services.promotion.domain.refusals import DateGoesBack, NotListed
from services.promotion.domain.sales_point import (
    Point,
    Rules,
    SalesPoint,
    SalesPointClosed,
    TooFewProducts,
    TooSmall,
    check_rules,
)
from services.promotion.published import PUBLISHED
from shared.auth.permissions import Place
from shared.contracts.promotion import FairHeld, PartnerJoined, SalesPointOpened
from shared.contracts.promotion import SalesPointClosed as SaidClosed
from tests.given import about, an_id, given, on

POINT = Point(name="Điểm OCOP Cẩm Thành", province="51", commune="21025", area_m2=32)
RULES = Rules(min_products=3, min_area_m2=20)


def listed(name: str) -> Listing:
    facts = about(name, code="51-21548-1-2026")
    listing = Listing.open(facts, "qd-26-2026", on("2026-09-25"))
    certificate = Shown(certificate=f"GCN of {name}", stars=3, expires_on=date(2029, 9, 25), simulated=True)
    listing.show(certificate, facts, "qd-26-2026", on("2026-09-25"))
    return listing


def revoked(name: str) -> Listing:
    listing = listed(name)
    listing.delist(f"GCN of {name}", "revoked", on("2026-10-01"))
    return listing


THREE = [listed("Quế"), listed("Nhang"), listed("Gốm")]


def opened() -> SalesPoint:
    return SalesPoint.open(an_id("point"), POINT, RULES, THREE, on("2026-10-20"))


# --- sales point ---


def test_a_sales_point_that_keeps_its_rules_is_opened_and_said_with_its_products():
    said = PUBLISHED(opened().pending_events[0])
    assert isinstance(said, SalesPointOpened)
    assert (said.sales_point_id, said.name, said.province, said.commune, said.area_m2) == (
        an_id("point"), POINT.name, "51", "21025", 32,
    )  # fmt: skip
    assert said.products == [listing.about.product.id for listing in THREE]
    assert opened().place == Place(province="51", commune="21025")


def test_a_sales_point_with_too_few_listed_products_is_refused_by_that_rule():
    with pytest.raises(TooFewProducts) as refused:
        check_rules(RULES, POINT, [*THREE[:2], revoked("Bún")], date(2026, 10, 5))
    assert (refused.value.rule, refused.value.field) == ("sales-point-min_products", "products")
    assert refused.value.have == {"need": 3, "have": 2, "on": date(2026, 10, 5)}
    assert "3" in refused.value.message_vi


def test_a_sales_point_that_is_too_small_is_refused_by_that_rule():
    with pytest.raises(TooSmall) as refused:
        check_rules(RULES, POINT.model_copy(update={"area_m2": 19.5}), THREE, date(2026, 10, 5))
    assert (refused.value.rule, refused.value.field) == ("sales-point-min_area_m2", "area_m2")


def test_every_product_of_a_sales_point_is_listed_on_its_day():
    with pytest.raises(NotListed) as refused:
        check_rules(RULES, POINT, [*THREE, revoked("Bún")], date(2026, 10, 5))
    assert refused.value.field == "products"
    check_rules(RULES, POINT, [*THREE, revoked("Bún")], date(2026, 9, 30))


def test_the_rules_are_data_and_the_next_province_asks_for_less():
    check_rules(
        Rules(min_products=1, min_area_m2=15), POINT.model_copy(update={"area_m2": 15}), THREE[:1], date(2026, 10, 5)
    )
    check_rules(Rules(), POINT, [], date(2026, 10, 5))


def test_a_sales_point_is_closed_once_with_its_reason():
    case = given(opened()).when(lambda p: p.close("Hết hạn thuê mặt bằng", on("2027-02-26")))
    said = PUBLISHED(case.then(SalesPoint.Closed))
    assert isinstance(said, SaidClosed)
    assert (said.sales_point_id, said.name, said.reason, said.legal_date) == (
        an_id("point"), POINT.name, "Hết hạn thuê mặt bằng", date(2027, 2, 26),
    )  # fmt: skip
    refusal = case.refuses(SalesPointClosed, lambda p: p.close("Lại", on("2027-02-27")))
    assert refusal.rule == "sales-point-already-closed"
    given(opened()).refuses(DateGoesBack, lambda p: p.close("Sớm", on("2026-10-19")))


@pytest.mark.parametrize(("commune", "province"), [("18073", "51"), ("99999", "51"), ("21025", "42")])
def test_a_commune_outside_the_province_is_refused(commune: str, province: str):
    with pytest.raises(WrongPlace) as refused:
        check_commune(commune, province, date(2026, 10, 5))
    assert (refused.value.rule, refused.value.article) == ("commune-not-in-province", "19/2025/QĐ-TTg")
    check_commune("21025", "51", date(2026, 10, 5))


# --- fair ---


def held(until: str = "2027-01-26", products: list[Listing] = THREE) -> Fair:
    return Fair.hold(
        an_id("fair"), name="Hội chợ OCOP Xuân 2027", province="51", commune="21025",
        until=date.fromisoformat(until), listings=products, when=on("2027-01-22"),
    )  # fmt: skip


def test_a_fair_is_said_with_its_days_and_participants():
    said = PUBLISHED(held().pending_events[0])
    assert isinstance(said, FairHeld)
    assert (said.fair_id, said.legal_date, said.until) == (an_id("fair"), date(2027, 1, 22), date(2027, 1, 26))
    assert said.products == [listing.about.product.id for listing in THREE]
    assert given(held()).aggregate.place == Place(province="51", commune="21025")
    held(until="2027-01-22")


def test_a_fair_does_not_end_before_it_begins():
    with pytest.raises(EndsBeforeItBegins) as refused:
        held(until="2027-01-21")
    assert (refused.value.rule, refused.value.field) == ("fair-ends-before-it-begins", "until")
    assert refused.value.message_vi != refused.value.message_en


def test_a_fair_shows_listed_products():
    with pytest.raises(NotListed):
        held(products=[*THREE, revoked("Bún")])


# --- partner ---


def test_a_partner_is_said_with_its_kind():
    joined = Partner.join(an_id("partner"), name="Chuỗi Làng Mình", kind="retail", province="51", when=on("2026-10-02"))
    said = PUBLISHED(joined.pending_events[0])
    assert isinstance(said, PartnerJoined)
    assert (said.partner_id, said.name, said.kind, said.province) == (
        an_id("partner"), "Chuỗi Làng Mình", "retail", "51",
    )  # fmt: skip
    assert given(joined).aggregate.place == Place(province="51")
