"""What promotion does on hearing certification: a product is in the catalogue as long as it has a certificate in force."""

from datetime import date

from services.promotion.commands import DelistProduct, ListProduct, ProlongListing
from shared.bus.reactions import Policy
from shared.calendar import local_date
from shared.contracts.certification import (
    CertificateExpired,
    CertificateExtended,
    CertificateIssued,
    CertificateReplaced,
    CertificateRevoked,
)
from shared.contracts.envelope import Envelope

POLICY = Policy("promotion")
LATER = ("date-in-future",)  # two processes around midnight: the day comes by itself


@POLICY.on(CertificateIssued, retry=LATER)
def on_certificate_issued(fact: CertificateIssued, envelope: Envelope) -> ListProduct | None:
    """A recognition of earlier days is listed from the day on which it is taken in, if it is valid then."""
    if fact.kind != "recorded":
        return listing_of(fact, fact.legal_date)
    taken_in = local_date(envelope.time)
    return listing_of(fact, taken_in) if taken_in <= fact.expires_on else None


@POLICY.on(CertificateReplaced, retry=LATER)
def on_certificate_replaced(fact: CertificateReplaced, envelope: Envelope) -> ListProduct | None:
    return on_certificate_issued(fact, envelope)


def listing_of(fact: CertificateIssued, on: date) -> ListProduct:
    return ListProduct.model_validate({
        "about": fact.about,
        "ruleset": fact.ruleset,
        "shown": {
            "certificate": fact.number, "stars": fact.stars, "expires_on": fact.expires_on, "simulated": fact.simulated
        },
        "on": on,
    })  # fmt: skip


@POLICY.on(CertificateExtended, retry=LATER)
def on_certificate_extended(fact: CertificateExtended, _: Envelope) -> ProlongListing:
    return ProlongListing(
        product_id=fact.product.id, certificate=fact.number, until=fact.until_at_most, on=fact.legal_date
    )


@POLICY.on(CertificateExpired, retry=LATER)
def on_certificate_expired(fact: CertificateExpired, _: Envelope) -> DelistProduct:
    return DelistProduct(product_id=fact.product.id, certificate=fact.number, reason="expired", on=fact.expired_on)


@POLICY.on(CertificateRevoked, retry=LATER)
def on_certificate_revoked(fact: CertificateRevoked, _: Envelope) -> DelistProduct:
    return DelistProduct(product_id=fact.product.id, certificate=fact.number, reason="revoked", on=fact.effective_on)
