"""How members score: turns of ballots (lượt phiếu), sealed until they are counted or the council decides."""

from typing import Literal, Self

from pydantic import Field

from services.evaluation.domain import refusals as no
from services.evaluation.domain.council import Seat
from services.evaluation.domain.outcome import Points
from shared.regulation.ballots import Ballot
from shared.regulation.bylaw import Bylaw
from shared.regulation.results import Result
from shared.regulation.rulesets import Ruleset
from shared.regulation.scoring import score
from shared.values import Value

Mode = Literal["meeting", "written"]


class Turn(Value):
    """One turn of ballots: who scores, what was cast so far, and who disagrees in writing with the team's report."""

    number: int
    mode: Mode
    present: tuple[Seat, ...]
    ballots: dict[str, Ballot] = Field(default_factory=dict)
    against: tuple[str, ...] = ()

    @property
    def seats(self) -> dict[str, Seat]:
        return {seat.id: seat for seat in self.present}

    @property
    def missing(self) -> list[Seat]:
        """Those who have yet to cast a ballot."""
        return [seat for seat in self.present if seat.id not in self.ballots]

    def with_ballot(self, member: str, options: Ballot, agree: bool) -> Self:
        against = self.against if agree else (*self.against, member)
        return self.model_copy(update={"ballots": {**self.ballots, member: dict(options)}, "against": against})

    def again(self) -> Self:
        """The same members score once more."""
        return type(self)(number=self.number + 1, mode=self.mode, present=self.present)


class Count(Value):
    """What a turn gave when it was opened: totals by member, average and spread in points, null without a ballot."""

    turn: int
    mode: Mode
    totals: dict[str, Points]
    average: Points | None
    spread: Points | None
    against: tuple[str, ...]


def count(turn: Turn, ruleset: Ruleset, set_no: str | None, bylaw: Bylaw) -> Count:
    """Opens what was cast in a turn."""
    given: dict[str, Ballot] = dict(turn.ballots)
    result = score(ruleset, set_no, list(given.values()), bylaw=bylaw) if given else None
    return Count(
        turn=turn.number, mode=turn.mode, totals=dict(zip(given, result.ballot_totals, strict=True)) if result else {},
        average=result and result.average, spread=result and result.spread, against=turn.against,
    )  # fmt: skip


def check_ballot(turn: Turn, member: str, by: str, agree: bool) -> Seat:
    """The seat of whoever may cast this ballot. Raises NotYourBallot, NotPresent, BallotTwice, OpinionNotInWriting."""
    if member != by:
        raise no.NotYourBallot(field="member_id", member=member)
    seat = turn.seats.get(member)
    if seat is None:
        raise no.NotPresent(field="member_id", member=member)
    if member in turn.ballots:
        raise no.BallotTwice(office=seat.office_vi)
    if turn.mode == "meeting" and not agree:
        raise no.OpinionNotInWriting(field="agree")
    return seat


def check_complete(turn: Turn) -> None:
    """Raises BallotsMissing with the offices that have yet to score."""
    if turn.missing:
        raise no.BallotsMissing(offices="; ".join(seat.office_vi for seat in turn.missing))


def check_agreement(turn: Turn, bylaw: Bylaw, result: Result) -> None:
    """Ballots as close as the bylaw asks; in writing nobody may disagree either (art. 7.6).

    Raises SpreadTooWide with the figures in points, WrittenOpinionsDisagree.
    """
    wide = result.spread is not None and bylaw.too_far_apart(result.spread)
    if turn.mode == "written" and (turn.against or wide):
        offices = "; ".join(turn.seats[member].office_vi for member in turn.against) or "–"
        raise no.WrittenOpinionsDisagree(offices=offices, spread=result.spread or 0, allowed=bylaw.spread)
    if wide:
        raise no.SpreadTooWide(
            spread=result.spread, lowest=min(result.ballot_totals), highest=max(result.ballot_totals),
            allowed=bylaw.spread,
        )  # fmt: skip


def check_discussed(turn: Turn, counted: Count, bylaw: Bylaw) -> None:
    """Ballots are scored again only where they lie too far apart, in a meeting. Raises MeetingNeeded, SpreadWithin."""
    if turn.mode == "written":
        raise no.MeetingNeeded()
    if counted.spread is None or not bylaw.too_far_apart(counted.spread):
        raise no.SpreadWithin(spread=counted.spread or 0, allowed=bylaw.spread)


def check_meeting_needed(turn: Turn, counted: Count, bylaw: Bylaw) -> None:
    """After written opinions a council meets only where they differ or some are missing. Raises OpinionsAgree."""
    wide = counted.spread is not None and bylaw.too_far_apart(counted.spread)
    if not (turn.missing or turn.against or wide):
        raise no.OpinionsAgree()
