"""What can be asked of the programme house: load, decide, save."""

from datetime import date
from typing import Annotated
from uuid import UUID, uuid5

from pydantic import BeforeValidator, Field

from services.programme.domain.document import Target
from services.programme.domain.figure import ByHand, Entry, Figure, ForUnit, KeptList, ListName
from services.programme.domain.plan import Plan, Programme
from services.programme.domain.report import Issue, Report
from services.programme.domain.task import Progress, Task, check_agency
from services.programme.domain.training import OfficersAt, Training, TrainingKind
from services.programme.domain.unit_change import UnitChange, UnitMove
from shared import plans, units
from shared.areas import Area, area
from shared.calendar import HANOI
from shared.duties import expected_on
from shared.eventstore.commands import Command, Commands, DateInFuture, Session
from shared.values import Decision, Moment, NotFound, Refusal

COMMANDS = Commands("programme")
handler = COMMANDS.handler

Name = Annotated[str, Field(min_length=1, max_length=300)]
Text = Annotated[str, Field(min_length=1, max_length=20_000)]
Source = Annotated[str, Field(min_length=1, max_length=1000, description="văn bản, danh sách / paper or list")]
Province = Annotated[str, Field(pattern="^[0-9]{2}$", description="mã tỉnh / code of the province")]
UnitCode = Annotated[str, Field(pattern="^([0-9]{3}|[0-9]{5})$", description="mã huyện hoặc xã / district or commune")]
Key = Annotated[str, Field(min_length=1, max_length=200)]
People = Annotated[int, Field(ge=0, le=100_000)]
PlanId = Annotated[UUID, BeforeValidator(plans.plan_id_of)]


class UnknownProvince(Refusal):
    rule = "unknown-province"
    article = "19/2025/QĐ-TTg"
    vi = "Không có tỉnh mã {province} vào ngày {on}."
    en = "There is no province {province} on {on}."


class UnknownAgency(Refusal):
    rule = "agency-unknown"
    vi = "Cơ quan {agency} không có trong danh mục; cần nêu tên (name_vi)."
    en = "The agency {agency} is not in the vocabulary; its name is needed (name_vi)."


class UnitOutside(Refusal):
    rule = "unit-outside-the-plan"
    vi = "Đơn vị {unit} không thuộc tỉnh của kế hoạch trên bản đồ ngày {on}."
    en = "The unit {unit} is not in the plan's province on the map of {on}."


def check_province(province: str, on: date, field: str = "province") -> None:
    """Raises UnknownProvince."""
    if units.province(province, on) is None:
        raise UnknownProvince(field=field, province=province, on=on)


def recorded_on(when: Moment) -> date:
    """The day on which a fact is recorded, whatever its legal date."""
    return when.at.astimezone(HANOI).date()


def area_of(plan: Programme, on: date) -> Area:
    """The plan's own area on the map of a day within its period."""
    day = min(max(on, plan.period_from), plan.period_to)
    return area(plan.province_then or plan.province, plan.period_from, day)


# --- plan ---


class PublishPlan(Command, Programme):
    """A province's plan for a period, as a whole: targets, tasks, rounds, training, projects, reporting duties, agencies.

    What becomes of targets is counted from events where it can be, and reported by hand where it cannot.
    """

    id: UUID
    name: Name
    province: Province
    targets: tuple[Target, ...] = Field(max_length=200)
    decision: Decision | None = None


class RevisePlan(Command, Programme):
    """Another text of the plan as a whole, from its legal date on; the version before it stays readable."""

    plan_id: PlanId
    reason: Name
    name: Name
    province: Province
    targets: tuple[Target, ...] = Field(max_length=200)
    decision: Decision | None = None


@handler
async def publish_plan(command: PublishPlan, session: Session) -> None:
    session.save(Plan.publish(command.id, stated(command, session), session.when), id=command.id)


@handler
async def revise_plan(command: RevisePlan, session: Session) -> None:
    plan = await session.load(Plan, command.plan_id)
    plan.revise(stated(command, session), command.reason, session.when)
    session.save(plan, version=plan.version)


def stated(command: Programme, session: Session) -> Programme:
    """Raises UnknownProvince, UnknownAgency."""
    check_province(command.province, recorded_on(session.when))
    field = "province_then" if command.province_then else "province"
    check_province(command.province_then or command.province, command.period_from, field)
    for i, body in enumerate(command.agencies):
        if body.id not in plans.agencies() and body.name_vi is None:
            raise UnknownAgency(field=f"agencies[{i}].name_vi", agency=body.id)
    return Programme(**{field: getattr(command, field) for field in Programme.model_fields})


# --- task ---


