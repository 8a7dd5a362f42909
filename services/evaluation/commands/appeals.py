"""Appeals against a result: lodged by the producer, answered by the chairman."""

from uuid import UUID

from pydantic import Field

from services.evaluation.commands.desk import Text, assessment_of, handler, own_level, review_begun
from services.evaluation.domain.appeal import Appeal, AppealNumbers, authority_of
from shared.eventstore.commands import Command, Session
from shared.regulation.rulesets import load
from shared.values import Decision


class LodgeAppeal(Command):
    """A producer contests the result on its own product: which criteria, and why."""

    id: UUID
    assessment_id: UUID
    criteria: tuple[str, ...] = Field(min_length=1, max_length=200)
    reason: Text


@handler
async def lodge_appeal(command: LodgeAppeal, session: Session) -> None:
    assessment = await assessment_of(session, command.assessment_id)
    review = await review_begun(session, assessment)
    authority, year, when = authority_of(assessment), session.when.on.year, session.when
    numbers = await session.find(AppealNumbers, AppealNumbers.id_of(authority, year))
    numbers = numbers or AppealNumbers.open(authority, year, when)
    sheet = load(assessment.ruleset).sheet(assessment.about.product.set)
    appeal = Appeal.lodge(
        command.id, assessment, reference=numbers.allocate(command.id, when), criteria=command.criteria,
        reason=command.reason, sheet=sheet, when=when,
    )  # fmt: skip
    review.contest(command.id, when)
    session.save(numbers, review, appeal, id=command.id, reference=appeal.reference, due_on=appeal.due_on)


class DecideAppeal(Command):
    """The answer to an appeal; one that is upheld lets the agency assess the same dossier again."""

    appeal_id: UUID
    upheld: bool
    decision: Decision
    answer: Text


@handler
async def decide_appeal(command: DecideAppeal, session: Session) -> None:
    appeal = await session.load(Appeal, command.appeal_id)
    own_level(session, appeal.level)
    review = await review_begun(session, await assessment_of(session, appeal.assessment_id))
    appeal.decide(command.upheld, command.decision, command.answer, session.when)
    review.answer(command.appeal_id, command.upheld, session.when)
    session.save(appeal, review)
