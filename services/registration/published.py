"""Which private events of registration are said to others, and how."""

from services.registration.domain.dossier import Dossier
from services.registration.domain.idea import Idea
from services.registration.domain.plan import BusinessPlan
from services.registration.domain.producer import Producer
from services.registration.domain.product import Product
from shared.contracts import registration as said
from shared.contracts.envelope import Contract
from shared.eventstore.aggregate import Changed


def to_contract(event: Changed) -> Contract | None:
    """None for what stays inside the house."""
    match event:
        case Producer.Registered() | Producer.Verified():
            contract = said.ProducerRegistered if isinstance(event, Producer.Registered) else said.ProducerVerified
            return contract(
                legal_date=event.legal_date, producer=event.producer, province=event.province, commune=event.commune
            )
        case Idea.Registered():
            return said.IdeaRegistered(**event.carried(), idea_id=event.originator_id)
        case Idea.Accepted():
            return said.IdeaAccepted(**event.carried(), idea_id=event.originator_id)
        case BusinessPlan.Submitted():
            return said.PlanSubmitted(**event.carried(), plan_id=event.originator_id, idea_id=event.idea_id)
        case BusinessPlan.Approved():
            return said.PlanApproved(**event.carried(), plan_id=event.originator_id, decision=event.decision)
        case BusinessPlan.ProgressReported():
            return said.PlanProgressReported(
                **event.carried(), plan_id=event.originator_id, done_percent=event.done_percent
            )
        case Product.Registered():
            return said.ProductRegistered(**event.carried())
        case Dossier.Submitted():
            return said.DossierSubmitted(
                **event.carried(), dossier_id=event.originator_id, kind=event.kind, evidence=papers(event)
            )
        case Dossier.Forwarded():
            return said.DossierForwarded(
                **event.carried(), dossier_id=event.originator_id, kind=event.kind, evidence=papers(event),
                submitted_on=event.submitted_on,
            )  # fmt: skip
    return None


def papers(event: Dossier.Submitted | Dossier.Forwarded) -> list[said.EvidenceRef]:
    return [said.EvidenceRef(**paper.model_dump()) for paper in event.evidence]
