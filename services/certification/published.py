"""Which private events of certification are said to others, and how."""

from services.certification.domain.recognition import Recognition
from shared.contracts import certification as said
from shared.eventstore.publishing import Published

PUBLISHED = Published("certification")


@PUBLISHED.on(Recognition.CertificateIssued)
def certificate_issued(e: Recognition.CertificateIssued) -> said.CertificateIssued:
    certificate, proposal = e.certificate, e.proposal
    return said.CertificateIssued(
        **e.carried(), number=certificate.number, certificate_id=certificate.id, stars=certificate.stars,
        issued_on=certificate.issued_on, expires_on=certificate.expires_on, decision=e.decision, kind=proposal.kind,
        assessment_id=proposal.assessment_id, dossier_id=proposal.dossier_id, simulated=proposal.simulated,
    )  # fmt: skip
