"""What registration does on hearing the other houses: a dossier follows its assessment, a product its certificate."""

from services.registration.commands.following import (
    FollowCertificate,
    FollowEnd,
    FollowExtension,
    FollowScore,
    MoveDossier,
)
from shared.bus.reactions import Policy
from shared.contracts.certification import (
    CertificateExpired,
    CertificateExtended,
    CertificateIssued,
    CertificateReplaced,
    CertificateRevoked,
)
from shared.contracts.envelope import Envelope
from shared.contracts.evaluation import AssessmentOpened, AssessmentReferred, ProductScored

POLICY = Policy("registration")
BUSY = ("changed-meanwhile",)
# Two houses speak of one dossier: a certificate may be heard of before the assessment that it rests on.
EARLY = ("changed-meanwhile", "dossier-wrong-step")

# --- assessment ---


@POLICY.on(AssessmentOpened, retry=BUSY)
def on_assessment_opened(fact: AssessmentOpened, _: Envelope) -> MoveDossier:
    """The province's own assessment, and one that is done again, take up a dossier that has its result."""
    return MoveDossier(
        dossier_id=fact.dossier_id, state="in-assessment", again=fact.again or fact.own, on=fact.legal_date
    )


@POLICY.on(AssessmentReferred, retry=BUSY)
def on_assessment_referred(fact: AssessmentReferred, _: Envelope) -> MoveDossier:
    return MoveDossier(dossier_id=fact.dossier_id, state="referred", on=fact.legal_date)


@POLICY.on(ProductScored, retry=BUSY)
def on_product_scored(fact: ProductScored, _: Envelope) -> MoveDossier | FollowScore | None:
    """Where the council's decision ends the matter; a result of three stars or more waits for its certificate."""
    if fact.outcome == "ranked":
        if fact.sent_up_to:
            return None
        if fact.recorded:
            return MoveDossier(dossier_id=fact.dossier_id, state="ranked", on=fact.legal_date)
        if not fact.recognisable:
            return MoveDossier(dossier_id=fact.dossier_id, state="not-recognised", on=fact.legal_date)
        if fact.kind == "upgrade" and fact.star_after_gates:
            return FollowScore(dossier_id=fact.dossier_id, stars=fact.star_after_gates, on=fact.legal_date)
        return None
    state = "not-assessed" if fact.outcome == "not_assessed" else fact.outcome
    return MoveDossier(dossier_id=fact.dossier_id, state=state, on=fact.legal_date)


# --- certificate ---


@POLICY.on(CertificateIssued, retry=EARLY)
def on_certificate_issued(fact: CertificateIssued, _: Envelope) -> FollowCertificate:
    return followed(fact)


@POLICY.on(CertificateReplaced, retry=EARLY)
def on_certificate_replaced(fact: CertificateReplaced, _: Envelope) -> FollowCertificate:
    return followed(fact)


def followed(fact: CertificateIssued) -> FollowCertificate:
    return FollowCertificate(
        product_id=fact.product.id, number=fact.number, stars=fact.stars, issued_on=fact.issued_on,
        expires_on=fact.expires_on, dossier_id=fact.dossier_id, on=fact.legal_date,
    )  # fmt: skip


@POLICY.on(CertificateExtended, retry=BUSY)
def on_certificate_extended(fact: CertificateExtended, _: Envelope) -> FollowExtension:
    return FollowExtension(product_id=fact.product.id, number=fact.number, until=fact.until_at_most, on=fact.legal_date)


@POLICY.on(CertificateExpired, retry=BUSY)
def on_certificate_expired(fact: CertificateExpired, _: Envelope) -> FollowEnd:
    return FollowEnd(product_id=fact.product.id, number=fact.number, ended_on=fact.expired_on, on=fact.legal_date)


@POLICY.on(CertificateRevoked, retry=BUSY)
def on_certificate_revoked(fact: CertificateRevoked, _: Envelope) -> FollowEnd:
    return FollowEnd(product_id=fact.product.id, number=fact.number, ended_on=fact.effective_on, on=fact.legal_date)
