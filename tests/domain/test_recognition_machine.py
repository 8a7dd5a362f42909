"""Random commands on one product's recognition: only declared refusals, and what must hold holds on every day.

Results, decisions, conclusions, endings and the calendar come in any order, on days that go on.
"""

from datetime import date, timedelta
from itertools import pairwise
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.certification.domain import recognition_events as events
from services.certification.domain.certificate import DAY, Certificate, Held, history, in_force
from services.certification.domain.inspection import Inspection
from services.certification.domain.recognition import Recognition
from services.certification.domain.revocation import grounds_of
from services.certification.published import PUBLISHED
from shared.contracts import certification as said
from shared.values import Moment
from tests.certifying import CHAIRMAN, GARLIC, MINISTER, RULES, decision, proposal
from tests.given import an_id
from tests.machines import a_command, at, check_replay

ROLES = st.sampled_from([CHAIRMAN, MINISTER])
STARS = st.integers(1, 5)
KINDS = st.sampled_from(["first", "upgrade", "renewal"])
GROUNDS = st.sampled_from([*grounds_of(RULES), "x"])
SOME = st.integers(0, 9)  # one of those that there are
EXTENSION = timedelta(days=180)  # at most, past the last day (art. 12.3)
OLD = "qd-148-2023"  # an id only: its data are not in the program


