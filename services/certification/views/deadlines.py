"""What is due in certification: what the clock does to certificates, and what people must decide, answer or mend."""

from datetime import date
from uuid import UUID

from services.certification.domain.certificate import DAY, EXPIRY, EXTENSION, RENEWAL_DUE, Certificate
from services.certification.domain.complaint import Complaint
from services.certification.domain.inspection import Inspection
from services.certification.domain.proposal import ROLE_OF
from services.certification.domain.recognition import Recognition
from services.certification.views.tables import HOUSE, Changes
from shared.calendar import days_before
from shared.eventstore import due
from shared.eventstore.aggregate import ChangedAbout
from shared.eventstore.views import Change, View
from shared.regulation import limits
from shared.regulation.rulesets import load

DEADLINES = View("due", ["due"], HOUSE)
REVOCATION, COMPLAINT, MENDING = "revocation", "complaint", "inspection-mending"
CLOCK = "clock"

# --- certificate: what the clock does ---


@DEADLINES.on(Recognition.CertificateIssued)
def issued(e: Recognition.CertificateIssued) -> Changes:
    yield from begun(e, e.certificate, e.legal_date)


@DEADLINES.on(Recognition.CertificateReplaced)
def replaced(e: Recognition.CertificateReplaced) -> Changes:
    yield from ended(e.replaces.id, e.legal_date)
    yield from begun(e, e.certificate, e.legal_date)


@DEADLINES.on(Recognition.Recorded)
def recorded(e: Recognition.Recorded) -> Changes:
    if e.replaces:
        yield from ended(e.replaces.id, e.certificate.issued_on)
    yield from begun(e, e.certificate, e.recorded_on)


def begun(e: ChangedAbout, certificate: Certificate, since: date) -> Changes:
    """The days on which the clock acts, those before the register knew of the certificate left out."""
    acts = [(limit, days_before(certificate.expires_on, days), "Điều 7.6.a") for limit, days in RENEWAL_DUE.items()]
    if certificate.expires_on >= since:
        acts.append((EXPIRY, certificate.expires_on + DAY, "Điều 4.3"))
    for limit, day, article in acts:
        if day >= since:
            yield clock_acts(limit, e, certificate, since, day, article)


def clock_acts(limit: str, e: ChangedAbout, certificate: Certificate, since: date, day: date, article: str) -> Change:
    return due.opened(
        limit, certificate.id, begun_on=since, due_on=day, acts=True, owner=CLOCK, ref=article, about=e.about,
        what={"number": certificate.number},
    )  # fmt: skip


@DEADLINES.on(Recognition.RenewalDue)
def reminded(e: Recognition.RenewalDue) -> Changes:
    for limit, days in RENEWAL_DUE.items():
        if days == e.days:
            yield due.closed(limit, e.certificate.id, e.legal_date)


@DEADLINES.on(Recognition.CertificateExtended)
def extended(e: Recognition.CertificateExtended) -> Changes:
    yield due.closed(EXPIRY, e.certificate.id, e.legal_date)
    yield clock_acts(EXTENSION, e, e.certificate, e.legal_date, e.until_at_most + DAY, "Điều 12.3")


@DEADLINES.on(Recognition.CertificateExpired, Recognition.CertificateRevoked)
def over(e: Recognition.CertificateExpired | Recognition.CertificateRevoked) -> Changes:
    yield from ended(e.certificate.id, e.legal_date)


def ended(certificate_id: UUID, on: date) -> Changes:
    """Nothing is due any more of a certificate that is out of force."""
    for limit in (*RENEWAL_DUE, EXPIRY, EXTENSION, REVOCATION):
        yield due.closed(limit, certificate_id, on)


# --- revocation, mending: what people must do ---


@DEADLINES.on(Recognition.ProductionStopConfirmed)
def production_stopped(e: Recognition.ProductionStopConfirmed) -> Changes:
    yield from to_be_revoked(e, e.certificate)


@DEADLINES.on(Inspection.Concluded)
def inspection_concluded(e: Inspection.Concluded) -> Changes:
    if e.ground:
        yield from to_be_revoked(e, e.certificate)
    if e.mend_by:
        yield due.opened(
            MENDING, e.originator_id, begun_on=e.legal_date, due_on=e.mend_by, owner="producer", ref="Điều 9",
            about=e.about,
        )  # fmt: skip


def to_be_revoked(e: ChangedAbout, certificate: Certificate) -> Changes:
    """Fifteen days for the authority of the stars (art. 8.4); older rules state no term."""
    if not limits.has(REVOCATION, e.ruleset):
        return
    owner = ROLE_OF[load(e.ruleset).authority_for(certificate.stars) or ""]
    yield due.begun(REVOCATION, certificate.id, on=e.legal_date, owner=owner, ruleset=e.ruleset, about=e.about)


@DEADLINES.on(Inspection.Mended)
def mended(e: Inspection.Mended) -> Changes:
    yield due.closed(MENDING, e.originator_id, e.legal_date)


# --- complaint ---


@DEADLINES.on(Complaint.Made)
def complaint_made(e: Complaint.Made) -> Changes:
    yield due.begun(COMPLAINT, e.originator_id, on=e.legal_date, owner="agency", ruleset=e.ruleset, about=e.about)


@DEADLINES.on(Complaint.Answered)
def complaint_answered(e: Complaint.Answered) -> Changes:
    yield due.closed(COMPLAINT, e.originator_id, e.legal_date)
