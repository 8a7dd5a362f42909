"""Random commands on a dossier's assessments, from arrival to appeal: only declared refusals, and what must hold holds.

Each step is either the usual next one or any other, by anyone, on days that go on.
"""

from datetime import date, timedelta
from fractions import Fraction
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.evaluation.domain import following
from services.evaluation.domain.appeal import Appeal
from services.evaluation.domain.assessment import Assessment
from services.evaluation.domain.council import Council
from services.evaluation.domain.review import Review
from services.evaluation.domain.round import Round
from services.evaluation.domain.ticking import Declaration
from services.evaluation.domain.voting import Mode
from services.evaluation.published import PUBLISHED
from services.evaluation.views.ballots import BALLOTS
from services.evaluation.views.room import ROOM
from services.evaluation.views.tables import SQL
from shared.contracts.evaluation import AssessmentOpened, AssessmentReferred
from shared.eventstore.views import Fact
from shared.values import Moment
from tests.evaluating import GARLIC, RULES, ballots, decision, form, national_round, open_round, sealed
from tests.given import an_id, on
from tests.machines import a_command, at, check_replay

MANY, QUORUM = 5, 4  # 75 % of five
COUNCILS = {"province": form("51", MANY), "national": form("TW", MANY)}
ROUNDS = {
    "extra": open_round(),
    "second": open_round(
        name="Đợt 2 năm 2026", number=2, proposals_last=on("2026-10-29").on, done_last=on("2026-12-29").on
    ),
    "national": national_round(),
}
SHEET = RULES.sheet(GARLIC.product.set)
CLOSE = {average: ballots(average, star, MANY) for average, star in (("93", 5), ("74", 4), ("60", 3), ("40", 2))}
FAR = [CLOSE["93"][0], *CLOSE["60"][1:]]  # one member far above the others
POOL = [*CLOSE.values(), FAR]
ALLOWED = Fraction(10)  # points between the lowest and the highest ballot, by the bylaw
IDS = [*COUNCILS["province"].seats, *COUNCILS["national"].seats, "51-99"]
WHO = st.sampled_from(IDS)
SCORED = st.integers(0, len(POOL) - 1)
ABSENT = st.sets(st.integers(0, MANY - 1), min_size=1, max_size=3)  # by their place in the council; the chair is first
DECLARED = [(), (), (Declaration(id="E1"),), (Declaration(id="E99"),)]  # a forged dossier; what the sheet does not have


