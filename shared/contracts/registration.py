"""What the registration house says. Consumers: evaluation (dossiers), programme (counts), subscribers outside."""

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from shared.contracts.envelope import Contract, ProductContract
from shared.values import Decision, ProducerRef, Value


class _Said(ProductContract):
    HOUSE: ClassVar[str] = "registration"


class ProducerRegistered(Contract):
    """A producer (chủ thể) is in the register; not yet verified by its commune."""

    HOUSE: ClassVar[str] = "registration"
    producer: ProducerRef
    province: str
    commune: str


class ProducerVerified(ProducerRegistered):
    """The commune confirmed the producer."""


class IdeaRegistered(_Said):
    """A producer registered a product idea."""

    idea_id: UUID


class IdeaAccepted(_Said):
    """The idea passed the screening of commune and province."""

    idea_id: UUID


class PlanSubmitted(_Said):
    """A business plan was submitted for an accepted idea."""

    plan_id: UUID
    idea_id: UUID


class PlanApproved(_Said):
    """The business plan was approved by a decision."""

    plan_id: UUID
    decision: Decision


class PlanProgressReported(_Said):
    """Progress of carrying out a business plan, in percent."""

    plan_id: UUID
    done_percent: int


class ProductRegistered(_Said):
    """The product is in the register; its code comes with the first forwarding."""


class EvidenceRef(Value):
    """A paper by its content: SHA-256 (hex), size in bytes, media type, file name, kind of the ruleset."""

    sha256: str
    size: int
    type: str
    name: str
    kind: str


class DossierSubmitted(_Said):
    """A dossier was filed with the commune (26/2026 art. 7.1)."""

    dossier_id: UUID
    kind: Literal["first", "upgrade", "renewal"]
    evidence: list[EvidenceRef]


class DossierForwarded(_Said):
    """The commune checked the dossier and proposed it to the province (art. 7.2); the product has its code."""

    dossier_id: UUID
    kind: Literal["first", "upgrade", "renewal"]
    submitted_on: date
    evidence: list[EvidenceRef]
