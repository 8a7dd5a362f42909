"""What registration does on hearing the other houses: a dossier follows its assessment and its certificate."""

from services.registration.commands import MoveDossier
from shared.bus.reactions import Policy
from shared.contracts.certification import CertificateIssued
from shared.contracts.envelope import Envelope
from shared.contracts.evaluation import AssessmentOpened, AssessmentReferred, ProductScored

POLICY = Policy("registration")


@POLICY.on(AssessmentOpened)
def on_assessment_opened(fact: AssessmentOpened, _: Envelope) -> MoveDossier:
    return MoveDossier(dossier_id=fact.dossier_id, state="in-assessment", on=fact.legal_date)


@POLICY.on(AssessmentReferred)
def on_assessment_referred(fact: AssessmentReferred, _: Envelope) -> MoveDossier:
    return MoveDossier(dossier_id=fact.dossier_id, state="referred", on=fact.legal_date)


@POLICY.on(ProductScored)
def on_product_scored(fact: ProductScored, _: Envelope) -> MoveDossier | None:
    """Where the council's decision ends the matter; a result of three stars or more waits for its certificate."""
    if fact.outcome == "ranked":
        if fact.recognisable or fact.sent_up_to:
            return None
        return MoveDossier(dossier_id=fact.dossier_id, state="not-recognised", on=fact.legal_date)
    state = "not-assessed" if fact.outcome == "not_assessed" else fact.outcome
    return MoveDossier(dossier_id=fact.dossier_id, state=state, on=fact.legal_date)


@POLICY.on(CertificateIssued)
def on_certificate_issued(fact: CertificateIssued, _: Envelope) -> MoveDossier | None:
    if fact.dossier_id is None:
        return None
    return MoveDossier(dossier_id=fact.dossier_id, state="recognised", on=fact.legal_date)
