"""Rounds and councils: what is there before any dossier comes."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import Field, SecretStr

from services.evaluation.commands.desk import District, Province, handler, own_level, sealed
from services.evaluation.domain.council import Council, Member, Office, Seat, Secretary, Team
from services.evaluation.domain.round import Round, RoundFacts
from shared import units
from shared.eventstore.commands import Command, Session
from shared.regulation.bylaw import Bylaw
from shared.regulation.rulesets import in_force
from shared.sealing import Sealed
from shared.values import Decision, Refusal


class UnknownProvince(Refusal):
    rule = "unknown-province"
    article = "19/2025/QĐ-TTg"
    vi = "Không có tỉnh mã {province} vào ngày {on}."
    en = "There is no province {province} on {on}."


class UnknownDistrict(Refusal):
    rule = "unknown-district"
    vi = "Không có huyện mã {district} thuộc tỉnh {province} vào ngày {on}."
    en = "There is no district {district} in province {province} on {on}."


def check_place(province: str | None, district: str | None, on: date) -> None:
    """By the map of the legal date. Raises UnknownProvince, UnknownDistrict."""
    if province is not None and units.province(province, on) is None:
        raise UnknownProvince(field="province", province=province, on=on)
    found = district and units.unit("district", district, on)
    if district and not (found and found.parent == province):
        raise UnknownDistrict(field="district", district=district, province=province, on=on)


# --- round ---


class OpenRound(Command):
    """A round of the year (26/2026 art. 5), or one more by the council's bylaw."""

    id: UUID
    level: str
    province: Province = None
    district: District = None
    name: str = Field(min_length=1, max_length=200)
    year: int = Field(ge=2018, le=2200)
    number: int | Literal["extra"] = Field(
        default="extra", description="số đợt trong năm theo luật, hoặc extra / the law's number of the round, or extra"
    )
    proposals_last: date
    done_last: date
    basis: str = Field(min_length=1, max_length=200)
    backlog: bool = Field(
        default=False, description="chỉ nhận sản phẩm tồn đọng / only what was assessed before and holds no certificate"
    )


@handler
async def open_round(command: OpenRound, session: Session) -> None:
    own_level(session, command.level)
    check_place(command.province, command.district, session.when.on)
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
    district: District = None
    decision: Decision
    bylaw: Bylaw = Bylaw()
    members: tuple[Named, ...] = Field(max_length=50)
    secretary: NamedSecretary
    team: int = Field(ge=1, le=100, description="số người của tổ tư vấn / persons in the advisory team")
    team_offices: tuple[Office, ...] = Field(default=(), max_length=100)


@handler
async def form_council(command: FormCouncil, session: Session) -> None:
    own_level(session, command.level)
    check_place(command.province, command.district, session.when.on)
    secretary = command.secretary
    council = Council.form(
        command.id, level=command.level, province=command.province, decision=command.decision, bylaw=command.bylaw,
        members=tuple([Member(**office(m), name=await name(m, session)) for m in command.members]),
        secretary=Secretary(**office(secretary), name=await name(secretary, session)),
        team=Team(size=command.team, offices=command.team_offices), ruleset=in_force(session.when.on),
        when=session.when, district=command.district,
    )  # fmt: skip
    session.save(council, id=command.id)


def office(person: Named | NamedSecretary) -> dict[str, str | None]:
    return person.model_dump(exclude={"name"})


async def name(person: Named | NamedSecretary, session: Session) -> Sealed[str]:
    return await sealed(person.id, person.name.get_secret_value(), session)


class AmendBylaw(Command):
    """Other settings of a council's bylaw from this day on; dossiers already sent keep those of their day."""

    council_id: UUID
    bylaw: Bylaw
    decision: Decision


@handler
async def amend_bylaw(command: AmendBylaw, session: Session) -> None:
    council = await session.load(Council, command.council_id)
    own_level(session, council.level)
    council.amend_bylaw(command.bylaw, command.decision, session.when)
    session.save(council)
