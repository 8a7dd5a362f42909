"""The council's session on a dossier: sent to the members, held, scored, decided."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import Field

from services.evaluation.commands.desk import Options, Parts, Text, assessment_of, exactly, handler
from services.evaluation.domain.council import Council
from services.evaluation.domain.round import Round
from services.evaluation.domain.ticking import Declaration, paper_of
from shared.eventstore.commands import Command, Session
from shared.regulation.rulesets import load


class SendToCouncil(Command):
    """The secretary sends a dossier to the members, in a round; without one a renewal, or under art. 7.4.g.

    `season`: why a seasonal product is assessed outside the rounds, where the council's bylaw allows it.
    """

    assessment_id: UUID
    council_id: UUID
    round_id: UUID | None = None
    season: Text | None = None


@handler
async def send_to_council(command: SendToCouncil, session: Session) -> None:
    assessment = await assessment_of(session, command.assessment_id)
    council = await session.load(Council, command.council_id)
    in_round = None if command.round_id is None else await session.load(Round, command.round_id)
    members = assessment.send(council, in_round, session.when, command.season)
    session.save(assessment, to=members)


class HoldSession(Command):
    """The council sits on a dossier, or is asked in writing on a renewal: who takes part (actor ids of members)."""

    assessment_id: UUID
    present: tuple[str, ...] = Field(max_length=50)
    mode: Literal["meeting", "written"] = "meeting"


@handler
async def hold_session(command: HoldSession, session: Session) -> None:
    assessment = await assessment_of(session, command.assessment_id)
    council = await session.load(Council, assessment.require_sent().council_id)
    assessment.hold_session(council, command.present, load(assessment.ruleset), session.when, command.mode)
    session.save(assessment)


class AdjournSession(Command):
    """Without a quorum the session is put off to another day."""

    assessment_id: UUID
    present: tuple[str, ...] = Field(max_length=50)
    to: date


@handler
async def adjourn_session(command: AdjournSession, session: Session) -> None:
    assessment = await assessment_of(session, command.assessment_id)
    council = await session.load(Council, assessment.require_sent().council_id)
    assessment.adjourn(council, command.present, command.to, session.when)
    session.save(assessment)


class CastBallot(Command):
    """A member's own ballot: one option per criterion of the sheet, null where no box is ticked.

    `parts`: the totals of parts A, B and C instead, under older rules of which only the frame is known. `agree`: false in
    a written opinion that does not follow the report.
    """

    assessment_id: UUID
    member_id: str
    options: Options = Field(default_factory=dict)
    parts: Parts = None
    agree: bool = True
    simulated: bool = False


@handler
async def cast_ballot(command: CastBallot, session: Session) -> None:
    assessment = await assessment_of(session, command.assessment_id)
    paper = paper_of(load(assessment.ruleset), assessment.about.product.set)
    assessment.cast(
        command.member_id, session.request.actor.id, command.options, paper, simulated=command.simulated,
        when=session.when, agree=command.agree, parts=exactly(command.parts),
    )  # fmt: skip
    session.save(assessment)


class CountBallots(Command):
    """Ballots that lie too far apart are opened and discussed; then the same members score again, and both are kept."""

    assessment_id: UUID
    discussion: Text


@handler
async def count_ballots(command: CountBallots, session: Session) -> None:
    assessment = await assessment_of(session, command.assessment_id)
    counted = assessment.count_ballots(load(assessment.ruleset), command.discussion, session.when)
    session.save(assessment, turn=counted.turn, average=str(counted.average), spread=str(counted.spread))


class Decide(Command):
    """The council's decision; `agreed`: the whole sheet as agreed, by default the options most chosen.

    `stars`: as the council records them, under the oldest rules, which know no points.
    """

    assessment_id: UUID
    agreed: Options | None = None
    declared: tuple[Declaration, ...] = Field(default=(), max_length=20)
    stars: int | None = Field(default=None, ge=1, le=5)
    simulated: bool = False


@handler
async def decide(command: Decide, session: Session) -> None:
    assessment = await assessment_of(session, command.assessment_id)
    assessment.decide(
        load(assessment.ruleset), agreed=command.agreed, declared=command.declared, simulated=command.simulated,
        when=session.when, stars=command.stars,
    )  # fmt: skip
    outcome = assessment.outcome
    session.save(assessment, outcome=outcome and outcome.status, stars=outcome and outcome.star)
