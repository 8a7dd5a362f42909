"""What follows a council's result: up, back, not recognised, void, or the same dossier anew."""

from uuid import UUID

from pydantic import Field

from services.evaluation.commands.desk import Text, assessment_of, handler, review_begun, review_of
from services.evaluation.domain import following
from services.evaluation.domain.assessment import RENEWAL, Assessment
from shared.eventstore.commands import Command, Session
from shared.regulation.rulesets import load
from shared.values import Decision


class ApproveResult(Command):
    """The chairman of the province approves a result that goes up (26/2026 art. 7.3.e)."""

    assessment_id: UUID
    decision: Decision


@handler
async def approve_result(command: ApproveResult, session: Session) -> None:
    assessment = await assessment_of(session, command.assessment_id)
    following.approve_result(assessment, command.decision, session.when)
    session.save(assessment)


class ReferDossier(Command):
    """The dossier goes up with the whole file (26/2026 art. 7.3.e), or a renewal that is decided above (art. 7.6)."""

    assessment_id: UUID


@handler
async def refer_dossier(command: ReferDossier, session: Session) -> None:
    assessment = await assessment_of(session, command.assessment_id)
    above = following.refer(assessment, load(assessment.ruleset), session.when)
    session.save(assessment, above, next_assessment_id=above.id)


class NotRecognise(Command):
    """No recognition: below three stars, stopped or rejected (26/2026 art. 4.1.a)."""

    assessment_id: UUID
    decision: Decision


@handler
async def not_recognise(command: NotRecognise, session: Session) -> None:
    assessment = await assessment_of(session, command.assessment_id)
    following.not_recognise(assessment, command.decision, session.when)
    session.save(assessment)


class ReturnResult(Command):
    """The ministry gives its result back to the province; a province tells a producer what to improve."""

    assessment_id: UUID
    improve: tuple[str, ...] = Field(default=(), max_length=200)
    note: str = Field(default="", max_length=20_000)


@handler
async def return_result(command: ReturnResult, session: Session) -> None:
    assessment = await assessment_of(session, command.assessment_id)
    sheet = load(assessment.ruleset).sheet(assessment.about.product.set) if command.improve else None
    following.return_result(assessment, command.improve, command.note, sheet, session.when)
    session.save(assessment)


class OpenOwnAssessment(Command):
    """The province assesses on its own what the ministry returned below its threshold (26/2026 art. 7.4.g)."""

    id: UUID
    assessment_id: UUID


@handler
async def open_own_assessment(command: OpenOwnAssessment, session: Session) -> None:
    returned = await assessment_of(session, command.assessment_id)
    own = following.take_back(returned, command.id, load(returned.ruleset), session.when)
    session.save(returned, own, id=command.id)


class NoteCertificate(Command):
    """A certificate was issued on a result; said by the policy. Only a renewal has a term that this keeps."""

    assessment_id: UUID
    number: str


@handler
async def note_certificate(command: NoteCertificate, session: Session) -> None:
    assessment = await session.find(Assessment, command.assessment_id)
    if assessment is None or assessment.kind != RENEWAL:
        return
    following.note_certificate(assessment, command.number, session.when)
    session.save(assessment)


# --- annulment, and the same dossier anew ---


class DemandRedo(Command):
    """The ministry asks a province to assess a dossier again (26/2026 art. 10.1.b)."""

    assessment_id: UUID
    reason: Text


@handler
async def demand_redo(command: DemandRedo, session: Session) -> None:
    assessment = await session.load(Assessment, command.assessment_id)  # a province's: the centre looks into it
    review = await review_begun(session, assessment)
    following.demand_redo(assessment, review, command.reason, session.when)
    session.save(review)


class AnnulAssessment(Command):
    """The chairman declares a result void on the ministry's demand (26/2026 art. 10.1.b)."""

    assessment_id: UUID
    decision: Decision
    reason: Text


@handler
async def annul_assessment(command: AnnulAssessment, session: Session) -> None:
    assessment = await assessment_of(session, command.assessment_id)
    review = await review_of(session, assessment)
    following.annul(assessment, review, command.decision, command.reason, session.when)
    session.save(assessment)


class Reassess(Command):
    """The same dossier anew after an annulment or an appeal that was upheld; its report is in the file."""

    id: UUID
    assessment_id: UUID


@handler
async def reassess(command: Reassess, session: Session) -> None:
    assessment = await assessment_of(session, command.assessment_id)
    review = await review_begun(session, assessment)
    anew = following.reassess(assessment, review, command.id, session.when)
    session.save(review, anew, id=command.id)
