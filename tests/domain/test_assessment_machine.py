"""Random commands on one assessment: nothing but declared refusals, and what must hold always holds."""

from contextlib import suppress

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.evaluation.domain import following
from services.evaluation.domain.assessment import Assessment
from shared.values import Refusal
from tests.evaluating import GARLIC, RULES, SAT, arrived, ballots, decision, form, open_round, sealed
from tests.given import on

COUNCIL = form()
SHEET = RULES.sheet(GARLIC.product.set)
FILLED = {average: ballots(average, star) for average, star in (("93", 5), ("74", 4), ("60", 3))}
MEMBERS = st.sampled_from([*COUNCIL.seats, "51-99"])


class Assessing(RuleBasedStateMachine):
    """Agency, team, secretary, members and chair, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.assessment: Assessment = arrived()
        self.average = "74"

    @rule()
    def the_agency_receives_it(self) -> None:
        with suppress(Refusal):
            self.assessment.receive(on("2026-07-23"))

    @rule(member=MEMBERS)
    def a_member_declares_a_conflict(self, member: str) -> None:
        with suppress(Refusal):
            self.assessment.declare_conflict(COUNCIL, member, sealed(member), on("2026-08-20"))

    @rule()
    def the_team_reports(self) -> None:
        with suppress(Refusal):
            self.assessment.report_advice("Đủ", (), "Đánh giá", on("2026-08-25"))

    @rule()
    def the_secretary_sends_it(self) -> None:
        with suppress(Refusal):
            self.assessment.send(COUNCIL, open_round(), on("2026-09-11"))

    @rule(absent=st.integers(0, 3))
    def the_council_sits(self, absent: int) -> None:
        members = list(COUNCIL.seats)
        with suppress(Refusal):
            self.assessment.hold_session(COUNCIL, members[: len(members) - absent], RULES, on(SAT))

    @rule(average=st.sampled_from(sorted(FILLED)))
    def everyone_present_votes(self, average: str) -> None:
        self.average = average
        present = [seat.id for seat in self.assessment.turn.present] if self.assessment.turn else []
        for member, options in zip(present, FILLED[average], strict=False):
            with suppress(Refusal):
                self.assessment.cast(member, member, options, SHEET, simulated=True, when=on(SAT))

    @rule(member=MEMBERS, by=MEMBERS)
    def somebody_votes(self, member: str, by: str) -> None:
        with suppress(Refusal):
            self.assessment.cast(member, by, FILLED[self.average][0], SHEET, simulated=True, when=on(SAT))
            assert member == by

    @rule()
    def the_chair_counts(self) -> None:
        with suppress(Refusal):
            self.assessment.count_ballots(RULES, "Thảo luận", on(SAT))

    @rule()
    def the_council_decides(self) -> None:
        with suppress(Refusal):
            self.assessment.decide(RULES, agreed=None, declared=(), simulated=False, when=on(SAT))

    @rule()
    def the_result_goes_on(self) -> None:
        with suppress(Refusal):
            following.approve_result(self.assessment, decision(), on("2026-09-25"))
        with suppress(Refusal):
            following.refer(self.assessment, RULES, on("2027-01-15"))
        with suppress(Refusal):
            following.not_recognise(self.assessment, decision(), on("2026-09-25"))

    @invariant()
    def nobody_in_conflict_votes(self) -> None:
        voted = {
            event.member.id for event in self.assessment.pending_events if isinstance(event, Assessment.BallotCast)
        }
        assert not voted & set(self.assessment.conflicts)

    @invariant()
    def a_result_rests_on_a_ballot_of_everyone_present(self) -> None:
        if self.assessment.outcome:
            assert self.assessment.turn is not None
            assert set(self.assessment.outcome.totals) == {seat.id for seat in self.assessment.turn.present}
            assert len(self.assessment.outcome.totals) >= 7  # 75 % of nine

    @invariant()
    def replaying_its_events_gives_the_same(self) -> None:
        again = None
        for event in self.assessment.pending_events:
            again = event.mutate(again)
        assert again is not None
        assert (again.state, again.outcome) == (self.assessment.state, self.assessment.outcome)


Assessing.TestCase.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
TestAssessing = Assessing.TestCase
