"""Tasks (nhiệm vụ) and how far they are: those of a plan by its own ids, and others."""

from datetime import date
from typing import Any, Self
from uuid import UUID

from services.programme.domain.document import PlannedTask
from services.programme.domain.plan import Plan
from shared.auth.permissions import Place
from shared.eventstore.aggregate import Aggregate, Begun, Changed, event
from shared.values import Moment, Refusal, Value


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


class AgencyNotAsked(Refusal):
    rule = "agency-not-of-the-task"
    vi = "Cơ quan {agency} không chủ trì và không phối hợp nhiệm vụ {task}."
    en = "The agency {agency} neither leads nor co-ordinates the task {task}."


class Progress(Value):
    """How far a task is, in percent, and the account of it.

    `key`: the task's id in its plan, with its kind; `unit`: the district or commune that reports for itself; `agency`: the
    body of the plan that reports; `obstacles`: what is in the way (khó khăn, vướng mắc).
    """

    name: str
    province: str
    plan_id: UUID | None
    done_percent: int
    account: str
    key: str | None = None
    kind: str | None = None
    unit: str | None = None
    agency: str | None = None
    obstacles: str | None = None


class Task(Aggregate):
    """A task of the programme, with or without a plan; it begins with its first report."""

    TOPIC = "programme.Task"

    class Opened(Begun):
        TOPIC = "programme.TaskOpened"
        class_version = 2
        progress: Progress

        @staticmethod
        def upcast_v1_v2(facts: dict[str, Any]) -> None:
            """The first tasks were named by no plan's own id."""

    class Reported(Changed):
        TOPIC = "programme.TaskReported"
        class_version = 2
        progress: Progress

        @staticmethod
        def upcast_v1_v2(facts: dict[str, Any]) -> None:
            """As of `Opened`."""

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


def check_agency(task: PlannedTask, agency: str | None) -> None:
    """Only who leads or co-ordinates a task reports on it. Raises AgencyNotAsked."""
    if agency is not None and agency not in (*task.lead, *task.supporting):
        raise AgencyNotAsked(field="agency", agency=agency, task=task.id)
