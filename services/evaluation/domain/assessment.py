"""Assessment (đánh giá, phân hạng; 26/2026 art. 7.3, 7.4, 7.6): one per dossier and level, with its ballots inside."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Self
from uuid import UUID

from services.evaluation.domain import assessment_events as events
from services.evaluation.domain import refusals as no
from services.evaluation.domain import sitting, voting
from services.evaluation.domain.council import Council, Seat
from services.evaluation.domain.deciding import conclude
from services.evaluation.domain.level import DISTRICT, NATIONAL, place_of
from services.evaluation.domain.outcome import Outcome
from services.evaluation.domain.round import Round
from services.evaluation.domain.sitting import Sending
from services.evaluation.domain.ticking import Declaration, Paper, checked
from shared.auth.permissions import Place
from shared.eventstore.aggregate import AboutProduct, event
from shared.regulation.frames import PartTotals
from shared.regulation.rulesets import Ruleset
from shared.sealing import Sealed
from shared.values import About, Moment

RENEWAL = "renewal"
UNSENT = ("arrived", "opened", "advised")  # no member has the dossier yet


class Assessment(AboutProduct):
    TOPIC = "evaluation.Assessment"

    Arrived = events.Arrived
    ConflictDeclared = events.ConflictDeclared
    Opened = events.Opened
    SiteChecked = events.SiteChecked
    AdviceReported = events.AdviceReported
    SentToCouncil = events.SentToCouncil
    SessionAdjourned = events.SessionAdjourned
    SessionHeld = events.SessionHeld
    BallotCast = events.BallotCast
    BallotsCounted = events.BallotsCounted
    Decided = events.Decided
    ResultApproved = events.ResultApproved
    Referred = events.Referred
    NotRecognised = events.NotRecognised
    ResultReturned = events.ResultReturned
    TakenBack = events.TakenBack
    Certified = events.Certified
    Annulled = events.Annulled

    # --- reception ---

    @classmethod
    def arrive(
        cls, id: UUID, *, about: About, ruleset: Ruleset, dossier_id: UUID, kind: str, evidence: int,
        forwarded_on: date, when: Moment, stars_held: int | None = None, district: str | None = None,
        left_over: bool = False,
    ) -> Self:  # fmt: skip
        """A dossier forwarded by its commune goes to the first level that decides (art. 7.2.b); the renewal of a star
        that a higher level certifies is only passed on there (art. 7.6). `district`: of the commune, where there was one.
        """
        level = ruleset.deciding_levels()[0]
        apart = kind == RENEWAL and ruleset.assesses_renewals_apart
        above = ruleset.level_for(stars_held) if apart and stars_held else None
        return cls._create(
            cls.Arrived, id=id, when=when, about=about, ruleset=ruleset.id, dossier_id=dossier_id, kind=kind,
            level=level, basis=ruleset.level(level).ref, own=False, evidence=evidence, forwarded_on=forwarded_on,
            referred_on=None, follows=None, stars_held=stars_held, passes_to=None if above == level else above,
            advised=False, again=False, conflicts=(), district=district if level == DISTRICT else None,
            left_over=left_over,
        )  # fmt: skip

    @event(Arrived)
    def __init__(
        self, about: About, ruleset: str, dossier_id: UUID, kind: str, level: str, basis: str, own: bool,
        evidence: int, forwarded_on: date, referred_on: date | None, stars_held: int | None, passes_to: str | None,
        advised: bool, again: bool, conflicts: tuple[str, ...], district: str | None = None, left_over: bool = False,
    ) -> None:  # fmt: skip
        self.about = about
        self.ruleset = ruleset
        self.dossier_id = dossier_id
        self.kind = kind
        self.level = level
        self.district = district
        self.left_over = left_over
        self.basis = basis
        self.own = own
        self.evidence = evidence
        self.forwarded_on = forwarded_on
        self.referred_on = referred_on
        self.stars_held = stars_held
        self.passes_to = passes_to
        self.has_advice = advised
        self.again = again
        self.conflicts = conflicts
        self.state = "arrived"
        self.sending: Sending | None = None
        self.turn: voting.Turn | None = None
        self.outcome: Outcome | None = None
        self.sent_up_to: str | None = None
        self.simulated = self.refused = self.returned = False
        self.own_assessment: UUID | None = None
        self.certificate: str | None = None

    @property
    def place(self) -> Place | None:
        """Who holds the file: its level from its reception on, the province again once the centre returned the result.

        On its way up it is nobody's: the level below lays it down, and only the next can be the one that takes it up.
        """
        if self.state == "arrived" and self.referred_on:
            return None
        level, owner = "province" if self.returned else self.level, str(self.about.producer.id)
        return place_of(level, self.about.province, self.about.commune, owner, self.district)

    @property
    def withheld(self) -> tuple[str, ...]:
        """Ballots are sealed until they are counted or the council decides."""
        return ("turn.ballots", "turn.against") if self.state == "in-session" else ()

    @property
    def proposed_on(self) -> date:
        return self.referred_on or self.forwarded_on

    @property
    def seat(self) -> sitting.Bench:
        """Level, province (null: the ministry's) and district of the council that decides."""
        return self.level, None if self.level == NATIONAL else self.about.province, self.district

    def receive(self, when: Moment) -> None:
        """The agency of this level takes it up (art. 7.3.a). Raises NotArrived."""
        if self.state != "arrived":
            raise no.NotArrived(state=self.state)
        self.trigger_event(
            self.Opened, when=when, dossier_id=self.dossier_id, kind=self.kind, level=self.level, basis=self.basis,
            own=self.own, again=self.again, advised=self.has_advice, passes_to=self.passes_to,
        )  # fmt: skip

    @event(Opened)
    def _opened(self, advised: bool) -> None:
        self.state = "advised" if advised else "opened"

    def declare_conflict(self, council: Council, member: str, reason: Sealed[str], when: Moment) -> None:
        """A member steps aside before anyone has the dossier. Raises ConflictTooLate, WrongCouncil, NotAMember,
        ConflictKnown.
        """
        if self.state not in UNSENT:
            raise no.ConflictTooLate(state=self.state)
        sitting.check_council(council, self.seat)
        seat = council.seats.get(member)
        if seat is None:
            raise no.NotAMember(field="council_id", member=member)
        if member in self.conflicts:
            raise no.ConflictKnown(office=seat.office_vi)
        self.trigger_event(self.ConflictDeclared, when=when, council_id=council.id, member=seat, reason=reason)

    @event(ConflictDeclared)
    def _in_conflict(self, member: Seat) -> None:
        self.conflicts = (*self.conflicts, member.id)

    def check_site(self, reason: str, findings: str, when: Moment) -> None:
        """The agency looks for itself where a renewal's scale changed or a paper is unclear (art. 7.6).

        Raises NotARenewal, NotOpened.
        """
        if self.kind != RENEWAL:
            raise no.NotARenewal(kind=self.kind)
        if self.state not in UNSENT or (self.state == "arrived" and not self.passes_to):
            raise no.NotOpened(state=self.state)
        self.trigger_event(self.SiteChecked, when=when, reason=reason, findings=findings)

    def report_advice(self, report: str, findings: tuple[str, ...], proposal: str, when: Moment) -> None:
        """The report to the chair (art. 7.3.c); where the file is only passed on, also before reception.

        Raises NotOpened.
        """
        if self.state != "opened" and not (self.passes_to and self.state == "arrived"):
            raise no.NotOpened(state=self.state)
        self.trigger_event(self.AdviceReported, when=when, report=report, findings=findings, proposal=proposal)

    @event(AdviceReported)
    def _advised(self) -> None:
        self.state = "advised"

    # --- council ---

    def send(self, council: Council, round: Round | None, when: Moment, season: str | None = None) -> int:
        """The secretary sends the dossier to the members without a conflict; returns how many they are. The bylaw of
        that day holds. `season`: why a seasonal product is assessed outside the rounds. Raises AdviceMissing,
        OnlyPassesOn, WrongCouncil, and as `sitting.check_outside` and `sitting.check_round` (art. 5).
        """
        if self.state != "advised":
            raise no.AdviceMissing(state=self.state)
        if self.passes_to:
            raise no.OnlyPassesOn(level=self.passes_to)
        sitting.check_council(council, self.seat)
        bylaw = council.bylaw_on(when.on)
        if round is not None:
            sitting.check_round(round, self.seat, self.proposed_on, self.left_over)
        sitting.check_outside(bylaw, season, in_round=round is not None, may_be=self.own or self.kind == RENEWAL)
        sending = Sending(
            council_id=council.id, round_id=round and round.id, done_last=round and round.facts.done_last, bylaw=bylaw,
            on=when.on, season=season,
        )  # fmt: skip
        members = len(set(council.seats) - set(self.conflicts))
        self.trigger_event(self.SentToCouncil, when=when, sending=sending, members=members)
        return members

    @event(SentToCouncil)
    def _sent(self, sending: Sending) -> None:
        self.sending = sending
        self.state = "sent"

    def require_sent(self) -> Sending:
        """To which council, which has not sat yet or has only written so far. Raises NotSent."""
        writing = self.state == "in-session" and self.turn is not None and self.turn.mode == "written"
        if self.sending is None or not (self.state == "sent" or writing):
            raise no.NotSent(state=self.state)
        return self.sending

    def adjourn(self, council: Council, present: Sequence[str], to: date, when: Moment) -> None:
        """Too few came, and the session is put off. Raises NotSent, SentTooLate, RoundOver, NotAMember, InConflict,
        QuorumThere, AdjournedBackwards.
        """
        sending = self.require_sent()
        sitting.check_day(sending, when.on)
        there, members = sitting.seats_of(council, present, self.conflicts), len(council.seats)
        if sitting.has_quorum(sending.bylaw, there, members):
            raise no.QuorumThere(field="present", have=len(there), members=members)
        sitting.check_adjournment(sending, to, when.on)
        self.trigger_event(self.SessionAdjourned, when=when, level=self.level, present=there, members=members, to=to)

    def hold_session(
        self, council: Council, present: Sequence[str], ruleset: Ruleset, when: Moment, mode: voting.Mode = "meeting"
    ) -> None:
        """The council sits (art. 7.3.d), or gives its opinion in writing on a renewal (art. 7.6); a meeting after
        differing opinions opens them. Raises NotSent, NotARenewal, SentTooLate, RoundOver, NotAMember, InConflict,
        NoQuorum, ChairAbsent, OpinionsAgree.
        """
        sending = self.require_sent()
        if mode == "written" and not (self.kind == RENEWAL and ruleset.assesses_renewals_apart):
            raise no.NotARenewal(field="mode", kind=self.kind)
        if mode == "written" and self.turn:
            raise no.NotSent(state=self.state)
        sitting.check_day(sending, when.on)
        there = sitting.seats_of(council, present, self.conflicts)
        sitting.check_quorum(sending.bylaw, there, len(council.seats))
        if self.turn:
            opinions = voting.count(self.turn, ruleset, self.about.product.set, sending.bylaw)
            voting.check_meeting_needed(self.turn, opinions, sending.bylaw)
            self.trigger_event(self.BallotsCounted, when=when, count=opinions, discussion="")
        number = self.turn.number if self.turn else 1
        self.trigger_event(self.SessionHeld, when=when, level=self.level, present=there, mode=mode, turn=number)

    @event(SessionHeld)
    def _session_held(self, present: tuple[Seat, ...], mode: voting.Mode, turn: int) -> None:
        self.turn = voting.Turn(number=turn, mode=mode, present=present)
        self.state = "in-session"

    def cast(
        self, member: str, by: str, options: Mapping[str, int | None], paper: Paper, *, simulated: bool, when: Moment,
        agree: bool = True, parts: PartTotals | None = None,
    ) -> None:  # fmt: skip
        """A member's ballot, sealed until it is counted or the council decides; `agree`: with the team, in writing.

        Raises NoSession, NotYourBallot, NotPresent, BallotTwice, OpinionNotInWriting, and as `checked`.
        """
        turn, _ = self._require_session()
        seat = voting.check_ballot(turn, member, by, agree)
        checked(paper, options, parts)
        self.trigger_event(
            self.BallotCast, when=when, member=seat, options=dict(options), simulated=simulated, turn=turn.number,
            agree=agree, parts=parts and dict(parts),
        )  # fmt: skip

    def _require_session(self) -> tuple[voting.Turn, Sending]:
        """Raises NoSession."""
        if self.state != "in-session" or self.turn is None or self.sending is None:
            raise no.NoSession(state=self.state)
        return self.turn, self.sending

    @event(BallotCast)
    def _ballot_cast(
        self,
        member: Seat,
        options: dict[str, int | None],
        simulated: bool,
        agree: bool,
        parts: PartTotals | None = None,
    ) -> None:
        self.turn = self.turn and self.turn.with_ballot(member.id, parts or options, agree)
        self.simulated = self.simulated or simulated

    def count_ballots(self, ruleset: Ruleset, discussion: str, when: Moment) -> voting.Count:
        """Opens ballots that lie too far apart, keeps them, and lets the same members score again after discussion.

        Raises NoSession, BallotsMissing, MeetingNeeded, SpreadWithin.
        """
        turn, sending = self._require_session()
        voting.check_complete(turn)
        counted = voting.count(turn, ruleset, self.about.product.set, sending.bylaw)
        voting.check_discussed(turn, counted, sending.bylaw)
        self.trigger_event(self.BallotsCounted, when=when, count=counted, discussion=discussion)
        return counted

    @event(BallotsCounted)
    def _counted(self) -> None:
        self.turn = self.turn and self.turn.again()

    # --- decision ---

    def decide(
        self, ruleset: Ruleset, *, agreed: Mapping[str, int | None] | None, declared: Sequence[Declaration],
        simulated: bool, when: Moment, stars: int | None = None,
    ) -> None:  # fmt: skip
        """The council's decision on the last ballots; a declared elimination needs none (art. 3.3, Annex II).

        `agreed`: the options of the whole sheet that the council agreed on, by default those most chosen; `stars`: as
        recorded, where the rules know no points. Raises NoSession, and as `conclude`.
        """
        turn, sending = self._require_session()
        outcome = conclude(turn, sending.bylaw, ruleset, self.about.product.set, agreed, declared, stars)
        stays = self.own or outcome.status != "ranked"
        up = None if stays else ruleset.next_level(self.level, outcome.average)
        self.trigger_event(
            self.Decided, when=when, dossier_id=self.dossier_id, kind=self.kind, level=self.level,
            round_id=sending.round_id, outcome=outcome, sent_up_to=up, simulated=self.simulated or simulated,
            mode=turn.mode, turn=turn.number, again=self.again, recorded=not (up or ruleset.certifies),
        )  # fmt: skip

    @event(Decided)
    def _decided(self, outcome: Outcome, sent_up_to: str | None, simulated: bool) -> None:
        self.outcome = outcome
        self.sent_up_to = sent_up_to
        self.simulated = simulated
        self.state = "decided"

    # --- what follows: the steps themselves are in following.py ---

    @event(ResultApproved)
    def _approved(self) -> None:
        self.state = "approved"

    @event(Referred)
    def _referred(self) -> None:
        self.state = "referred"

    @event(NotRecognised)
    def _not_recognised(self) -> None:
        self.refused = True
        self.state = "not-recognised"

    @event(ResultReturned)
    def _returned(self) -> None:
        self.returned = True
        self.state = "returned"

    @event(TakenBack)
    def _taken_back(self, own_assessment_id: UUID) -> None:
        self.own_assessment = own_assessment_id

    @event(Certified)
    def _certified(self, number: str) -> None:
        self.certificate = number

    @event(Annulled)
    def _annulled(self) -> None:
        self.state = "annulled"

    def require_result(self, *states: str) -> Outcome:
        """What the council decided. Raises NotDecided unless it stands at one of these steps."""
        if self.outcome is None or self.state not in states:
            raise no.NotDecided(state=self.state)
        return self.outcome

    def require_staying(self) -> None:
        """The result is concluded here. Raises SentUp."""
        if self.sent_up_to is not None:
            raise no.SentUp(level=self.sent_up_to)

    def followed_by(self, id: UUID, when: Moment, **facts: Any) -> Self:
        """Another assessment of the same dossier, which carries on what is known of it."""
        usual = {
            "own": False, "referred_on": None, "passes_to": None, "advised": False, "again": False, "district": None,
            "left_over": self.left_over,
        }  # fmt: skip
        return self._create(
            self.Arrived, id=id, when=when, about=self.about, ruleset=self.ruleset, dossier_id=self.dossier_id,
            kind=self.kind, evidence=self.evidence, forwarded_on=self.forwarded_on, stars_held=self.stars_held,
            conflicts=self.conflicts, follows=self.id, **(usual | facts),
        )  # fmt: skip