class ReportTask(Command):
    """How far a task is; its first report makes it known and names its plan, and no later one goes back."""

    task_id: UUID
    name: Name
    plan_id: PlanId | None = None
    province: Province
    done_percent: int = Field(ge=0, le=100)
    account: Text


class ReportPlannedTask(Command):
    """How far a task of a plan is: by who leads or co-ordinates it, or by one district or commune (`unit`) for itself."""

    plan_id: PlanId
    key: Key
    done_percent: int = Field(ge=0, le=100)
    account: Text
    agency: Key | None = None
    unit: UnitCode | None = None
    obstacles: Text | None = None


@handler
async def report_task(command: ReportTask, session: Session) -> None:
    task = await session.find(Task, command.task_id)
    facts = {field: getattr(command, field) for field in ("name", "province", "done_percent", "account")}
    progress = Progress(**facts, plan_id=command.plan_id or (task and task.progress.plan_id))
    if task:
        task.report(progress, session.when)
    else:
        check_province(command.province, session.when.on)
        plan = await session.load(Plan, command.plan_id) if command.plan_id else None
        task = Task.begin(command.task_id, progress, plan, session.when)
    session.save(task)


@handler
async def report_planned_task(command: ReportPlannedTask, session: Session) -> None:
    plan = await session.load(Plan, command.plan_id)
    planned = plan.task(command.key)
    check_agency(planned, command.agency)
    if command.unit is not None:
        check_unit(plan.plan, command.unit, session.when.on, "unit")
    facts = command.model_dump(include={"key", "plan_id", "done_percent", "account", "agency", "unit", "obstacles"})
    progress = Progress(name=planned.title_vi, province=plan.plan.province, kind=planned.kind, **facts)
    id = uuid5(command.plan_id, f"task/{command.key}/{command.unit or ''}")
    task = await session.find(Task, id)
    if task:
        task.report(progress, session.when)
    else:
        task = Task.begin(id, progress, plan, session.when)
    session.save(task, task_id=id)


def check_unit(plan: Programme, unit: str, on: date, field: str) -> None:
    """Raises UnitOutside."""
    within = area_of(plan, on)
    if unit not in within.communes and unit not in within.with_districts.districts:
        raise UnitOutside(field=field, unit=unit, on=within.on)


# --- training ---


class HoldTraining(Command):
    """A training or study tour: its subject, and how many producers and officers attended; no names of people.

    `leaders`: heads of enterprises, cooperatives, households who had not attended one that counts before; `attended`: the
    producers (ids) from which somebody came; `officers_at`: officers by the level that they work at.
    """

    id: UUID
    subject: Name
    province: Province
    producers: People
    officers: People
    leaders: People = 0
    officers_at: OfficersAt | None = None
    attended: tuple[UUID, ...] = Field(default=(), max_length=2000)
    kind: TrainingKind = "class"
    plan_id: PlanId | None = None
    line: Key | None = None


class PlanOfAnotherProvince(Refusal):
    rule = "plan-of-another-province"
    vi = "Kế hoạch thuộc tỉnh {have}, lớp tập huấn thuộc tỉnh {province}."
    en = "The plan belongs to province {have}, the training to province {province}."


@handler
async def hold_training(command: HoldTraining, session: Session) -> None:
    facts = {field: getattr(command, field) for field in type(command).model_fields if field not in ("id", "on")}
    if command.plan_id:
        facts |= await of_plan(command, command.plan_id, session)
    else:
        check_province(command.province, session.when.on)
    session.save(Training.hold(command.id, when=session.when, **facts), id=command.id)


async def of_plan(command: HoldTraining, plan_id: UUID, session: Session) -> dict[str, str]:
    """The province as it was called in the plan's time, and as it is called today. Raises PlanOfAnotherProvince, UnknownLine."""
    plan = await session.load(Plan, plan_id)
    if plan.plan.province != command.province:
        raise PlanOfAnotherProvince(field="province", have=plan.plan.province, province=command.province)
    if command.line is not None:
        plan.check_line(command.line)
    return {"province": area_of(plan.plan, session.when.on).province, "kept_by": plan.plan.province}


# --- figure ---


class ReportFigure(Command):
    """A figure by hand for a target of a plan, as of its legal date: who reports it, and from which source.

    `value` for the province as a whole; `values` where each district, commune or product has to meet the target.
    """

    plan_id: PlanId
    target: Key
    value: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    values: tuple[ForUnit, ...] = Field(default=(), max_length=2000)
    office: Name
    source: Source
    note: Text | None = None


