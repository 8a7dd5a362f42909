"""Plans (kế hoạch) with their targets: published as a whole, changed by a whole, every version kept."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any, Self
from uuid import UUID

from services.programme.domain.document import Content, PlannedTask, Target
from shared.auth.permissions import Place
from shared.duties import expected
from shared.eventstore.aggregate import Aggregate, Begun, Changed, event
from shared.values import Decision, Moment, Refusal, Value


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


class TargetBounds(Refusal):
    rule = "target-bounds"
    vi = "Chỉ tiêu {metric}: so sánh “between” cần số trên (upto) không nhỏ hơn số dưới, các so sánh khác không có số trên."
    en = "The target {metric}: between needs an upper figure (upto) not below the lower one, other comparators have none."


class UnknownPart(Refusal):
    rule = "target-part-of-unknown"
    vi = "Chỉ tiêu {target} thuộc chỉ tiêu {part_of} không có trong kế hoạch."
    en = "The target {target} is part of {part_of}, which the plan does not have."


class IdTwice(Refusal):
    rule = "plan-id-twice"
    vi = "Mã {id} được dùng hai lần trong kế hoạch."
    en = "The id {id} stands twice in the plan."


class TaskBackwards(Refusal):
    rule = "task-period-backwards"
    vi = "Nhiệm vụ {task} kết thúc ({ends}) trước khi bắt đầu ({starts})."
    en = "The task {task} ends ({ends}) before it begins ({starts})."


class AgencyNotListed(Refusal):
    rule = "agency-not-listed"
    vi = "Cơ quan {agency} không có trong danh sách cơ quan của kế hoạch."
    en = "The agency {agency} is not among the plan's agencies."


class PlanUnchanged(Refusal):
    rule = "plan-unchanged"
    vi = "Kế hoạch không thay đổi gì so với bản hiện hành."
    en = "The plan says nothing else than the version in force."


class PlanMoved(Refusal):
    rule = "plan-of-another-place"
    vi = "Bản điều chỉnh phải của cùng tỉnh {province}."
    en = "A changed version must be of the same province {province}."


class RevisedBefore(Refusal):
    rule = "plan-revised-before-the-last"
    vi = "Ngày điều chỉnh {on} trước ngày của bản hiện hành ({last})."
    en = "The day of the change {on} is before that of the version in force ({last})."


class UnknownTarget(Refusal):
    rule = "target-unknown"
    vi = "Kế hoạch không có chỉ tiêu {target}."
    en = "The plan has no target {target}."


class UnknownTask(Refusal):
    rule = "task-unknown"
    vi = "Kế hoạch không có nhiệm vụ {task}."
    en = "The plan has no task {task}."


class UnknownDuty(Refusal):
    rule = "duty-unknown"
    vi = "Kế hoạch không có chế độ báo cáo {duty}."
    en = "The plan has no reporting duty {duty}."


class UnknownLine(Refusal):
    rule = "training-line-unknown"
    vi = "Kế hoạch không có nội dung tập huấn {line}."
    en = "The plan has no training line {line}."


class Programme(Content):
    """What a plan states: whose, for which period, with which targets, and all else that its text says.

    `province` is the code of the map of today, whose office keeps the plan; `province_then` that of the plan's own period,
    where it was another.
    """

    name: str
    province: str
    period_from: date
    period_to: date
    targets: tuple[Target, ...]
    decision: Decision | None


class Awaited(Value):
    """A report that a duty of the plan asks for: of which period, and its last day."""

    duty: str
    first: date
    last: date
    due_on: date


class Plan(Aggregate):
    TOPIC = "programme.Plan"

    class Published(Begun):
        TOPIC = "programme.PlanPublished"
        class_version = 2
        plan: Programme

        @staticmethod
        def upcast_v1_v2(facts: dict[str, Any]) -> None:
            """The first plans had targets and nothing else: all other parts are empty."""

    class Revised(Changed):
        """`added`, `withdrawn`: the reports that are awaited from now on, and those that no longer are."""

        TOPIC = "programme.PlanRevised"
        plan: Programme
        reason: str
        added: tuple[Awaited, ...]
        withdrawn: tuple[Awaited, ...]

    @classmethod
    def publish(cls, id: UUID, plan: Programme, when: Moment) -> Self:
        """Raises PeriodBackwards, TargetOutsidePeriod, TargetTwice, TargetBounds, UnknownPart, IdTwice, TaskBackwards,
        AgencyNotListed.
        """
        check(plan)
        return cls._create(cls.Published, id=id, when=when, plan=plan)

    @event(Published)
    def __init__(self, plan: Programme, legal_date: date) -> None:
        self.plan = plan
        self.last = legal_date

    @property
    def place(self) -> Place:
        return Place(province=self.plan.province)

    def revise(self, plan: Programme, reason: str, when: Moment) -> None:
        """Another text from its legal date on. Raises PlanMoved, RevisedBefore, PlanUnchanged, and as `publish`."""
        if plan.province != self.plan.province:
            raise PlanMoved(field="province", province=self.plan.province)
        if when.on < self.last:
            raise RevisedBefore(field="on", on=when.on, last=self.last)
        if plan == self.plan:
            raise PlanUnchanged()
        check(plan)
        before, after = awaited(self.plan), awaited(plan)
        added = tuple(one for one in after if one not in before)
        withdrawn = tuple(one for one in before if one not in after)
        self.trigger_event(self.Revised, when=when, plan=plan, reason=reason, added=added, withdrawn=withdrawn)

    @event(Revised)
    def _revised(self, plan: Programme, legal_date: date) -> None:
        self.plan = plan
        self.last = legal_date

    def target(self, name: str) -> Target:
        """Raises UnknownTarget."""
        found = next((target for target in self.plan.targets if target.name == name), None)
        if found is None:
            raise UnknownTarget(field="target", target=name)
        return found

    def task(self, key: str) -> PlannedTask:
        """Raises UnknownTask."""
        found = next((task for task in self.plan.tasks if task.id == key), None)
        if found is None:
            raise UnknownTask(field="task", task=key)
        return found

    def check_duty(self, key: str) -> None:
        """Raises UnknownDuty."""
        if key not in {duty.id for duty in self.plan.reporting}:
            raise UnknownDuty(field="duty", duty=key)

    def check_line(self, key: str) -> None:
        """Raises UnknownLine."""
        if key not in {line.id for line in self.plan.training}:
            raise UnknownLine(field="line", line=key)


def awaited(plan: Programme) -> tuple[Awaited, ...]:
    """Every report with a due day that the duties of a plan ask for in its period."""
    return tuple(
        Awaited(duty=duty.id, first=one.first, last=one.last, due_on=one.due_on)
        for duty in plan.reporting
        for one in expected(duty.every, duty.due, plan.period_from, plan.period_to)
        if one.due_on
    )


# --- what a plan may not say ---


def check(plan: Programme) -> None:
    """Raises as `Plan.publish`."""
    if plan.period_to < plan.period_from:
        raise PeriodBackwards(field="period_to", period_from=plan.period_from, period_to=plan.period_to)
    check_targets(plan)
    check_ids(plan)
    for i, task in enumerate(plan.tasks):
        if task.ends < task.starts:
            raise TaskBackwards(field=f"tasks[{i}].ends", task=task.id, starts=task.starts, ends=task.ends)
    listed = {body.id for body in plan.agencies}
    for field, agency in named_agencies(plan):
        if agency not in listed:
            raise AgencyNotListed(field=field, agency=agency)


def check_targets(plan: Programme) -> None:
    seen: set[tuple[str, date]] = set()
    names = {target.id for target in plan.targets}
    for i, target in enumerate(plan.targets):
        at = f"targets[{i}]"
        if not plan.period_from <= target.by <= plan.period_to and not (target.since and target.since <= target.by):
            raise TargetOutsidePeriod(
                field=f"{at}.by", by=target.by, period_from=plan.period_from, period_to=plan.period_to
            )
        if (target.metric, target.by) in seen:
            raise TargetTwice(field=f"{at}.metric", metric=target.metric, by=target.by)
        if (target.comparator == "between") != (target.upto is not None) or (
            target.upto is not None and target.upto < target.value
        ):
            raise TargetBounds(field=f"{at}.upto", metric=target.metric)
        if target.part_of and target.part_of not in names:
            raise UnknownPart(field=f"{at}.part_of", target=target.name, part_of=target.part_of)
        seen.add((target.metric, target.by))


def check_ids(plan: Programme) -> None:
    """Raises IdTwice: figures, reports and progress name parts of a plan by their ids."""
    named = ("targets", "tasks", "rounds", "reporting", "projects", "training", "baseline", "goals")
    counted = Counter(part.id for field in named for part in getattr(plan, field) if part.id is not None)
    for id, times in counted.items():
        if times > 1:
            raise IdTwice(field="id", id=id)


def named_agencies(plan: Programme) -> Iterator[tuple[str, str]]:
    """(field, agency) of every place in which the plan gives a body something to do."""
    for i, task in enumerate(plan.tasks):
        yield from ((f"tasks[{i}]", agency) for agency in (*task.lead, *task.supporting))
    for i, duty in enumerate(plan.reporting):
        through = (duty.through,) if duty.through else ()
        yield from ((f"reporting[{i}]", agency) for agency in (*duty.units, *duty.to, *through))
    for i, project in enumerate(plan.projects):
        yield from ((f"projects[{i}]", agency) for agency in project.lead)
    for i, level in enumerate(plan.levels):
        recognised = (level.recognised_by,) if level.recognised_by else ()
        yield from ((f"levels[{i}]", agency) for agency in (level.body, *recognised))
