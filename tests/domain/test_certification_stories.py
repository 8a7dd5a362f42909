"""What the season tells of certificates, day by day: which of them holds, and what each page answers (stories.yaml)."""

from datetime import date

import pytest

from services.certification.domain.certificate import Course, status
from services.certification.domain.recognition import Recognition
from services.certification.domain.refusals import (
    InForce,
    NoProposal,
    NotAnUpgrade,
    UpgradeNotHigher,
    UpgradeReached,
    WrongAuthority,
)
from tests.certifying import (
    CHAIRMAN,
    FIRST,
    MINISTER,
    RULES,
    SECOND,
    certified,
    decision,
    issue,
    proposal,
    propose,
    proposed,
    record,
    recorded,
)
from tests.given import an_id, given, on

EARLIER = "GCN-51-2023-00001"


def page(recognition: Recognition, number: str, day: str) -> str:
    """What the page of a certificate answers on a day."""
    return status(of(recognition, number), date.fromisoformat(day)).status


def of(recognition: Recognition, number: str) -> Course:
    return next(held for held in recognition.certificates if held.number == number)


# --- upgrade ---


@pytest.mark.parametrize("earlier", [True, False], ids=["tinh-dau-tram-moc-suong", "banh-trang"])
def test_an_upgrade_replaces_the_certificate_in_one_act(earlier: bool):
    recognition = recorded("2023-11-14", "2026-11-14") if earlier else certified(3)
    old = EARLIER if earlier else FIRST
    propose(recognition, proposal(4, assessment="upgrade", kind="upgrade", scored="2026-10-08"))
    case = given(recognition).when(lambda r: issue(r, number=SECOND, day="2026-10-18", assessment="upgrade"))
    said = case.then(Recognition.CertificateReplaced)
    assert (said.replaces.number, said.certificate.stars, said.legal_date) == (old, 4, date(2026, 10, 18))
    assert [page(case.aggregate, old, day) for day in ("2026-10-17", "2026-10-18")] == ["valid", "replaced"]
    assert page(case.aggregate, SECOND, "2026-10-18") == "valid"


def test_an_upgrade_that_reaches_no_more_stars_replaces_nothing():
    recognition = certified(3)
    propose(recognition, proposal(3, assessment="upgrade", kind="upgrade", scored="2026-12-08"))
    refusal = given(recognition).refuses(
        UpgradeNotHigher, lambda r: issue(r, number=SECOND, day="2026-12-18", assessment="upgrade")
    )
    assert (refusal.rule, refusal.article) == ("upgrade-not-higher", "Điều 7.5")


def test_a_failed_upgrade_is_closed_and_leaves_the_certificate_as_it_is():
    """hanh-ly-son"""
    recognition = certified(3)
    propose(recognition, proposal(3, assessment="upgrade", kind="upgrade", scored="2026-12-08"))
    case = given(recognition).when(lambda r: r.fail_upgrade(an_id("upgrade"), "Chưa đủ 70 điểm", on("2026-12-18")))
    case.then(Recognition.UpgradeFailed)
    assert page(case.aggregate, FIRST, "2026-12-18") == "valid"
    case.refuses(NoProposal, lambda r: r.fail_upgrade(an_id("upgrade"), "lần nữa", on("2026-12-19")))


def test_an_upgrade_that_reached_its_stars_cannot_be_declared_failed():
    recognition = certified(3)
    propose(recognition, proposal(4, assessment="upgrade", kind="upgrade", scored="2026-12-08"))
    refusal = given(recognition).refuses(
        UpgradeReached, lambda r: r.fail_upgrade(an_id("upgrade"), "nhầm", on("2026-12-18"))
    )
    assert refusal.article == "Điều 7.5"


def test_only_an_upgrade_can_fail_as_one():
    refusal = given(proposed()).refuses(
        NotAnUpgrade, lambda r: r.fail_upgrade(an_id("assessment"), "", on("2026-10-01"))
    )
    assert refusal.article == "Điều 7.5"


# --- renewal ---


def test_a_renewal_decided_before_the_last_day_replaces_and_runs_anew_for_thirty_six_months():
    """huong-thao-moc-vt and the others in their window"""
    recognition = recorded("2023-11-14", "2026-11-14")
    propose(recognition, proposal(3, assessment="renewal", kind="renewal", scored="2026-07-30"))
    case = given(recognition).when(lambda r: issue(r, number=FIRST, day="2026-08-06", assessment="renewal"))
    assert case.then(Recognition.CertificateReplaced).certificate.expires_on == date(2029, 8, 6)
    assert [page(case.aggregate, EARLIER, day) for day in ("2026-08-05", "2026-08-06")] == ["valid", "replaced"]


def test_a_renewal_of_five_stars_is_replaced_by_the_minister_alone():
    """tra-xanh-fin-ho"""
    recognition = recorded("2024-07-01", "2027-07-01", stars=5)
    propose(recognition, proposal(5, assessment="renewal", kind="renewal", level="national", scored="2027-03-02"))
    case = given(recognition)
    case.refuses(WrongAuthority, lambda r: issue(r, day="2027-03-08", role=CHAIRMAN, assessment="renewal"))
    case.when(lambda r: issue(r, day="2027-03-08", role=MINISTER, assessment="renewal"))
    case.then(Recognition.CertificateReplaced)
    assert [page(case.aggregate, EARLIER, day) for day in ("2027-03-07", "2027-03-08")] == ["valid", "replaced"]


