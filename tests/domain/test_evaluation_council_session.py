"""What is not ordinary in a council's session: conflicts of interest, too few members, ballots too far apart."""

from typing import Any

import pytest

from services.evaluation.domain import refusals as no
from services.evaluation.domain.assessment import Assessment
from services.evaluation.published import PUBLISHED
from shared.contracts import evaluation as said
from shared.regulation.bylaw import Bylaw
from tests.evaluating import (
    CHAIR,
    GARLIC,
    RULES,
    SAT,
    advised,
    arrived,
    ballots,
    decide,
    decision,
    form,
    open_round,
    opened,
    sealed,
    sent,
    sitting,
    vote,
)
from tests.given import an_id, given, on

NINE = [f"51-{n}" for n in range(1, 10)]
SHEET = RULES.sheet("10")


def last(assessment: Assessment) -> Any:
    """The latest thing that happened to it."""
    return assessment.pending_events[-1]


# --- conflict of interest ---


def declare(assessment: Assessment, member: str = "51-3", day: str = "2026-09-10", **other: Any) -> None:
    council = other.get("council", form())
    assessment.declare_conflict(council, member, sealed("Em trai là giám đốc hợp tác xã"), on(day))


@pytest.mark.parametrize("start", [arrived, opened, advised])
def test_a_member_declares_a_conflict_before_the_dossier_is_sent(start: Any) -> None:
    event = given(start()).when(declare).then(Assessment.ConflictDeclared)
    assert (event.member.office_vi, event.council_id) == ("Sở số 3", an_id("council 51"))
    assert "Em trai" not in event.model_dump_json()
    assert PUBLISHED(event) is None


def test_a_member_with_the_dossier_in_hand_declares_a_conflict_too_late() -> None:
    refusal = given(sent()).refuses(no.ConflictTooLate, lambda a: declare(a, day="2026-09-14"))
    assert refusal.rule == "conflict-declared-too-late"


def test_only_a_member_of_the_council_that_decides_declares_a_conflict() -> None:
    given(advised()).refuses(no.NotAMember, lambda a: declare(a, "51-thu-ky"))
    given(advised()).refuses(no.WrongCouncil, lambda a: declare(a, "42-3", council=form("42")))


def test_a_conflict_is_declared_once() -> None:
    once = advised()
    declare(once)
    given(once).refuses(no.ConflictKnown, declare)


def with_conflict() -> Assessment:
    """Declared on 10 September, sent on the 11th to the other eight."""
    assessment = advised()
    declare(assessment)
    assessment.send(form(), open_round(), on("2026-09-11"))
    return assessment


def test_the_dossier_is_not_sent_to_a_member_with_a_conflict() -> None:
    before = advised()
    declare(before)
    event = given(before).when(lambda a: a.send(form(), open_round(), on("2026-09-11"))).then(Assessment.SentToCouncil)
    assert event.members == 8
    assert given(advised()).aggregate.send(form(), open_round(), on("2026-09-11")) == 9


def test_a_member_with_a_conflict_is_not_present() -> None:
    refusal = given(with_conflict()).refuses(
        no.InConflict, lambda a: a.hold_session(form(), NINE, RULES, on("2026-09-16"))
    )
    assert (refusal.rule, refusal.have["office"]) == ("member-in-conflict", "Sở số 3")


def test_the_other_eight_score_without_the_member_with_a_conflict() -> None:
    assessment = with_conflict()
    eight = [member for member in NINE if member != "51-3"]
    assessment.hold_session(form(), eight, RULES, on("2026-09-16"))
    options = ballots("75", 4)[0]
    case = given(assessment)
    case.refuses(
        no.NotPresent, lambda a: a.cast("51-3", "51-3", options, SHEET, simulated=False, when=on("2026-09-16"))
    )
    vote(case.aggregate, ballots("626/8", 4, 8), "2026-09-16")
    contract = PUBLISHED(last(decide(case.aggregate, "2026-09-16")))
    assert isinstance(contract, said.ProductScored)
    assert (contract.ballots, contract.average, contract.star_after_gates) == (8, "313/4", 4)


def test_members_with_a_conflict_count_among_those_of_whom_a_quorum_is_needed() -> None:
    assessment = advised()
    for member in ("51-3", "51-4", "51-5"):
        declare(assessment, member)
    assessment.send(form(), open_round(), on("2026-09-11"))
    six = [member for member in NINE if member not in assessment.conflicts]
    given(assessment).refuses(no.NoQuorum, lambda a: a.hold_session(form(), six, RULES, on(SAT)))


# --- too few members ---


def adjourn(assessment: Assessment, present: list[str], to: str = "2026-09-22", day: str = "2026-09-16") -> None:
    assessment.adjourn(form(), present, on(to).on, on(day))


