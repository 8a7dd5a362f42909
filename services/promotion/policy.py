"""What promotion does on hearing the other houses: a certified product comes into the catalogue."""

from services.promotion.commands import ListProduct
from shared.bus.reactions import Policy
from shared.contracts.certification import CertificateIssued
from shared.contracts.envelope import Envelope
from shared.values import About

POLICY = Policy("promotion")


@POLICY.on(CertificateIssued)
def on_certificate_issued(fact: CertificateIssued, _: Envelope) -> ListProduct:
    return ListProduct.model_validate({
        "about": About(product=fact.product, producer=fact.producer, province=fact.province, commune=fact.commune),
        "ruleset": fact.ruleset,
        "shown": {
            "certificate": fact.number, "stars": fact.stars, "expires_on": fact.expires_on, "simulated": fact.simulated
        },
        "on": fact.legal_date,
    })  # fmt: skip
