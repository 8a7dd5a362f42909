"""From a producer's idea to a dossier on its way to the province."""

from datetime import date

import pytest

from services.registration.domain import dossier as d
from services.registration.domain import papers as p
from services.registration.domain.dossier import Dossier
from services.registration.domain.idea import Idea, NotAccepted, NotRegistered, NotScreened, Summary
from services.registration.domain.papers import Evidence, Form01, Form02, Form03
from services.registration.domain.plan import BusinessPlan, Content, NotApproved, NotSubmitted, ProgressWentBack
from services.registration.domain.producer import AlreadyVerified, NotVerified, Producer, Representative
from services.registration.domain.product import CommuneNumbers, DossierUnderWay, Product, year_of_round
from shared.regulation.rulesets import load
from shared.sealing import Sealed
from shared.values import Decision
from tests.given import about, an_id, given, on

RULES = load("qd-26-2026")
SEALED = Sealed[str](person=an_id("person"), box="AA==")
PERSON = Representative(name=SEALED, gender=SEALED, ethnicity=SEALED, phone=SEALED, email=SEALED)
DECISION = Decision(number="01/QĐ", date=date(2026, 6, 17), authority="Cơ quan tham mưu")


def a_producer(verified: bool = True) -> Producer:
    producer = Producer.register(
        an_id("producer"), name="HTX Tỏi", kind="cooperative", province="51", commune="21548",
        registration_number="1", representative=PERSON, when=on("2026-05-25"),
    )  # fmt: skip
    if verified:
        producer.verify(on("2026-05-26"))
    return producer


def an_idea(state: str = "accepted") -> Idea:
    idea = Idea.register(
        an_id("idea"), producer=a_producer(), about=about(), ruleset=RULES.id,
        summary=Summary(description="Tỏi", raw_material="Tại đảo", local_character="Đất đảo"), when=on("2026-05-27"),
    )  # fmt: skip
    if state in {"screened", "accepted"}:
        idea.screen("Phù hợp", on("2026-06-01"))
    if state == "accepted":
        idea.accept(on("2026-06-04"))
    return idea


def a_plan(approved: bool = True) -> BusinessPlan:
    content = Content(situation="Nhỏ", means="Vốn tự có", revenue_first_year=1, revenue_third_year=2)
    plan = BusinessPlan.submit(an_id("plan"), idea=an_idea(), content=content, when=on("2026-06-10"))
    if approved:
        plan.approve(DECISION, on("2026-06-17"))
    return plan


def a_product() -> Product:
    return Product.register(a_plan(), on("2026-06-17"))


def paper(kind: str = "EV01") -> Evidence:
    return Evidence(sha256="a" * 64, size=10, type="application/pdf", name="giay.pdf", kind=kind)


def form_02(**ticks: int) -> Form02:
    options = {code.removeprefix("c").replace("_", "."): option for code, option in ticks.items()}
    return Form02(self_assessment=options, labourers=1, local_labourers=1, revenue_last_year=0)


def submit(evidence: tuple[Evidence, ...] = (paper(),), form: Form02 | None = None) -> Dossier:
    form_01 = Form01(product_description="Tỏi", output_per_year="12 tấn", market="Trong tỉnh")
    return Dossier.submit(
        an_id("dossier"), product=a_product(), ruleset=RULES, kind="first", form_01=form_01,
        form_02=form or form_02(), evidence=evidence, when=on("2026-07-06"),
    )  # fmt: skip


def form_03(samples: int = 5) -> Form03:
    return Form03(
        local_origin="Có",
        local_labour="Có",
        origin_of_idea="Có",
        local_identity="Có",
        letter_number="1",
        samples=samples,
    )


# --- producer ---


def test_the_commune_verifies_a_producer_once() -> None:
    case = given(a_producer(verified=False)).when(lambda p: p.verify(on("2026-05-26")))
    case.then(Producer.Verified)
    case.refuses(AlreadyVerified, lambda p: p.verify(on("2026-05-27")))


# --- idea ---


def test_an_unverified_producer_cannot_register_an_idea() -> None:
    summary = Summary(description="x", raw_material="x", local_character="x")
    with pytest.raises(NotVerified):
        Idea.register(
            an_id("idea"), producer=a_producer(verified=False), about=about(), ruleset=RULES.id, summary=summary,
            when=on("2026-05-27"),
        )  # fmt: skip


def test_an_idea_is_screened_by_the_commune_then_accepted_by_the_province() -> None:
    case = given(an_idea("registered")).when(lambda i: i.screen("Phù hợp", on("2026-06-01")))
    case.then(Idea.Screened)
    case.when(lambda i: i.accept(on("2026-06-04"))).then(Idea.Accepted)


def test_an_idea_is_not_accepted_before_it_is_screened() -> None:
    given(an_idea("registered")).refuses(NotScreened, lambda i: i.accept(on("2026-06-04")))


def test_an_idea_is_not_screened_twice() -> None:
    given(an_idea("screened")).refuses(NotRegistered, lambda i: i.screen("Lại", on("2026-06-04")))


def test_every_fact_about_a_product_says_what_it_is_about_and_under_which_ruleset() -> None:
    said = given(an_idea("screened")).when(lambda i: i.accept(on("2026-06-04"))).then(Idea.Accepted)
    assert said.carried()["product"].name == "Tỏi Lý Sơn"
    assert said.carried()["ruleset"] == "qd-26-2026"
    assert said.legal_date == date(2026, 6, 4)


