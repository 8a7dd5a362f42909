"""The council's decision and what follows from it (26/2026 art. 3.3, 7.3.đ–g, 7.4)."""

from fractions import Fraction
from typing import Any

import pytest

from services.evaluation.domain import following
from services.evaluation.domain import refusals as no
from services.evaluation.domain.assessment import Assessment
from services.evaluation.domain.ticking import Declaration
from services.evaluation.published import PUBLISHED
from shared.auth.permissions import Place
from shared.contracts import evaluation as said
from shared.regulation.bylaw import Bylaw
from tests.evaluating import (
    GARLIC,
    RULES,
    WATER,
    advise,
    ballots,
    decide,
    decided,
    decision,
    form,
    national,
    referred,
    returned,
    sent,
    sitting,
    vote,
)
from tests.given import an_id, given, on

SHEET = RULES.sheet("10")
OWNER = str(GARLIC.producer.id)
FORGED = Declaration(id="E1")


def scored(assessment: Assessment) -> said.ProductScored:
    """What is said of a council's decision."""
    contract = PUBLISHED(given(assessment).when(decide).then(Assessment.Decided))
    assert isinstance(contract, said.ProductScored)
    return contract


def voted(average: str, star: int | None, **other: Any) -> Assessment:
    return vote(sitting(other.get("of", GARLIC)), ballots(average, star, **other))


# --- the decision ---


def test_an_average_of_ninety_sends_a_dossier_up_and_is_not_concluded_here() -> None:
    fact = scored(voted("821/9", 5))
    assert (fact.average, fact.average_2dp, fact.star_by_band, fact.star_after_gates) == ("821/9", 91.22, 5, 5)
    assert (fact.sent_up_to, fact.recognisable, fact.outcome, fact.ballots) == ("national", True, "ranked", 9)
    assert fact.simulated is True


def test_exactly_ninety_goes_up_and_just_below_stays() -> None:
    assert scored(voted("90", 5)).sent_up_to == "national"
    assert scored(voted("809/9", 4)).sent_up_to is None


def test_the_referral_goes_by_the_average_alone_whatever_the_gates_say() -> None:
    code = next(need.criterion for need in SHEET.needs(5) if need.mark == 5)
    fact = scored(voted("92", 4, missed=[code]))
    assert (fact.star_by_band, fact.star_after_gates, fact.sent_up_to) == (5, 4, "national")
    assert [gate.criterion for gate in fact.gates_missed] == [code]


def test_a_missed_gate_is_said_with_its_points() -> None:
    need = next(n for n in SHEET.needs(4) if n.mark == 4)
    fact = scored(voted("86", 3, missed=[need.criterion]))
    assert (fact.star_by_band, fact.star_after_gates) == (4, 3)
    (gate,) = fact.gates_missed
    assert (gate.criterion, gate.mark, gate.need) == (need.criterion, 4, need.need)
    assert gate.have < gate.need


def test_a_result_below_three_stars_is_not_recognisable() -> None:
    fact = scored(voted("416/9", 2))
    assert (fact.star_after_gates, fact.recognisable, fact.sent_up_to) == (2, False, None)


def test_the_parts_add_up_to_the_average() -> None:
    fact = scored(voted("75", 4))
    assert fact.parts is not None
    assert sum(fact.parts.values()) == pytest.approx(75)


def test_an_option_that_stops_the_assessment_leaves_no_star() -> None:
    fact = scored(voted("55", None, of=WATER, stopped_at=["6.4"]))
    assert (fact.outcome, fact.average, fact.star_after_gates, fact.recognisable) == ("stopped", "55", None, False)
    assert fact.sent_up_to is None


def test_the_decision_keeps_the_whole_explanation() -> None:
    outcome = given(voted("75", 4)).when(decide).then(Assessment.Decided).outcome
    assert sum(outcome.totals.values()) == 75 * 9
    assert list(outcome.totals) == [f"51-{n}" for n in range(1, 10)]
    assert [score.criterion for score in outcome.criteria] == list(SHEET.criteria)
    assert all(score.lowest <= score.mean <= score.highest for score in outcome.criteria)
    assert sum(score.mean for score in outcome.criteria) == outcome.average == 75
    assert outcome.standing.points_short == 15
    assert outcome.agreed_total == sum(score.points for score in outcome.criteria)


