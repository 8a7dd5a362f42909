"""Recognition and certificates: who may issue what, numbered how, valid when (26/2026 art. 4)."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.certification.domain.certificate import Course, Status, history, status
from services.certification.domain.numbers import CertificateNumbers
from services.certification.domain.recognition import Recognition
from services.certification.domain.refusals import (
    BelowRecognition,
    DecisionBeforeResult,
    InForce,
    NoCode,
    NoProposal,
    WrongAuthority,
)
from services.certification.policy import on_product_scored
from services.certification.published import PUBLISHED
from shared.contracts.certification import CertificateIssued
from shared.contracts.envelope import Envelope
from shared.contracts.evaluation import ProductScored
from tests.certifying import CHAIRMAN, GARLIC, MINISTER, RULES, issue, proposal, proposed
from tests.given import about, an_id, given, on

DAYS = st.dates(date(2026, 6, 1), date(2060, 1, 1))


# --- proposal ---


def test_a_later_result_takes_the_place_of_one_that_still_waits():
    case = given(proposed()).when(lambda r: r.propose(proposal(3, assessment="again"), GARLIC, RULES, on("2026-09-25")))
    assert case.then(Recognition.Proposed).proposal.stars == 3
    case.refuses(NoProposal, lambda r: issue(r, assessment="assessment"))
    assert issue(case.aggregate, assessment="again").stars == 3


def test_a_result_of_two_stars_is_never_proposed():
    recognition = Recognition.open(GARLIC, RULES.id, on("2026-09-20"))
    refusal = given(recognition).refuses(
        BelowRecognition, lambda r: r.propose(proposal(2), GARLIC, RULES, on("2026-09-20"))
    )
    assert refusal.article == "Điều 4.1"


# --- who issues ---


@pytest.mark.parametrize(
    ("stars", "level", "role", "issuer"),
    [
        (3, "province", CHAIRMAN, "51"),
        (4, "province", CHAIRMAN, "51"),
        (4, "national", CHAIRMAN, "51"),  # a central result below 90 comes back to the province
        (5, "national", MINISTER, "TW"),
    ],
)
def test_the_stars_alone_decide_who_issues_and_whose_number_it_takes(stars: int, level: str, role: str, issuer: str):
    recognition = given(proposed(proposal(stars, level=level))).aggregate
    assert recognition.issuer(an_id("assessment"), role, RULES, date(2026, 10, 1)) == issuer
    assert issue(recognition, role=role).stars == stars


@pytest.mark.parametrize(("stars", "role"), [(5, CHAIRMAN), (4, MINISTER), (3, MINISTER), (4, "agency")])
def test_another_authority_than_the_stars_require_is_refused(stars: int, role: str):
    case = given(proposed(proposal(stars)))
    refusal = case.refuses(WrongAuthority, lambda r: issue(r, role=role))
    assert (refusal.rule, refusal.article) == ("wrong-authority", "Điều 4.1")
    case.refuses(WrongAuthority, lambda r: r.issuer(an_id("assessment"), role, RULES, date(2026, 10, 1)))


# --- what is issued ---


def test_a_certificate_runs_thirty_six_months_from_the_day_of_the_decision():
    case = given(proposed()).when(issue)
    issued = case.then(Recognition.CertificateIssued)
    assert issued.legal_date == issued.certificate.issued_on == date(2026, 10, 1)
    assert issued.certificate.expires_on == date(2029, 10, 1)
    assert issued.ruleset == "qd-26-2026"


def test_nothing_is_issued_without_a_result_of_that_assessment():
    recognition = Recognition.open(GARLIC, RULES.id, on("2026-09-20"))
    given(recognition).refuses(NoProposal, issue)
    given(proposed()).refuses(NoProposal, lambda r: issue(r, assessment="of another product"))


def test_a_result_is_certified_once():
    case = given(proposed()).when(issue)
    case.refuses(InForce, lambda r: issue(r, number="GCN-51-2026-00002"))
    case.refuses(NoProposal, lambda r: issue(r, number="GCN-51-2029-00001", day="2029-10-02"))


def test_a_product_without_a_code_gets_no_certificate():
    given(proposed(facts=about(code=None))).refuses(NoCode, issue)


def test_a_decision_cannot_be_older_than_the_result_it_rests_on():
    case = given(proposed())
    case.refuses(DecisionBeforeResult, lambda r: issue(r, day="2026-09-19"))
    assert issue(case.aggregate, day="2026-09-20").issued_on == date(2026, 9, 20)


@pytest.mark.parametrize("day", ["2026-10-01", "2027-05-05", "2029-10-01"])
def test_a_second_certificate_is_refused_while_the_first_is_valid(day: str):
    recognition = proposed()
    issue(recognition)
    recognition.propose(proposal(assessment="again"), GARLIC, RULES, on(day))
    refusal = given(recognition).refuses(InForce, lambda r: issue(r, day=day, assessment="again"))
    assert "GCN-51-2026-00001" in refusal.message_vi


def test_a_new_certificate_can_be_issued_once_the_first_has_expired():
    recognition = proposed()
    issue(recognition)
    recognition.propose(proposal(assessment="again"), GARLIC, RULES, on("2029-10-02"))
    case = given(recognition).when(lambda r: issue(r, day="2029-10-02", assessment="again", number="GCN-51-2029-00001"))
    assert case.then(Recognition.CertificateIssued).certificate.number == "GCN-51-2029-00001"
    assert [c.number for c in case.aggregate.certificates] == ["GCN-51-2026-00001", "GCN-51-2029-00001"]


# --- numbers ---


def test_numbers_run_by_issuer_and_year_without_gaps():
    numbers = CertificateNumbers.open("51", 2026, on("2026-10-01"))
    given_out = [numbers.allocate(an_id(name), on("2026-10-01")) for name in ("garlic", "salt")]
    again = given(numbers).aggregate
    assert [*given_out, again.allocate(an_id("fish"), on("2026-10-02"))] == [
        "GCN-51-2026-00001", "GCN-51-2026-00002", "GCN-51-2026-00003",
    ]  # fmt: skip
    assert CertificateNumbers.open("TW", 2027, on("2027-01-04")).allocate(an_id("tea"), on("2027-01-04")) == (
        "GCN-TW-2027-00001"
    )


def test_each_issuer_and_year_has_numbers_of_its_own():
    ids = {CertificateNumbers.id_of(issuer, year) for issuer in ("51", "TW") for year in (2026, 2027)}
    assert len(ids) == 4


# --- status ---

LEAP = Course(number="GCN-51-2028-00001", stars=4, issued_on=date(2028, 2, 29), expires_on=date(2031, 2, 28))


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2028, 2, 28), Status("not-yet-valid", None, date(2028, 2, 28))),
        (date(2028, 2, 29), Status("valid", date(2028, 2, 29), date(2031, 2, 28))),
        (date(2031, 2, 28), Status("valid", date(2028, 2, 29), date(2031, 2, 28))),
        (date(2031, 3, 1), Status("expired", date(2031, 3, 1), None)),
    ],
)
def test_a_certificate_is_valid_from_its_issue_through_its_expiry_date(day: date, expected: Status):
    assert status(LEAP, day) == expected


@for_all(issued=DAYS, asked=st.dates(date(2020, 1, 1), date(2070, 1, 1)))
def test_each_day_has_one_status_which_holds_from_since_through_until(issued: date, asked: date):
    certificate = LEAP.model_copy(update={"issued_on": issued, "expires_on": issued + timedelta(days=1095)})
    periods = history(certificate)
    holding = [p for p in periods if (p.since or date.min) <= asked <= (p.until or date.max)]
    assert holding == [status(certificate, asked)]
    assert all(a.until + timedelta(days=1) == b.since for a, b in pairwise(periods))
    assert periods[0].since is periods[-1].until is None


# --- what is heard and said ---


def scored(**facts: object) -> ProductScored:
    said: dict[str, object] = {
        "product": GARLIC.product, "producer": GARLIC.producer, "province": "51", "commune": "21548",
        "legal_date": date(2026, 9, 20), "ruleset": RULES.id, "assessment_id": an_id("assessment"),
        "dossier_id": an_id("dossier"), "level": "province", "round": None, "kind": "first", "outcome": "ranked",
        "average": "461/6", "average_2dp": 76.83, "parts": None, "star_by_band": 4, "star_after_gates": 3,
        "gates_missed": [], "ballots": 6, "spread": 4.0, "recognisable": True, "sent_up_to": None, "simulated": True,
    }  # fmt: skip
    return ProductScored.model_validate(said | facts)


ENVELOPE = Envelope(
    id="evaluation:7", type=ProductScored.type_name(), source="/ocop/evaluation", subject="s", key="k", data={},
    time=on("2026-09-20").at, dataschema="d",
)  # fmt: skip


def test_the_star_after_the_gates_is_what_is_proposed():
    command = on_product_scored(scored(), ENVELOPE)
    assert command is not None
    assert (command.proposal.stars, command.proposal.simulated, command.on) == (3, True, date(2026, 9, 20))
    assert command.about == GARLIC


@pytest.mark.parametrize(
    "facts",
    [
        {"sent_up_to": "national", "star_by_band": 5, "star_after_gates": 5},
        {"recognisable": False, "star_by_band": 2, "star_after_gates": 2},
        {"outcome": "rejected", "recognisable": False, "star_after_gates": None},
        {"outcome": "stopped", "recognisable": False, "star_after_gates": None},
    ],
)
def test_what_goes_up_or_is_not_recognised_is_not_proposed(facts: dict[str, object]):
    assert on_product_scored(scored(**facts), ENVELOPE) is None


def test_an_issued_certificate_is_said_with_all_that_it_states():
    case = given(proposed()).when(issue)
    said = PUBLISHED(case.then(Recognition.CertificateIssued))
    assert isinstance(said, CertificateIssued)
    assert (said.number, said.stars, said.expires_on) == ("GCN-51-2026-00001", 4, date(2029, 10, 1))
    assert said.assessment_id == an_id("assessment")
    assert said.decision.number == "12/QĐ-UBND"
    assert said.product.code == "51-21548-1-2026"


def test_a_proposal_stays_inside_the_house():
    recognition = proposed()
    assert [PUBLISHED(e) for e in recognition.collect_events()] == [None, None]