# --- business plan ---


def test_a_plan_needs_an_accepted_idea() -> None:
    content = Content(situation="x", means="x", revenue_first_year=1, revenue_third_year=1)
    with pytest.raises(NotAccepted):
        BusinessPlan.submit(an_id("plan"), idea=an_idea("screened"), content=content, when=on("2026-06-10"))


def test_a_plan_is_approved_once() -> None:
    case = given(a_plan(approved=False)).when(lambda p: p.approve(DECISION, on("2026-06-17")))
    case.then(BusinessPlan.Approved)
    case.refuses(NotSubmitted, lambda p: p.approve(DECISION, on("2026-06-18")))


def test_progress_is_reported_on_an_approved_plan_only() -> None:
    given(a_plan(approved=False)).refuses(NotApproved, lambda p: p.report_progress(10, "x", "", on("2026-06-30")))


def test_progress_does_not_go_back() -> None:
    case = given(a_plan()).when(lambda p: p.report_progress(60, "x", "", on("2026-06-30")))
    case.then(BusinessPlan.ProgressReported)
    refusal = case.refuses(ProgressWentBack, lambda p: p.report_progress(50, "x", "", on("2026-07-01")))
    assert refusal.field == "done_percent"


# --- product ---


def test_a_product_keeps_the_id_that_its_idea_gave_it() -> None:
    assert a_product().id == an_idea().about.product.id


def test_a_product_needs_an_approved_plan() -> None:
    with pytest.raises(NotApproved):
        Product.register(a_plan(approved=False), on("2026-06-17"))


def test_one_dossier_at_a_time_is_under_way_for_a_product() -> None:
    case = given(a_product()).when(lambda p: p.open(an_id("one"), on("2026-07-06")))
    case.then(Product.DossierOpened)
    case.refuses(DossierUnderWay, lambda p: p.open(an_id("two"), on("2026-07-07")))
    case.when(lambda p: p.close(an_id("one"), on("2026-09-25"))).then(Product.DossierClosed)
    case.when(lambda p: p.open(an_id("two"), on("2026-10-05"))).then(Product.DossierOpened)


def test_a_commune_numbers_its_products_from_one_without_leading_zeros() -> None:
    numbers = CommuneNumbers.open("51", "21548", 2026, on("2026-07-22"))
    assert numbers.allocate(an_id("a"), on("2026-07-22")) == "51-21548-1-2026"
    assert numbers.allocate(an_id("b"), on("2026-07-22")) == "51-21548-2-2026"


@pytest.mark.parametrize(("day", "year"), [("2026-10-29", 2026), ("2026-10-30", 2027), ("2027-01-05", 2027)])
def test_the_year_of_a_code_is_that_of_the_round_the_proposal_goes_to(day: str, year: int) -> None:
    assert year_of_round(RULES, date.fromisoformat(day)) == year


# --- dossier ---


def test_a_dossier_without_the_business_registration_is_refused() -> None:
    with pytest.raises(p.MissingEvidence) as caught:
        submit((paper("EV12"),))
    assert caught.value.article == "Điều 6.1"


def test_evidence_of_an_unknown_kind_is_refused_by_its_place_in_the_list() -> None:
    with pytest.raises(p.UnknownEvidenceKind) as caught:
        submit((paper(), paper("EV99")))
    assert caught.value.field == "evidence[1].kind"


def test_a_self_assessment_is_checked_against_the_sheet() -> None:
    with pytest.raises(p.UnknownCriterion):
        submit(form=form_02(c99=1))
    with pytest.raises(p.UnknownOption) as caught:
        submit(form=form_02(c1_1=9))
    assert caught.value.field == "form_02.self_assessment.1.1"


def test_the_commune_forwards_with_form_03_and_the_code() -> None:
    said = given(submit()).when(lambda x: x.forward("51-21548-1-2026", form_03(), RULES, on("2026-07-22")))
    forwarded = said.then(Dossier.Forwarded)
    assert forwarded.about.product.code == "51-21548-1-2026"
    assert forwarded.submitted_on == date(2026, 7, 6)


def test_five_samples_go_with_the_proposal() -> None:
    refusal = given(submit()).refuses(d.SamplesMissing, lambda x: x.forward("c", form_03(4), RULES, on("2026-07-22")))
    assert refusal.field == "form_03.samples"


def test_a_dossier_is_forwarded_once() -> None:
    case = given(submit()).when(lambda x: x.forward("c", form_03(), RULES, on("2026-07-22")))
    case.refuses(d.NotSubmitted, lambda x: x.forward("c", form_03(), RULES, on("2026-07-23")))


def test_a_dossier_follows_its_assessment_to_its_result() -> None:
    case = given(submit()).when(lambda x: x.forward("c", form_03(), RULES, on("2026-07-22")))
    for state in ("in-assessment", "referred", "in-assessment", "recognised"):
        case.when(lambda x, state=state: x.move(state, on("2026-09-25"))).then(Dossier.Moved)
    assert case.aggregate.settled


def test_a_dossier_at_the_commune_cannot_be_recognised() -> None:
    given(submit()).refuses(d.WrongStep, lambda x: x.move("recognised", on("2026-07-10")))
