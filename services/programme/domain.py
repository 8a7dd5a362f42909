"""Plans (kế hoạch) with their targets, tasks and how far they are, trainings held: what programme itself is told."""

from datetime import date
from typing import Literal, Self
from uuid import UUID

from pydantic import Field

from shared.auth.permissions import Place
from shared.eventstore.aggregate import Aggregate, Begun, Changed, event
from shared.values import Decision, Moment, Refusal, Value

# --- plan ---


class PeriodBackwards(Refusal):
    rule = "plan-period-backwards"
    vi = "Kế hoạch kết thúc ({period_to}) trước khi bắt đầu ({period_from})."
    en = "The plan ends ({period_to}) before it begins ({period_from})."


class TargetOutsidePeriod(Refusal):
    rule = "target-outside-period"
    vi = "Thời hạn của chỉ tiêu ({by}) nằm ngoài kỳ kế hoạch ({period_from} – {period_to})."
    en = "The target's day ({by}) lies outside the plan's period ({period_from} – {period_to})."


class TargetTwice(Refusal):
    rule = "target-twice"
    vi = "Chỉ tiêu {metric} đến ngày {by} được nêu hai lần."
    en = "The target {metric} by {by} is set twice."


class Target(Value):
    """What a plan wants of a number by a day; `metric` is a name of the vocabulary of plans, known to us or not."""

    metric: str = Field(pattern="^[a-z][a-z0-9_]*$", max_length=100)
    comparator: Literal[">=", "<=", "="]
    value: float = Field(allow_inf_nan=False)
    by: date


class Programme(Value):
    """What a plan states: whose, for which period, with which targets."""

    name: str
    province: str
    period_from: date
    period_to: date
    targets: tuple[Target, ...]
    decision: Decision | None


class Plan(Aggregate):
    TOPIC = "programme.Plan"

    class Published(Begun):
        TOPIC = "programme.PlanPublished"
        plan: Programme

    @classmethod
    def publish(cls, id: UUID, plan: Programme, when: Moment) -> Self:
        """Raises PeriodBackwards, TargetOutsidePeriod, TargetTwice."""
        if plan.period_to < plan.period_from:
            raise PeriodBackwards(field="period_to", period_from=plan.period_from, period_to=plan.period_to)
        check_targets(plan)
        return cls._create(cls.Published, id=id, when=when, plan=plan)

    @event(Published)
    def __init__(self, plan: Programme) -> None:
        self.plan = plan

    @property
    def place(self) -> Place:
        return Place(province=self.plan.province)


def check_targets(plan: Programme) -> None:
    """Raises TargetOutsidePeriod, TargetTwice."""
    seen: set[tuple[str, date]] = set()
    for i, target in enumerate(plan.targets):
        if not plan.period_from <= target.by <= plan.period_to:
            raise TargetOutsidePeriod(
                field=f"targets[{i}].by", by=target.by, period_from=plan.period_from, period_to=plan.period_to
            )
        if (target.metric, target.by) in seen:
            raise TargetTwice(field=f"targets[{i}].metric", metric=target.metric, by=target.by)
        seen.add((target.metric, target.by))


# --- task ---


class ProgressBackwards(Refusal):
    rule = "task-progress-backwards"
    vi = "Nhiệm vụ đã đạt {have}%, không lùi về {done_percent}%."
    en = "The task is {have}% done and cannot go back to {done_percent}%."


class ReportTooEarly(Refusal):
    rule = "task-report-before-the-last"
    vi = "Báo cáo ngày {on} trước báo cáo gần nhất ({last})."
    en = "The report of {on} is before the last one ({last})."


class OtherTask(Refusal):
    rule = "task-of-another-plan"
    vi = "Nhiệm vụ này thuộc tỉnh {province}, kế hoạch {plan_id}."
    en = "This task belongs to province {province}, plan {plan_id}."


class PlanOfAnotherProvince(Refusal):
    rule = "plan-of-another-province"
    vi = "Kế hoạch thuộc tỉnh {have}, nhiệm vụ thuộc tỉnh {province}."
    en = "The plan belongs to province {have}, the task to province {province}."


class Progress(Value):
    """How far a task is, in percent, and the account of it."""

    name: str
    province: str
    plan_id: UUID | None
    done_percent: int
    account: str


class Task(Aggregate):
    """A task (nhiệm vụ) of the programme, with or without a plan; it begins with its first report."""

    TOPIC = "programme.Task"

    class Opened(Begun):
        TOPIC = "programme.TaskOpened"
        progress: Progress

    class Reported(Changed):
        TOPIC = "programme.TaskReported"
        progress: Progress

    @classmethod
    def begin(cls, id: UUID, progress: Progress, plan: Plan | None, when: Moment) -> Self:
        """The first report. Raises PlanOfAnotherProvince."""
        if plan and plan.plan.province != progress.province:
            raise PlanOfAnotherProvince(field="plan_id", have=plan.plan.province, province=progress.province)
        return cls._create(cls.Opened, id=id, when=when, progress=progress)

    @event(Opened)
    def __init__(self, progress: Progress, legal_date: date) -> None:
        self.progress = progress
        self.last = legal_date

    @property
    def place(self) -> Place:
        return Place(province=self.progress.province)

    def report(self, progress: Progress, when: Moment) -> None:
        """A later report. Raises OtherTask, ReportTooEarly, ProgressBackwards."""
        have = self.progress
        if (progress.province, progress.plan_id) != (have.province, have.plan_id):
            raise OtherTask(field="plan_id", province=have.province, plan_id=have.plan_id or "–")
        if when.on < self.last:
            raise ReportTooEarly(field="on", on=when.on, last=self.last)
        if progress.done_percent < have.done_percent:
            raise ProgressBackwards(field="done_percent", have=have.done_percent, done_percent=progress.done_percent)
        self.trigger_event(self.Reported, when=when, progress=progress)

    @event(Reported)
    def _reported(self, progress: Progress, legal_date: date) -> None:
        self.progress = progress
        self.last = legal_date


# --- training ---


class NobodyAttended(Refusal):
    rule = "training-without-attendants"
    vi = "Lớp tập huấn không có người tham dự."
    en = "Nobody attended the training."


class Training(Aggregate):
    TOPIC = "programme.Training"

    class Held(Begun):
        """How many attended; no names."""

        TOPIC = "programme.TrainingHeld"
        subject: str
        province: str
        producers: int
        officers: int

    @classmethod
    def hold(cls, id: UUID, *, subject: str, province: str, producers: int, officers: int, when: Moment) -> Self:
        """Raises NobodyAttended."""
        if producers + officers == 0:
            raise NobodyAttended(field="producers")
        facts = {"subject": subject, "province": province, "producers": producers, "officers": officers}
        return cls._create(cls.Held, id=id, when=when, **facts)

    @event(Held)
    def __init__(self, province: str) -> None:
        self.province = province

    @property
    def place(self) -> Place:
        return Place(province=self.province)
