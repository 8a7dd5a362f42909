"""What certification does on hearing the other houses, and when a day comes.

Results and recognitions lead to certificates, annulments to withdrawals, late renewals to extensions; the
clock reminds of renewals and turns certificates.
"""

from uuid import UUID

from services.certification.commands.ending import (
    CLOCK_TURNS,
    REMINDERS,
    FailRenewal,
    FileRenewal,
    RemindOfRenewal,
    TurnCertificate,
)
from services.certification.commands.recognition import NoteAnnulment, ProposeRecognition, TakeBack, TakeIn
from shared.bus.reactions import Policy
from shared.contracts.envelope import Envelope
from shared.contracts.evaluation import AssessmentAnnulled, ProductScored
from shared.contracts.registration import DossierSubmitted, RecognitionRecorded, RecognitionTakenBack
from shared.eventstore.due import DueRow
from shared.eventstore.timer import Timer

POLICY = Policy("certification")
TIMER = Timer("certification")
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
        known=fact.known, on=fact.issued_on,
    )  # fmt: skip


@POLICY.on(RecognitionTakenBack, retry=BUSY)
def on_recognition_taken_back(fact: RecognitionTakenBack, _: Envelope) -> TakeBack | None:
    """One that was only noted has no certificate."""
    if fact.number is None:
        return None
    return TakeBack(product_id=fact.product.id, number=fact.number, reason=fact.reason, on=fact.legal_date)


# --- extension ---


@POLICY.on(DossierSubmitted, retry=BUSY)
def on_dossier_submitted(fact: DossierSubmitted, _: Envelope) -> FileRenewal | None:
    """Only a renewal admitted outside its window (art. 12.3) keeps a certificate alive past its last day."""
    if fact.kind != "renewal" or fact.admitted_by is None:
        return None
    return FileRenewal(
        product_id=fact.product.id, dossier_id=fact.dossier_id, admitted_by=fact.admitted_by, on=fact.legal_date
    )


# --- what the clock does by itself ---


@TIMER.on(*REMINDERS)
def remind_of_renewal(row: DueRow) -> RemindOfRenewal:
    return RemindOfRenewal(
        product_id=product_of(row), certificate_id=row.subject, days=REMINDERS[row.limit_id], on=row.due_on
    )


@TIMER.on(*CLOCK_TURNS)
def turn_certificate(row: DueRow) -> TurnCertificate:
    return TurnCertificate(product_id=product_of(row), on=row.due_on)


def product_of(row: DueRow) -> UUID:
    if row.product_id is None:
        raise ValueError(f"{row.limit_id} of {row.subject} names no product")
    return row.product_id
