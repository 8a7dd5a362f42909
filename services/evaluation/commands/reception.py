"""A dossier at the agency: received, looked at, reported on, and who has to keep away from it."""

from uuid import UUID

from pydantic import Field, SecretStr

from services.evaluation.commands.desk import Text, assessment_of, handler, sealed
from services.evaluation.domain.assessment import Assessment
from services.evaluation.domain.council import Council
from shared import units
from shared.eventstore.commands import Command, Session
from shared.regulation.rulesets import load
from shared.values import About


class ExpectDossier(Command):
    """A dossier was forwarded by its commune; said by the policy."""

    id: UUID
    about: About
    ruleset: str
    dossier_id: UUID
    kind: str
    evidence: int
    stars_held: int | None = None
    left_over: bool = False


@handler
async def expect_dossier(command: ExpectDossier, session: Session) -> None:
    on = session.when.on
    above = units.parent_on("commune", command.about.commune, on)
    assessment = Assessment.arrive(
        command.id, about=command.about, ruleset=load(command.ruleset), dossier_id=command.dossier_id,
        kind=command.kind, evidence=command.evidence, forwarded_on=on, when=session.when,
        stars_held=command.stars_held, left_over=command.left_over,
        district=above.code if above and above.level == "district" else None,
    )  # fmt: skip
    session.save(assessment, id=command.id)


class ReceiveDossier(Command):
    """The agency of the level takes the dossier up (26/2026 art. 7.3.a, 7.4.a)."""

    assessment_id: UUID


@handler
async def receive_dossier(command: ReceiveDossier, session: Session) -> None:
    assessment = await assessment_of(session, command.assessment_id)
    assessment.receive(session.when)
    session.save(assessment)


class ReportAdvice(Command):
    """The advisory team's report to the council's chair (26/2026 art. 7.3.c)."""

    assessment_id: UUID
    report: Text
    findings: tuple[Text, ...] = Field(default=(), max_length=100)
    proposal: Text


@handler
async def report_advice(command: ReportAdvice, session: Session) -> None:
    assessment = await assessment_of(session, command.assessment_id)
    assessment.report_advice(command.report, command.findings, command.proposal, session.when)
    session.save(assessment)


class DeclareConflict(Command):
    """A member's own declaration of a conflict of interest, before the dossier is sent to the members."""

    assessment_id: UUID
    council_id: UUID
    reason: SecretStr = Field(min_length=1, max_length=2_000, description="niêm phong / sealed before it is stored")


@handler
async def declare_conflict(command: DeclareConflict, session: Session) -> None:
    assessment = await assessment_of(session, command.assessment_id)
    council = await session.load(Council, command.council_id)
    member = session.request.actor.id
    reason = await sealed(member, command.reason.get_secret_value(), session)
    assessment.declare_conflict(council, member, reason, session.when)
    session.save(assessment)


class CheckSite(Command):
    """A look at the place where a renewal's scale changed much or its evidence is unclear (26/2026 art. 7.6)."""

    assessment_id: UUID
    reason: Text
    findings: Text


@handler
async def check_site(command: CheckSite, session: Session) -> None:
    assessment = await assessment_of(session, command.assessment_id)
    assessment.check_site(command.reason, command.findings, session.when)
    session.save(assessment)
