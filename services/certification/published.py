"""Which private events of certification are said to others, and how."""

from datetime import date
from typing import Any

from services.certification.domain.certificate import Certificate
from services.certification.domain.inspection import Inspection
from services.certification.domain.public import certificates_on
from services.certification.domain.recognition import Recognition
from shared.contracts import certification as said
from shared.contracts.topics import CERTIFICATES
from shared.eventstore.aggregate import ChangedAbout
from shared.eventstore.publishing import Published, States

PUBLISHED = Published("certification")

# --- certificate ---


@PUBLISHED.on(Recognition.CertificateIssued)
def certificate_issued(e: Recognition.CertificateIssued) -> said.CertificateIssued:
    return said.CertificateIssued(**issued(e))


@PUBLISHED.on(Recognition.CertificateReplaced)
def certificate_replaced(e: Recognition.CertificateReplaced) -> said.CertificateReplaced:
    return said.CertificateReplaced(
        **issued(e), replaces_number=e.replaces.number, replaces_certificate_id=e.replaces.id
    )


@PUBLISHED.on(Recognition.Recorded)
def recognition_recorded(e: Recognition.Recorded) -> said.CertificateIssued | said.CertificateReplaced:
    """One that took the place of another recorded before it is said as every replacement is."""
    facts = {
        **about(e, e.certificate), "issued_on": e.certificate.issued_on, "expires_on": e.certificate.expires_on,
        "decision": e.decision, "kind": "recorded", "assessment_id": None, "simulated": e.simulated, "known": e.known,
    }  # fmt: skip
    if e.replaces is None:
        return said.CertificateIssued(**facts)
    return said.CertificateReplaced(**facts, replaces_number=e.replaces.number, replaces_certificate_id=e.replaces.id)


def issued(e: Recognition.CertificateIssued | Recognition.CertificateReplaced) -> dict[str, Any]:
    certificate, proposal = e.certificate, e.proposal
    return {
        **about(e, certificate), "issued_on": certificate.issued_on, "expires_on": certificate.expires_on,
        "decision": e.decision, "kind": proposal.kind, "assessment_id": proposal.assessment_id,
        "dossier_id": proposal.dossier_id, "simulated": proposal.simulated,
    }  # fmt: skip


def about(e: ChangedAbout, certificate: Certificate) -> dict[str, Any]:
    return {**e.carried(), "number": certificate.number, "certificate_id": certificate.id, "stars": certificate.stars}


# --- renewal, extension, expiry ---


@PUBLISHED.on(Recognition.RenewalDue)
def renewal_due(e: Recognition.RenewalDue) -> said.RenewalDue:
    return said.RenewalDue(
        **about(e, e.certificate), days=e.days, expires_on=e.certificate.expires_on, window_from=e.window_from,
        window_to=e.window_to,
    )  # fmt: skip


@PUBLISHED.on(Recognition.CertificateExtended)
def certificate_extended(e: Recognition.CertificateExtended) -> said.CertificateExtended:
    return said.CertificateExtended(
        **about(e, e.certificate), expires_on=e.certificate.expires_on, until_at_most=e.until_at_most
    )


@PUBLISHED.on(Recognition.CertificateExpired)
def certificate_expired(e: Recognition.CertificateExpired) -> said.CertificateExpired:
    return said.CertificateExpired(**about(e, e.certificate), expired_on=e.expired_on)


# --- inspection, revocation ---


@PUBLISHED.on(Recognition.CertificateRevoked)
def certificate_revoked(e: Recognition.CertificateRevoked) -> said.CertificateRevoked:
    return said.CertificateRevoked(
        **about(e, e.certificate), ground=e.ground, concluded_on=e.basis.concluded_on, decision=e.decision,
        effective_on=e.legal_date,
    )  # fmt: skip


@PUBLISHED.on(Inspection.Concluded)
def inspection_concluded(e: Inspection.Concluded) -> said.InspectionConcluded:
    return said.InspectionConcluded(
        **about(e, e.certificate), inspection_id=e.originator_id, kind=e.kind, concluded_on=e.legal_date,
        finding=e.finding, ground=e.ground, mend_by=e.mend_by,
    )  # fmt: skip


# --- the state of each certificate ---


def certificate_states(recognition: Recognition, on: date, position: int) -> list[said.CertificateState]:
    """Every certificate of a product as of its last event, which stands at `position`, with its status on the day `on`."""
    return [said.CertificateState(**facts, position=position) for facts in certificates_on(recognition, on)]


STATES = States(
    CERTIFICATES, Recognition,
    (Recognition.CertificateIssued, Recognition.CertificateReplaced, Recognition.Recorded,
     Recognition.CertificateExtended, Recognition.CertificateExpired, Recognition.CertificateRevoked),
    certificate_states,
)  # fmt: skip
