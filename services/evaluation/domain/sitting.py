"""When a council may sit: the council itself, the round, the day, and who is there."""

from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

from services.evaluation.domain import refusals as no
from services.evaluation.domain.council import Council, Seat
from services.evaluation.domain.round import Round
from shared.calendar import add_working_days
from shared.regulation.bylaw import Bylaw
from shared.values import Value


class Sending(Value):
    """A dossier in the members' hands since `on`: of which council under which bylaw, in which round until when.

    `season`: why a seasonal product is assessed outside the rounds.
    """

    council_id: UUID
    round_id: UUID | None
    done_last: date | None
    bylaw: Bylaw
    on: date
    season: str | None = None


Bench = tuple[str, str | None, str | None]  # level, province (null: the ministry's), district (null: not a district's)


def check_council(council: Council, seat: Bench) -> None:
    """A council of this level and place. Raises WrongCouncil."""
    if (council.level, council.province, council.district) != seat:
        raise no.WrongCouncil(field="council_id")


def check_round(round: Round, seat: Bench, proposed_on: date, left_over: bool) -> None:
    """An open round of this level and place, and proposed in time (art. 5); a backlog round takes what is left over alone.

    Raises WrongRound, RoundClosed, ProposalsClosed, NotLeftOver.
    """
    facts = round.facts
    if (facts.level, facts.province, facts.district) != seat:
        raise no.WrongRound(field="round_id", name=facts.name)
    round.require_open()
    if proposed_on > facts.proposals_last:
        raise no.ProposalsClosed(field="round_id", proposed=proposed_on, name=facts.name, last=facts.proposals_last)
    if facts.backlog and not left_over:
        raise no.NotLeftOver(field="round_id", name=facts.name)


def check_outside(bylaw: Bylaw, season: str | None, *, in_round: bool, may_be: bool) -> None:
    """Outside the rounds only what may be by law, or a seasonal product where the bylaw allows it, with the reason.

    Raises InRoundOrSeason, NotInSeason, RoundMissing.
    """
    if in_round and season:
        raise no.InRoundOrSeason(field="season")
    if season and not bylaw.seasonal:
        raise no.NotInSeason(field="season")
    if not (in_round or season or may_be):
        raise no.RoundMissing(field="round_id")


def check_day(sending: Sending, on: date) -> None:
    """Members had the dossier for some working days, and the round is not over. Raises SentTooLate, RoundOver."""
    days = sending.bylaw.members_get_dossier_working_days
    earliest = add_working_days(sending.on, days) if days else sending.on
    if on < earliest:
        raise no.SentTooLate(field="on", sent=sending.on, days=days, earliest=earliest)
    if sending.done_last and on > sending.done_last:
        raise no.RoundOver(field="on", last=sending.done_last)


def seats_of(council: Council, present: Sequence[str], conflicts: Collection[str]) -> tuple[Seat, ...]:
    """The seats of those who are there, each once. Raises NotAMember, InConflict."""
    there = []
    for member in dict.fromkeys(present):
        seat = council.seats.get(member)
        if seat is None:
            raise no.NotAMember(field="present", member=member)
        if member in conflicts:
            raise no.InConflict(field="present", office=seat.office_vi)
        there.append(seat)
    return tuple(there)


def has_quorum(bylaw: Bylaw, there: Sequence[Seat], members: int) -> bool:
    """Whether `there` of `members` may sit."""
    return bylaw.has_quorum(len(there), members, any(seat.seat == "chair" for seat in there))


def check_adjournment(sending: Sending, to: date, on: date) -> None:
    """A session is put off to a later day within the round. Raises AdjournedBackwards, RoundOver."""
    if to <= on:
        raise no.AdjournedBackwards(field="to", on=on, to=to)
    if sending.done_last and to > sending.done_last:
        raise no.RoundOver(field="to", last=sending.done_last)


def check_quorum(bylaw: Bylaw, there: Sequence[Seat], members: int) -> None:
    """`members` in all, `there` of them present. Raises NoQuorum, ChairAbsent."""
    need = bylaw.quorum(members)
    if len(there) < need:
        raise no.NoQuorum(field="present", need=need, members=members, percent=bylaw.quorum_percent, have=len(there))
    if bylaw.chair_present and not any(seat.seat == "chair" for seat in there):
        raise no.ChairAbsent(field="present")
