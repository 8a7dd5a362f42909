"""How certificates end: by the calendar, after an extension, revoked, withdrawn (26/2026 arts. 4.3, 8, 10.1.b, 12.3)."""

from datetime import date, timedelta
from itertools import pairwise
from uuid import UUID, uuid5

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.certification.domain.certificate import CERTIFICATES, REMINDERS, Course, Status, history, status
from services.certification.domain.inspection import Inspection
from services.certification.domain.recognition import Recognition
from services.certification.domain.refusals import (
    DecisionBeforeConclusion,
    NoBasis,
    NoSuchCertificate,
    NotAnnulled,
    NotInForce,
    StopConfirmed,
    UnknownGround,
    WrongRevokingAuthority,
)
from services.certification.domain.revocation import Basis
from services.certification.published import PUBLISHED
from shared.contracts import certification as said
from shared.values import Decision
from tests.certifying import (
    CHAIRMAN,
    FIRST,
    MINISTER,
    RULES,
    certified,
    decision,
    issue,
    proposal,
    propose,
    recorded,
)
from tests.given import an_id, given, on

EARLIER = "GCN-51-2023-00001"
LATE = an_id("late renewal")


def certificate_id(number: str) -> UUID:
    return uuid5(CERTIFICATES, number)


def now(recognition: Recognition, day: str) -> Status:
    return status(recognition.certificates[0], date.fromisoformat(day))


# --- expiry ---


def test_a_certificate_expires_on_the_day_after_its_last_and_that_is_said_once():
    case = given(recorded("2023-11-14", "2026-11-14"))
    assert case.when(lambda r: r.turn(RULES, on("2026-11-14"))).said == []
    case.when(lambda r: r.turn(RULES, on("2026-11-15")))
    expired = PUBLISHED(case.then(Recognition.CertificateExpired))
    assert isinstance(expired, said.CertificateExpired)
    assert (expired.number, expired.expired_on, expired.legal_date) == (EARLIER, date(2026, 11, 15), date(2026, 11, 15))
    assert case.when(lambda r: r.turn(RULES, on("2026-11-15"))).said == []


def test_a_clock_that_skipped_days_says_the_expiry_with_its_own_date():
    case = given(recorded("2023-11-14", "2026-11-14")).when(lambda r: r.turn(RULES, on("2026-12-24")))
    assert case.then(Recognition.CertificateExpired).legal_date == date(2026, 11, 15)


def test_a_product_without_certificates_has_nothing_that_could_end():
    recognition = Recognition.open(certified().about, RULES.id, on("2026-09-20"))
    assert given(recognition).when(lambda r: r.turn(RULES, on("2030-01-01"))).said == []


def test_what_was_revoked_or_replaced_does_not_expire_any_more():
    recognition = certified(3)
    propose(recognition, proposal(4, assessment="upgrade", kind="upgrade"))
    issue(recognition, number="GCN-51-2026-00002", day="2026-12-18", assessment="upgrade")
    assert given(recognition).when(lambda r: r.turn(RULES, on("2029-12-18"))).said == []


# --- reminders ---


@pytest.mark.parametrize("days", REMINDERS)
def test_the_producer_is_reminded_of_the_window_before_the_last_day(days: int):
    day = (date(2026, 12, 29) - timedelta(days=days)).isoformat()
    case = given(recorded("2023-12-29", "2026-12-29")).when(
        lambda r: r.remind(certificate_id(EARLIER), days, RULES, on(day))
    )
    due = PUBLISHED(case.then(Recognition.RenewalDue))
    assert isinstance(due, said.RenewalDue)
    assert (due.days, due.expires_on) == (days, date(2026, 12, 29))
    assert (due.window_from, due.window_to) == (date(2026, 7, 2), date(2026, 8, 31))
    assert due.ruleset == RULES.id


