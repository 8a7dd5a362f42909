"""What evaluation does on hearing the other houses: a forwarded dossier begins its assessment, a certificate ends it."""

from services.evaluation.commands.following import NoteCertificate
from services.evaluation.commands.reception import ExpectDossier
from shared.bus.reactions import Policy
from shared.contracts.certification import CertificateIssued, CertificateReplaced
from shared.contracts.envelope import Envelope
from shared.contracts.registration import DossierForwarded

POLICY = Policy("evaluation")


@POLICY.on(DossierForwarded)
def on_dossier_forwarded(fact: DossierForwarded, envelope: Envelope) -> ExpectDossier:
    """The assessment waits for the agency to receive the dossier."""
    return ExpectDossier(
        id=envelope.derived_id("assessment"), about=fact.about, ruleset=fact.ruleset, dossier_id=fact.dossier_id,
        kind=fact.kind, evidence=len(fact.evidence), stars_held=fact.stars_held, left_over=fact.left_over,
        on=fact.legal_date,
    )  # fmt: skip


@POLICY.on(CertificateIssued)
def on_certificate_issued(fact: CertificateIssued, _: Envelope) -> NoteCertificate | None:
    """A renewal that was decided after the old certificate's end has kept its term."""
    return certified(fact)


@POLICY.on(CertificateReplaced)
def on_certificate_replaced(fact: CertificateReplaced, _: Envelope) -> NoteCertificate | None:
    """A renewal has kept its term."""
    return certified(fact)


def certified(fact: CertificateIssued) -> NoteCertificate | None:
    """Nothing for a certificate that was taken in from before."""
    if fact.assessment_id is None:
        return None
    return NoteCertificate(assessment_id=fact.assessment_id, number=fact.number, on=fact.legal_date)
