"""A result called into question: appeals, the ministry's demand (26/2026 art. 10.1.b), the same dossier anew."""

import pytest

from services.evaluation.domain import following
from services.evaluation.domain import refusals as no
from services.evaluation.domain.appeal import Appeal, AppealNumbers, authority_of
from services.evaluation.domain.assessment import Assessment
from services.evaluation.domain.council import AmendedBackwards, Council, SecretaryIsMember
from services.evaluation.domain.review import Review
from services.evaluation.published import PUBLISHED
from shared.auth.permissions import Place
from shared.contracts import evaluation as said
from shared.regulation.bylaw import Bylaw
from tests.evaluating import (
    GARLIC,
    RULES,
    advised,
    ballots,
    decide,
    decided,
    decision,
    form,
    lodge,
    members,
    national,
    open_round,
    review_of,
    sealed,
    sitting,
    vote,
)
from tests.given import an_id, given, on

OWNER = str(GARLIC.producer.id)


def contested(result: Assessment | None = None) -> tuple[Assessment, Review, Appeal]:
    """A result of three stars against which the producer has appealed."""
    result = result or decided("629/9", 3)
    review, appeal = review_of(result), lodge(result)
    review.contest(appeal.id, on("2026-10-02"))
    return result, review, appeal


def answered(upheld: bool) -> tuple[Assessment, Review, Appeal]:
    result, review, appeal = contested()
    appeal.decide(upheld, decision("2026-10-27"), "Giấy chứng nhận nhãn hiệu được tính", on("2026-10-27"))
    review.answer(appeal.id, upheld, on("2026-10-27"))
    return result, review, appeal


# --- lodged ---


def test_an_appeal_is_lodged_with_a_reference_and_a_last_day_for_the_answer() -> None:
    appeal = lodge(decided("629/9", 3))
    contract = PUBLISHED(appeal.pending_events[0])
    assert isinstance(contract, said.AppealLodged)
    assert (contract.reference, contract.criteria) == ("KN-51-2026-0001", ["3.5"])
    assert contract.due_on == on("2026-11-02").on  # 30 days end on a Sunday
    assert (contract.assessment_id, contract.dossier_id) == (an_id("assessment"), an_id("dossier"))


def test_the_bylaw_gives_the_days_for_the_answer() -> None:
    council = form(bylaw=Bylaw(appeal_days=10))
    result = decide(vote(sitting(council=council), ballots("629/9", 3)))
    assert lodge(result).due_on == on("2026-10-12").on


def test_an_appeal_is_the_producers_and_its_provinces() -> None:
    assert given(lodge(decided("629/9", 3))).aggregate.place == Place(province="51", commune="21548", producer=OWNER)


def test_a_result_of_the_centre_is_answered_for_at_the_centre() -> None:
    result = national("957/11", 4)
    assert authority_of(result) == "TW"
    assert lodge(result, day="2027-03-09").place == Place(province="TW", producer=OWNER)
    assert review_of(result).place == Place(province="TW", producer=OWNER)


def test_only_a_result_is_contested() -> None:
    with pytest.raises(no.NotDecided):
        lodge(sitting())


def test_a_result_that_goes_up_is_not_contested_here() -> None:
    with pytest.raises(no.SentUp):
        lodge(decided("93", 5))


def test_only_criteria_of_the_sheet_are_contested() -> None:
    with pytest.raises(no.UnknownCriterion) as caught:
        lodge(decided("629/9", 3), "3.5", "99")
    assert caught.value.field == "criteria.99"


def test_a_result_that_was_not_recognised_is_contested_too() -> None:
    below = decided("416/9", 2)
    following.not_recognise(below, decision(), on("2026-09-25"))
    assert lodge(below).state == "lodged"


def test_one_appeal_is_open_at_a_time() -> None:
    _, review, _ = contested()
    refusal = given(review).refuses(no.AppealOpen, lambda r: r.contest(an_id("second"), on("2026-10-03")))
    assert refusal.rule == "appeal-open-already"


def test_references_run_by_authority_and_year() -> None:
    numbers = AppealNumbers.open("51", 2026, on("2026-10-02"))
    given_out = [numbers.allocate(an_id(name), on("2026-10-02")) for name in ("a", "b")]
    assert given_out == ["KN-51-2026-0001", "KN-51-2026-0002"]
    assert given(numbers).aggregate.last == 2
    assert AppealNumbers.id_of("51", 2026) != AppealNumbers.id_of("51", 2027)


