"""What can be asked of the evaluation house: load, decide, save."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID, uuid5

from pydantic import AfterValidator, Field, SecretStr, StrictInt

from services.evaluation.domain.assessment import Assessment
from services.evaluation.domain.council import Council, Member, Office, Seat, Secretary, Team
from services.evaluation.domain.level import CENTRE, NATIONAL
from services.evaluation.domain.round import Round, RoundFacts
from services.evaluation.domain.ticking import Declaration
from shared import units
from shared.auth.permissions import Forbidden, Place
from shared.eventstore.commands import Command, Commands, Session
from shared.regulation.bylaw import Bylaw
from shared.regulation.rulesets import in_force, load
from shared.sealing import Sealed, seal
from shared.values import About, Decision, Refusal

COMMANDS = Commands("evaluation")
handler = COMMANDS.handler
PERSONS = UUID("5f7b2f6e-4c0d-5a39-9b59-6f636f707073")  # namespace of the keys of members and secretaries
Province = Annotated[
    str | None,
    Field(default=None, pattern="^([0-9]{2}|TW)$", description="mã tỉnh; trung ương: null hoặc TW / null: the centre"),
    AfterValidator(lambda code: None if code == CENTRE else code),
]
Text = Annotated[str, Field(min_length=1, max_length=20_000)]
Options = Annotated[
    dict[str, StrictInt | None], Field(max_length=200, description="tiêu chí: phương án / criterion: option from 1")
]


class UnknownProvince(Refusal):
    rule = "unknown-province"
    article = "19/2025/QĐ-TTg"
    vi = "Không có tỉnh mã {province} vào ngày {on}."
    en = "There is no province {province} on {on}."


def check_province(province: str | None, on: date) -> None:
    if province is not None and units.province(province, on) is None:
        raise UnknownProvince(field="province", province=province, on=on)


def own_level(session: Session, level: str) -> None:
    """The centre acts at its own level only: it may look into a province, not assess for it. Raises Forbidden."""
    asked = session.request
    if level != NATIONAL and asked.actor.place == CENTRE:
        raise Forbidden(asked.action, asked.actor.role, Place())


async def assessment_of(session: Session, assessment_id: UUID) -> Assessment:
    """Raises NotFound, or Forbidden where the asker may not do this with this assessment."""
    assessment = await session.load(Assessment, assessment_id)
    own_level(session, assessment.level)
    return assessment


# --- round ---


class OpenRound(Command):
    """A round of the year (26/2026 art. 5), or one more by the council's bylaw."""

    id: UUID
    level: str
    province: Province = None
    name: str = Field(min_length=1, max_length=200)
    year: int = Field(ge=2018, le=2200)
    number: int | Literal["extra"] = Field(
        default="extra", description="số đợt trong năm theo luật, hoặc extra / the law's number of the round, or extra"
    )
    proposals_last: date
    done_last: date
    basis: str = Field(min_length=1, max_length=200)


@handler
async def open_round(command: OpenRound, session: Session) -> None:
    own_level(session, command.level)
    check_province(command.province, session.when.on)
    facts = RoundFacts(**command.model_dump(exclude={"id", "on"}))
    opened = Round.open(command.id, facts=facts, ruleset=in_force(session.when.on), when=session.when)
    session.save(opened, id=command.id)


class CloseRound(Command):
    """The round is over; no more dossiers are sent to the council in it."""

    round_id: UUID


@handler
async def close_round(command: CloseRound, session: Session) -> None:
    found = await session.load(Round, command.round_id)
    own_level(session, found.facts.level)
    found.close(session.when)
    session.save(found)


# --- council ---


class Named(Seat):
    """A member with the name in clear, only on the way in: it is sealed before it is stored."""

    name: SecretStr = Field(min_length=1, max_length=100)


class NamedSecretary(Office):
    id: str = Field(min_length=1, max_length=200)
    name: SecretStr = Field(min_length=1, max_length=100)


class FormCouncil(Command):
    """Council and advisory team by decision, with the bylaw's settings (26/2026 art. 7.3.b, 7.4.b)."""

    id: UUID
    level: str
    province: Province = None
    decision: Decision
    bylaw: Bylaw = Bylaw()
    members: tuple[Named, ...] = Field(max_length=50)
    secretary: NamedSecretary
    team: int = Field(ge=1, le=100, description="số người của tổ tư vấn / persons in the advisory team")
    team_offices: tuple[Office, ...] = Field(default=(), max_length=100)


@handler
async def form_council(command: FormCouncil, session: Session) -> None:
    own_level(session, command.level)
    check_province(command.province, session.when.on)
    secretary = command.secretary
    council = Council.form(
        command.id, level=command.level, province=command.province, decision=command.decision, bylaw=command.bylaw,
        members=tuple([Member(**seat(m), name=await sealed(m, session)) for m in command.members]),
        secretary=Secretary(**seat(secretary), name=await sealed(secretary, session)),
        team=Team(size=command.team, offices=command.team_offices), ruleset=in_force(session.when.on),
        when=session.when,
    )  # fmt: skip
    session.save(council, id=command.id)


def seat(person: Named | NamedSecretary) -> dict[str, str | None]:
    return person.model_dump(exclude={"name"})


