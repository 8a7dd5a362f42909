"""What the registration house says. Consumers: evaluation (dossiers), programme (counts), subscribers outside."""

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from shared.contracts.envelope import Contract, ProductContract
from shared.values import Decision, Known, ProducerRef, Value


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


class IdeaReturned(_Said):
    """The idea went back to the producer with what to put right; it may be sent again."""

    idea_id: UUID
    guidance: str


class IdeaWithdrawn(_Said):
    """The producer withdrew the idea."""

    idea_id: UUID
    reason: str


class PlanSubmitted(_Said):
    """A business plan was submitted for an accepted idea, for the first time or again after a return."""

    plan_id: UUID
    idea_id: UUID


class PlanApproved(_Said):
    """The business plan was approved by a decision."""

    plan_id: UUID
    decision: Decision


class PlanReturned(_Said):
    """The business plan went back to the producer with guidance."""

    plan_id: UUID
    idea_id: UUID
    guidance: str


class PlanProgressReported(_Said):
    """Progress of carrying out a business plan, in percent."""

    plan_id: UUID
    done_percent: int


class ProductRegistered(_Said):
    """The product is in the register; its code comes with the first forwarding."""


class ProductPlaced(_Said):
    """A product's place by the map of the legal date, from the place that it had by that of `known_on`.

    `chosen`: by a person among the `candidates` of a commune that was split; else by rule, there being one.
    """

    was_province: str
    was_commune: str
    known_on: date
    candidates: list[str]
    chosen: bool


class ProducerPlaced(Contract):
    """The same of a producer."""

    HOUSE: ClassVar[str] = "registration"
    producer: ProducerRef
    province: str
    commune: str
    was_province: str
    was_commune: str
    known_on: date
    candidates: list[str]
    chosen: bool


class EvidenceRef(Value):
    """A paper by its content: SHA-256 (hex), size in bytes, media type, file name, kind of the ruleset."""

    sha256: str
    size: int
    type: str
    name: str
    kind: str


class DossierSubmitted(_Said):
    """A dossier was filed with the commune (26/2026 art. 7.1), or completed after a return.

    `admitted_by`: the article that lets a renewal in whose window could not be kept (12.3).
    """

    dossier_id: UUID
    kind: Literal["first", "upgrade", "renewal"]
    evidence: list[EvidenceRef]
    completes: bool = False
    admitted_by: str | None = None


class DossierReturned(_Said):
    """The commune found papers missing (kinds of evidence) and gave the dossier back (art. 7.2)."""

    dossier_id: UUID
    kind: Literal["first", "upgrade", "renewal"]
    missing: list[str]
    note: str


class AdditionRequested(_Said):
    """The advisory team asks for more papers (kinds of evidence), to be handed in by `due_on`."""

    dossier_id: UUID
    wants: list[str]
    note: str
    due_on: date


class DossierForwarded(_Said):
    """The commune checked the dossier and proposed it to the province (art. 7.2); the product has its code."""

    dossier_id: UUID
    kind: Literal["first", "upgrade", "renewal"]
    submitted_on: date
    evidence: list[EvidenceRef]
    stars_held: int | None = None  # of the certificate that an upgrade or renewal starts from
    left_over: bool = False  # assessed or recognised before, and without a certificate on the day of filing


class RecognitionRecorded(_Said):
    """An earlier recognition taken into the register; its legal date is that of its decision, its ruleset an id only.

    `number` is null where the papers name none; `issued_on` and `expires_on` are the certificate's first and last day.
    """

    number: str | None
    stars: int
    decision: Decision
    issued_on: date
    expires_on: date
    recorded_on: date
    simulated: bool = False
    known: Known | None = None


class RecognitionNoted(_Said):
    """An earlier recognition known only in part, so that no certificate follows from it; its legal date is its recording.

    What is not known is null; in `product`, `producer` and `commune` it is an empty text.
    """

    recognition_id: UUID
    stars: int | None
    year: int | None
    decided_on: date | None
    decision_number: str | None
    authority: str | None
    expires_on: date | None
    known: Known


class RecognitionTakenBack(_Said):
    """An earlier recognition was taken into the register by mistake; it is as if it had never been there.

    `number`: of its certificate, null where it was only noted; `product_too`: nothing else brought the product in.
    """

    recognition_id: UUID
    number: str | None
    product_too: bool
    reason: str