# --- answered ---


def test_an_appeal_is_upheld() -> None:
    case = given(contested()[2])
    act = case.when(lambda a: a.decide(True, decision("2026-10-27"), "Được tính lại", on("2026-10-27")))
    contract = PUBLISHED(act.then(Appeal.Decided))
    assert isinstance(contract, said.AppealDecided)
    assert (contract.upheld, contract.reference) == (True, "KN-51-2026-0001")
    assert case.aggregate.state == "upheld"


def test_an_appeal_is_dismissed_and_nothing_follows() -> None:
    result, review, appeal = answered(upheld=False)
    assert appeal.state == "dismissed"
    with pytest.raises(no.NothingToRedo):
        following.reassess(result, review, an_id("anew"), on("2026-11-02"))
    assert result.state == "decided"


def test_a_late_answer_is_an_answer() -> None:
    appeal = contested()[2]
    appeal.decide(False, decision("2026-12-01"), "Không thay đổi", on("2026-12-01"))
    assert appeal.state == "dismissed"


def test_an_appeal_is_answered_once() -> None:
    appeal = answered(upheld=False)[2]
    given(appeal).refuses(
        no.AppealDecidedAlready, lambda a: a.decide(True, decision("2026-10-28"), "Có", on("2026-10-28"))
    )


def test_after_a_dismissal_another_appeal_may_come_and_after_an_upheld_one_none() -> None:
    given(answered(upheld=False)[1]).when(lambda r: r.contest(an_id("second"), on("2026-11-03"))).then(Review.Contested)
    given(answered(upheld=True)[1]).refuses(no.BeingRedone, lambda r: r.contest(an_id("second"), on("2026-11-03")))


# --- the same dossier anew ---


def test_an_upheld_appeal_has_the_dossier_assessed_again_in_a_later_round() -> None:
    result, review, _ = answered(upheld=True)
    anew = following.reassess(result, review, an_id("anew"), on("2026-10-28"))
    assert [type(e) for e in anew.pending_events] == [Assessment.Arrived, Assessment.Opened]
    contract = PUBLISHED(anew.pending_events[-1])
    assert isinstance(contract, said.AssessmentOpened)
    assert (contract.again, contract.dossier_id, contract.own) == (True, an_id("dossier"), False)
    assert (anew.state, anew.proposed_on) == ("advised", on("2026-07-22").on)
    second = open_round("2026-09-07", name="Đợt 2", proposals_last=on("2026-10-29").on, done_last=on("2026-12-29").on)
    council = form()
    anew.send(council, second, on("2026-12-03"))
    anew.hold_session(council, tuple(council.seats), RULES, on("2026-12-09"))
    scored = PUBLISHED(decide(vote(anew, ballots("72", 4), "2026-12-09"), "2026-12-09").pending_events[-1])
    assert isinstance(scored, said.ProductScored)
    assert (scored.again, scored.star_after_gates) == (True, 4)


def test_a_dossier_is_assessed_again_once() -> None:
    result, review, _ = answered(upheld=True)
    following.reassess(result, review, an_id("anew"), on("2026-10-28"))
    with pytest.raises(no.RedoneAlready) as caught:
        following.reassess(result, review, an_id("more"), on("2026-10-29"))
    assert caught.value.have["assessment"] == an_id("anew")


def test_a_result_that_nobody_questions_is_not_redone() -> None:
    result = decided("75", 4)
    with pytest.raises(no.NothingToRedo) as caught:
        following.reassess(result, review_of(result), an_id("anew"), on("2026-10-28"))
    assert caught.value.article == "Điều 10.1.b"


# --- the ministry's demand ---


def demanded(result: Assessment | None = None) -> tuple[Assessment, Review]:
    result = result or decided("73", 4)
    review = review_of(result, "2026-11-03")
    following.demand_redo(result, review, "Một thành viên không khai báo xung đột lợi ích", on("2026-11-03"))
    return result, review


def annul(result: Assessment, review: Review | None) -> None:
    following.annul(result, review, decision("2026-11-09"), "Bộ yêu cầu đánh giá lại", on("2026-11-09"))


