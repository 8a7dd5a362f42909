"""What the certification house says. Consumers: registration, promotion, programme, and whoever relies on certificates."""

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field

from shared.contracts.envelope import ProductContract, State
from shared.values import Decision, Known, Value

HOUSE = "certification"


class CertificateIssued(ProductContract):
    """A certificate of 3–5 stars for 36 months (26/2026 art. 4); `expires_on` is its last day."""

    HOUSE: ClassVar[str] = HOUSE
    number: str
    certificate_id: UUID
    stars: int = Field(ge=3, le=5)
    issued_on: date
    expires_on: date
    decision: Decision
    kind: Literal["first", "upgrade", "renewal", "recorded"]
    assessment_id: UUID | None
    dossier_id: UUID | None = None
    simulated: bool = False
    known: Known | None = None  # of an earlier recognition


class CertificateReplaced(CertificateIssued):
    """A new certificate takes the place of one that was in force: old out, new in, one fact."""

    replaces_number: str
    replaces_certificate_id: UUID


class _AboutCertificate(ProductContract):
    HOUSE: ClassVar[str] = HOUSE
    number: str
    certificate_id: UUID
    stars: int = Field(ge=3, le=5)


class CertificateExpired(_AboutCertificate):
    """A certificate ended; said by the house's clock on the first day on which it is not valid. Expiry is not revocation."""

    expired_on: date


class CertificateExtended(_AboutCertificate):
    """A certificate stays valid past its last day until the outcome of its renewal (art. 12.3), `until_at_most`."""

    expires_on: date
    until_at_most: date


class CertificateRevoked(_AboutCertificate):
    """`ground`: id of the ruleset (art. 8.1), or `10.1b` where a wrong recognition is withdrawn."""

    ground: str
    concluded_on: date
    decision: Decision
    effective_on: date


class RenewalDue(_AboutCertificate):
    """So many days before a certificate's last day; the window to file lies between the two dates (art. 7.6.a)."""

    days: int
    expires_on: date
    window_from: date
    window_to: date


class InspectionConcluded(_AboutCertificate):
    """An inspection's conclusion (art. 9); `finding` is null where nothing was found."""

    inspection_id: UUID
    kind: Literal["periodic", "ad_hoc", "sampling", "inter_agency"]
    concluded_on: date
    finding: str | None
    ground: str | None
    mend_by: date | None


class Product(Value):
    """A product as a certificate names it."""

    id: UUID
    code: str | None
    name: str


class Producer(Value):
    """A producer as a certificate names it."""

    id: UUID
    name: str


class CertificateState(State):
    """What a certificate is on the day `on`: the JSON of `/c/{number}?on=…`, as of the house's `position`.

    It has its status from `since` through `until`, both included, null where that side is open. After `until` it is what
    the next message of its key says; a certificate that nobody prolongs expires by its own date.
    """

    HOUSE: ClassVar[str] = HOUSE
    number: str
    on: date
    status: Literal["not-yet-valid", "valid", "extended", "expired", "revoked", "replaced"]
    since: date | None
    until: date | None
    stars: int = Field(ge=3, le=5)
    product: Product
    producer: Producer
    province: str
    decision: Decision
    reason: str | None
    replaced_by: str | None
    certificate_id: UUID

    @property
    def key(self) -> str:
        return str(self.certificate_id)
