"""Which private events of registration are said to others, and how."""

from typing import Any

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


@PUBLISHED.on(Idea.Returned)
def idea_returned(e: Idea.Returned) -> said.IdeaReturned:
    return said.IdeaReturned(**e.carried(), idea_id=e.originator_id, guidance=e.guidance)


@PUBLISHED.on(Idea.Withdrawn)
def idea_withdrawn(e: Idea.Withdrawn) -> said.IdeaWithdrawn:
    return said.IdeaWithdrawn(**e.carried(), idea_id=e.originator_id, reason=e.reason)


# --- business plan ---


@PUBLISHED.on(BusinessPlan.Submitted, BusinessPlan.SubmittedAgain)
def plan_submitted(e: BusinessPlan.Submitted | BusinessPlan.SubmittedAgain) -> said.PlanSubmitted:
    return said.PlanSubmitted(**e.carried(), plan_id=e.originator_id, idea_id=e.idea_id)


@PUBLISHED.on(BusinessPlan.Approved)
def plan_approved(e: BusinessPlan.Approved) -> said.PlanApproved:
    return said.PlanApproved(**e.carried(), plan_id=e.originator_id, decision=e.decision)


@PUBLISHED.on(BusinessPlan.Returned)
def plan_returned(e: BusinessPlan.Returned) -> said.PlanReturned:
    return said.PlanReturned(**e.carried(), plan_id=e.originator_id, idea_id=e.idea_id, guidance=e.guidance)


@PUBLISHED.on(BusinessPlan.ProgressReported)
def plan_progress_reported(e: BusinessPlan.ProgressReported) -> said.PlanProgressReported:
    return said.PlanProgressReported(**e.carried(), plan_id=e.originator_id, done_percent=e.done_percent)


# --- product ---


@PUBLISHED.on(Product.Registered)
def product_registered(e: Product.Registered) -> said.ProductRegistered:
    return said.ProductRegistered(**e.carried())


@PUBLISHED.on(Product.Recorded)
def recognition_recorded(e: Product.Recorded) -> said.RecognitionRecorded:
    return recognised(e)


def recognised(e: Product.Recorded | Product.EarlierRecorded, **more: Any) -> said.RecognitionRecorded:
    """Its legal date is that of the decision, long before the day on which it was recorded."""
    held = e.certificate
    return said.RecognitionRecorded(
        **e.carried() | {"legal_date": e.decision.date}, number=held.number, stars=held.stars, decision=e.decision,
        issued_on=held.issued_on, expires_on=held.expires_on, recorded_on=e.legal_date, simulated=e.simulated, **more,
    )  # fmt: skip


@PUBLISHED.on(Product.Entered)
def product_entered(e: Product.Entered) -> said.ProductRegistered:
    return said.ProductRegistered(**e.carried())


@PUBLISHED.on(Product.EarlierRecorded)
def earlier_recorded(e: Product.EarlierRecorded) -> said.RecognitionRecorded:
    return recognised(e, known=e.known)


@PUBLISHED.on(Product.EarlierNoted)
def earlier_noted(e: Product.EarlierNoted) -> said.RecognitionNoted:
    told = e.told
    return said.RecognitionNoted(
        **e.carried(), recognition_id=e.recognition_id, stars=told.star, year=told.on.year if told.on else told.year,
        decided_on=told.on, decision_number=told.decision, authority=told.authority, expires_on=told.expires_on,
        known=e.known,
    )  # fmt: skip


@PUBLISHED.on(Product.EarlierTakenBack)
def earlier_taken_back(e: Product.EarlierTakenBack) -> said.RecognitionTakenBack:
    return said.RecognitionTakenBack(
        **e.carried(), recognition_id=e.recognition_id, number=e.number, product_too=e.product_too, reason=e.reason
    )


@PUBLISHED.on(Product.Placed)
def product_placed(e: Product.Placed) -> said.ProductPlaced:
    return said.ProductPlaced(**e.carried(), **about_place(e))


@PUBLISHED.on(Producer.Placed)
def producer_placed(e: Producer.Placed) -> said.ProducerPlaced:
    return said.ProducerPlaced(
        legal_date=e.legal_date, producer=e.producer, province=e.province, commune=e.commune, **about_place(e)
    )


def about_place(e: Product.Placed | Producer.Placed) -> dict[str, Any]:
    was, candidates = e.became.was, [commune for _, commune in e.became.candidates]
    return {
        "was_province": was.province, "was_commune": was.commune, "known_on": was.known_on, "candidates": candidates,
        "chosen": e.chosen,
    }  # fmt: skip


# --- dossier ---


@PUBLISHED.on(Dossier.Submitted)
def dossier_submitted(e: Dossier.Submitted) -> said.DossierSubmitted:
    return said.DossierSubmitted(
        **e.carried(), dossier_id=e.originator_id, kind=e.kind, evidence=papers(e), admitted_by=e.admitted_by
    )


@PUBLISHED.on(Dossier.Returned)
def dossier_returned(e: Dossier.Returned) -> said.DossierReturned:
    return said.DossierReturned(
        **e.carried(), dossier_id=e.originator_id, kind=e.kind, missing=list(e.missing), note=e.note
    )


@PUBLISHED.on(Dossier.Completed)
def dossier_completed(e: Dossier.Completed) -> said.DossierSubmitted:
    return said.DossierSubmitted(
        **e.carried(), dossier_id=e.originator_id, kind=e.kind, evidence=papers(e), completes=True,
        admitted_by=e.admitted_by,
    )  # fmt: skip


@PUBLISHED.on(Dossier.Forwarded)
def dossier_forwarded(e: Dossier.Forwarded) -> said.DossierForwarded:
    return said.DossierForwarded(
        **e.carried(), dossier_id=e.originator_id, kind=e.kind, evidence=papers(e), submitted_on=e.submitted_on,
        stars_held=e.stars_held, left_over=e.left_over,
    )  # fmt: skip


@PUBLISHED.on(Dossier.AdditionRequested)
def addition_requested(e: Dossier.AdditionRequested) -> said.AdditionRequested:
    return said.AdditionRequested(
        **e.carried(), dossier_id=e.originator_id, wants=list(e.wants), note=e.note, due_on=e.due_on
    )


def papers(e: Dossier.Submitted | Dossier.Completed | Dossier.Forwarded) -> list[said.EvidenceRef]:
    return [said.EvidenceRef(**paper.model_dump()) for paper in e.evidence]
