"""What certification does on hearing the other houses: a result that ends at three stars or more is proposed."""

from services.certification.commands import ProposeRecognition
from shared.bus.reactions import Policy
from shared.contracts.envelope import Envelope
from shared.contracts.evaluation import ProductScored
from shared.values import About

POLICY = Policy("certification")


@POLICY.on(ProductScored)
def on_product_scored(fact: ProductScored, _: Envelope) -> ProposeRecognition | None:
    """A result that the average sends up waits for the higher council; what is proposed is the star after the gates."""
    if fact.outcome != "ranked" or not fact.recognisable or fact.sent_up_to:
        return None
    return ProposeRecognition.model_validate({
        "about": About(product=fact.product, producer=fact.producer, province=fact.province, commune=fact.commune),
        "ruleset": fact.ruleset,
        "proposal": {
            "assessment_id": fact.assessment_id, "dossier_id": fact.dossier_id, "level": fact.level,
            "stars": fact.star_after_gates, "kind": fact.kind, "scored_on": fact.legal_date,
            "simulated": fact.simulated,
        },
        "on": fact.legal_date,
    })  # fmt: skip
