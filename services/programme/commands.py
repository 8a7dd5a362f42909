"""What can be asked of the programme house: load, decide, save."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.programme.domain import Plan, Programme, Progress, Target, Task, Training
from shared import units
from shared.eventstore.commands import Command, Commands, Session
from shared.values import Decision, Refusal

COMMANDS = Commands("programme")
handler = COMMANDS.handler

Name = Annotated[str, Field(min_length=1, max_length=300)]
Text = Annotated[str, Field(min_length=1, max_length=20_000)]
Province = Annotated[str, Field(pattern="^[0-9]{2}$", description="mã tỉnh / code of the province")]
People = Annotated[int, Field(ge=0, le=100_000)]


class UnknownProvince(Refusal):
    rule = "unknown-province"
    article = "19/2025/QĐ-TTg"
    vi = "Không có tỉnh mã {province} vào ngày {on}."
    en = "There is no province {province} on {on}."


def check_province(province: str, on: date) -> None:
    """Raises UnknownProvince."""
    if units.province(province, on) is None:
        raise UnknownProvince(field="province", province=province, on=on)


# --- plan ---


class PublishPlan(Command):
    """A province's plan for a period, with its targets; what becomes of them is counted, not reported."""

    id: UUID
    name: Name
    province: Province
    period_from: date
    period_to: date
    targets: tuple[Target, ...] = Field(max_length=200)
    decision: Decision | None = None


@handler
async def publish_plan(command: PublishPlan, session: Session) -> None:
    check_province(command.province, session.when.on)
    stated = Programme(**{field: getattr(command, field) for field in Programme.model_fields})
    session.save(Plan.publish(command.id, stated, session.when), id=command.id)


# --- task ---


class ReportTask(Command):
    """How far a task is; its first report makes it known and names its plan, and no later one goes back."""

    task_id: UUID
    name: Name
    plan_id: UUID | None = None
    province: Province
    done_percent: int = Field(ge=0, le=100)
    account: Text


@handler
async def report_task(command: ReportTask, session: Session) -> None:
    task = await session.find(Task, command.task_id)
    facts = {field: getattr(command, field) for field in Progress.model_fields}
    progress = Progress(**facts | {"plan_id": command.plan_id or (task and task.progress.plan_id)})
    if task:
        task.report(progress, session.when)
    else:
        check_province(command.province, session.when.on)
        plan = await session.load(Plan, command.plan_id) if command.plan_id else None
        task = Task.begin(command.task_id, progress, plan, session.when)
    session.save(task)


# --- training ---


class HoldTraining(Command):
    """A training: its subject, and how many producers and officers attended."""

    id: UUID
    subject: Name
    province: Province
    producers: People
    officers: People


@handler
async def hold_training(command: HoldTraining, session: Session) -> None:
    check_province(command.province, session.when.on)
    facts = command.model_dump(include={"subject", "province", "producers", "officers"})
    session.save(Training.hold(command.id, when=session.when, **facts), id=command.id)
