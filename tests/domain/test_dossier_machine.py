"""Random commands on dossiers: one on its way through the houses, and all those that a product files in ten years.

Only declared refusals, and what must hold always holds.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from itertools import pairwise
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.registration.domain.dossier import NEXT, REFUSED, SETTLED, Dossier
from services.registration.domain.held import Held, Kind
from services.registration.domain.papers import Evidence
from services.registration.domain.product import Product
from services.registration.published import PUBLISHED
from shared.calendar import days_before
from shared.contracts.registration import DossierForwarded, DossierSubmitted
from shared.regulation.rulesets import in_force
from shared.values import Decision, Moment
from tests.domain.test_registration import RULES, a_product, form_02, form_03, paper, submit
from tests.domain.test_registration_kinds import FORM_01
from tests.given import about, an_id
from tests.machines import a_command, at, check_replay

PAPERS = ["EV01", "EV12", "EV14", "EV20", "EV98"]  # the last is not among the law's
KINDS = st.lists(st.sampled_from(PAPERS), max_size=3).map(tuple)
TICKS = st.dictionaries(st.sampled_from(["c1_1", "c1_2", "c3_5"]), st.integers(1, 2), max_size=3)
EFFECTIVE = RULES.decision.effective  # 22/5/2026


def papers_of(kinds: tuple[str, ...]) -> tuple[Evidence, ...]:
    return tuple(paper(kind).model_copy(update={"sha256": f"{n}" * 64}) for n, kind in enumerate(kinds, 1))


class Handling(RuleBasedStateMachine):
    """Commune, advisory team, producer and the other houses, in any order, with one dossier."""

    @initialize(forwarded=st.booleans(), assessed=st.booleans())
    def it_is_filed(self, forwarded: bool, assessed: bool) -> None:
        self.day = date(2026, 7, 6)
        self.dossier: Dossier = submit()
        if forwarded:
            self.the_commune_forwards_it(5)
        if assessed:
            self.another_house_moves_it("in-assessment", False)

    @property
    def now(self) -> Moment:
        self.day += timedelta(days=1)
        return at(self.day)

    @rule(missing=KINDS)
    def the_commune_returns_it(self, missing: tuple[str, ...]) -> None:
        with a_command(self.dossier):
            self.dossier.send_back(missing, "Thiếu", RULES, self.now)

    @rule(kinds=KINDS)
    def the_producer_completes_it(self, kinds: tuple[str, ...]) -> None:
        with a_command(self.dossier):
            self.dossier.complete(papers_of(kinds), None, RULES, self.now)

    @precondition(lambda self: self.dossier.missing)
    @rule()
    def the_producer_hands_in_what_was_missing(self) -> None:
        self.the_producer_completes_it(self.dossier.missing)

    @rule(samples=st.integers(0, 6))
    def the_commune_forwards_it(self, samples: int) -> None:
        with a_command(self.dossier):
            self.dossier.forward("51-21548-1-2026", form_03(samples), RULES, self.now)

    @rule(wants=KINDS)
    def more_is_asked_for(self, wants: tuple[str, ...]) -> None:
        with a_command(self.dossier):
            self.dossier.request_addition(wants, "Bổ sung", self.day, RULES, self.now)

    @rule(kinds=KINDS)
    def more_is_handed_in(self, kinds: tuple[str, ...]) -> None:
        with a_command(self.dossier):
            self.dossier.supply(papers_of(kinds), RULES, self.now)

    @precondition(lambda self: self.dossier.wanted)
    @rule()
    def what_was_asked_for_is_handed_in(self) -> None:
        self.more_is_handed_in(self.dossier.wanted)

    @rule(state=st.sampled_from(sorted(NEXT)), again=st.booleans())
    def another_house_moves_it(self, state: str, again: bool) -> None:
        with a_command(self.dossier):
            self.dossier.move(state, self.now, again)

    @invariant()
    def it_is_never_without_its_business_registration_and_loses_no_paper(self) -> None:
        assert "EV01" in {one.kind for one in self.dossier.evidence}
        kept: list[Evidence] = []
        for said in self.dossier.pending_events:
            if isinstance(said, Dossier.Submitted | Dossier.Completed | Dossier.AdditionSupplied):
                assert set(kept) <= set(said.evidence)
                kept = list(said.evidence)
        assert tuple(kept) == self.dossier.evidence

    @invariant()
    def it_waits_for_papers_only_where_papers_were_named(self) -> None:
        assert (self.dossier.state == "returned") == bool(self.dossier.missing)
        assert (self.dossier.state == "addition-requested") == bool(self.dossier.wanted)

    @invariant()
    def what_was_named_is_there_once_it_goes_on(self) -> None:
        named: tuple[str, ...] = ()
        for said in self.dossier.pending_events:
            match said:
                case Dossier.Returned():
                    named = said.missing
                case Dossier.AdditionRequested():
                    named = said.wants
                case Dossier.Completed() | Dossier.AdditionSupplied():
                    assert set(named) <= {one.kind for one in said.evidence}
                    named = ()
                case Dossier.Moved():  # the assessment went on without
                    named = ()

    @invariant()
    def no_house_moves_it_before_the_commune_proposes_it(self) -> None:
        kinds = [type(said) for said in self.dossier.pending_events]
        for later in (Dossier.Moved, Dossier.AdditionRequested, Dossier.AdditionSupplied):
            if later in kinds:
                assert Dossier.Forwarded in kinds[: kinds.index(later)]
        assert kinds.count(Dossier.Forwarded) <= 1

    @invariant()
    def the_day_of_the_first_filing_stays(self) -> None:
        first = self.dossier.pending_events[0].legal_date
        assert self.dossier.submitted_on == first
        for contract in map(PUBLISHED, self.dossier.pending_events):
            if isinstance(contract, DossierForwarded):
                assert contract.submitted_on == first
            if isinstance(contract, DossierSubmitted):
                assert contract.completes is (contract.legal_date != first)

    @invariant()
    def playing_what_was_said_gives_the_same(self) -> None:
        check_replay([self.dossier])


Handling.TestCase.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
TestHandling = Handling.TestCase


class Filing(RuleBasedStateMachine):
    """A producer, the councils' outcomes and certification, over the dossiers of one product."""

    @initialize(left=st.none() | st.integers(0, 1095), stars=st.integers(3, 5), since=st.integers(0, 200),
                went=st.lists(st.tuples(st.booleans(), st.integers(3, 5), st.integers(0, 400)), max_size=4))  # fmt: skip
    def a_product_comes(self, left: int | None, stars: int, since: int, went: list[tuple[bool, int, int]]) -> None:
        """By its idea, or by an earlier recognition with so many days left when the decision took effect.

        Some of its dossiers may have been recognised since.
        """
        self.day = EFFECTIVE + timedelta(days=since)
        self.dossiers: list[Dossier] = []
        self.numbers = 1
        self.product: Product = a_product() if left is None else self.recorded(left, stars)
        for renews, result, days in went:
            self.a_dossier_that_fits_is_filed(renews, 1 + len(self.dossiers) % 2)
            self.day += timedelta(days=days)
            if self.product.open_dossier:
                self.it_is_recognised_and_certified(result)

    def recorded(self, left: int, stars: int) -> Product:
        issued = EFFECTIVE + timedelta(days=left - 1096)
        expires = issued.replace(year=issued.year + 3, day=min(issued.day, 28))
        issued = expires.replace(year=expires.year - 3)
        held = Held(number="1", stars=stars, issued_on=issued, expires_on=expires)
        return Product.record(
            about=about(), ruleset="qd-1048-2019" if issued < date(2023, 2, 24) else in_days_of(issued), certificate=held,
            decision=Decision(number="1", date=issued, authority="UBND tỉnh"), simulated=True, when=at(EFFECTIVE),
        )  # fmt: skip

    @property
    def now(self) -> Moment:
        return at(self.day)

    @property
    def last(self) -> Dossier | None:
        return self.dossiers[-1] if self.dossiers else None

    @rule(days=st.integers(1, 200))
    def time_passes(self, days: int) -> None:
        self.day += timedelta(days=days)

    @precondition(lambda self: self.product.certificate)
    @rule(before=st.integers(100, 200))
    def the_window_comes(self, before: int) -> None:
        """So many days before the last day of what it holds."""
        assert self.product.certificate
        self.day = max(self.day, self.product.certificate.expires_on - timedelta(days=before))

    @rule(kind=st.sampled_from(["first", "upgrade", "renewal"]), ticks=TICKS | st.none(), kinds=KINDS | st.none(),
          changed=st.sets(st.sampled_from(["1.1", "3.5", "99"]), max_size=1))  # fmt: skip
    def a_dossier_is_filed(
        self, kind: Kind, ticks: Mapping[str, int] | None, kinds: tuple[str, ...] | None, changed: set[str]
    ) -> None:
        previous, held = self.last, self.product.certificate
        with a_command(self.product):
            filed = Dossier.submit(
                an_id(f"dossier {len(self.dossiers)}"), product=self.product, ruleset=in_force(self.day), kind=kind,
                form_01=None if previous else FORM_01, form_02=None if ticks is None else form_02(**ticks),
                evidence=None if kinds is None else papers_of(("EV01", *kinds)), changed=tuple(changed),
                previous=previous, when=self.now,
            )  # fmt: skip
            self.product.open(filed.id, self.now)
            self.dossiers.append(filed)
            self.check_filed(filed, held)

    @rule(renews=st.booleans(), option=st.integers(1, 2))
    def a_dossier_that_fits_is_filed(self, renews: bool, option: int) -> None:
        """Of the kind that fits what it holds; a renewal on the first day of its window, if that has not gone by."""
        held = self.product.certificate
        kind: Kind = "first"
        if held and held.in_force(self.day):
            kind = "renewal" if renews else "upgrade"
            if renews:
                self.day = max(self.day, days_before(held.expires_on, 180))
        self.a_dossier_is_filed(kind, {"c1_1": option}, ("EV12",), set())

    def check_filed(self, filed: Dossier, held: Held | None) -> None:
        """The kind fits what the product held on that day (26/2026 art. 6.1, 7.6.a, 12.3)."""
        holds = held is not None and held.issued_on <= self.day <= (held.until or held.expires_on)
        holds = holds and (held is None or held.ended_on is None or self.day < held.ended_on)
        assert (filed.kind == "first") == (not holds)
        assert filed.stars_held == (held.stars if held and holds else None)
        if filed.kind == "upgrade":
            assert filed.stars_held in {3, 4}
        if filed.kind == "renewal" and held:
            opens, closes = days_before(held.expires_on, 180), days_before(held.expires_on, 120)
            assert (filed.admitted_by is None) == (opens <= self.day <= closes)
            if filed.admitted_by:
                assert closes < EFFECTIVE
        else:
            assert filed.admitted_by is None

    @precondition(lambda self: self.product.open_dossier)
    @rule(state=st.sampled_from(sorted(REFUSED)))
    def it_has_its_result_and_is_not_recognised(self, state: str) -> None:
        assert self.last
        for step in ("in-assessment", state):
            self.moved(self.last, step)

    def moved(self, dossier: Dossier, step: str) -> None:
        """On the way the commune has proposed it; a result closes it, as the house's command does."""
        if dossier.state == "submitted":
            dossier.forward("51-21548-1-2026", form_03(), RULES, self.now)
        with a_command(dossier, self.product):
            dossier.move(step, self.now)
        if dossier.settled:
            self.product.close(dossier.id, self.now)

    @precondition(lambda self: self.product.open_dossier)
    @rule(stars=st.integers(3, 5))
    def it_is_recognised_and_certified(self, stars: int) -> None:
        assert self.last
        self.numbers += 1
        expires = self.day.replace(year=self.day.year + 3, day=min(self.day.day, 28))
        held = Held(number=str(self.numbers), stars=stars, issued_on=self.day, expires_on=expires)
        self.product.note(held, self.now)
        for step in ("in-assessment", "recognised"):
            self.moved(self.last, step)

    @precondition(lambda self: self.product.certificate)
    @rule(number=st.integers(1, 9), days=st.integers(0, 180))
    def certification_prolongs_or_ends_a_certificate(self, number: int, days: int) -> None:
        assert self.product.certificate
        if days:
            self.product.note_extension(
                str(number), self.product.certificate.expires_on + timedelta(days=days), self.now
            )
        else:
            self.product.note_end(str(number), self.day, self.now)

    @precondition(lambda self: self.dossiers)
    @rule(which=st.integers(0, 9))
    def an_earlier_dossier_is_assessed_anew(self, which: int) -> None:
        dossier = self.dossiers[which % len(self.dossiers)]
        if dossier.state in SETTLED:
            dossier.move("in-assessment", self.now, again=True)
            self.product.reopen(dossier.id, self.now)
            assert self.product.open_dossier
            self.moved(dossier, "not-recognised")

    @invariant()
    def one_dossier_at_a_time_is_under_way(self) -> None:
        under_way: set[UUID] = set()
        for said in self.product.pending_events:
            if isinstance(said, Product.DossierOpened):
                assert not under_way
                under_way = {said.dossier_id}
            elif isinstance(said, Product.DossierClosed):
                assert under_way == {said.dossier_id}
                under_way = set()
        assert under_way == ({self.product.open_dossier} if self.product.open_dossier else set())

    @invariant()
    def what_changed_is_what_differs_from_the_last_dossier_or_was_named(self) -> None:
        for before, filed in pairwise(self.dossiers):
            said = filed.pending_events[0]
            assert isinstance(said, Dossier.Submitted)
            assert said.previous == before.id
            then, now = before.form_02.self_assessment, filed.form_02.self_assessment
            differs = {code for code in then.keys() | now.keys() if then.get(code) != now.get(code)}
            assert differs <= set(said.changed) <= differs | {"1.1", "3.5"}
            if filed.kind == "upgrade":
                assert said.changed or set(said.evidence) != set(before.evidence)

    @invariant()
    def playing_what_was_said_gives_the_same(self) -> None:
        check_replay([self.product, *self.dossiers])


def in_days_of(decided: date) -> str:
    """The ruleset of a recognition of that day; its id only."""
    return "qd-148-2023" if decided < date(2025, 7, 6) else "qd-148-2023+1489"


Filing.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestFiling = Filing.TestCase
