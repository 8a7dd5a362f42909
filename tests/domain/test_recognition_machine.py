"""Random commands on one product's recognition: nothing but declared refusals, and what must hold always holds."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.certification.domain.certificate import in_force
from services.certification.domain.recognition import Recognition
from shared.values import Moment, Refusal
from tests.certifying import CHAIRMAN, GARLIC, MINISTER, RULES, decision, proposal
from tests.given import an_id

ROLES = st.sampled_from([CHAIRMAN, MINISTER])
STARS = st.integers(1, 5)
KINDS = st.sampled_from(["first", "upgrade", "renewal"])


class Recognising(RuleBasedStateMachine):
    """Results, decisions, endings and the calendar, in any order, on days that never go back."""

    def __init__(self) -> None:
        super().__init__()
        self.day = date(2026, 9, 1)
        self.recognition = Recognition.open(GARLIC, RULES.id, self.now)
        self.results = 0
        self.numbers = 0
        self.given_by: dict[str, str] = {}

    @property
    def now(self) -> Moment:
        return Moment(self.day, datetime(self.day.year, self.day.month, self.day.day, 2, tzinfo=UTC))

    @rule(days=st.integers(1, 500))
    def time_passes(self, days: int) -> None:
        self.day += timedelta(days=days)
        self.recognition.turn(RULES, self.now)

    @rule(stars=STARS, kind=KINDS, again=st.booleans())
    def a_result_is_proposed(self, stars: int, kind: str, again: bool) -> None:
        self.results += 1
        result = proposal(stars, assessment=f"a{self.results}", kind=kind, scored=str(self.day), again=again)
        with suppress(Refusal):
            self.recognition.propose(result, GARLIC, RULES, self.now)

    @rule(role=ROLES)
    def the_authority_certifies(self, role: str) -> None:
        self.numbers += 1
        number = f"GCN-51-2026-{self.numbers:05}"
        with suppress(Refusal):
            self.recognition.issue(
                an_id(f"a{self.results}"), number, decision(str(self.day)), role=role, ruleset=RULES, when=self.now
            )
            self.given_by[number] = role

    @rule()
    def an_upgrade_fails(self) -> None:
        with suppress(Refusal):
            self.recognition.fail_upgrade(an_id(f"a{self.results}"), "không đạt", self.now)

    @rule()
    def the_result_is_annulled(self) -> None:
        self.recognition.annul(an_id(f"a{self.results}"), self.now)

    @rule(role=ROLES)
    def the_last_certificate_is_withdrawn(self, role: str) -> None:
        with suppress(Refusal):
            self.recognition.withdraw(
                f"GCN-51-2026-{self.numbers:05}",
                decision(str(self.day)),
                "sai",
                role=role,
                ruleset=RULES,
                when=self.now,
            )

    @rule(role=ROLES)
    def production_stops_and_it_is_revoked(self, role: str) -> None:
        number = f"GCN-51-2026-{self.numbers:05}"
        with suppress(Refusal):
            self.recognition.confirm_production_stop(number, "ngừng sản xuất", RULES, self.now)
        with suppress(Refusal):
            self.recognition.revoke(
                number, "đ", decision(str(self.day)), inspection=None, conclusion=None, role=role, ruleset=RULES,
                when=self.now,
            )  # fmt: skip

    @rule()
    def a_renewal_outside_its_window_is_filed(self) -> None:
        self.recognition.file_renewal(an_id("late"), "Điều 12.3", RULES, self.now)

    @rule()
    def its_outcome_is_negative(self) -> None:
        self.recognition.fail_renewal(an_id("late"), RULES, self.now)

    @invariant()
    def never_two_certificates_in_force(self) -> None:
        for ahead in (0, 1, 400, 1200):
            on = self.day + timedelta(days=ahead)
            assert sum(in_force(held, on) for held in self.recognition.certificates) <= 1

    @invariant()
    def never_a_star_without_its_authority(self) -> None:
        for held in self.recognition.certificates:
            assert held.stars >= 3
            assert self.given_by[held.number] == (MINISTER if held.stars == 5 else CHAIRMAN)

    @invariant()
    def replaying_its_events_gives_the_same(self) -> None:
        again = None
        for event in self.recognition.pending_events:
            again = event.mutate(again)
        assert again is not None
        assert again.certificates == self.recognition.certificates
        assert again.proposal == self.recognition.proposal


Recognising.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestRecognising = Recognising.TestCase
