"""What goes back to the producer: an idea, a business plan, a dossier that lacks a paper, and more papers asked for."""

from datetime import date

import pytest

from services.registration.domain import dossier as d
from services.registration.domain import idea as i
from services.registration.domain import papers, plan
from services.registration.domain.dossier import Dossier
from services.registration.domain.idea import Idea, NotAccepted, NotScreened, Summary
from services.registration.domain.plan import BusinessPlan, Content, NotApproved, NotSubmitted
from services.registration.published import PUBLISHED
from shared.contracts import registration as said
from shared.regulation import limits
from tests.domain.test_registration import DECISION, RULES, a_plan, an_idea, form_02, form_03, paper, submit
from tests.given import Case, given, on

GUIDANCE = "Nêu rõ số hộ dệt tham gia và hoa văn riêng của làng"
BETTER = Summary(description="12 hộ dệt", raw_material="Sợi bông trong vùng", local_character="Hoa văn của làng")
CONTENT = Content(situation="Nhỏ", means="Vùng nguyên liệu 2 ha", revenue_first_year=1, revenue_third_year=2)
TEST_REPORT = paper("EV12").model_copy(update={"sha256": "b" * 64, "name": "kiem-nghiem.pdf"})

# --- idea ---


@pytest.mark.parametrize("state", ["registered", "screened"])
def test_an_idea_is_returned_with_guidance_and_sent_again(state: str) -> None:
    case = given(an_idea(state)).when(lambda x: x.send_back(GUIDANCE, on("2026-06-02")))
    returned = PUBLISHED(case.then(Idea.Returned))
    assert isinstance(returned, said.IdeaReturned)
    assert returned.guidance == GUIDANCE
    case.when(lambda x: x.send_again(BETTER, on("2026-06-09")))
    assert PUBLISHED(case.then(Idea.SentAgain)) is None
    case.when(lambda x: x.screen("Phù hợp", on("2026-06-11"))).then(Idea.Screened)
    case.when(lambda x: x.accept(on("2026-06-15"))).then(Idea.Accepted)


def test_a_returned_idea_is_neither_screened_nor_accepted_before_it_is_sent_again() -> None:
    case = given(an_idea("registered")).when(lambda x: x.send_back(GUIDANCE, on("2026-06-02")))
    case.refuses(i.NotRegistered, lambda x: x.screen("Phù hợp", on("2026-06-03")))
    case.refuses(NotScreened, lambda x: x.accept(on("2026-06-03")))
    case.refuses(NotAccepted, lambda x: x.require_accepted())


def test_an_accepted_idea_is_not_returned() -> None:
    given(an_idea()).refuses(i.NotUnderScreening, lambda x: x.send_back(GUIDANCE, on("2026-06-20")))


def test_only_a_returned_idea_is_sent_again() -> None:
    given(an_idea("registered")).refuses(i.NotReturned, lambda x: x.send_again(BETTER, on("2026-06-02")))


@pytest.mark.parametrize("state", ["registered", "screened", "returned"])
def test_a_producer_withdraws_its_idea_before_it_is_accepted(state: str) -> None:
    case = given(an_idea("registered" if state == "returned" else state))
    if state == "returned":
        case.when(lambda x: x.send_back(GUIDANCE, on("2026-06-02")))
    withdrawn = PUBLISHED(case.when(lambda x: x.withdraw("Không đủ nguồn", on("2026-06-08"))).then(Idea.Withdrawn))
    assert isinstance(withdrawn, said.IdeaWithdrawn)
    assert withdrawn.reason == "Không đủ nguồn"
    case.refuses(i.Settled, lambda x: x.withdraw("Lại", on("2026-06-09")))
    case.refuses(i.NotRegistered, lambda x: x.screen("Phù hợp", on("2026-06-09")))


def test_an_accepted_idea_is_not_withdrawn() -> None:
    given(an_idea()).refuses(i.Settled, lambda x: x.withdraw("Không đủ nguồn", on("2026-06-08")))