def test_exact_numbers_survive_being_stored() -> None:
    event = given(voted("821/9", 5)).when(decide).then(Assessment.Decided)
    again = Assessment.Decided.model_validate_json(event.model_dump_json())
    assert again == event
    assert again.outcome.average == Fraction(821, 9)


def test_what_the_council_agrees_on_decides_the_gates_and_not_the_average() -> None:
    need = next(n for n in SHEET.needs(4) if n.mark == 4)
    assessment = voted("75", 4)
    usual = given(voted("75", 4)).when(decide).then(Assessment.Decided).outcome.agreed
    lower = {**usual, need.criterion: 1}
    outcome = given(assessment).when(lambda a: decide(a, agreed=lower)).then(Assessment.Decided).outcome
    assert (outcome.average, outcome.star_by_band) == (75, 4)
    assert outcome.star == 3


def test_agreed_options_are_checked_against_the_sheet() -> None:
    options = {**ballots("75", 4)[0], "6.1": 9}
    refusal = given(voted("75", 4)).refuses(no.UnknownOption, lambda a: decide(a, agreed=options))
    assert refusal.field == "agreed.6.1"


def test_a_decision_waits_for_every_ballot_and_names_the_offices() -> None:
    eight = vote(sitting(), ballots("75", 4)[:8])
    refusal = given(eight).refuses(no.BallotsMissing, decide)
    assert refusal.have["offices"] == "Sở số 9"


def test_ballots_too_far_apart_are_discussed_and_scored_again() -> None:
    refusal = given(voted("651/9", 4, spread=14)).refuses(no.SpreadTooWide, decide)
    assert (refusal.have["spread"], refusal.have["allowed"]) == (14, 10)
    assert refusal.have["highest"] - refusal.have["lowest"] == 14


def test_a_spread_of_exactly_what_the_bylaw_allows_is_taken() -> None:
    assert scored(voted("651/9", 4, spread=10)).spread == 10


def test_the_bylaw_of_the_day_of_sending_decides() -> None:
    council = form(bylaw=Bylaw(spread=20))
    given(vote(sitting(council=council), ballots("651/9", 4, spread=14))).when(decide).then(Assessment.Decided)


def test_a_forged_dossier_is_rejected_without_a_ballot() -> None:
    event = given(sitting()).when(lambda a: decide(a, declared=[FORGED])).then(Assessment.Decided)
    fact = PUBLISHED(event)
    assert isinstance(fact, said.ProductScored)
    assert (fact.outcome, fact.average, fact.parts, fact.ballots) == ("rejected", None, None, 0)
    assert (fact.recognisable, fact.sent_up_to) == (False, None)


def test_a_declared_rejection_stands_beside_any_ballots() -> None:
    event = given(voted("95", 5)).when(lambda a: decide(a, declared=[FORGED])).then(Assessment.Decided)
    assert (event.outcome.status, event.outcome.average, event.sent_up_to) == ("rejected", 95, None)


@pytest.mark.parametrize(
    "declaration",
    [{"id": "E9"}, {}, {"kind": "dossier_rejected", "at": "6"}, {"id": "E1", "kind": "product_rejected"}],
)
def test_a_council_declares_only_what_the_sheet_knows(declaration: dict[str, str]) -> None:
    meant = [FORGED, Declaration(**declaration)]
    refusal = given(sitting()).refuses(no.UnknownElimination, lambda a: decide(a, declared=meant))
    assert refusal.field == "declared[1]"


def test_a_declaration_says_which_of_several_rejections_is_meant() -> None:
    vague = [Declaration(kind="dossier_rejected", at="dossier")]
    refusal = given(sitting()).refuses(no.ElimNotClear, lambda a: decide(a, declared=vague))
    assert refusal.have["ids"] == "E1, E2, E3"


def test_a_missing_paper_is_never_kept_as_a_forgery() -> None:
    missing_paper = [Declaration(id="E3")]
    outcome = given(sitting()).when(lambda a: decide(a, declared=missing_paper)).then(Assessment.Decided).outcome
    assert [(e.id, e.by) for e in outcome.eliminations] == [("E3", "declared")]