def test_a_dossier_on_file_does_not_silence_the_reminder():
    """vicosap: thirty days before, with the renewal filed nine days earlier"""
    recognition = recorded("2023-07-17", "2026-07-17", stars=5)
    recognition.file_renewal(LATE, "Điều 12.3", RULES, on("2026-06-08"))
    case = given(recognition).when(lambda r: r.remind(certificate_id(EARLIER), 30, RULES, on("2026-06-17")))
    case.then(Recognition.RenewalDue)


def test_no_one_is_reminded_of_a_certificate_that_has_a_successor_or_has_ended():
    replaced = recorded("2023-11-14", "2026-11-14")
    propose(replaced, proposal(3, assessment="renewal", kind="renewal", scored="2026-07-30"))
    issue(replaced, day="2026-08-06", assessment="renewal")
    assert given(replaced).when(lambda r: r.remind(certificate_id(EARLIER), 30, RULES, on("2026-10-15"))).said == []
    assert (
        given(stopped()).when(revoke).when(lambda r: r.remind(certificate_id(FIRST), 30, RULES, on("2029-08-26"))).said
        == []
    )


# --- extension ---


def extended() -> Recognition:
    """vicosap: its window ended before the decision was in force, and its renewal was filed before its last day."""
    recognition = recorded("2023-07-17", "2026-07-17", stars=5)
    recognition.file_renewal(LATE, "Điều 12.3", RULES, on("2026-06-08"))
    recognition.turn(RULES, on("2026-07-18"))
    return recognition


def test_a_renewal_admitted_late_is_filed_once():
    case = given(recorded("2023-07-17", "2026-07-17", stars=5))
    case.when(lambda r: r.file_renewal(LATE, "Điều 12.3", RULES, on("2026-06-08"))).then(Recognition.RenewalFiled)
    assert case.when(lambda r: r.file_renewal(LATE, "Điều 12.3", RULES, on("2026-06-20"))).said == []


def test_a_certificate_whose_renewal_was_admitted_late_is_extended_for_at_most_a_hundred_and_eighty_days():
    recognition = recorded("2023-07-17", "2026-07-17", stars=5)
    recognition.file_renewal(LATE, "Điều 12.3", RULES, on("2026-06-08"))
    case = given(recognition).when(lambda r: r.turn(RULES, on("2026-07-18")))
    fact = PUBLISHED(case.then(Recognition.CertificateExtended))
    assert isinstance(fact, said.CertificateExtended)
    assert (fact.expires_on, fact.until_at_most) == (date(2026, 7, 17), date(2027, 1, 13))
    assert (fact.legal_date, fact.ruleset) == (date(2026, 7, 18), RULES.id)
    assert now(case.aggregate, "2026-07-17").status == "valid"
    assert now(case.aggregate, "2026-07-18") == Status("extended", date(2026, 7, 18), date(2027, 1, 13))


def test_an_extended_certificate_is_replaced_by_the_outcome():
    recognition = extended()
    propose(recognition, proposal(5, assessment="renewal", kind="renewal", level="national", scored="2026-08-21"))
    case = given(recognition)
    case.when(lambda r: issue(r, number="GCN-TW-2026-00001", day="2026-08-28", role=MINISTER, assessment="renewal"))
    case.then(Recognition.CertificateReplaced)
    days = ("2026-07-17", "2026-07-18", "2026-08-27", "2026-08-28")
    assert [now(case.aggregate, day).status for day in days] == ["valid", "extended", "extended", "replaced"]


def test_an_extension_ends_on_its_last_day_where_there_is_no_outcome():
    case = given(extended())
    assert case.when(lambda r: r.turn(RULES, on("2027-01-13"))).said == []
    case.when(lambda r: r.turn(RULES, on("2027-01-14")))
    assert case.then(Recognition.CertificateExpired).expired_on == date(2027, 1, 14)
    assert now(case.aggregate, "2027-01-13").status == "extended"
    assert now(case.aggregate, "2027-01-14") == Status("expired", date(2027, 1, 14), None)