async def sealed(person: Named | NamedSecretary, session: Session) -> Sealed[str]:
    return await seal(session.store.pool, uuid5(PERSONS, person.id), person.name.get_secret_value())


# --- reception ---


class ExpectDossier(Command):
    """A dossier was forwarded by its commune; said by the policy."""

    id: UUID
    about: About
    ruleset: str
    dossier_id: UUID
    kind: str
    evidence: int


@handler
async def expect_dossier(command: ExpectDossier, session: Session) -> None:
    assessment = Assessment.arrive(
        command.id, about=command.about, ruleset=load(command.ruleset), dossier_id=command.dossier_id,
        kind=command.kind, evidence=command.evidence, forwarded_on=session.when.on, when=session.when,
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


# --- council's session ---


class SendToCouncil(Command):
    """The secretary sends a dossier to the members, in a round; without one only under art. 7.4.g."""

    assessment_id: UUID
    council_id: UUID
    round_id: UUID | None = None


@handler
async def send_to_council(command: SendToCouncil, session: Session) -> None:
    assessment = await assessment_of(session, command.assessment_id)
    council = await session.load(Council, command.council_id)
    in_round = None if command.round_id is None else await session.load(Round, command.round_id)
    assessment.send(council, in_round, session.when)
    session.save(assessment)


class HoldSession(Command):
    """The council sits on a dossier: who is present (actor ids of members)."""

    assessment_id: UUID
    present: tuple[str, ...] = Field(max_length=50)


@handler
async def hold_session(command: HoldSession, session: Session) -> None:
    assessment = await assessment_of(session, command.assessment_id)
    council = await session.load(Council, assessment.require_sent().council_id)
    assessment.hold_session(council, command.present, session.when)
    session.save(assessment)


class CastBallot(Command):
    """A member's own ballot: one option per criterion of the sheet, null where no box is ticked."""

    assessment_id: UUID
    member_id: str
    options: Options
    simulated: bool = False


@handler
async def cast_ballot(command: CastBallot, session: Session) -> None:
    assessment = await assessment_of(session, command.assessment_id)
    sheet = load(assessment.ruleset).sheet(assessment.about.product.set)
    assessment.cast(
        command.member_id, session.request.actor.id, command.options, sheet, simulated=command.simulated,
        when=session.when,
    )  # fmt: skip
    session.save(assessment)


class Decide(Command):
    """The council's decision; `agreed`: the whole sheet as agreed, by default the options most chosen."""

    assessment_id: UUID
    agreed: Options | None = None
    declared: tuple[Declaration, ...] = Field(default=(), max_length=20)
    simulated: bool = False


@handler
async def decide(command: Decide, session: Session) -> None:
    assessment = await assessment_of(session, command.assessment_id)
    assessment.decide(
        load(assessment.ruleset), agreed=command.agreed, declared=command.declared, simulated=command.simulated,
        when=session.when,
    )  # fmt: skip
    outcome = assessment.outcome
    session.save(assessment, outcome=outcome and outcome.status, stars=outcome and outcome.star)


# --- what follows ---


class ApproveResult(Command):
    """The chairman of the province approves a result that goes up (26/2026 art. 7.3.e)."""

    assessment_id: UUID
    decision: Decision


@handler
async def approve_result(command: ApproveResult, session: Session) -> None:
    assessment = await assessment_of(session, command.assessment_id)
    assessment.approve_result(command.decision, session.when)
    session.save(assessment)


class ReferDossier(Command):
    """The dossier goes up with the whole file (26/2026 art. 7.3.e)."""

    assessment_id: UUID


@handler
async def refer_dossier(command: ReferDossier, session: Session) -> None:
    assessment = await assessment_of(session, command.assessment_id)
    following = assessment.refer(load(assessment.ruleset), session.when)
    session.save(assessment, following, next_assessment_id=following.id)


class NotRecognise(Command):
    """No recognition: below three stars, stopped or rejected (26/2026 art. 4.1.a)."""

    assessment_id: UUID
    decision: Decision


@handler
async def not_recognise(command: NotRecognise, session: Session) -> None:
    assessment = await assessment_of(session, command.assessment_id)
    assessment.not_recognise(command.decision, session.when)
    session.save(assessment)


class ReturnResult(Command):
    """The ministry gives its result back to the province; a province tells a producer what to improve."""

    assessment_id: UUID
    improve: tuple[str, ...] = Field(default=(), max_length=200)
    note: str = Field(default="", max_length=20_000)


@handler
async def return_result(command: ReturnResult, session: Session) -> None:
    assessment = await assessment_of(session, command.assessment_id)
    sheet = load(assessment.ruleset).sheet(assessment.about.product.set)
    assessment.return_result(command.improve, command.note, sheet, session.when)
    session.save(assessment)


class OpenOwnAssessment(Command):
    """The province assesses on its own what the ministry returned below its threshold (26/2026 art. 7.4.g)."""

    id: UUID
    assessment_id: UUID


@handler
async def open_own_assessment(command: OpenOwnAssessment, session: Session) -> None:
    returned = await assessment_of(session, command.assessment_id)
    own = returned.take_back(command.id, load(returned.ruleset), session.when)
    session.save(returned, own, id=command.id)
