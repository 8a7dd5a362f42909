"""What the programme house says. Consumers: the portal, subscribers outside."""

from datetime import date, datetime
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field

from shared.contracts.envelope import Contract
from shared.values import Decision, Value

HOUSE = "programme"


class TargetSet(Value):
    """What a plan wants of a number of the register by a day; `scope`: of the province, or of each of its districts and so on.

    A target between two figures has the lower one as `value` and the upper one, past which is no miss, as `upto`.
    """

    metric: str
    comparator: Literal[">=", "<=", "="]
    value: float
    by: date
    id: str | None = None
    upto: float | None = None
    scope: str = "province"


class TaskSet(Value):
    """A task of a plan: who leads, who co-ordinates (ids of agencies), from when to when."""

    id: str
    name: str
    kind: str
    lead: list[str]
    supporting: list[str]
    starts: date
    ends: date


class PlanPublished(Contract):
    """A province's plan (kế hoạch) for a period, with its targets and tasks; a changed plan is said again, as a whole."""

    HOUSE: ClassVar[str] = HOUSE
    plan_id: UUID
    name: str
    province: str
    period_from: date
    period_to: date
    targets: list[TargetSet]
    decision: Decision | None = None
    version: int = 1
    key: str | None = None
    ruleset: str | None = None
    tasks: list[TaskSet] = Field(default_factory=list)


class TaskReported(Contract):
    """How far a task of the programme is done, in percent; `key`: its id in the plan, `unit`: who reports for itself alone."""

    HOUSE: ClassVar[str] = HOUSE
    task_id: UUID
    plan_id: UUID | None
    name: str
    province: str
    done_percent: int
    key: str | None = None
    kind: str | None = None
    unit: str | None = None
    agency: str | None = None


class TrainingHeld(Contract):
    """A training: its subject and how many attended; `attended`: the producers from which somebody came."""

    HOUSE: ClassVar[str] = HOUSE
    training_id: UUID
    subject: str
    province: str
    producers: int
    officers: int
    plan_id: UUID | None = None
    line: str | None = None
    kind: Literal["class", "study_tour"] = "class"
    leaders: int = 0
    attended: list[UUID] = Field(default_factory=list)


class ReportIssued(Contract):
    """A plan's periodic report was issued: the figures of the day `on`, as they were known at `known_at`."""

    HOUSE: ClassVar[str] = HOUSE
    report_id: UUID
    plan_id: UUID
    plan_version: int
    province: str
    on: date
    known_at: datetime
    number: str
    agency: str
    recipients: list[str]
    duty: str | None = None
    due_on: date | None = None


class UnitMoved(Value):
    """What became of one unit on the day: several rows of an old code are the candidates of a split (`partly`)."""

    level: str
    old_code: str
    new_code: str
    partly: bool


class UnitsMerged(Contract):
    """The map changes on `takes_effect`, by a decision: mergers, splits, other kinds. `counts`: rows by level of the old unit.

    `moves` is empty where they are more than a thousand: the tables of units have them.
    """

    HOUSE: ClassVar[str] = HOUSE
    takes_effect: date
    decision: Decision
    counts: dict[str, int]
    moves: list[UnitMoved]
