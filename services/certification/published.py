"""Which private events of certification are said to others, and how."""

from services.certification.domain.recognition import Recognition
from shared.contracts import certification as said
from shared.contracts.envelope import Contract
from shared.eventstore.aggregate import Changed


def to_contract(event: Changed) -> Contract | None:
    """None for what stays inside the house."""
    match event:
        case Recognition.CertificateIssued(certificate=certificate, proposal=proposal):
            return said.CertificateIssued(
                **event.carried(), number=certificate.number, certificate_id=certificate.id, stars=certificate.stars,
                issued_on=certificate.issued_on, expires_on=certificate.expires_on, decision=event.decision,
                kind=proposal.kind, assessment_id=proposal.assessment_id, dossier_id=proposal.dossier_id,
                simulated=proposal.simulated,
            )  # fmt: skip
    return None