def test_an_extension_ends_with_a_negative_outcome():
    case = given(extended()).when(lambda r: r.fail_renewal(LATE, RULES, on("2026-08-21")))
    assert case.then(Recognition.RenewalFailed, Recognition.CertificateExpired).expired_on == date(2026, 8, 21)
    assert now(case.aggregate, "2026-08-20") == Status("extended", date(2026, 7, 18), date(2026, 8, 20))
    assert now(case.aggregate, "2026-08-21").status == "expired"


def test_a_negative_outcome_before_the_last_day_only_takes_the_extension_away():
    recognition = recorded("2023-07-17", "2026-07-17", stars=5)
    recognition.file_renewal(LATE, "Điều 12.3", RULES, on("2026-06-08"))
    case = given(recognition).when(lambda r: r.fail_renewal(LATE, RULES, on("2026-07-10")))
    case.then(Recognition.RenewalFailed)
    assert now(case.aggregate, "2026-07-17").status == "valid"
    case.when(lambda r: r.turn(RULES, on("2026-07-18"))).then(Recognition.CertificateExpired)


def test_the_outcome_of_another_dossier_ends_no_extension():
    assert given(extended()).when(lambda r: r.fail_renewal(an_id("other"), RULES, on("2026-08-21"))).said == []


def test_days_skipped_by_the_clock_are_all_said_with_their_own_dates():
    recognition = recorded("2023-07-17", "2026-07-17", stars=5)
    recognition.file_renewal(LATE, "Điều 12.3", RULES, on("2026-06-08"))
    case = given(recognition).when(lambda r: r.turn(RULES, on("2027-02-01")))
    case.then(Recognition.CertificateExtended, Recognition.CertificateExpired)
    assert [e.legal_date for e in case.said] == [date(2026, 7, 18), date(2027, 1, 14)]


# --- revocation ---


def stopped(day: str = "2027-02-18") -> Recognition:
    """bun: the commune confirmed that production stopped."""
    recognition = certified(3)
    recognition.confirm_production_stop(FIRST, "Cơ sở đã đóng cửa", RULES, on(day))
    return recognition


def revoke(
    recognition: Recognition, ground: str = "đ", day: str = "2027-03-03", *, role: str = CHAIRMAN,
    inspection: Inspection | None = None, conclusion: Decision | None = None, number: str = FIRST,
) -> Basis:  # fmt: skip
    return recognition.revoke(
        number,
        ground,
        decision(day),
        inspection=inspection,
        conclusion=conclusion,
        role=role,
        ruleset=RULES,
        when=on(day),
    )


def inspected(ground: str | None = "b", *, of: Recognition | None = None, day: str = "2027-01-18") -> Inspection:
    recognition = of or certified(3)
    inspection = Inspection.open(
        an_id("inspection"), about=recognition.about, ruleset=RULES.id, certificate=recognition.certificates[0].stated,
        kind="periodic", national=False, reason="", with_agencies=(), when=on("2027-01-05"),
    )  # fmt: skip
    grounds = [known.id for known in RULES.revocation.grounds]
    finding = "Không giữ chất lượng đã công bố" if ground else None
    inspection.conclude(finding=finding, ground=ground, mend_by=None, grounds=grounds, when=on(day))
    return inspection


def test_a_certificate_is_revoked_by_the_ground_that_an_inspection_found():
    """nuoc-mam"""
    case = given(certified(3)).when(lambda r: revoke(r, "b", "2027-01-28", inspection=inspected("b")))
    fact = PUBLISHED(case.then(Recognition.CertificateRevoked))
    assert isinstance(fact, said.CertificateRevoked)
    assert (fact.ground, fact.concluded_on, fact.effective_on) == ("b", date(2027, 1, 18), date(2027, 1, 28))
    assert now(case.aggregate, "2027-01-27") == Status("valid", date(2026, 9, 25), date(2027, 1, 27))
    assert now(case.aggregate, "2027-01-28") == Status("revoked", date(2027, 1, 28), None)


