"""Rounds within the law's last days (26/2026 art. 5), councils as the bylaw wants them (art. 7.3.b, 7.4.b)."""

from datetime import date
from typing import Any

import pytest

from services.evaluation.domain.council import (
    Council,
    CouncilTooSmall,
    MemberTwice,
    NoChair,
    SecretaryIsMember,
    TwoChairs,
)
from services.evaluation.domain.level import UnknownLevel, WrongProvince
from services.evaluation.domain.round import DatesOutOfOrder, LaterThanLaw, NoSuchRound, Round, RoundClosed
from services.evaluation.published import PUBLISHED
from shared.auth.permissions import Place
from shared.contracts import evaluation as said
from shared.regulation.bylaw import Bylaw
from shared.values import Refusal
from tests.evaluating import form, members, national_round, open_round
from tests.given import Case, given, on

REGULAR = {"number": 2, "name": "Đợt 2", "proposals_last": date(2026, 10, 29), "done_last": date(2026, 12, 29)}


def refused(refusal: type[Refusal], make: Any) -> Refusal:
    with pytest.raises(refusal) as caught:
        make()
    assert caught.value.message_vi
    assert caught.value.message_en
    return caught.value


# --- round ---


def test_an_extra_round_by_the_bylaw_may_have_its_own_last_days() -> None:
    assert open_round().facts.proposals_last == date(2026, 7, 31)


def test_a_regular_round_may_end_on_the_last_day_before_the_laws_dates() -> None:
    assert open_round("2026-09-07", **REGULAR).facts.done_last == date(2026, 12, 29)


def test_the_ministrys_second_round_ends_in_the_year_of_its_proposals() -> None:
    assert national_round().facts.done_last == date(2027, 3, 29)


@pytest.mark.parametrize(
    ("late", "field"),
    [({"proposals_last": date(2026, 10, 30)}, "proposals_last"), ({"done_last": date(2026, 12, 30)}, "done_last")],
)
def test_a_regular_round_one_day_later_than_the_law_is_refused(late: dict[str, date], field: str) -> None:
    assert refused(LaterThanLaw, lambda: open_round("2026-09-07", **REGULAR | late)).field == field


def test_a_regular_round_that_the_law_does_not_know_is_refused() -> None:
    assert refused(NoSuchRound, lambda: open_round("2026-09-07", **REGULAR | {"number": 3})).field == "number"


@pytest.mark.parametrize(
    "dates",
    [
        {"proposals_last": date(2026, 9, 30)},
        {"proposals_last": date(2026, 10, 1)},
        {"proposals_last": date(2026, 6, 14)},
    ],
)
def test_the_dates_of_a_round_are_in_order(dates: dict[str, date]) -> None:
    refused(DatesOutOfOrder, lambda: open_round("2026-06-15", **dates))


def test_a_round_takes_proposals_from_the_day_it_opens() -> None:
    assert open_round("2026-07-31").state == "open"


def test_a_level_that_does_not_decide_has_no_rounds() -> None:
    refused(UnknownLevel, lambda: open_round(level="commune"))


@pytest.mark.parametrize("facts", [{"province": None}, {"level": "national", "province": "51"}])
def test_only_the_national_level_is_without_a_province(facts: dict[str, Any]) -> None:
    refused(WrongProvince, lambda: open_round(**facts))


def test_a_round_is_closed_once_and_both_are_said() -> None:
    opened = open_round()
    assert isinstance(PUBLISHED(opened.pending_events[0]), said.RoundOpened)
    closed = given(opened).when(lambda r: r.close(on("2026-09-30"))).then(Round.Closed)
    contract = PUBLISHED(closed)
    assert isinstance(contract, said.RoundClosed)
    assert (contract.round_id, contract.done_last) == (opened.id, date(2026, 9, 30))


def test_a_closed_round_is_not_closed_again() -> None:
    shut = open_round()
    shut.close(on("2026-09-30"))
    given(shut).refuses(RoundClosed, lambda r: r.close(on("2026-10-01")))


def test_a_round_is_where_its_level_is() -> None:
    assert (open_round().place, national_round().place) == (Place(province="51"), Place(province="TW"))


# --- council ---


def test_a_council_is_said_by_its_size_without_a_name() -> None:
    council = form()
    contract = PUBLISHED(council.pending_events[0])
    assert isinstance(contract, said.CouncilFormed)
    assert (contract.members, contract.team, contract.province) == (9, 7, "51")
    assert "sealed" not in contract.model_dump_json()
    assert "name" not in contract.model_dump()


def test_a_council_is_replayed_from_its_event() -> None:
    again = given(form())
    assert isinstance(again, Case)
    assert isinstance(again.aggregate, Council)
    assert [seat.seat for seat in again.aggregate.seats.values()].count("chair") == 1


def test_the_names_of_members_stay_sealed_in_the_event_and_out_of_the_seats() -> None:
    council = form()
    assert "name" not in next(iter(council.seats.values())).model_dump()


def test_three_members_are_enough_for_a_council() -> None:
    assert len(form(many=3).seats) == 3


def test_two_members_are_too_few_for_a_council() -> None:
    assert refused(CouncilTooSmall, lambda: form(many=2)).field == "members"


def test_a_council_needs_a_chair() -> None:
    plain = tuple(m.model_copy(update={"seat": "member"}) for m in members(9))
    refused(NoChair, lambda: form(members=plain))


def test_a_council_has_no_second_chair() -> None:
    first, second, *others = members(9)
    refused(TwoChairs, lambda: form(members=(first, second.model_copy(update={"seat": "chair"}), *others)))


def test_a_member_is_listed_once() -> None:
    nine = members(9)
    refused(MemberTwice, lambda: form(members=(*nine, nine[4])))


def test_the_secretary_is_not_a_member() -> None:
    listed = members(9)[3].model_copy(update={"id": "51-thu-ky"})
    refused(SecretaryIsMember, lambda: form(members=(*members(9), listed)))


def test_a_bylaw_may_let_the_secretary_score() -> None:
    listed = members(9)[3].model_copy(update={"id": "51-thu-ky"})
    assert "51-thu-ky" in form(members=(*members(9), listed), bylaw=Bylaw(secretary_scores=True)).seats


def test_a_council_of_the_centre_is_at_the_centre() -> None:
    assert form("TW", 11).place == Place(province="TW")


def test_a_council_of_a_province_needs_its_province() -> None:
    refused(WrongProvince, lambda: form(province=None))