# --- business plan ---


def test_a_plan_is_returned_submitted_again_and_approved() -> None:
    case = given(a_plan(approved=False)).when(lambda x: x.send_back("Bổ sung kiểm nghiệm", on("2026-06-15")))
    returned = PUBLISHED(case.then(BusinessPlan.Returned))
    assert isinstance(returned, said.PlanReturned)
    case.refuses(NotSubmitted, lambda x: x.approve(DECISION, on("2026-06-16")))
    case.refuses(NotApproved, lambda x: x.report_progress(10, "x", "", on("2026-06-16")))
    case.when(lambda x: x.send_again(CONTENT, on("2026-06-22")))
    submitted = PUBLISHED(case.then(BusinessPlan.SubmittedAgain))
    assert isinstance(submitted, said.PlanSubmitted)
    assert submitted.idea_id == returned.idea_id
    case.when(lambda x: x.approve(DECISION, on("2026-06-26"))).then(BusinessPlan.Approved)
    case.refuses(NotSubmitted, lambda x: x.send_back("Lại", on("2026-06-27")))


def test_only_a_returned_plan_is_submitted_again() -> None:
    given(a_plan(approved=False)).refuses(plan.NotReturned, lambda x: x.send_again(CONTENT, on("2026-06-22")))


# --- dossier: the commune's check ---


def returned_dossier() -> Case:
    return given(submit()).when(lambda x: x.send_back(("EV12", "EV12"), "Thiếu kiểm nghiệm", RULES, on("2026-07-13")))


def test_a_dossier_that_lacks_a_paper_is_returned_and_completed() -> None:
    case = returned_dossier()
    returned = PUBLISHED(case.then(Dossier.Returned))
    assert isinstance(returned, said.DossierReturned)
    assert returned.missing == ["EV12"]
    case.when(lambda x: x.complete((TEST_REPORT,), None, RULES, on("2026-07-20")))
    completed = PUBLISHED(case.then(Dossier.Completed))
    assert isinstance(completed, said.DossierSubmitted)
    assert completed.completes
    assert [ref.kind for ref in completed.evidence] == ["EV01", "EV12"]
    forwarded = case.when(lambda x: x.forward("51-21548-1-2026", form_03(), RULES, on("2026-08-05"))).then(
        Dossier.Forwarded
    )
    assert forwarded.submitted_on == date(2026, 7, 6)  # the first filing counts
    assert len(forwarded.evidence) == 2


def test_a_completed_dossier_may_say_form_02_anew() -> None:
    case = returned_dossier()
    case.refuses(papers.UnknownOption, lambda x: x.complete((TEST_REPORT,), form_02(c1_1=9), RULES, on("2026-07-20")))
    case.when(lambda x: x.complete((TEST_REPORT,), form_02(c1_1=2), RULES, on("2026-07-20")))
    assert case.then(Dossier.Completed).form_02.self_assessment == {"1.1": 2}


def test_a_return_names_what_is_missing() -> None:
    case = given(submit())
    assert case.refuses(d.NothingMissing, lambda x: x.send_back((), "x", RULES, on("2026-07-07"))).article == "Điều 7.2"
    unknown = case.refuses(
        papers.UnknownEvidenceKind, lambda x: x.send_back(("EV12", "EV99"), "x", RULES, on("2026-07-07"))
    )
    assert unknown.field == "missing[1]"
    there = case.refuses(d.NotMissing, lambda x: x.send_back(("EV01",), "x", RULES, on("2026-07-07")))
    assert (there.field, there.article) == ("missing[0]", "Điều 7.2")


def test_a_dossier_is_not_complete_without_each_missing_paper() -> None:
    other = paper("EV13").model_copy(update={"sha256": "c" * 64})
    refusal = returned_dossier().refuses(
        papers.MissingEvidence, lambda x: x.complete((other,), None, RULES, on("2026-07-20"))
    )
    assert refusal.have == {"kind": "EV12"}
    assert refusal.article == "Điều 6.1"