def test_the_ministry_demands_another_assessment_and_the_chairman_annuls() -> None:
    result, review = demanded()
    assert PUBLISHED(review.pending_events[-1]) is None
    contract = PUBLISHED(given(result).when(lambda a: annul(a, review)).then(Assessment.Annulled))
    assert isinstance(contract, said.AssessmentAnnulled)
    assert (contract.dossier_id, contract.level) == (an_id("dossier"), "province")


def test_nothing_of_an_annulled_result_is_erased_and_nothing_follows_from_it() -> None:
    result, review = demanded(decided("416/9", 2))
    annul(result, review)
    case = given(result)
    assert case.aggregate.outcome.average == decided("416/9", 2).outcome.average
    case.refuses(no.NotDecided, lambda a: following.not_recognise(a, decision(), on("2026-11-10")))
    case.refuses(no.NotDecided, lambda a: following.return_result(a, (), "", RULES.sheet("10"), on("2026-11-10")))
    case.refuses(no.NotDecided, lambda a: annul(a, review))
    case.refuses(no.NotDecided, lodge)


def test_after_the_annulment_the_dossier_is_assessed_again_without_a_new_report() -> None:
    result, review = demanded()
    annul(result, review)
    anew = following.reassess(result, review, an_id("anew"), on("2026-11-16"))
    assert (anew.state, anew.again, anew.level) == ("advised", True, "province")


def test_who_declared_a_conflict_keeps_away_from_the_dossier_when_it_comes_again() -> None:
    assessment, council = advised(), form()
    assessment.declare_conflict(council, "51-3", sealed("x"), on("2026-09-10"))
    assessment.send(council, open_round(), on("2026-09-11"))
    eight = [member for member in council.seats if member != "51-3"]
    assessment.hold_session(council, eight, RULES, on("2026-09-15"))
    decide(vote(assessment, ballots("75", 4, 8)))
    result, review = demanded(assessment)
    annul(result, review)
    assert following.reassess(result, review, an_id("anew"), on("2026-11-16")).conflicts == ("51-3",)


def test_a_result_is_annulled_only_on_the_ministrys_demand() -> None:
    result = decided("73", 4)
    assert given(result).refuses(no.NotDemanded, lambda a: annul(a, None)).rule == "redo-not-demanded"
    fresh = decided("73", 4)
    review = review_of(fresh)
    given(fresh).refuses(no.NotDemanded, lambda a: annul(a, review))


def test_another_assessment_is_demanded_of_a_provinces_result_once() -> None:
    result, review = demanded()
    given(review).refuses(no.DemandedAlready, lambda r: following.demand_redo(result, r, "Lần nữa", on("2026-11-04")))
    centre = national("957/11", 4)
    with pytest.raises(no.CentresOwnResult):
        demanded(centre)
    with pytest.raises(no.NotDecided):
        demanded(sitting())
    with pytest.raises(no.SentUp):
        demanded(decided("93", 5))


# --- the bylaw ---


def test_a_bylaw_is_amended_by_decision_from_a_day_on() -> None:
    case = given(form())
    act = case.when(lambda c: c.amend_bylaw(Bylaw(spread=8), decision("2026-10-01"), on("2026-10-01")))
    act.then(Council.BylawAmended)
    days = ("2026-06-01", "2026-06-12", "2026-09-30", "2026-10-01", "2026-12-01")
    assert [case.aggregate.bylaw_on(on(day).on).spread for day in days] == [10, 10, 10, 8, 8]


def test_a_bylaw_is_not_amended_backwards() -> None:
    council = form()
    council.amend_bylaw(Bylaw(spread=8), decision("2026-10-01"), on("2026-10-01"))
    refusal = given(council).refuses(
        AmendedBackwards, lambda c: c.amend_bylaw(Bylaw(), decision("2026-09-30"), on("2026-09-30"))
    )
    assert refusal.rule == "bylaw-amended-backwards"


def test_a_bylaw_that_lets_the_secretary_score_is_not_amended_while_the_secretary_is_a_member() -> None:
    listed = members(9)[3].model_copy(update={"id": "51-thu-ky"})
    council = form(members=(*members(9), listed), bylaw=Bylaw(secretary_scores=True))
    given(council).refuses(SecretaryIsMember, lambda c: c.amend_bylaw(Bylaw(), decision(), on("2026-10-01")))
