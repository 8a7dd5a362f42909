"""What certification does on hearing the other houses.

Results and recognitions lead to certificates, annulments to withdrawals, late renewals to extensions.
"""

from services.certification.commands.ending import FailRenewal, FileRenewal
from services.certification.commands.recognition import NoteAnnulment, ProposeRecognition, TakeIn
from shared.bus.reactions import Policy
from shared.contracts.envelope import Envelope
from shared.contracts.evaluation import AssessmentAnnulled, ProductScored
from shared.contracts.registration import DossierSubmitted, RecognitionRecorded

POLICY = Policy("certification")
BUSY = ("changed-meanwhile",)  # many products may take numbers of one series at once

# --- proposal ---


@POLICY.on(ProductScored, retry=BUSY)
def on_product_scored(fact: ProductScored, _: Envelope) -> ProposeRecognition | FailRenewal | None:
    """A result that the average sends up waits for the higher council; what is proposed is the star after the gates."""
    if fact.sent_up_to:
        return None
    if fact.outcome != "ranked" or not fact.recognisable:
        if fact.kind != "renewal":
            return None
        return FailRenewal(product_id=fact.product.id, dossier_id=fact.dossier_id, on=fact.legal_date)
    return ProposeRecognition.model_validate({
        "about": fact.about,
        "ruleset": fact.ruleset,
        "proposal": {
            "assessment_id": fact.assessment_id, "dossier_id": fact.dossier_id, "level": fact.level,
            "stars": fact.star_after_gates, "kind": fact.kind, "scored_on": fact.legal_date,
            "simulated": fact.simulated, "again": fact.again,
        },
        "on": fact.legal_date,
    })  # fmt: skip


@POLICY.on(AssessmentAnnulled, retry=BUSY)
def on_assessment_annulled(fact: AssessmentAnnulled, _: Envelope) -> NoteAnnulment:
    return NoteAnnulment(product_id=fact.product.id, assessment_id=fact.assessment_id, on=fact.legal_date)


# --- an earlier recognition ---


@POLICY.on(RecognitionRecorded, retry=BUSY)
def on_recognition_recorded(fact: RecognitionRecorded, _: Envelope) -> TakeIn:
    """Its certificate counts from its own first day, long before the register knew of it."""
    return TakeIn(
        about=fact.about, ruleset=fact.ruleset, number=fact.number, stars=fact.stars, decision=fact.decision,
        issued_on=fact.issued_on, expires_on=fact.expires_on, recorded_on=fact.recorded_on, simulated=fact.simulated,
        on=fact.issued_on,
    )  # fmt: skip


# --- extension ---


@POLICY.on(DossierSubmitted, retry=BUSY)
def on_dossier_submitted(fact: DossierSubmitted, _: Envelope) -> FileRenewal | None:
    """Only a renewal admitted outside its window (art. 12.3) keeps a certificate alive past its last day."""
    if fact.kind != "renewal" or fact.admitted_by is None:
        return None
    return FileRenewal(
        product_id=fact.product.id, dossier_id=fact.dossier_id, admitted_by=fact.admitted_by, on=fact.legal_date
    )