def test_without_a_quorum_the_session_is_put_off_and_held_later() -> None:
    case = given(sent()).when(lambda a: adjourn(a, NINE[:6]))
    event = case.then(Assessment.SessionAdjourned)
    assert (len(event.present), event.members, event.to) == (6, 9, on("2026-09-22").on)
    assert PUBLISHED(event) is None
    case.when(lambda a: a.hold_session(form(), NINE[:8], RULES, on("2026-09-22"))).then(Assessment.SessionHeld)


def test_a_session_without_its_chair_is_put_off_too() -> None:
    given(sent()).when(lambda a: adjourn(a, NINE[1:])).then(Assessment.SessionAdjourned)


def test_a_council_with_a_quorum_sits() -> None:
    refusal = given(sent()).refuses(no.QuorumThere, lambda a: adjourn(a, NINE[:7]))
    assert (refusal.rule, refusal.have["have"]) == ("quorum-is-there", 7)


@pytest.mark.parametrize("to", ["2026-09-15", "2026-09-16"])
def test_a_session_is_put_off_to_a_later_day(to: str) -> None:
    assert given(sent()).refuses(no.AdjournedBackwards, lambda a: adjourn(a, NINE[:6], to)).field == "to"


def test_a_session_is_not_put_off_past_the_end_of_the_round() -> None:
    assert given(sent()).refuses(no.RoundOver, lambda a: adjourn(a, NINE[:6], "2026-10-01")).field == "to"


def test_a_session_is_put_off_only_when_one_could_be_held() -> None:
    given(advised()).refuses(no.NotSent, lambda a: adjourn(a, NINE[:6]))
    given(sitting()).refuses(no.NotSent, lambda a: adjourn(a, NINE[:6]))
    given(sent()).refuses(no.SentTooLate, lambda a: adjourn(a, NINE[:6], day="2026-09-13"))


# --- ballots too far apart ---


def count(assessment: Assessment, day: str = SAT) -> None:
    assessment.count_ballots(RULES, "Thảo luận về tiêu chí bao bì", on(day))


def far_apart() -> Assessment:
    return vote(sitting(), ballots("651/9", 4, spread=14))


def test_ballots_too_far_apart_are_opened_kept_and_cast_again() -> None:
    case = given(far_apart()).when(count)
    event = case.then(Assessment.BallotsCounted)
    assert (str(event.count.average), event.count.spread, event.count.turn) == ("217/3", 14, 1)
    assert sum(event.count.totals.values()) == 651
    assert PUBLISHED(event) is None
    decided = last(decide(vote(case.aggregate, ballots("74", 4, spread=6))))
    assert (decided.turn, decided.outcome.average, decided.outcome.spread) == (2, 74, 6)
    assert sum(decided.outcome.totals.values()) == 74 * 9


def test_a_count_is_stored_exactly() -> None:
    event = given(far_apart()).when(count).then(Assessment.BallotsCounted)
    assert Assessment.BallotsCounted.model_validate_json(event.model_dump_json()) == event


def test_there_is_no_decision_between_the_two_turns() -> None:
    counted = far_apart()
    count(counted)
    given(counted).refuses(no.BallotsMissing, decide)


def test_second_ballots_too_far_apart_are_counted_again() -> None:
    counted = far_apart()
    count(counted)
    vote(counted, ballots("650/9", 4, spread=12))
    case = given(counted)
    case.refuses(no.SpreadTooWide, decide)
    assert case.when(count).then(Assessment.BallotsCounted).count.turn == 2


def test_ballots_within_the_bylaw_are_not_scored_again() -> None:
    close = vote(sitting(), ballots("651/9", 4, spread=10))
    refusal = given(close).refuses(no.SpreadWithin, count)
    assert (refusal.rule, refusal.have["spread"]) == ("spread-within-bylaw", 10)


def test_ballots_are_counted_when_all_are_cast() -> None:
    given(vote(sitting(), ballots("651/9", 4, spread=14)[:8])).refuses(no.BallotsMissing, count)
    given(sent()).refuses(no.NoSession, count)


# --- the bylaw of the day ---


def test_an_amended_bylaw_holds_for_what_is_sent_from_that_day_on() -> None:
    council = form()
    council.amend_bylaw(Bylaw(spread=20), decision("2026-09-11"), on("2026-09-11"))
    before, after = advised(), advised()
    before.send(council, open_round(), on("2026-09-10"))
    after.send(council, open_round(), on("2026-09-11"))
    assert (before.sending.bylaw.spread, after.sending.bylaw.spread) == (10, 20)


def test_the_chair_is_a_member_like_the_others_where_a_conflict_is_declared() -> None:
    event = given(advised()).when(lambda a: declare(a, CHAIR)).then(Assessment.ConflictDeclared)
    assert event.member.seat == "chair"
    assert event.about == GARLIC