def test_a_certificate_is_revoked_where_the_commune_confirmed_that_production_stopped():
    """bun"""
    case = given(stopped()).when(revoke)
    assert case.then(Recognition.CertificateRevoked).basis == Basis(
        kind="production_stop", concluded_on=date(2027, 2, 18)
    )
    assert [now(case.aggregate, day).status for day in ("2027-03-02", "2027-03-03")] == ["valid", "revoked"]


@pytest.mark.parametrize("ground", ["a", "c", "d", "e"])
def test_a_named_conclusion_of_an_authority_carries_a_revocation(ground: str):
    conclusion = Decision(number="45/KL-QLTT", date=date(2027, 2, 1), authority="Chi cục Quản lý thị trường")
    case = given(certified(4)).when(lambda r: revoke(r, ground, "2027-02-10", conclusion=conclusion))
    basis = case.then(Recognition.CertificateRevoked).basis
    assert (basis.kind, basis.concluded_on, basis.conclusion) == ("authority", date(2027, 2, 1), conclusion)


@pytest.mark.parametrize("ground", ["a", "b", "c", "d", "đ", "e"])
def test_no_ground_carries_a_revocation_without_a_conclusion(ground: str):
    refusal = given(certified(3)).refuses(NoBasis, lambda r: revoke(r, ground))
    assert (refusal.rule, refusal.article) == ("ground-without-conclusion", "Điều 8.3.a")


def test_an_authority_s_conclusion_cannot_stand_for_an_inspection_s_or_the_commune_s():
    for ground in ("b", "đ"):
        given(certified(3)).refuses(NoBasis, lambda r, g=ground: revoke(r, g, conclusion=decision("2027-02-01")))


def test_an_inspection_carries_only_the_ground_that_it_concluded_with():
    given(certified(3)).refuses(NoBasis, lambda r: revoke(r, "c", "2027-01-28", inspection=inspected("b")))
    given(certified(3)).refuses(NoBasis, lambda r: revoke(r, "b", "2027-01-28", inspection=inspected(None)))
    other = inspected("b", of=certified(3, number="GCN-51-2026-00009"))
    given(certified(3)).refuses(NoBasis, lambda r: revoke(r, "b", "2027-01-28", inspection=other))


def test_a_ground_that_the_decision_does_not_know_is_refused():
    refusal = given(stopped()).refuses(UnknownGround, lambda r: revoke(r, "x"))
    assert refusal.article == "Điều 8.1"


@pytest.mark.parametrize(("stars", "role"), [(3, MINISTER), (4, MINISTER), (5, CHAIRMAN), (3, "agency")])
def test_the_stars_decide_who_revokes(stars: int, role: str):
    refusal = given(certified(stars)).refuses(
        WrongRevokingAuthority, lambda r: revoke(r, "a", role=role, conclusion=decision("2027-02-01"))
    )
    assert (refusal.rule, refusal.article) == ("wrong-revoking-authority", "Điều 8.2")


def test_five_stars_are_revoked_by_the_minister():
    case = given(certified(5)).when(lambda r: revoke(r, "a", role=MINISTER, conclusion=decision("2027-02-01")))
    case.then(Recognition.CertificateRevoked)


def test_a_decision_later_than_the_fifteen_days_counts_too():
    given(stopped("2027-01-04")).when(lambda r: revoke(r, day="2027-03-31")).then(Recognition.CertificateRevoked)


def test_a_decision_cannot_be_older_than_its_conclusion():
    refusal = given(stopped("2027-02-18")).refuses(DecisionBeforeConclusion, lambda r: revoke(r, day="2027-02-17"))
    assert refusal.article == "Điều 8.4"


@pytest.mark.parametrize("day", ["2026-09-24", "2029-09-26"])
def test_only_a_certificate_in_force_is_revoked_since_expiry_is_not_revocation(day: str):
    refusal = given(certified(3)).refuses(NotInForce, lambda r: revoke(r, "a", day, conclusion=decision("2026-09-01")))
    assert (refusal.rule, refusal.article) == ("certificate-not-in-force", "Điều 4.3")


