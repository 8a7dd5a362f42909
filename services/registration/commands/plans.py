"""What can be asked about business plans."""

from uuid import UUID

from pydantic import Field

from services.registration.commands.registry import Words, handler
from services.registration.domain.idea import Idea
from services.registration.domain.plan import BusinessPlan, Content
from shared.eventstore.commands import Command, Session
from shared.values import Decision


class SubmitPlan(Command):
    """A business plan for an accepted idea."""

    id: UUID
    idea_id: UUID
    content: Content


@handler
async def submit_plan(command: SubmitPlan, session: Session) -> None:
    idea = await session.load(Idea, command.idea_id)
    session.save(BusinessPlan.submit(command.id, idea=idea, content=command.content, when=session.when), id=command.id)


class ApprovePlan(Command):
    """The authority approves a business plan by a decision."""

    plan_id: UUID
    decision: Decision


@handler
async def approve_plan(command: ApprovePlan, session: Session) -> None:
    plan = await session.load(BusinessPlan, command.plan_id)
    plan.approve(command.decision, session.when)
    session.save(plan)


class ReportProgress(Command):
    """How far a business plan is carried out, and what support came."""

    plan_id: UUID
    done_percent: int = Field(ge=0, le=100)
    account: str = Field(min_length=1, max_length=2000)
    support_received: str = Field(default="", max_length=2000)


@handler
async def report_progress(command: ReportProgress, session: Session) -> None:
    plan = await session.load(BusinessPlan, command.plan_id)
    plan.report_progress(command.done_percent, command.account, command.support_received, session.when)
    session.save(plan)


class ReturnPlan(Command):
    """The authority returns a business plan with what is to be put right."""

    plan_id: UUID
    guidance: Words


@handler
async def return_plan(command: ReturnPlan, session: Session) -> None:
    plan = await session.load(BusinessPlan, command.plan_id)
    plan.send_back(command.guidance, session.when)
    session.save(plan)


class ResubmitPlan(Command):
    """The producer submits a returned business plan again, put right."""

    plan_id: UUID
    content: Content


@handler
async def resubmit_plan(command: ResubmitPlan, session: Session) -> None:
    plan = await session.load(BusinessPlan, command.plan_id)
    plan.send_again(command.content, session.when)
    session.save(plan)
