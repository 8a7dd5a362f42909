"""Complaints of the public: a reference, an answer, nothing personal outside."""

import re
from datetime import date

from services.certification.domain.complaint import AlreadyAnswered, Complaint, reference_of
from services.certification.published import PUBLISHED
from shared.sealing import Sealed
from tests.certifying import FIRST, GARLIC, RULES
from tests.given import an_id, given, on

REFERENCE = reference_of("request")


def made() -> Complaint:
    sealed = Sealed[str](person=an_id("someone"), box="AAAA")
    return Complaint.make(
        REFERENCE, number=FIRST, about=GARLIC, ruleset=RULES.id, text=sealed, contact=None, due_on=date(2026, 11, 19),
        when=on("2026-11-05"),
    )  # fmt: skip


def test_a_complaint_is_answered_once():
    case = given(made()).when(lambda c: c.answer("Đúng là 4 sao; chủ thể đã thay biển", on("2026-11-17")))
    assert case.then(Complaint.Answered).reference == REFERENCE
    refusal = case.refuses(AlreadyAnswered, lambda c: c.answer("lần nữa", on("2026-11-18")))
    assert REFERENCE in refusal.message_vi


def test_a_reference_follows_from_the_request_and_is_easily_told():
    assert re.fullmatch(r"PA-[A-Z2-7]{10}", REFERENCE)
    assert reference_of("request") == REFERENCE != reference_of("another request")
    assert made().id == Complaint.id_of(REFERENCE)


def test_nothing_of_a_complaint_is_said_outside_the_house():
    complaint = made()
    complaint.answer("Đã xử lý", on("2026-11-17"))
    assert [PUBLISHED(e) for e in complaint.collect_events()] == [None, None]