def test_a_certificate_is_revoked_once():
    given(stopped()).when(revoke).refuses(NotInForce, lambda r: revoke(r, day="2027-03-10"))


def test_another_product_s_certificate_is_not_revoked_here():
    given(stopped()).refuses(NoSuchCertificate, lambda r: revoke(r, number="GCN-51-2026-00077"))


def test_that_production_stopped_is_confirmed_once_and_of_a_certificate_in_force():
    case = given(certified(3))
    case.when(lambda r: r.confirm_production_stop(FIRST, "Đã đóng cửa", RULES, on("2027-02-18")))
    case.then(Recognition.ProductionStopConfirmed)
    refusal = case.refuses(StopConfirmed, lambda r: r.confirm_production_stop(FIRST, "", RULES, on("2027-02-19")))
    assert refusal.article == "Điều 8.4"
    given(certified(3)).refuses(NotInForce, lambda r: r.confirm_production_stop(FIRST, "", RULES, on("2029-09-26")))


# --- withdrawal of a wrong recognition ---


def withdraw(recognition: Recognition, day: str = "2026-11-13", role: str = CHAIRMAN) -> Basis:
    return recognition.withdraw(
        FIRST, decision(day), "Thành viên không khai báo xung đột", role=role, ruleset=RULES, when=on(day)
    )


def annulled() -> Recognition:
    recognition = certified(4)
    recognition.annul(an_id("assessment"), on("2026-11-09"))
    return recognition


def test_a_wrong_recognition_is_withdrawn_by_the_article_instead_of_a_ground():
    case = given(annulled()).when(withdraw)
    fact = PUBLISHED(case.then(Recognition.CertificateRevoked))
    assert isinstance(fact, said.CertificateRevoked)
    assert (fact.ground, fact.concluded_on, fact.effective_on) == ("10.1b", date(2026, 11, 9), date(2026, 11, 13))


def test_a_recognition_whose_assessment_stands_is_not_withdrawn():
    refusal = given(certified(4)).refuses(NotAnnulled, withdraw)
    assert (refusal.rule, refusal.article) == ("assessment-not-annulled", "Điều 10.1.b")
    given(recorded("2023-11-14", "2026-11-14")).refuses(
        NotAnnulled,
        lambda r: r.withdraw(EARLIER, decision("2026-11-10"), "", role=CHAIRMAN, ruleset=RULES, when=on("2026-11-10")),
    )


def test_a_withdrawal_needs_the_authority_of_the_stars_and_the_annulment_before_it():
    given(annulled()).refuses(WrongRevokingAuthority, lambda r: withdraw(r, role=MINISTER))
    given(annulled()).refuses(DecisionBeforeConclusion, lambda r: withdraw(r, day="2026-11-08"))


# --- every course of a certificate ---

DAYS = st.none() | st.integers(1, 1600)
START = date(2026, 10, 1)


@for_all(extension=st.none() | st.just(180), expired=DAYS, revoked=DAYS, replaced=DAYS, asked=st.integers(-100, 2000))
def test_whatever_becomes_of_a_certificate_each_day_has_one_status(
    extension: int | None, expired: int | None, revoked: int | None, replaced: int | None, asked: int
):
    def day(after: int | None) -> date | None:
        return None if after is None else START + timedelta(days=after)

    last = START + timedelta(days=1095)
    course = Course(
        number=FIRST, stars=4, issued_on=START, expires_on=last, revoked_on=day(revoked), replaced_on=day(replaced),
        extended_until=last + timedelta(days=extension) if extension else None,
        expired_on=day(1096 + expired % 180) if expired and extension else None,
    )  # fmt: skip
    periods, on_day = history(course), START + timedelta(days=asked)
    assert [p for p in periods if (p.since or date.min) <= on_day <= (p.until or date.max)] == [status(course, on_day)]
    assert all(a.until + timedelta(days=1) == b.since for a, b in pairwise(periods))
    assert periods[0].since is periods[-1].until is None
    assert periods[-1].status in {"expired", "revoked", "replaced"}
