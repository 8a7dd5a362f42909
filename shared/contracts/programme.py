"""What the programme house says. Consumers: the portal, subscribers outside."""

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from shared.contracts.envelope import Contract
from shared.values import Decision, Value

HOUSE = "programme"


class TargetSet(Value):
    """What a plan wants of a number of the register by a day."""

    metric: str
    comparator: Literal[">=", "<=", "="]
    value: float
    by: date


class PlanPublished(Contract):
    """A province's plan (kế hoạch) for a period, with its targets."""

    HOUSE: ClassVar[str] = HOUSE
    plan_id: UUID
    name: str
    province: str
    period_from: date
    period_to: date
    targets: list[TargetSet]
    decision: Decision | None = None


class TaskReported(Contract):
    """How far a task of the programme is done, in percent."""

    HOUSE: ClassVar[str] = HOUSE
    task_id: UUID
    plan_id: UUID | None
    name: str
    province: str
    done_percent: int


class TrainingHeld(Contract):
    """A training: its subject and how many attended."""

    HOUSE: ClassVar[str] = HOUSE
    training_id: UUID
    subject: str
    province: str
    producers: int
    officers: int
