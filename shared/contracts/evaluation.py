"""What the evaluation house says. Consumers: registration (dossier states), certification (results), subscribers outside."""

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from shared.contracts.envelope import Contract, ProductContract
from shared.values import Decision, Value

HOUSE = "evaluation"
Level = str  # id of a level of the ruleset: province, national, …


class RoundOpened(Contract):
    """An assessment round (đợt đánh giá, 26/2026 art. 5); `province` is null for a round of the ministry.

    `district`: of a district's council, until 30 June 2025. `backlog`: only for products left over without a certificate.
    """

    HOUSE: ClassVar[str] = HOUSE
    round_id: UUID
    level: Level
    province: str | None
    name: str
    proposals_last: date
    done_last: date
    ruleset: str
    district: str | None = None
    backlog: bool = False


class RoundClosed(RoundOpened):
    """The round is over."""


class CouncilFormed(Contract):
    """A council by decision (art. 7.3.b, 7.4.b): how many members, how large its advisory team; no names."""

    HOUSE: ClassVar[str] = HOUSE
    council_id: UUID
    level: Level
    province: str | None
    members: int
    team: int
    decision: Decision
    ruleset: str
    district: str | None = None


class AssessmentOpened(ProductContract):
    """A level took the dossier up; `own`: a province anew after the centre's result (art. 7.4.g)."""

    HOUSE: ClassVar[str] = HOUSE
    assessment_id: UUID
    dossier_id: UUID
    level: Level
    basis: str | None = None
    own: bool = False
    again: bool = False  # the same dossier anew, after an appeal that was upheld or an annulment


class GateMissed(Value):
    """A criterion whose marked minimum is not reached, in points."""

    criterion: str
    mark: int
    need: int | float
    have: int | float


class ProductScored(ProductContract):
    """A council's decision, said once. `average` is exact (`"n"` or `"n/d"`), null where no ballot was cast."""

    HOUSE: ClassVar[str] = HOUSE
    assessment_id: UUID
    dossier_id: UUID
    level: Level
    round: UUID | None
    kind: str
    outcome: Literal["ranked", "stopped", "rejected", "not_assessed"]
    average: str | None
    average_2dp: float | None
    parts: dict[str, float] | None
    star_by_band: int | None
    star_after_gates: int | None
    gates_missed: list[GateMissed]
    ballots: int
    spread: float | None
    again: bool = False  # the same dossier assessed anew, after an appeal that was upheld or an annulment
    recognisable: bool  # three stars or more, by this level or one below it
    sent_up_to: Level | None  # the average sends the dossier to this level; no certificate before its result
    simulated: bool = False
    recorded: bool = False  # nobody certifies under these rules: the stars stand as the council found them


class AssessmentReferred(ProductContract):
    """A dossier was sent up with the whole file (art. 7.3.e)."""

    HOUSE: ClassVar[str] = HOUSE
    assessment_id: UUID
    dossier_id: UUID
    level: Level
    to_level: Level
    next_assessment_id: UUID


class AssessmentAnnulled(ProductContract):
    """An assessment is void on the ministry's demand (art. 10.1.b); nothing of it is erased."""

    HOUSE: ClassVar[str] = HOUSE
    assessment_id: UUID
    dossier_id: UUID
    level: Level
    reason: str
    decision: Decision


class AppealLodged(ProductContract):
    """A producer contests a council's result; `about`: criteria of the sheet. To be answered by `due_on`."""

    HOUSE: ClassVar[str] = HOUSE
    appeal_id: UUID
    reference: str
    assessment_id: UUID
    dossier_id: UUID
    criteria: list[str]
    due_on: date


class AppealDecided(ProductContract):
    """The answer to an appeal; one that is upheld has the dossier assessed again."""

    HOUSE: ClassVar[str] = HOUSE
    appeal_id: UUID
    reference: str
    assessment_id: UUID
    dossier_id: UUID
    upheld: bool
    decision: Decision
