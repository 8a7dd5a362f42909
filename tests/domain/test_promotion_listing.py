"""A product is in the catalogue as long as it has a certificate in force, and on no other day."""

from datetime import date

import pytest

from services.promotion.commands import DelistProduct, ListProduct, ProlongListing
from services.promotion.domain.listing import Listing, NotShown, Shown
from services.promotion.domain.refusals import NotListed
from services.promotion.policy import (
    on_certificate_expired,
    on_certificate_extended,
    on_certificate_issued,
    on_certificate_replaced,
    on_certificate_revoked,
)
from services.promotion.published import PUBLISHED
from shared.contracts.certification import (
    CertificateExpired,
    CertificateExtended,
    CertificateIssued,
    CertificateReplaced,
    CertificateRevoked,
)
from shared.contracts.envelope import Contract, Envelope
from shared.contracts.promotion import ProductDelisted, ProductListed
from shared.values import Decision
from tests.given import about, an_id, given, on

SAUCE = about("Nước mắm Cửa Tùng", set="09", code="51-21548-7-2026")
LAW = "qd-26-2026"
OLD = Shown(certificate="GCN-51-2023-00001", stars=3, expires_on=date(2026, 11, 14), simulated=True)
NEW = Shown(certificate="GCN-51-2026-00001", stars=3, expires_on=date(2029, 11, 20), simulated=True)
DECISION = Decision(number="1/QĐ-UBND", date=date(2023, 11, 14), authority="Chủ tịch UBND tỉnh")
CARRIED = {
    "product": SAUCE.product, "producer": SAUCE.producer, "province": "51", "commune": "21548", "ruleset": LAW,
}  # fmt: skip
ISSUED = {
    **CARRIED, "certificate_id": an_id("certificate"), "stars": 3, "decision": DECISION, "assessment_id": None,
    "simulated": True,
}  # fmt: skip


def listing() -> Listing:
    taken_in = Listing.open(SAUCE, LAW, on("2026-05-25"))
    taken_in.show(OLD, SAUCE, LAW, on("2026-05-25"))
    return taken_in


def delisted() -> Listing:
    gone = listing()
    gone.delist(OLD.certificate, "expired", on("2026-11-15"))
    return gone


def heard(fact: Contract, day: str) -> Envelope:
    return Envelope(
        id="certification:3", type=fact.type_name(), source="/ocop/certification", subject="s", key="k", data={},
        time=on(day).at, dataschema="d",
    )  # fmt: skip


# --- out of the catalogue, and back ---


def test_a_product_whose_certificate_ended_leaves_the_catalogue_and_it_is_said_why():
    case = given(listing()).when(lambda p: p.delist(OLD.certificate, "expired", on("2026-11-15")))
    said = PUBLISHED(case.then(Listing.Delisted))
    assert isinstance(said, ProductDelisted)
    assert (said.certificate, said.reason, said.legal_date) == (OLD.certificate, "expired", date(2026, 11, 15))
    assert said.product == SAUCE.product
    assert case.aggregate.shown is None


def test_a_product_that_is_shown_under_a_later_certificate_does_not_leave_with_the_earlier_one():
    shown_anew = listing()
    shown_anew.show(NEW, SAUCE, LAW, on("2026-11-01"))
    case = given(shown_anew)
    refusal = case.refuses(NotShown, lambda p: p.delist(OLD.certificate, "expired", on("2026-11-15")))
    assert refusal.rule == "certificate-not-shown"
    assert case.aggregate.shows(NEW.certificate)


def test_a_product_that_is_not_shown_cannot_leave_again():
    given(delisted()).refuses(NotShown, lambda p: p.delist(OLD.certificate, "revoked", on("2026-11-16")))


def test_a_product_comes_back_with_its_next_certificate():
    case = given(delisted()).when(lambda p: p.show(NEW, SAUCE, LAW, on("2026-11-20")))
    said = PUBLISHED(case.then(Listing.Listed))
    assert isinstance(said, ProductListed)
    assert (said.certificate, said.legal_date) == (NEW.certificate, date(2026, 11, 20))


