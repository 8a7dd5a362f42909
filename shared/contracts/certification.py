"""What the certification house says. Consumers: registration, promotion, programme, and whoever relies on certificates."""

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field

from shared.contracts.envelope import ProductContract
from shared.values import Decision


class CertificateIssued(ProductContract):
    """A certificate of 3–5 stars for 36 months (26/2026 art. 4); `expires_on` is its last day."""

    HOUSE: ClassVar[str] = "certification"
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
