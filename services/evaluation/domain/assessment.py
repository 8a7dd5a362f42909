"""Assessment (đánh giá, phân hạng; 26/2026 art. 7.3, 7.4): one per dossier and level, with its ballots inside."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Self
from uuid import UUID, uuid5

from services.evaluation.domain import refusals as no
from services.evaluation.domain.council import Council, Seat
from services.evaluation.domain.level import CENTRE, NATIONAL
from services.evaluation.domain.outcome import Outcome, explain
from services.evaluation.domain.round import Round
from services.evaluation.domain.sitting import Sending, check_day, check_quorum, check_round, check_spread
from services.evaluation.domain.ticking import Declaration, check_known, check_options, declared_on
from shared.auth.permissions import Place
from shared.eventstore.aggregate import AboutProduct, BegunAbout, ChangedAbout, event
from shared.regulation.faults import Declared
from shared.regulation.rulesets import Ruleset
from shared.regulation.scoring import score
from shared.regulation.sheets import Sheet
from shared.values import About, Decision, Moment


class Assessment(AboutProduct):
    TOPIC = "evaluation.Assessment"

    class Arrived(BegunAbout):
        """A dossier is on its way to this level: forwarded by the commune, referred from below, or taken up anew."""

        TOPIC = "evaluation.AssessmentArrived"
        dossier_id: UUID
        kind: str
        level: str
        basis: str
        own: bool
        evidence: int
        forwarded_on: date
        referred_on: date | None
        follows: UUID | None

    class Opened(ChangedAbout):
        TOPIC = "evaluation.AssessmentOpened"
        dossier_id: UUID
        level: str
        basis: str
        own: bool

    class AdviceReported(ChangedAbout):
        TOPIC = "evaluation.AdviceReported"
        report: str
        findings: tuple[str, ...]
        proposal: str

    class SentToCouncil(ChangedAbout):
        TOPIC = "evaluation.SentToCouncil"
        sending: Sending

    class SessionHeld(ChangedAbout):
        TOPIC = "evaluation.SessionHeld"
        level: str
        present: tuple[Seat, ...]

    class BallotCast(ChangedAbout):
        TOPIC = "evaluation.BallotCast"
        member: Seat
        options: dict[str, int | None]
        simulated: bool

    class Decided(ChangedAbout):
        TOPIC = "evaluation.AssessmentDecided"
        dossier_id: UUID
        kind: str
        level: str
        round_id: UUID | None
        outcome: Outcome
        sent_up_to: str | None
        simulated: bool

    class ResultApproved(ChangedAbout):
        TOPIC = "evaluation.ResultApproved"
        decision: Decision

    class Referred(ChangedAbout):
        TOPIC = "evaluation.AssessmentReferred"
        dossier_id: UUID
        level: str
        to_level: str
        next_assessment_id: UUID

    class NotRecognised(ChangedAbout):
        TOPIC = "evaluation.NotRecognised"
        decision: Decision

    class ResultReturned(ChangedAbout):
        TOPIC = "evaluation.ResultReturned"
        improve: tuple[str, ...]
        note: str

    class TakenBack(ChangedAbout):
        """The province assesses on its own what the centre returned (art. 7.4.g)."""

        TOPIC = "evaluation.AssessmentTakenBack"
        own_assessment_id: UUID

    # --- reception ---

    @classmethod
    def arrive(
        cls, id: UUID, *, about: About, ruleset: Ruleset, dossier_id: UUID, kind: str, evidence: int,
        forwarded_on: date, when: Moment,
    ) -> Self:  # fmt: skip
        """A dossier forwarded by its commune goes to the first level that decides (art. 7.2.b)."""
        level = ruleset.deciding_levels()[0]
        return cls._create(
            cls.Arrived, id=id, when=when, about=about, ruleset=ruleset.id, dossier_id=dossier_id, kind=kind,
            level=level, basis=ruleset.level(level).ref, own=False, evidence=evidence, forwarded_on=forwarded_on,
            referred_on=None, follows=None,
        )  # fmt: skip

    @event(Arrived)
    def __init__(
        self, about: About, ruleset: str, dossier_id: UUID, kind: str, level: str, basis: str, own: bool,
        evidence: int, forwarded_on: date, referred_on: date | None,
    ) -> None:  # fmt: skip
        self.about = about
        self.ruleset = ruleset
        self.dossier_id = dossier_id
        self.kind = kind
        self.level = level
        self.basis = basis
        self.own = own
        self.evidence = evidence
        self.forwarded_on = forwarded_on
        self.proposed_on = referred_on or forwarded_on
        self.state = "arrived"
        self.sending: Sending | None = None
        self.present: dict[str, Seat] = {}
        self.ballots: dict[str, dict[str, int | None]] = {}
        self.simulated = False
        self.outcome: Outcome | None = None
        self.sent_up_to: str | None = None
        self.refused = False
        self.returned = False
        self.own_assessment: UUID | None = None

    @property
    def place(self) -> Place | None:
        """Who holds the file: the centre from its reception until it returns the result, otherwise the province.

        On its way up it is nobody's: the province lays it down, and only the centre can be the one that takes it up.
        """
        if self.level != NATIONAL or self.returned:
            return Place(province=self.about.province, commune=self.about.commune)
        return None if self.state == "arrived" else Place(province=CENTRE)

    def receive(self, when: Moment) -> None:
        """The agency of this level takes it up (art. 7.3.a). Raises NotArrived."""
        if self.state != "arrived":
            raise no.NotArrived(state=self.state)
        self.trigger_event(
            self.Opened, when=when, dossier_id=self.dossier_id, level=self.level, basis=self.basis, own=self.own
        )

    @event(Opened)
    def _opened(self) -> None:
        self.state = "opened"

    def report_advice(self, report: str, findings: tuple[str, ...], proposal: str, when: Moment) -> None:
        """The advisory team's report to the chair (art. 7.3.c). Raises NotOpened."""
        if self.state != "opened":
            raise no.NotOpened(state=self.state)
        self.trigger_event(self.AdviceReported, when=when, report=report, findings=findings, proposal=proposal)

    @event(AdviceReported)
    def _advised(self) -> None:
        self.state = "advised"

    # --- council ---

    def send(self, council: Council, round: Round | None, when: Moment) -> None:
        """The secretary sends the dossier to the members. Raises AdviceMissing, WrongCouncil, RoundMissing,
        WrongRound, RoundClosed, ProposalsClosed (art. 5).
        """
        if self.state != "advised":
            raise no.AdviceMissing(state=self.state)
        if (council.level, council.province) != self._seat:
            raise no.WrongCouncil(field="council_id")
        if round is None and not self.own:
            raise no.RoundMissing(field="round_id")
        if round is not None:
            check_round(round, self._seat, self.proposed_on)
        sending = Sending(
            council_id=council.id, round_id=round and round.id, done_last=round and round.facts.done_last,
            bylaw=council.bylaw, on=when.on,
        )  # fmt: skip
        self.trigger_event(self.SentToCouncil, when=when, sending=sending)

    @property
    def _seat(self) -> tuple[str, str | None]:
        return self.level, None if self.level == NATIONAL else self.about.province

    @event(SentToCouncil)
    def _sent(self, sending: Sending) -> None:
        self.sending = sending
        self.state = "sent"

    def require_sent(self) -> Sending:
        """To which council, which has not sat yet. Raises NotSent."""
        if self.state != "sent" or self.sending is None:
            raise no.NotSent(state=self.state)
        return self.sending

    def hold_session(self, council: Council, present: Sequence[str], when: Moment) -> None:
        """The council sits (art. 7.3.d). Raises NotSent, SentTooLate, RoundOver, NotAMember, NoQuorum, ChairAbsent."""
        sending = self.require_sent()
        check_day(sending, when.on)
        seats = {member: council.seats.get(member) for member in present}
        for member, seat in seats.items():
            if seat is None:
                raise no.NotAMember(field="present", member=member)
        there = tuple(seat for seat in seats.values() if seat)
        check_quorum(sending.bylaw, there, len(council.seats))
        self.trigger_event(self.SessionHeld, when=when, level=self.level, present=there)

    @event(SessionHeld)
    def _session_held(self, present: tuple[Seat, ...]) -> None:
        self.present = {seat.id: seat for seat in present}
        self.state = "in-session"

    def cast(
        self, member: str, by: str, options: Mapping[str, int | None], sheet: Sheet, *, simulated: bool, when: Moment
    ) -> None:
        """A member's ballot, sealed until the council decides.

        Raises NoSession, NotYourBallot, NotPresent, BallotTwice, UnknownCriterion, UnknownOption, BlankNotAllowed.
        """
        self._require_session()
        if member != by:
            raise no.NotYourBallot(field="member_id", member=member)
        seat = self.present.get(member)
        if seat is None:
            raise no.NotPresent(field="member_id", member=member)
        if member in self.ballots:
            raise no.BallotTwice(office=seat.office_vi)
        check_options(sheet, options, "options")
        self.trigger_event(self.BallotCast, when=when, member=seat, options=dict(options), simulated=simulated)

    def _require_session(self) -> Sending:
        if self.state != "in-session" or self.sending is None:
            raise no.NoSession(state=self.state)
        return self.sending

    @event(BallotCast)
    def _ballot_cast(self, member: Seat, options: dict[str, int | None], simulated: bool) -> None:
        self.ballots[member.id] = options
        self.simulated = self.simulated or simulated

    # --- decision ---

    def decide(
        self, ruleset: Ruleset, *, agreed: Mapping[str, int | None] | None, declared: Sequence[Declaration],
        simulated: bool, when: Moment,
    ) -> None:  # fmt: skip
        """The council's decision on all ballots; a declared elimination needs none (art. 3.3, Annex II).

        `agreed`: the options of the whole sheet that the council agreed on, by default those most chosen.
        Raises NoSession, UnknownElimination, ElimNotClear, BallotsMissing, SpreadTooWide, and as check_options.
        """
        sending = self._require_session()
        sheet = ruleset.sheet(self.about.product.set)
        ends = [declared_on(sheet, one, f"declared[{n}]") for n, one in enumerate(declared)]
        missing = [seat.office_vi for member, seat in self.present.items() if member not in self.ballots]
        if missing and not ends:
            raise no.BallotsMissing(offices="; ".join(missing))
        if agreed:
            check_options(sheet, agreed, "agreed")
        result = score(
            ruleset,
            sheet.set,
            list(self.ballots.values()),
            agreed=agreed or None,
            declared=[Declared(e.kind, e.at) for e in ends],
            bylaw=sending.bylaw,
        )
        if not ends:
            check_spread(sending.bylaw, result)
        stays = self.own or result.status != "ranked"
        self.trigger_event(
            self.Decided, when=when, dossier_id=self.dossier_id, kind=self.kind, level=self.level,
            round_id=sending.round_id, outcome=explain(sheet, self.ballots, ends, result),
            sent_up_to=None if stays else ruleset.next_level(self.level, result.average),
            simulated=self.simulated or simulated,
        )  # fmt: skip

    @event(Decided)
    def _decided(self, outcome: Outcome, sent_up_to: str | None, simulated: bool) -> None:
        self.outcome = outcome
        self.sent_up_to = sent_up_to
        self.simulated = simulated
        self.state = "decided"

    # --- what follows ---

    def approve_result(self, decision: Decision, when: Moment) -> None:
        """The chairman approves a result that goes up (art. 7.3.e). Raises NotDecided, NotSentUp."""
        self._result("decided")
        if self.sent_up_to is None:
            raise no.NotSentUp()
        self.trigger_event(self.ResultApproved, when=when, decision=decision)

    @event(ResultApproved)
    def _approved(self) -> None:
        self.state = "approved"

    def refer(self, ruleset: Ruleset, when: Moment) -> Self:
        """The file goes up (art. 7.3.e); returns the assessment of the next level. Raises NotApproved."""
        if self.state != "approved" or self.sent_up_to is None:
            raise no.NotApproved(state=self.state)
        level, next_id = self.sent_up_to, uuid5(self.id, self.sent_up_to)
        self.trigger_event(
            self.Referred, when=when, dossier_id=self.dossier_id, level=self.level, to_level=level,
            next_assessment_id=next_id,
        )  # fmt: skip
        return self._create(
            self.Arrived, id=next_id, when=when, about=self.about, ruleset=self.ruleset, dossier_id=self.dossier_id,
            kind=self.kind, level=level, basis=ruleset.level(level).ref, own=False, evidence=self.evidence,
            forwarded_on=self.forwarded_on, referred_on=when.on, follows=self.id,
        )  # fmt: skip

    @event(Referred)
    def _referred(self) -> None:
        self.state = "referred"

    def not_recognise(self, decision: Decision, when: Moment) -> None:
        """Below three stars, stopped or rejected (art. 4.1.a). Raises NotDecided, SentUp, Recognised."""
        outcome = self._result("decided", "returned")
        if self.refused:
            raise no.NotDecided(state=self.state)
        self._require_unrecognised(outcome)
        self.trigger_event(self.NotRecognised, when=when, decision=decision)

    def _require_unrecognised(self, outcome: Outcome) -> None:
        if self.sent_up_to is not None:
            raise no.SentUp(level=self.sent_up_to)
        if outcome.recognised:
            raise no.Recognised(star=outcome.star)

    @event(NotRecognised)
    def _not_recognised(self) -> None:
        self.refused = True
        self.state = "not-recognised"

    def return_result(self, improve: Sequence[str], note: str, sheet: Sheet, when: Moment) -> None:
        """The centre gives its result back to the province, whatever it is (art. 7.4.g); a province tells a producer
        what to improve. Raises NotDecided, SentUp, Recognised, UnknownCriterion.
        """
        outcome = self._result("decided", "not-recognised")
        if self.returned:
            raise no.NotDecided(state=self.state)
        if self.level != NATIONAL:
            self._require_unrecognised(outcome)
        check_known(sheet, improve, "improve")
        self.trigger_event(self.ResultReturned, when=when, improve=tuple(improve), note=note)

    @event(ResultReturned)
    def _returned(self) -> None:
        self.returned = True
        self.state = "returned"

    def take_back(self, own_id: UUID, ruleset: Ruleset, when: Moment) -> Self:
        """The province's own assessment of what the centre returned (art. 7.4.g), open at once and outside the rounds.

        Raises OwnNotOpen, OwnOpened.
        """
        average = self.outcome.average if self.outcome and self.outcome.status == "ranked" else None
        level = ruleset.level_below(self.level, average) if self.returned and average is not None else None
        if level is None:
            raise no.OwnNotOpen()
        if self.own_assessment:
            raise no.OwnOpened(assessment=self.own_assessment)
        down = ruleset.level(self.level).sends_down
        self.trigger_event(self.TakenBack, when=when, own_assessment_id=own_id)
        own = self._create(
            self.Arrived, id=own_id, when=when, about=self.about, ruleset=self.ruleset, dossier_id=self.dossier_id,
            kind=self.kind, level=level, basis=(down and down.ref) or self.basis, own=True, evidence=self.evidence,
            forwarded_on=self.forwarded_on, referred_on=None, follows=self.id,
        )  # fmt: skip
        own.receive(when)
        return own

    @event(TakenBack)
    def _taken_back(self, own_assessment_id: UUID) -> None:
        self.own_assessment = own_assessment_id

    def _result(self, *states: str) -> Outcome:
        """Raises NotDecided unless it stands at one of these steps."""
        if self.outcome is None or self.state not in states:
            raise no.NotDecided(state=self.state)
        return self.outcome