class Assessing(RuleBasedStateMachine):
    """Agency, team, secretary, members, chair, chairman, ministry and producer, in any order."""

    @initialize(
        kind=st.sampled_from(["first", "first", "renewal"]), held=st.sampled_from([3, 4, 5]), so_far=st.integers(0, 14),
        scored=st.lists(SCORED, min_size=14, max_size=14), member=WHO | st.none(),
    )  # fmt: skip
    def a_dossier_is_on_its_way(self, kind: str, held: int, so_far: int, scored: list[int], member: str | None) -> None:
        """It arrives, a member may step aside, and some steps are taken as usual."""
        self.day = date(2026, 7, 22)
        arrived = Assessment.arrive(
            an_id("assessment"), about=GARLIC, ruleset=RULES, dossier_id=an_id("dossier"), kind=kind, evidence=6,
            forwarded_on=self.day, when=self.now, stars_held=held if kind == "renewal" else None,
        )  # fmt: skip
        self.assessments = [arrived]
        self.reviews: dict[UUID, Review] = {}
        self.appeals: list[Appeal] = []
        if member:
            self.a_member_declares_a_conflict(member, "province")
        for days, which in enumerate(scored[:so_far]):
            self.the_usual_next_step(days % 3, which)

    @property
    def now(self) -> Moment:
        return at(self.day)

    @property
    def last(self) -> Assessment:
        return self.assessments[-1]

    @property
    def council(self) -> Council:
        return COUNCILS[self.last.level]

    @property
    def free(self) -> list[str]:
        """The members without a conflict."""
        return [member for member in self.council.seats if member not in self.last.conflicts]

    # --- the usual way ---

    @rule(days=st.integers(0, 3), scored=SCORED)
    def the_usual_next_step(self, days: int, scored: int) -> None:
        """At the centre not before its round."""
        self.day += timedelta(days=days)
        if self.last.level == "national":
            self.day = max(self.day, date(2027, 1, 15))
        step = {
            "arrived": self.received, "opened": self.advised, "advised": self.sent_on, "sent": self.sat,
            "in-session": lambda: self.scored(scored), "decided": self.concluded, "approved": self.referred,
        }.get(self.last.state)  # fmt: skip
        if step:
            step()

    def received(self) -> None:
        with a_command(self.last):
            self.last.receive(self.now)

    def advised(self) -> None:
        with a_command(self.last):
            self.last.report_advice("Đủ", (), "Đánh giá", self.now)

    def sent_on(self) -> None:
        if self.last.passes_to:
            self.referred()
            return
        name = "national" if self.last.level == "national" else "second" if self.last.again else "extra"
        self.sent(self.council, None if self.last.kind == "renewal" else ROUNDS[name])

    def sent(self, council: Council, round: Round | None) -> None:
        with a_command(self.last):
            self.last.send(council, round, self.now)

    def sat(self) -> None:
        """A renewal is asked about in writing first; whoever is in conflict comes too, and is sent away."""
        mode: Mode = "written" if self.last.kind == "renewal" and self.last.turn is None else "meeting"
        for there in (list(self.council.seats), self.free):
            with a_command(self.last):
                self.last.hold_session(self.council, there, RULES, self.now, mode)

    def scored(self, which: int) -> None:
        """Everyone who is there casts a ballot, and the chair decides; where they are far apart it goes on."""
        for member, options in zip(list(self.last.turn.seats) if self.last.turn else [], POOL[which], strict=False):
            with a_command(self.last):
                self.last.cast(member, member, options, SHEET, simulated=True, when=self.now)
        with a_command(self.last):
            self.last.decide(RULES, agreed=None, declared=(), simulated=False, when=self.now)
        if self.last.state == "in-session" and self.last.turn and self.last.turn.mode == "written":
            self.sat()
        with a_command(self.last):
            self.last.count_ballots(RULES, "Thảo luận", self.now)

    def concluded(self) -> None:
        with a_command(self.last):
            following.approve_result(self.last, decision(), self.now)
        with a_command(self.last):
            following.not_recognise(self.last, decision(), self.now)

    def referred(self) -> None:
        with a_command(self.last):
            self.assessments.append(following.refer(self.last, RULES, self.now))

    # --- anything else ---

    @rule(days=st.integers(1, 60))
    def time_passes(self, days: int) -> None:
        self.day += timedelta(days=days)

    @rule()
    def it_is_received_again(self) -> None:
        self.received()

    @rule()
    def the_team_reports_again(self) -> None:
        self.advised()

    @rule(member=WHO, level=st.sampled_from(sorted(COUNCILS)))
    def a_member_declares_a_conflict(self, member: str, level: str) -> None:
        with a_command(self.last):
            self.last.declare_conflict(COUNCILS[level], member, sealed(member), self.now)

    @rule()
    def the_agency_looks_for_itself(self) -> None:
        with a_command(self.last):
            self.last.check_site("Quy mô thay đổi", "Đúng như hồ sơ", self.now)

    @rule(level=st.sampled_from(sorted(COUNCILS)), name=st.sampled_from([*ROUNDS, None]))
    def it_is_sent_to_some_council_in_some_round(self, level: str, name: str | None) -> None:
        self.sent(COUNCILS[level], None if name is None else ROUNDS[name])

    @rule(absent=ABSENT, mode=st.sampled_from(["meeting", "written"]))
    def some_sit_or_write(self, absent: set[int], mode: Mode) -> None:
        with a_command(self.last):
            there = [member for place, member in enumerate(self.council.seats) if place not in absent]
            self.last.hold_session(self.council, there, RULES, self.now, mode)

    @rule(absent=ABSENT, days=st.integers(-1, 30))
    def the_session_is_put_off(self, absent: set[int], days: int) -> None:
        with a_command(self.last):
            there = [member for place, member in enumerate(self.free) if place not in absent]
            self.last.adjourn(self.council, there, self.day + timedelta(days=days), self.now)

    @rule(member=WHO, by=WHO, which=SCORED, agree=st.booleans())
    def somebody_casts_a_ballot(self, member: str, by: str, which: int, agree: bool) -> None:
        with a_command(self.last):
            self.last.cast(member, by, POOL[which][0], SHEET, simulated=True, when=self.now, agree=agree)
            assert member == by

    @rule(which=SCORED, against=st.sets(WHO, max_size=1))
    def everyone_there_casts_a_ballot(self, which: int, against: set[str]) -> None:
        for member, options in zip(list(self.last.turn.seats) if self.last.turn else [], POOL[which], strict=False):
            with a_command(self.last):
                self.last.cast(
                    member, member, options, SHEET, simulated=True, when=self.now, agree=member not in against
                )

    @rule()
    def the_chair_counts(self) -> None:
        with a_command(self.last):
            self.last.count_ballots(RULES, "Thảo luận", self.now)

    @rule(declared=st.sampled_from(DECLARED))
    def the_council_decides(self, declared: tuple[Declaration, ...]) -> None:
        with a_command(self.last):
            self.last.decide(RULES, agreed=None, declared=declared, simulated=False, when=self.now)

    @rule(which=st.integers(0, 9))
    def something_is_done_with_an_earlier_assessment(self, which: int) -> None:
        earlier = self.assessments[which % len(self.assessments)]
        with a_command(earlier):
            following.return_result(earlier, (), "", SHEET, self.now)
        with a_command(earlier):
            following.not_recognise(earlier, decision(), self.now)

    @precondition(lambda self: any(one.returned for one in self.assessments))
    @rule()
    def the_province_assesses_what_came_back(self) -> None:
        returned = next(one for one in self.assessments if one.returned)
        with a_command(returned):
            self.assessments.append(
                following.take_back(returned, an_id(f"own {len(self.assessments)}"), RULES, self.now)
            )

    # --- a result called into question ---

    def review(self, assessment: Assessment) -> Review:
        """The review of a result as the commands find it; kept once something was said in it."""
        return self.reviews.get(assessment.id) or Review.begin(
            assessment.id, about=GARLIC, ruleset=RULES.id, level=assessment.level, when=self.now
        )

    @rule()
    def the_producer_appeals(self) -> None:
        review, id = self.review(self.last), an_id(f"appeal {len(self.appeals)}")
        with a_command(self.last, review):
            appeal = Appeal.lodge(
                id, self.last, reference="KN-51-2026-0001", criteria=("3.5",), reason="Có trong hồ sơ", sheet=SHEET,
                when=self.now,
            )  # fmt: skip
            review.contest(id, self.now)
            self.appeals.append(appeal)
            self.reviews[self.last.id] = review

    @precondition(lambda self: self.appeals)
    @rule(upheld=st.booleans())
    def the_chairman_answers(self, upheld: bool) -> None:
        appeal = self.appeals[-1]
        with a_command(appeal):
            appeal.decide(upheld, decision(), "Đã xem lại", self.now)
            self.reviews[appeal.assessment_id].answer(appeal.id, upheld, self.now)

    @rule()
    def the_ministry_demands_it_anew(self) -> None:
        review = self.review(self.last)
        with a_command(self.last, review):
            following.demand_redo(self.last, review, "Sai", self.now)
            self.reviews[self.last.id] = review

    @rule()
    def the_chairman_annuls_it(self) -> None:
        with a_command(self.last):
            following.annul(self.last, self.reviews.get(self.last.id), decision(), "Sai", self.now)

    @rule()
    def the_same_dossier_is_assessed_anew(self) -> None:
        review = self.review(self.last)
        with a_command(self.last, review):
            self.assessments.append(
                following.reassess(self.last, review, an_id(f"anew {len(self.assessments)}"), self.now)
            )
            self.reviews[review.assessment_id] = review

    # --- what must hold ---

    @invariant()
    def whoever_declared_a_conflict_neither_sits_nor_scores(self) -> None:
        for one in self.assessments:
            for said in one.pending_events:
                if isinstance(said, Assessment.SessionHeld):
                    assert not {seat.id for seat in said.present} & set(one.conflicts)
                if isinstance(said, Assessment.BallotCast):
                    assert said.member.id not in one.conflicts

    @invariant()
    def a_council_sits_with_quorum_and_chair(self) -> None:
        for one in self.assessments:
            for said in one.pending_events:
                if isinstance(said, Assessment.SessionHeld):
                    assert len(said.present) >= QUORUM
                    assert any(seat.seat == "chair" for seat in said.present)

    @invariant()
    def a_result_rests_on_a_ballot_of_everyone_there_and_on_ballots_that_lie_close(self) -> None:
        for one in self.assessments:
            if one.outcome is None or one.outcome.status != "ranked":
                continue
            assert one.turn is not None
            assert set(one.outcome.totals) == set(one.turn.seats)
            assert one.outcome.spread is not None
            assert one.outcome.spread <= ALLOWED
            assert not one.turn.against

    @invariant()
    def no_star_without_the_level_that_may_give_it(self) -> None:
        for one in self.assessments:
            if one.outcome is None:
                continue
            ranked = one.outcome.average if one.outcome.status == "ranked" and not one.own else None
            assert one.sent_up_to == (None if ranked is None else RULES.next_level(one.level, ranked))
            if one.state == "not-recognised":
                assert one.sent_up_to is None
                assert not one.outcome.recognised

    @invariant()
    def a_ballot_stays_sealed_until_its_turn_is_counted_or_decided(self) -> None:
        for one in self.assessments:
            said = one.pending_events
            counted = {event.count.turn for event in said if isinstance(event, Assessment.BallotsCounted)}
            decided = {event.turn for event in said if isinstance(event, Assessment.Decided)}
            changes = [change for event in said for change in BALLOTS.changes([fact(event)])]
            opened = {change.arguments[1] for change in changes if change.statement == SQL.turn_opened}
            assert opened == counted | decided
            if not decided:
                told = {type(contract) for event in said if (contract := PUBLISHED(event))}
                assert told <= {AssessmentOpened, AssessmentReferred}

    @invariant()
    def no_other_view_ever_has_a_ballot(self) -> None:
        cast = [
            event
            for one in self.assessments
            for event in one.pending_events
            if isinstance(event, Assessment.BallotCast)
        ]
        for view in ROOM.own:
            for change in view.changes(fact(event) for event in cast[-1:]) if view is not BALLOTS else ():
                assert not [arg for arg in change.arguments if isinstance(arg, str | dict)], view.name

    @invariant()
    def a_result_is_redone_once_and_only_after_an_annulment_or_an_appeal_upheld(self) -> None:
        for review in self.reviews.values():
            of = next(one for one in self.assessments if one.id == review.assessment_id)
            assert of.sent_up_to is None  # what went up is not called into question here
            if review.redone_by:
                assert review.upheld or of.state == "annulled"
        anew = [one for one in self.assessments if one.again]
        redone = [review.redone_by for review in self.reviews.values() if review.redone_by]
        assert [one.id for one in anew] == redone

    @invariant()
    def playing_what_was_said_gives_the_same(self) -> None:
        check_replay([*self.assessments, *self.reviews.values(), *self.appeals])


def fact(event: object) -> Fact:
    return Fact(1, event, "evaluation")


Assessing.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestAssessing = Assessing.TestCase