class Recognising(RuleBasedStateMachine):
    """Councils, chairman, minister, inspectors, communes and the clock."""

    @initialize(
        earlier=st.none() | st.integers(-200, 900), stars=st.integers(3, 5),
        went=st.lists(st.tuples(st.integers(3, 5), KINDS, st.integers(0, 400)), max_size=3),
    )  # fmt: skip
    def a_product_comes(self, earlier: int | None, stars: int, went: list[tuple[int, str, int]]) -> None:
        """By its idea, or by an earlier recognition with so many days left; some results have gone their usual way."""
        self.day = date(2026, 9, 1)
        self.recognition = Recognition.open(GARLIC, RULES.id, self.now)
        self.results: list[UUID] = []
        self.given_by: dict[str, str] = {}
        self.taken_by: dict[str, str] = {}
        self.inspections: list[Inspection] = []
        if earlier is not None:
            expires = self.day + timedelta(days=earlier)
            self.record(expires.replace(year=expires.year - 3, day=min(expires.day, 28)), expires, stars)
        for one, kind, days in went:
            self.a_result_goes_the_usual_way(one, kind, False, days)

    @property
    def now(self) -> Moment:
        return at(self.day)

    @property
    def held(self) -> tuple[Held, ...]:
        return self.recognition.certificates

    def number(self, which: int) -> str:
        """Of one of the certificates, or of none."""
        return self.held[which % len(self.held)].number if self.held else "GCN-51-1999-00001"

    def result(self, which: int) -> UUID:
        """One of the assessments, or none that is known."""
        return self.results[-1 - which % len(self.results)] if self.results else an_id("no result")

    # --- results and certificates ---

    @rule(days=st.integers(1, 500))
    def time_passes(self, days: int) -> None:
        self.day += timedelta(days=days)
        self.recognition.turn(RULES, self.now)

    @rule(stars=STARS, kind=KINDS, again=st.booleans())
    def a_result_is_proposed(self, stars: int, kind: str, again: bool) -> None:
        name = f"result {len(self.results)}"
        result = proposal(stars, assessment=name, kind=kind, scored=str(self.day), again=again)  # type: ignore[arg-type]
        with a_command(self.recognition):
            self.recognition.propose(result, GARLIC, RULES, self.now)
            self.results.append(an_id(name))

    @rule(stars=st.integers(3, 5), kind=KINDS, again=st.booleans(), days=st.integers(0, 400))
    def a_result_goes_the_usual_way(self, stars: int, kind: str, again: bool, days: int) -> None:
        """To the authority of its stars, which decides some days later; nothing is certified where a rule says no."""
        self.a_result_is_proposed(stars, kind, again)
        self.time_passes(days)
        self.the_authority_certifies(MINISTER if stars == 5 else CHAIRMAN, 0, 0)

    @rule(role=ROLES, which=SOME, late=st.integers(0, 40))
    def the_authority_certifies(self, role: str, which: int, late: int) -> None:
        """On the day, or by a decision that is laid down later: the calendar turns first, as the command does."""
        number, on = f"GCN-51-2026-{len(self.given_by) + 1:05}", self.day - timedelta(days=late)
        with a_command(self.recognition):
            self.recognition.issue(
                self.result(which), number, decision(str(on)), role=role, ruleset=RULES, when=at(on)
            )  # fmt: skip
            self.given_by[number] = role

    @rule(days=st.integers(-2000, 400), length=st.integers(1, 1100), stars=st.integers(3, 5))
    def an_earlier_recognition_is_taken_in(self, days: int, length: int, stars: int) -> None:
        issued = self.day + timedelta(days=min(days, 0))
        self.record(issued, issued + timedelta(days=length), stars)

    def record(self, issued: date, expires: date, stars: int) -> None:
        number = f"OLD-{len(self.held) + 1}"
        certificate = Certificate(number=number, stars=stars, issued_on=issued, expires_on=expires)
        with a_command(self.recognition):
            self.recognition.record(
                certificate, decision(str(issued)), about=GARLIC, ruleset=OLD, printed=None, recorded_on=self.day,
                simulated=True, when=at(issued),
            )  # fmt: skip
            self.given_by[number] = MINISTER if stars == 5 else CHAIRMAN

    @rule(which=SOME)
    def an_upgrade_is_closed_as_failed(self, which: int) -> None:
        before = self.held
        with a_command(self.recognition):
            self.recognition.fail_upgrade(self.result(which), "không đạt", self.now)
        assert self.held == before

    # --- renewal ---

    @rule()
    def a_renewal_outside_its_window_is_filed(self) -> None:
        with a_command(self.recognition):
            self.recognition.file_renewal(an_id("late"), "Điều 12.3", RULES, self.now)

    @rule()
    def its_outcome_is_negative(self) -> None:
        with a_command(self.recognition):
            self.recognition.fail_renewal(an_id("late"), RULES, self.now)

    @precondition(lambda self: self.held)
    @rule(days=st.sampled_from([180, 150, 120, 30]), which=SOME)
    def the_clock_reminds(self, days: int, which: int) -> None:
        certificate = self.held[which % len(self.held)]
        with a_command(self.recognition):
            self.recognition.remind(certificate.id, days, RULES, self.now)

    # --- inspection and revocation ---

    @precondition(lambda self: self.recognition.in_force(self.day))
    @rule()
    def it_is_inspected(self) -> None:
        held = self.recognition.require_certified(self.day)
        with a_command():
            self.inspections.append(
                Inspection.open(
                    an_id(f"inspection {len(self.inspections)}"), about=GARLIC, ruleset=RULES.id, certificate=held.stated,
                    kind="periodic", national=False, reason="", with_agencies=(), when=self.now,
                )
            )  # fmt: skip

    @precondition(lambda self: self.inspections)
    @rule(ground=st.none() | GROUNDS)
    def the_inspection_is_concluded(self, ground: str | None) -> None:
        inspection = self.inspections[-1]
        with a_command(inspection):
            inspection.conclude(
                finding="Nhãn sai", ground=ground, mend_by=None, grounds=grounds_of(RULES), when=self.now
            )

    @rule(which=SOME)
    def the_commune_says_that_production_stopped(self, which: int) -> None:
        with a_command(self.recognition):
            self.recognition.confirm_production_stop(self.number(which), "ngừng sản xuất", RULES, self.now)

    @rule(which=SOME, role=ROLES, ground=GROUNDS, inspected=st.booleans(), concluded=st.integers(-5, 5) | st.none())
    def it_is_revoked(self, which: int, role: str, ground: str, inspected: bool, concluded: int | None) -> None:
        """Resting on an inspection, on the commune's word, or on an authority's conclusion of some day, or on nothing."""
        conclusion = None if concluded is None else decision(str(self.day + timedelta(days=concluded)))
        inspection = self.inspections[-1] if inspected and self.inspections else None
        with a_command(self.recognition):
            basis = self.recognition.revoke(
                self.number(which), ground, decision(str(self.day)), inspection=inspection, conclusion=conclusion,
                role=role, ruleset=RULES, when=self.now,
            )  # fmt: skip
            assert basis.concluded_on <= self.day
            self.taken_by[self.number(which)] = role

    @rule(which=SOME)
    def an_assessment_is_annulled(self, which: int) -> None:
        with a_command(self.recognition):
            self.recognition.annul(self.result(which), self.now)

    @rule(which=SOME, role=ROLES)
    def a_wrong_recognition_is_withdrawn(self, which: int, role: str) -> None:
        with a_command(self.recognition):
            self.recognition.withdraw(
                self.number(which), decision(str(self.day)), "sai", role=role, ruleset=RULES, when=self.now
            )
            self.taken_by[self.number(which)] = role

    # --- what must hold ---

    @invariant()
    def never_two_certificates_in_force_on_any_day(self) -> None:
        turns = {day for held in self.held for period in history(held) for day in (period.since, period.until) if day}
        for day in {self.day} | turns | {day + DAY for day in turns}:
            assert sum(in_force(held, day) for held in self.held) <= 1, day

    @invariant()
    def never_a_star_without_its_authority_neither_given_nor_taken(self) -> None:
        for held in self.held:
            assert held.stars >= 3
            authority = MINISTER if held.stars == 5 else CHAIRMAN
            assert self.given_by[held.number] == authority
            assert self.taken_by.get(held.number, authority) == authority

    @invariant()
    def what_a_certificate_was_has_no_gap_and_no_overlap(self) -> None:
        for held in self.held:
            periods = history(held)
            for before, after in pairwise(periods):
                assert after.since is not None
                assert before.until == after.since - DAY
            assert held.lasts_until <= held.expires_on + EXTENSION

    @invariant()
    def who_replaces_has_more_stars_or_renews_or_was_found_anew(self) -> None:
        stars = {held.number: held.stars for held in self.held}
        for event in self.recognition.pending_events:
            if isinstance(event, events.CertificateReplaced):
                assert event.proposal.may_replace
                if event.proposal.kind == "upgrade":
                    assert event.certificate.stars > stars[event.replaces.number]

    @invariant()
    def an_end_is_said_again_only_by_a_decision_of_an_earlier_day(self) -> None:
        """A decision that is laid down late counts from its own day, also where the clock has said an end since then."""
        ends: dict[str, list[date]] = {}
        for contract in map(PUBLISHED, self.recognition.pending_events):
            match contract:
                case said.CertificateExpired():
                    ends.setdefault(contract.number, []).append(contract.expired_on)
                case said.CertificateRevoked():
                    ends.setdefault(contract.number, []).append(contract.effective_on)
                case said.CertificateReplaced():
                    ends.setdefault(contract.replaces_number, []).append(contract.issued_on)
        for days in ends.values():
            assert all(later < before for before, later in pairwise(days))
        assert ends.keys() <= {held.number for held in self.held if held.has_ended}

    @invariant()
    def a_revocation_rests_on_a_conclusion_and_a_withdrawal_on_an_annulment(self) -> None:
        for event in self.recognition.pending_events:
            if isinstance(event, events.CertificateRevoked):
                assert event.basis.concluded_on <= event.legal_date
                if event.ground == "10.1b":
                    assert event.basis.kind == "annulment"
                else:
                    assert event.ground in grounds_of(RULES)

    @invariant()
    def playing_what_was_said_gives_the_same(self) -> None:
        check_replay([self.recognition, *self.inspections])


Recognising.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestRecognising = Recognising.TestCase
