"""What the text of a plan says, part by part, as it was printed: lines of the document (`at`) prove each fact."""

from datetime import date
from typing import Annotated, Literal, get_args

from pydantic import Field

from shared.values import Value

Slug = Annotated[str, Field(pattern="^[a-z0-9]+([_-][a-z0-9]+)*$", max_length=100)]
Text = Annotated[str, Field(min_length=1, max_length=1000)]
Note = Annotated[str | None, Field(max_length=2000)]
Lines = Annotated[tuple[int, ...], Field(max_length=100)]
Stars = Annotated[int, Field(ge=1, le=5)]
Level = Literal["central", "province", "district", "commune"]
Scope = Literal["province", "each_district", "each_commune", "each_product"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
Every = Literal["month", "quarter", "half_year", "year", "plan_period", "regular", "ad_hoc"]
Step = Literal["inform", "idea", "train_plan", "plan", "train_execute", "execute", "assess", "promote", "cross"]
TaskKind = Literal[
    "launch", "organisation", "guidance", "information", "training", "study_tour", "cycle", "support", "quality",
    "assessment", "renewal", "inspection", "revocation", "promotion", "digital", "partners", "associations",
    "priority_project", "policy", "funding", "oversight", "review", "reporting",
]  # fmt: skip


class Part(Value):
    at: Lines = ()
    note: Note = None


class Target(Value):
    """What a plan wants of a number by a day; `metric` is a name of the vocabulary of plans, known to us or not.

    `value`, for `between` the lower figure, from which on the target is met; `upto` the upper one. `scope`: each district,
    commune or product must meet it. `since`: a period other than the plan's. `approximate`: the text says "about";
    `implied`: the number follows from the words; `criterion`: a threshold for choosing a product, no goal of the province.
    """

    metric: str = Field(pattern="^[a-z][a-z0-9_]*$", max_length=100)
    comparator: Literal[">=", "<=", "=", "between"]
    value: float = Field(allow_inf_nan=False)
    by: date
    id: Slug | None = None
    upto: float | None = Field(default=None, allow_inf_nan=False)
    statement_vi: Text | None = None
    statement_en: Text | None = None
    value_as_written: Text | None = None
    scope: Scope = "province"
    since: date | None = None
    part_of: Slug | None = None
    levels: tuple[Level, ...] = ()
    approximate: bool = False
    implied: bool = False
    criterion: bool = False
    at: Lines = ()

    @property
    def name(self) -> str:
        """What reports and figures call it: its id in the plan, or else its metric and day."""
        return self.id or f"{self.metric}-{self.by}"


class PlannedTask(Part):
    """A task or standing duty: who leads, who co-ordinates (phối hợp), when; `as_written` keeps the words."""

    id: Slug
    title_vi: Text
    title_en: Text | None = None
    lead: tuple[Slug, ...] = ()
    supporting: tuple[Slug, ...] = ()
    starts: date
    ends: date
    as_written: Note = None
    yearly: bool = False
    monthly: bool = False
    step: Step = "cross"
    kind: TaskKind
    done: bool = False


class PlannedRound(Part):
    id: Slug
    level: Level
    n: int
    products: Text
    start_from: date | None = None
    finish_before: date | None = None
    send_from: date | None = None
    send_to: date | None = None


class Due(Value):
    """Before which day: of a month, or of the first or last month of each period."""

    day: int = Field(ge=1, le=31)
    month: int | None = Field(default=None, ge=1, le=12)
    month_of_period: Literal["first", "last"] | None = None
    words: Text


class Duty(Part):
    """A reporting duty: who reports to whom, how often, before which day."""

    id: Slug
    what: Text
    every: Every
    due: Due | None = None
    units: tuple[Slug, ...] = ()
    to: tuple[Slug, ...] = ()
    through: Slug | None = None


class TrainingLine(Part):
    """`count`: how many classes, a number or a lowest and highest one; `share`: percent to be trained."""

    id: Slug
    attendants: Text
    subject: Text
    count: tuple[int, ...] = Field(default=(), max_length=2)
    share: float | None = Field(default=None, ge=0, le=100)


class Project(Part):
    id: Slug
    level: Level
    name_vi: Text
    name_en: Text | None = None
    lead: tuple[Slug, ...] = ()
    count: int | None = None


class Body(Value):
    """An agency that the plan names with its roles; its names where the vocabulary of agencies does not know it."""

    id: Slug
    roles: tuple[Slug, ...] = ()
    name_vi: Text | None = None
    name_en: Text | None = None
    today: Text | None = None


class Law(Value):
    number: Text
    dated: date | None = None
    note: Note = None


class Goal(Part):
    id: Slug
    text_en: Text


class Baseline(Goal):
    figures: dict[str, float] = Field(default_factory=dict)


class NamedProduct(Part):
    name_vi: Text
    kind: Slug


class Group(Value):
    group: Slug
    name_vi: Text
    examples_en: Text | None = None


class Coverage(Part):
    area_en: Text | None = None
    producers_eligible: tuple[Slug, ...] = ()
    product_groups: tuple[Group, ...] = ()


class CycleStep(Value):
    n: int
    step: Step
    title_vi: Text
    title_en: Text | None = None
    at: Lines = ()


class SendsUp(Value):
    to: Level
    min_score: float | None = None
    max_score: float | None = None
    min_star: Stars | None = None
    note: Note = None


class Deciding(Part):
    """What one level evaluates, decides, certifies, and sends up."""

    level: Level
    body: Slug
    evaluates: Text
    decides_stars: tuple[Stars, ...] = ()
    certifies: tuple[Stars, ...] = ()
    recognised_by: Slug | None = None
    sends_up: SendsUp | None = None


class Funding(Value):
    source: Text
    at: Lines = ()


class Paper(Value):
    """The document itself; null where the copy leaves a blank, with what is printed in `*_as_written`."""

    kind: Literal["decision", "plan"]
    number: Text | None = None
    number_as_written: Text | None = None
    dated: date | None = None
    dated_as_written: Text | None = None
    issuer: Slug | None = None
    issuer_level: Level = "province"
    source: Text | None = None
    complete: bool = True
    note: Note = None
    source_note: Note = None


class Content(Value):
    """Everything that a plan says besides its targets. Ids are the plan's own and never two of one."""

    key: Slug | None = None
    name_en: Text | None = None
    province_then: str | None = Field(default=None, pattern="^[0-9]{2}$")
    ruleset: Slug | None = None
    document: Paper | None = None
    laws: tuple[Law, ...] = Field(default=(), max_length=100)
    coverage: Coverage | None = None
    baseline: tuple[Baseline, ...] = Field(default=(), max_length=50)
    goals: tuple[Goal, ...] = Field(default=(), max_length=100)
    cycle: tuple[CycleStep, ...] = Field(default=(), max_length=20)
    levels: tuple[Deciding, ...] = Field(default=(), max_length=10)
    rounds: tuple[PlannedRound, ...] = Field(default=(), max_length=50)
    tasks: tuple[PlannedTask, ...] = Field(default=(), max_length=1000)
    reporting: tuple[Duty, ...] = Field(default=(), max_length=100)
    projects: tuple[Project, ...] = Field(default=(), max_length=200)
    products: tuple[NamedProduct, ...] = Field(default=(), max_length=500)
    agencies: tuple[Body, ...] = Field(default=(), max_length=200)
    training: tuple[TrainingLine, ...] = Field(default=(), max_length=100)
    funding: tuple[Funding, ...] = Field(default=(), max_length=50)
    notes: dict[Slug, Text] = Field(default_factory=dict, max_length=20)
