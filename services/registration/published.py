"""Which private events of registration are said to others, and how."""

from services.registration.domain.dossier import Dossier
from services.registration.domain.idea import Idea
from services.registration.domain.plan import BusinessPlan
from services.registration.domain.producer import Producer
from services.registration.domain.product import Product
from shared.contracts import registration as said
from shared.eventstore.publishing import Published

PUBLISHED = Published("registration")

# --- producer ---


@PUBLISHED.on(Producer.Registered)
def producer_registered(e: Producer.Registered) -> said.ProducerRegistered:
    return said.ProducerRegistered(legal_date=e.legal_date, producer=e.producer, province=e.province, commune=e.commune)


@PUBLISHED.on(Producer.Verified)
def producer_verified(e: Producer.Verified) -> said.ProducerVerified:
    return said.ProducerVerified(legal_date=e.legal_date, producer=e.producer, province=e.province, commune=e.commune)


# --- idea ---


@PUBLISHED.on(Idea.Registered)
def idea_registered(e: Idea.Registered) -> said.IdeaRegistered:
    return said.IdeaRegistered(**e.carried(), idea_id=e.originator_id)


@PUBLISHED.on(Idea.Accepted)
def idea_accepted(e: Idea.Accepted) -> said.IdeaAccepted:
    return said.IdeaAccepted(**e.carried(), idea_id=e.originator_id)


# --- business plan ---


@PUBLISHED.on(BusinessPlan.Submitted)
def plan_submitted(e: BusinessPlan.Submitted) -> said.PlanSubmitted:
    return said.PlanSubmitted(**e.carried(), plan_id=e.originator_id, idea_id=e.idea_id)


@PUBLISHED.on(BusinessPlan.Approved)
def plan_approved(e: BusinessPlan.Approved) -> said.PlanApproved:
    return said.PlanApproved(**e.carried(), plan_id=e.originator_id, decision=e.decision)


@PUBLISHED.on(BusinessPlan.ProgressReported)
def plan_progress_reported(e: BusinessPlan.ProgressReported) -> said.PlanProgressReported:
    return said.PlanProgressReported(**e.carried(), plan_id=e.originator_id, done_percent=e.done_percent)


# --- product ---


@PUBLISHED.on(Product.Registered)
def product_registered(e: Product.Registered) -> said.ProductRegistered:
    return said.ProductRegistered(**e.carried())


# --- dossier ---


@PUBLISHED.on(Dossier.Submitted)
def dossier_submitted(e: Dossier.Submitted) -> said.DossierSubmitted:
    return said.DossierSubmitted(**e.carried(), dossier_id=e.originator_id, kind=e.kind, evidence=papers(e))


@PUBLISHED.on(Dossier.Forwarded)
def dossier_forwarded(e: Dossier.Forwarded) -> said.DossierForwarded:
    return said.DossierForwarded(
        **e.carried(), dossier_id=e.originator_id, kind=e.kind, evidence=papers(e), submitted_on=e.submitted_on
    )


def papers(e: Dossier.Submitted | Dossier.Forwarded) -> list[said.EvidenceRef]:
    return [said.EvidenceRef(**paper.model_dump()) for paper in e.evidence]
