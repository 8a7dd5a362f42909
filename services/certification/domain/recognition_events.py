"""What can happen to a product's recognition and to its certificates: the events of the aggregate Recognition."""

from datetime import date
from uuid import UUID

from services.certification.domain.certificate import Certificate
from services.certification.domain.proposal import Proposal, as_never_again
from services.certification.domain.revocation import Basis
from shared.eventstore.aggregate import BegunAbout, ChangedAbout
from shared.values import Decision, Known


class Opened(BegunAbout):
    """A product came to be known here."""

    TOPIC = "certification.RecognitionOpened"


class Proposed(ChangedAbout):
    """A result of three stars or more awaits its decision."""

    TOPIC = "certification.RecognitionProposed"
    class_version = 2
    upcast_v1_v2 = staticmethod(as_never_again)
    proposal: Proposal


class ResultAnnulled(ChangedAbout):
    """An assessment is void (art. 10.1.b)."""

    TOPIC = "certification.ResultAnnulled"
    assessment_id: UUID


class UpgradeFailed(ChangedAbout):
    """An upgrade did not reach more stars; the certificate stays as it is."""

    TOPIC = "certification.UpgradeFailed"
    proposal: Proposal
    note: str


class Recorded(ChangedAbout):
    """An earlier recognition was taken in; `printed`: the number on its paper, where ours differs."""

    TOPIC = "certification.RecognitionRecorded"
    certificate: Certificate
    decision: Decision
    printed: str | None
    recorded_on: date
    simulated: bool
    known: Known | None = None
    replaces: Certificate | None = None  # an earlier one that was recorded, too, and held on the day of issue


class CertificateIssued(ChangedAbout):
    TOPIC = "certification.CertificateIssued"
    class_version = 2
    upcast_v1_v2 = staticmethod(as_never_again)
    certificate: Certificate
    decision: Decision
    proposal: Proposal


class CertificateReplaced(ChangedAbout):
    """Old out, new in, one fact."""

    TOPIC = "certification.CertificateReplaced"
    certificate: Certificate
    decision: Decision
    proposal: Proposal
    replaces: Certificate


class RenewalDue(ChangedAbout):
    TOPIC = "certification.RenewalDue"
    certificate: Certificate
    days: int
    window_from: date
    window_to: date


class RenewalFiled(ChangedAbout):
    """A renewal whose window could not be kept is on file (art. 12.3)."""

    TOPIC = "certification.RenewalFiled"
    certificate: Certificate
    dossier_id: UUID
    admitted_by: str


class RenewalFailed(ChangedAbout):
    """That renewal ended without recognition."""

    TOPIC = "certification.RenewalFailed"
    dossier_id: UUID


class CertificateExtended(ChangedAbout):
    TOPIC = "certification.CertificateExtended"
    certificate: Certificate
    until_at_most: date


class CertificateExpired(ChangedAbout):
    TOPIC = "certification.CertificateExpired"
    certificate: Certificate
    expired_on: date


class ProductionStopConfirmed(ChangedAbout):
    """The word of the commune (arts. 8.1.đ, 8.4)."""

    TOPIC = "certification.ProductionStopConfirmed"
    certificate: Certificate
    account: str


class CertificateRevoked(ChangedAbout):
    TOPIC = "certification.CertificateRevoked"
    certificate: Certificate
    ground: str
    decision: Decision
    basis: Basis
    reason: str