def test_a_renewal_decided_after_the_last_day_issues_anew_and_the_old_one_stays_expired():
    """nuoc-mam-cua-tung"""
    recognition = recorded("2023-11-14", "2026-11-14")
    recognition.turn(RULES, on("2026-11-15"))
    propose(recognition, proposal(3, assessment="renewal", kind="renewal", scored="2026-11-17"))
    case = given(recognition).when(lambda r: issue(r, number=FIRST, day="2026-11-20", assessment="renewal"))
    assert case.then(Recognition.CertificateIssued).proposal.kind == "renewal"
    days = ("2026-11-14", "2026-11-15", "2026-11-20")
    assert [page(case.aggregate, EARLIER, day) for day in days] == ["valid", "expired", "expired"]
    assert page(case.aggregate, FIRST, "2026-11-20") == "valid"


# --- an earlier recognition ---


def test_a_recognition_that_ended_long_ago_is_only_recorded():
    """ruou-men-la-ba-nang, gio-be-tu-phuong"""
    recognition = Recognition.open(recorded("2020-01-15", "2023-01-15").about, "qd-1048-2019", on("2020-01-15"))
    case = given(recognition).when(lambda r: record(r, "2020-01-15", "2023-01-15"))
    assert case.then(Recognition.Recorded).legal_date == date(2020, 1, 15)
    assert case.when(lambda r: r.turn(RULES, on("2026-05-26"))).said == []
    case.when(lambda r: propose(r, proposal(3, assessment="anew", scored="2026-12-11"))).then(Recognition.Proposed)
    case.when(lambda r: issue(r, number=FIRST, day="2026-12-22", assessment="anew"))
    case.then(Recognition.CertificateIssued)
    days = ("2023-01-15", "2023-01-16", "2026-12-22")
    assert [page(case.aggregate, EARLIER, day) for day in days] == ["valid", "expired", "expired"]


def test_a_recorded_certificate_keeps_the_id_of_its_own_ruleset():
    recognition = recorded("2023-11-14", "2026-11-14")
    assert recognition.certificates[0].ruleset == "qd-148-2023"
    case = given(recognition).when(lambda r: r.turn(RULES, on("2026-11-15")))
    assert case.then(Recognition.CertificateExpired).ruleset == "qd-148-2023"


@pytest.mark.parametrize("day", ["2023-11-14", "2022-06-01"])
def test_a_second_recognition_of_the_same_days_is_refused(day: str):
    refusal = given(recorded("2023-11-14", "2026-11-14")).refuses(
        InForce, lambda r: record(r, day, f"{int(day[:4]) + 3}{day[4:]}", number="GCN-51-2024-00001")
    )
    assert refusal.article == "Điều 4.3"


def test_a_recognition_recorded_before_is_replaced_by_a_later_one_of_its_days():
    case = given(recorded("2023-11-14", "2026-11-14")).when(
        lambda r: record(r, "2024-01-10", "2027-01-10", number="GCN-51-2024-00001")
    )
    replaced = case.then(Recognition.Recorded).replaces
    assert replaced is not None
    assert replaced.number == EARLIER


def test_an_older_recognition_may_come_in_after_a_younger_one():
    recognition = recorded("2023-11-14", "2026-11-14")
    record(recognition, "2020-01-15", "2023-01-15", number="GCN-51-2020-00001")
    assert [held.number for held in recognition.certificates] == ["GCN-51-2020-00001", EARLIER]
    assert recognition.knows(date(2020, 1, 15), 3)
    assert not recognition.knows(date(2020, 1, 15), 4)


# --- found anew ---


def test_an_appeal_that_was_upheld_replaces_the_certificate_of_the_first_result():
    """muoi-sa-huynh"""
    recognition = certified(3)
    propose(recognition, proposal(4, assessment="again", scored="2026-12-09", again=True))
    case = given(recognition).when(lambda r: issue(r, number=SECOND, day="2026-12-18", assessment="again"))
    assert case.then(Recognition.CertificateReplaced).replaces.number == FIRST
    assert [page(case.aggregate, FIRST, day) for day in ("2026-12-17", "2026-12-18")] == ["valid", "replaced"]


def test_a_wrong_recognition_is_withdrawn_and_the_new_result_issues_anew():
    """hai-san-kho"""
    recognition = certified(4)
    recognition.annul(an_id("assessment"), on("2026-11-09"))
    recognition.withdraw(
        FIRST, decision("2026-11-13"), "Hủy kết quả", role=CHAIRMAN, ruleset=RULES, when=on("2026-11-13")
    )
    propose(recognition, proposal(3, assessment="again", scored="2026-12-09", again=True))
    case = given(recognition).when(lambda r: issue(r, number=SECOND, day="2026-12-18", assessment="again"))
    assert case.then(Recognition.CertificateIssued).certificate.stars == 3
    assert [page(case.aggregate, FIRST, day) for day in ("2026-11-12", "2026-11-13")] == ["valid", "revoked"]
    assert page(case.aggregate, SECOND, "2026-12-18") == "valid"


def test_what_waits_of_an_annulled_assessment_is_never_issued():
    case = given(proposed()).when(lambda r: r.annul(an_id("assessment"), on("2026-09-25")))
    case.then(Recognition.ResultAnnulled)
    case.refuses(NoProposal, issue)


def test_an_assessment_is_annulled_once():
    recognition = proposed()
    recognition.annul(an_id("assessment"), on("2026-09-25"))
    assert given(recognition).when(lambda r: r.annul(an_id("assessment"), on("2026-09-26"))).said == []


def test_a_decision_that_comes_to_light_late_cannot_go_behind_a_later_certificate():
    recognition = certified(3, day="2026-12-01")
    propose(recognition, proposal(4, assessment="upgrade", kind="upgrade", scored="2026-10-08"))
    given(recognition).refuses(InForce, lambda r: issue(r, number=SECOND, day="2026-11-01", assessment="upgrade"))
