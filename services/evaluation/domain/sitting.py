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
    """A dossier in the members' hands since `on`: of which council under which bylaw, in which round until when."""

    council_id: UUID
    round_id: UUID | None
    done_last: date | None
    bylaw: Bylaw
    on: date


def check_council(council: Council, seat: tuple[str, str | None]) -> None:
    """A council of this level and province (null: the ministry's). Raises WrongCouncil."""
    if (council.level, council.province) != seat:
        raise no.WrongCouncil(field="council_id")


def check_round(round: Round, seat: tuple[str, str | None], proposed_on: date) -> None:
    """An open round of this level and province (null: the ministry's), and proposed in time (art. 5).

    Raises WrongRound, RoundClosed, ProposalsClosed.
    """
    facts = round.facts
    if (facts.level, facts.province) != seat:
        raise no.WrongRound(field="round_id", name=facts.name)
    round.require_open()
    if proposed_on > facts.proposals_last:
        raise no.ProposalsClosed(field="round_id", proposed=proposed_on, name=facts.name, last=facts.proposals_last)


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