@pytest.mark.parametrize(
    ("day", "listed"),
    [
        ("2026-05-24", False),
        ("2026-05-25", True),
        ("2026-11-14", True),
        ("2026-11-15", False),
        ("2026-11-19", False),
        ("2026-11-20", True),
        ("2029-12-31", True),
    ],
)
def test_the_catalogue_of_any_day_is_known(day: str, listed: bool):
    back = delisted()
    back.show(NEW, SAUCE, LAW, on("2026-11-20"))
    product = given(back).aggregate
    assert product.listed_on(date.fromisoformat(day)) is listed
    if not listed:
        with pytest.raises(NotListed):
            product.require_listed(date.fromisoformat(day), "product_id")


def test_a_replaced_certificate_leaves_no_gap():
    replaced = listing()
    replaced.show(NEW, SAUCE, LAW, on("2026-11-01"))
    product = given(replaced).aggregate
    assert [product.listed_on(date(2026, month, 1)) for month in (6, 10, 11, 12)] == [True] * 4


def test_a_product_stays_while_the_extension_of_its_certificate_lasts():
    case = given(listing()).when(lambda p: p.prolong(OLD.certificate, date(2027, 5, 13), on("2026-11-15")))
    event = case.then(Listing.Prolonged)
    assert PUBLISHED(event) is None
    assert (event.until, case.aggregate.listed_on(date(2027, 1, 1))) == (date(2027, 5, 13), True)
    given(delisted()).refuses(NotShown, lambda p: p.prolong(OLD.certificate, date(2027, 5, 13), on("2026-11-15")))


# --- what certification says ---


@pytest.mark.parametrize(
    ("taken_in", "listed_on"),
    [("2026-05-25", date(2026, 5, 25)), ("2026-11-14", date(2026, 11, 14)), ("2026-11-15", None)],
)
def test_an_earlier_recognition_is_listed_on_the_day_it_is_taken_in_if_it_is_valid_then(
    taken_in: str, listed_on: date | None
):
    fact = CertificateIssued(
        **ISSUED, kind="recorded", number=OLD.certificate, legal_date=date(2023, 11, 14), issued_on=date(2023, 11, 14),
        expires_on=OLD.expires_on,
    )  # fmt: skip
    command = on_certificate_issued(fact, heard(fact, taken_in))
    assert (command and command.on) == listed_on
    if command:
        assert (command.about, command.shown) == (SAUCE, OLD)


def test_a_replacement_is_shown_from_its_day():
    fact = CertificateReplaced(
        **ISSUED, kind="renewal", number=NEW.certificate, legal_date=date(2026, 11, 20), issued_on=date(2026, 11, 20),
        expires_on=NEW.expires_on, replaces_number=OLD.certificate, replaces_certificate_id=an_id("old"),
    )  # fmt: skip
    command = on_certificate_replaced(fact, heard(fact, "2026-11-21"))
    assert isinstance(command, ListProduct)
    assert (command.shown, command.on) == (NEW, date(2026, 11, 20))


def test_what_ends_or_prolongs_a_certificate_is_done_on_its_legal_day():
    ended = {**CARRIED, "number": OLD.certificate, "certificate_id": an_id("old"), "stars": 3}
    expired = CertificateExpired(**ended, legal_date=date(2026, 11, 15), expired_on=date(2026, 11, 15))
    revoked = CertificateRevoked(
        **ended, legal_date=date(2026, 9, 1), ground="b", concluded_on=date(2026, 8, 25), decision=DECISION,
        effective_on=date(2026, 9, 1),
    )  # fmt: skip
    extended = CertificateExtended(
        **ended, legal_date=date(2026, 11, 15), expires_on=date(2026, 11, 14), until_at_most=date(2027, 5, 13)
    )
    id, number = SAUCE.product.id, OLD.certificate
    assert on_certificate_expired(expired, heard(expired, "2026-11-15")) == DelistProduct(
        product_id=id, certificate=number, reason="expired", on=date(2026, 11, 15)
    )
    assert on_certificate_revoked(revoked, heard(revoked, "2026-09-01")) == DelistProduct(
        product_id=id, certificate=number, reason="revoked", on=date(2026, 9, 1)
    )
    assert on_certificate_extended(extended, heard(extended, "2026-11-15")) == ProlongListing(
        product_id=id, certificate=number, until=date(2027, 5, 13), on=date(2026, 11, 15)
    )