def test_a_returned_dossier_is_not_forwarded_and_not_returned_again() -> None:
    case = returned_dossier()
    case.refuses(d.NotSubmitted, lambda x: x.forward("c", form_03(), RULES, on("2026-07-22")))
    case.refuses(d.NotSubmitted, lambda x: x.send_back(("EV13",), "x", RULES, on("2026-07-22")))


def test_a_dossier_that_was_not_returned_is_not_completed() -> None:
    refusal = given(submit()).refuses(
        d.NotReturned, lambda x: x.complete((TEST_REPORT,), None, RULES, on("2026-07-20"))
    )
    assert refusal.article == "Điều 7.2"


# --- dossier: more papers while it is assessed ---


def assessed() -> Case:
    case = given(submit()).when(lambda x: x.forward("c", form_03(), RULES, on("2026-07-22")))
    return case.when(lambda x: x.move("in-assessment", on("2026-07-23")))


def ask(case: Case, *wants: str) -> Case:
    due_on = limits.due("addition", date(2026, 8, 5), RULES.id)
    return case.when(lambda x: x.request_addition(wants, "Phiếu kiểm nghiệm", due_on, RULES, on("2026-08-05")))


def test_more_papers_are_asked_for_and_supplied() -> None:
    case = ask(assessed(), "EV12")
    requested = PUBLISHED(case.then(Dossier.AdditionRequested))
    assert isinstance(requested, said.AdditionRequested)
    assert requested.due_on == date(2026, 8, 19)  # ten working days
    assert case.aggregate.state == "addition-requested"
    supplied = case.when(lambda x: x.supply((TEST_REPORT,), RULES, on("2026-08-17"))).then(Dossier.AdditionSupplied)
    assert [p.kind for p in supplied.evidence] == ["EV01", "EV12"]
    assert case.aggregate.state == "in-assessment"


def test_what_was_asked_for_must_be_among_what_is_supplied() -> None:
    case = ask(assessed(), "EV12", "EV20")
    refusal = case.refuses(papers.MissingEvidence, lambda x: x.supply((TEST_REPORT,), RULES, on("2026-08-17")))
    assert refusal.have == {"kind": "EV20"}


def test_a_producer_adds_papers_of_its_own_while_the_dossier_is_assessed() -> None:
    assessed().when(lambda x: x.supply((TEST_REPORT,), RULES, on("2027-03-12"))).then(Dossier.AdditionSupplied)


def test_a_paper_that_is_there_is_not_kept_twice() -> None:
    case = assessed().when(lambda x: x.supply((paper(), TEST_REPORT), RULES, on("2026-08-17")))
    assert len(case.then(Dossier.AdditionSupplied).evidence) == 2


def test_papers_are_asked_for_and_added_only_while_a_dossier_is_assessed() -> None:
    case = given(submit())
    refusal = case.refuses(
        d.NotInAssessment, lambda x: x.request_addition(("EV12",), "x", date(2026, 8, 19), RULES, on("2026-07-10"))
    )
    assert refusal.article == "Điều 7.3"
    case.refuses(d.NotInAssessment, lambda x: x.supply((TEST_REPORT,), RULES, on("2026-07-10")))


def test_a_request_names_known_papers() -> None:
    case = assessed()
    case.refuses(d.NothingWanted, lambda x: x.request_addition((), "x", date(2026, 8, 19), RULES, on("2026-08-05")))
    case.refuses(
        papers.UnknownEvidenceKind,
        lambda x: x.request_addition(("EV99",), "x", date(2026, 8, 19), RULES, on("2026-08-05")),
    )


def test_a_council_may_decide_without_the_papers_that_were_asked_for() -> None:
    ask(assessed(), "EV12").when(lambda x: x.move("not-recognised", on("2026-09-15"))).then(Dossier.Moved)