@handler
async def report_figure(command: ReportFigure, session: Session) -> None:
    plan = await session.load(Plan, command.plan_id)
    target = plan.target(command.target)
    check_units(plan.plan, target, command, session.when.on)
    id = uuid5(command.plan_id, f"figure/{command.target}")
    reported = ByHand(**{field: getattr(command, field) for field in ByHand.model_fields})
    metric = plans.metrics().get(target.metric)
    percent = metric is not None and metric.unit == "percent"
    figure = await session.find(Figure, id)
    if figure:
        figure.report(target, reported, session.when, percent=percent)
    else:
        figure = Figure.begin(
            id, plan_id=command.plan_id, province=plan.plan.province, target=target, reported=reported,
            when=session.when, percent=percent,
        )  # fmt: skip
    session.save(figure, figure_id=id)


def check_units(plan: Programme, target: Target, command: ReportFigure, on: date) -> None:
    """Raises UnitOutside where a figure names what is not of the scope's kind in the plan's area."""
    within = area_of(plan, on)
    known = {"each_district": within.with_districts.districts, "each_commune": within.communes}.get(target.scope)
    for i, one in enumerate(command.values):
        if known is not None and one.unit not in known:
            raise UnitOutside(field=f"values[{i}].unit", unit=one.unit, on=within.on)


class KeepEntry(Command):
    """An entry of a list that the province keeps by hand, new or changed: who keeps it, and from which source."""

    province: Province
    list: ListName
    entry: Entry
    office: Name
    source: Source


class DropEntry(Command):
    """An entry leaves a list that the province keeps by hand, for a reason."""

    province: Province
    list: ListName
    key: Key
    reason: Name


def list_id(province: str, name: str) -> UUID:
    return uuid5(UUID("0c0b5a6e-7d0e-5e0f-9a51-6c6973747300"), f"{province}/{name}")


@handler
async def keep_entry(command: KeepEntry, session: Session) -> None:
    check_province(command.province, recorded_on(session.when))
    id, by = list_id(command.province, command.list), {"office": command.office, "source": command.source}
    kept = await session.find(KeptList, id)
    if kept:
        kept.keep(command.list, command.entry, when=session.when, **by)
    else:
        kept = KeptList.begin(id, command.province, command.list, command.entry, when=session.when, **by)
    session.save(kept)


@handler
async def drop_entry(command: DropEntry, session: Session) -> None:
    kept = await session.find(KeptList, list_id(command.province, command.list))
    if kept is None:
        raise NotFound(what="list", id=f"{command.province}/{command.list}")
    kept.drop(command.key, command.reason, session.when)
    session.save(kept)


# --- report ---


class IssueReport(Command):
    """A plan's periodic report as a document: the figures of the day `on`, as known at the moment of issue, for ever.

    `issued_on`: the date that it bears, by default today's. With a `duty` of the plan, its due day is kept.
    """

    id: UUID
    plan_id: PlanId
    issue: Issue
    issued_on: date | None = None


@handler
async def issue_report(command: IssueReport, session: Session) -> None:
    plan = await session.load(Plan, command.plan_id)
    today = recorded_on(session.when)
    issued_on = command.issued_on or today
    if issued_on > today:
        raise DateInFuture(field="issued_on", on=issued_on, today=today)
    issue, on, first = command.issue, session.when.on, None
    if issue.duty is not None:
        plan.check_duty(issue.duty)
        duty = next(duty for duty in plan.plan.reporting if duty.id == issue.duty)
        expected = expected_on(duty.every, duty.due, on, plan.plan.period_from, plan.plan.period_to)
        issue, first = issue.model_copy(update={"due_on": expected and expected.due_on}), expected and expected.first
    report = Report.issue_of(command.id, plan, on, issue, Moment(issued_on, session.when.at), first)
    session.save(report, id=report.id)


# --- the map ---


class UnitsToldAlready(Refusal):
    rule = "units-change-told-already"
    vi = "Thay đổi địa giới ngày {takes_effect} đã được công bố."
    en = "The change of units of {takes_effect} has been told already."


class TellUnitsMerged(Command):
    """The centre tells a change of the map, of today, earlier or to come, whose units are in the tables of units."""

    takes_effect: date
    decision: Decision


@handler
async def tell_units_merged(command: TellUnitsMerged, session: Session) -> None:
    day = command.takes_effect
    if await session.find(UnitChange, UnitChange.id_of(day)):
        raise UnitsToldAlready(field="takes_effect", takes_effect=day)
    moves = tuple(
        UnitMove(level=move.level, old_code=move.old_code, new_code=move.new_code, partly=move.partly)
        for move in units.changed_on(day)
    )
    change = UnitChange.tell(day, command.decision, moves, session.when)
    session.save(change, id=change.id, moves=len(moves))
