"""Random commands on one dossier: nothing but declared refusals, and what must hold always holds."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.registration.domain.dossier import NEXT, Dossier
from services.registration.domain.papers import Evidence
from shared.values import Moment, Refusal
from tests.domain.test_registration import RULES, form_03, paper, submit

KINDS = st.lists(st.sampled_from(["EV01", "EV12", "EV14", "EV20", "EV98"]), max_size=3).map(tuple)


def papers_of(kinds: tuple[str, ...]) -> tuple[Evidence, ...]:
    return tuple(paper(kind).model_copy(update={"sha256": f"{n}" * 64}) for n, kind in enumerate(kinds, 1))


class Handling(RuleBasedStateMachine):
    """Commune, advisory team, producer and the other houses, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.day = date(2026, 7, 6)
        self.dossier: Dossier = submit()
        self.codes: set[str] = set()

    @property
    def now(self) -> Moment:
        self.day += timedelta(days=1)
        return Moment(self.day, datetime(self.day.year, self.day.month, self.day.day, 2, tzinfo=UTC))

    @rule(missing=KINDS)
    def the_commune_returns_it(self, missing: tuple[str, ...]) -> None:
        with suppress(Refusal):
            self.dossier.send_back(missing, "Thiếu", RULES, self.now)

    @rule(kinds=KINDS)
    def the_producer_completes_it(self, kinds: tuple[str, ...]) -> None:
        with suppress(Refusal):
            self.dossier.complete(papers_of(kinds), None, RULES, self.now)

    @rule(samples=st.integers(0, 6))
    def the_commune_forwards_it(self, samples: int) -> None:
        with suppress(Refusal):
            self.dossier.forward("51-21548-1-2026", form_03(samples), 5, self.now)

    @rule(wants=KINDS)
    def more_is_asked_for(self, wants: tuple[str, ...]) -> None:
        with suppress(Refusal):
            self.dossier.request_addition(wants, "Bổ sung", self.day, RULES, self.now)

    @rule(kinds=KINDS)
    def more_is_handed_in(self, kinds: tuple[str, ...]) -> None:
        with suppress(Refusal):
            self.dossier.supply(papers_of(kinds), RULES, self.now)

    @rule(state=st.sampled_from(sorted(NEXT)), again=st.booleans())
    def another_house_moves_it(self, state: str, again: bool) -> None:
        with suppress(Refusal):
            self.dossier.move(state, self.now, again)

    @invariant()
    def it_is_never_without_its_business_registration(self) -> None:
        assert "EV01" in {paper.kind for paper in self.dossier.evidence}

    @invariant()
    def it_waits_for_papers_only_where_papers_were_named(self) -> None:
        assert (self.dossier.state == "returned") == bool(self.dossier.missing)
        assert (self.dossier.state == "addition-requested") == bool(self.dossier.wanted)

    @invariant()
    def the_day_of_the_first_filing_stays(self) -> None:
        assert self.dossier.submitted_on == self.dossier.pending_events[0].legal_date

    @invariant()
    def replaying_its_events_gives_the_same(self) -> None:
        again = None
        for event in self.dossier.pending_events:
            again = event.mutate(again)
        assert again is not None
        assert (again.state, again.evidence) == (self.dossier.state, self.dossier.evidence)


Handling.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestHandling = Handling.TestCase
