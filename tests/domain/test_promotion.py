"""The catalogue: certified products come in by themselves, and are found with or without accents."""

from datetime import date

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.promotion.domain.listing import AlreadyListed, Listing, Shown
from services.promotion.policy import on_certificate_issued
from services.promotion.published import PUBLISHED
from services.promotion.views import MOST_ALIKE, folded, numbered, split_up, terms, words
from shared.contracts.certification import CertificateIssued
from shared.contracts.envelope import Envelope
from shared.contracts.promotion import ProductListed
from shared.values import Decision
from tests.given import about, an_id, given, on

GARLIC = about(code="51-21548-1-2026")
FIRST = Shown(certificate="GCN-51-2026-00001", stars=4, expires_on=date(2029, 10, 1), simulated=True)
LATER = Shown(certificate="GCN-51-2029-00001", stars=3, expires_on=date(2032, 10, 2), simulated=False)


def listing() -> Listing:
    return Listing.open(GARLIC, "qd-26-2026", on("2026-10-01"))


def shown() -> Listing:
    listed = listing()
    listed.show(FIRST, GARLIC, "qd-26-2026", on("2026-10-01"))
    return listed


# --- listing ---


def test_a_certified_product_is_listed_and_said_so():
    case = given(listing()).when(lambda p: p.show(FIRST, GARLIC, "qd-26-2026", on("2026-10-01")))
    said = PUBLISHED(case.then(Listing.Listed))
    assert isinstance(said, ProductListed)
    assert (said.certificate, said.stars, said.expires_on, said.simulated) == (
        "GCN-51-2026-00001", 4, date(2029, 10, 1), True,
    )  # fmt: skip
    assert said.legal_date == date(2026, 10, 1)


def test_a_product_is_listed_once_for_each_certificate():
    case = given(shown())
    case.refuses(AlreadyListed, lambda p: p.show(FIRST, GARLIC, "qd-26-2026", on("2026-10-02")))
    case.when(lambda p: p.show(LATER, GARLIC, "qd-26-2026", on("2029-10-02")))
    assert case.then(Listing.Listed).shown.certificate == "GCN-51-2029-00001"
    assert case.aggregate.shown == LATER


def test_an_issued_certificate_puts_the_product_into_the_catalogue_on_its_day():
    fact = CertificateIssued(
        product=GARLIC.product, producer=GARLIC.producer, province="51", commune="21548", ruleset="qd-26-2026",
        legal_date=date(2026, 10, 1), number="GCN-51-2026-00001", certificate_id=an_id("certificate"), stars=4,
        issued_on=date(2026, 10, 1), expires_on=date(2029, 10, 1), kind="first", assessment_id=an_id("assessment"),
        decision=Decision(number="12/QĐ-UBND", date=date(2026, 10, 1), authority="Chủ tịch UBND tỉnh"), simulated=True,
    )  # fmt: skip
    envelope = Envelope(
        id="certification:3", type=fact.type_name(), source="/ocop/certification", subject="s", key="k", data={},
        time=on("2026-10-01").at, dataschema="d",
    )  # fmt: skip
    command = on_certificate_issued(fact, envelope)
    assert (command.about, command.shown, command.on) == (GARLIC, FIRST, date(2026, 10, 1))


# --- search ---


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("Tỏi Lý Sơn", "toi ly son"),
        ("ĐẶC KHU Lý Sơn", "dac khu ly son"),
        ("đỗ xanh – Hợp tác xã Đồng Tháp", "do xanh hop tac xa dong thap"),
        ("51-21548-1-2026, khô-sấy", "51-21548-1-2026 kho say"),
        ("  100% nước_mắm\0 ", "100 nuoc mam"),
    ],
)
def test_accents_capitals_and_signs_do_not_matter(written: str, plain: str):
    assert folded(written) == plain


def test_both_ways_of_writing_an_accent_are_the_same():
    assert folded("Tỏi") == folded("To\u0309i") == "toi"


def test_every_word_of_a_question_becomes_one_pattern():
    assert words("tỏi, LÝ SƠN") == ["%toi%", "%ly%", "%son%"]
    assert words(" % _ ") == []


@for_all(st.text())
def test_a_folded_text_stays_as_it_is_and_holds_no_sign_of_a_pattern(text: str):
    once = folded(text)
    assert folded(once) == once
    assert not set(once) & {"%", "_", "\\", "\0"}


@pytest.mark.parametrize(
    ("typed", "known", "rows"),
    [
        ("lyson", {"ly", "son"}, [["ly", "son"]]),
        ("toilyson", {"toi", "ly", "son", "lyson"}, [["toi", "lyson"], ["toi", "ly", "son"]]),
        ("toi", {"toi", "to", "i"}, [["to", "i"]]),  # whole it is no row
        ("lysom", {"ly", "son"}, []),
        ("", {"a"}, []),
    ],
)
def test_spaces_that_were_left_out_are_put_where_known_words_meet(typed: str, known: set[str], rows: list[list[str]]):
    assert split_up(typed, known) == rows


def test_a_word_of_many_parts_has_no_more_rows_than_are_looked_for():
    rows = split_up("a" * 200, {"a" * length for length in range(1, 9)})
    assert len(rows) == MOST_ALIKE
    assert {"".join(row) for row in rows} == {"a" * 200}


def test_a_question_of_words_is_written_as_the_database_reads_it():
    assert terms("tooi", ["toi"], []) == "('tooi':* | 'toi')"
    assert terms("lyson", [], [["ly", "son"]]) == "('lyson':* | ('ly' <-> 'son'))"
    assert numbered("toi ly son toi") == "'toi':1 'ly':2 'son':3 'toi':4"