def test_the_option_that_stopped_the_assessment_is_kept_with_its_condition() -> None:
    outcome = given(voted("55", None, of=WATER, stopped_at=["6.4"])).when(decide).then(Assessment.Decided).outcome
    assert [(e.id, e.at, e.by) for e in outcome.eliminations] == [("E4", "6.4", "option")]


def test_what_an_option_stops_is_not_declared() -> None:
    stop = [Declaration(id="E4")]
    given(sitting(WATER)).refuses(no.UnknownElimination, lambda a: decide(a, declared=stop))


def test_there_is_no_decision_without_a_session_nor_a_second_one() -> None:
    given(sent()).refuses(no.NoSession, lambda a: decide(a, declared=[FORGED]))
    given(decided("75", 4)).refuses(no.NoSession, decide)


def test_a_decision_may_be_marked_simulated_by_itself() -> None:
    event = given(sitting()).when(lambda a: decide(a, declared=[FORGED], simulated=True)).then(Assessment.Decided)
    assert event.simulated is True


# --- up to the ministry ---


def approve(assessment: Assessment) -> None:
    following.approve_result(assessment, decision(), on("2026-09-25"))


def test_the_chairman_approves_a_result_that_goes_up() -> None:
    event = given(decided("93", 5)).when(approve).then(Assessment.ResultApproved)
    assert PUBLISHED(event) is None


def test_a_result_that_stays_needs_no_approval() -> None:
    given(decided("75", 4)).refuses(no.NotSentUp, approve)


def test_there_is_nothing_to_approve_before_the_decision() -> None:
    given(sitting()).refuses(no.NotDecided, approve)


def test_a_referral_begins_the_assessment_of_the_next_level() -> None:
    province, following = referred()
    fact = PUBLISHED(province.pending_events[-1])
    assert isinstance(fact, said.AssessmentReferred)
    assert (fact.to_level, fact.next_assessment_id) == ("national", following.id)
    assert (following.state, following.level, following.dossier_id) == ("arrived", "national", an_id("dossier"))


def test_a_referral_comes_after_the_approval_and_once() -> None:
    given(decided("93", 5)).refuses(no.NotApproved, lambda a: following.refer(a, RULES, on("2027-01-15")))
    province, _ = referred()
    given(province).refuses(no.NotApproved, lambda a: following.refer(a, RULES, on("2027-01-16")))


def test_a_file_is_the_centres_from_its_reception_until_the_result_returns() -> None:
    _, following = referred()
    assert following.place is None
    following.receive(on("2027-01-18"))
    assert following.place == Place(province="TW", producer=OWNER)
    assert returned("957/11", 4).place == Place(province="51", commune="21548", producer=OWNER)


# --- the ministry's result ---


def test_the_centres_five_stars_are_final() -> None:
    event = national("1014/11", 5).pending_events[-1]
    fact = PUBLISHED(event)
    assert isinstance(fact, said.ProductScored)
    assert (fact.level, fact.star_after_gates, fact.sent_up_to, fact.ballots) == ("national", 5, None, 11)


@pytest.mark.parametrize(("average", "star"), [("1014/11", 5), ("957/11", 4)])
def test_the_ministry_returns_its_result_whatever_it_is(average: str, star: int) -> None:
    case = given(national(average, star))
    event = case.when(lambda a: following.return_result(a, (), "", SHEET, on("2027-03-09"))).then(
        Assessment.ResultReturned
    )
    assert PUBLISHED(event) is None


def test_a_result_is_returned_once() -> None:
    given(returned("957/11", 4)).refuses(
        no.NotDecided, lambda a: following.return_result(a, (), "", SHEET, on("2027-03-10"))
    )


def take_back(assessment: Assessment) -> Assessment:
    return following.take_back(assessment, an_id("own"), RULES, on("2027-03-10"))


def test_a_province_assesses_on_its_own_below_the_centres_threshold() -> None:
    held_back = returned("86", 3, missed=[next(need.criterion for need in SHEET.needs(4) if need.mark == 4)])
    own = take_back(held_back)
    assert [type(e) for e in own.pending_events] == [Assessment.Arrived, Assessment.Opened]
    assert (own.level, own.state, own.own, own.basis) == ("province", "opened", True, "Điều 7.4.g")
    fact = PUBLISHED(own.pending_events[-1])
    assert isinstance(fact, said.AssessmentOpened)
    assert fact.own


@pytest.mark.parametrize("average", ["84", "95"])
def test_an_own_assessment_stands_outside_the_rounds_and_never_goes_up_again(average: str) -> None:
    own, council = take_back(returned("957/11", 4)), form()
    advise(own, "2027-03-16").send(council, None, on("2027-03-17"))
    own.hold_session(council, tuple(council.seats), RULES, on("2027-03-19"))
    vote(own, ballots(average, 5 if average == "95" else 4), "2027-03-19")
    event = given(own).when(lambda a: decide(a, "2027-03-19")).then(Assessment.Decided)
    assert (event.round_id, event.sent_up_to) == (None, None)
    assert event.outcome.recognised


def test_a_province_does_not_assess_anew_what_the_centre_has_not_returned() -> None:
    given(national("957/11", 4)).refuses(no.OwnNotOpen, take_back)


def test_a_province_does_not_assess_anew_what_reached_the_centres_threshold() -> None:
    given(returned("1014/11", 5)).refuses(no.OwnNotOpen, take_back)


def test_a_province_does_not_assess_its_own_result_anew() -> None:
    below = decided("416/9", 2)
    following.return_result(below, (), "", SHEET, on("2026-09-28"))
    given(below).refuses(no.OwnNotOpen, take_back)


def test_a_province_assesses_anew_once() -> None:
    once = returned("957/11", 4)
    take_back(once)
    refusal = given(once).refuses(no.OwnOpened, take_back)
    assert refusal.have["assessment"] == an_id("own")


# --- no recognition, and what to improve ---


def not_recognise(assessment: Assessment) -> None:
    following.not_recognise(assessment, decision(), on("2026-09-25"))


def improve(assessment: Assessment, *codes: str) -> None:
    following.return_result(assessment, codes, "Cần bổ sung", SHEET, on("2026-09-28"))


def test_a_result_below_three_stars_is_not_recognised_and_goes_back_to_improve() -> None:
    case = given(decided("416/9", 2)).when(not_recognise)
    case.then(Assessment.NotRecognised)
    event = case.when(lambda a: improve(a, "2.2", "4.1")).then(Assessment.ResultReturned)
    assert event.improve == ("2.2", "4.1")


def test_a_rejected_dossier_is_not_recognised() -> None:
    given(decide(sitting(), declared=[FORGED])).when(not_recognise).then(Assessment.NotRecognised)


def test_a_recognisable_result_is_neither_refused_nor_returned() -> None:
    given(decided("75", 4)).refuses(no.Recognised, not_recognise)
    given(decided("75", 4)).refuses(no.Recognised, improve)


def test_a_result_that_goes_up_is_not_concluded_by_the_province() -> None:
    given(decided("93", 5)).refuses(no.SentUp, not_recognise)
    given(decided("93", 5)).refuses(no.SentUp, improve)


def test_no_recognition_is_decided_once_and_after_the_council() -> None:
    given(sitting()).refuses(no.NotDecided, not_recognise)
    below = decided("416/9", 2)
    not_recognise(below)
    improve(below)
    given(below).refuses(no.NotDecided, not_recognise)


def test_a_result_that_went_back_to_improve_may_still_be_refused_but_does_not_go_back_twice() -> None:
    below = decided("416/9", 2)
    improve(below)
    case = given(below).when(not_recognise)
    case.then(Assessment.NotRecognised)
    case.refuses(no.NotDecided, improve)


def test_only_criteria_of_the_sheet_are_to_be_improved() -> None:
    refusal = given(decided("416/9", 2)).refuses(no.UnknownCriterion, lambda a: improve(a, "2.2", "99"))
    assert refusal.field == "improve.99"


def test_there_is_nothing_to_return_before_the_decision() -> None:
    given(sitting()).refuses(no.NotDecided, improve)


def test_every_step_of_an_assessment_is_replayed_to_the_same_state() -> None:
    assessment = national("957/11", 4)
    case = given(assessment)
    assert vars(case.aggregate) == vars(assessment)
    assert case.aggregate.outcome.average == Fraction(957, 11)
