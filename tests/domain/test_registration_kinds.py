"""First, upgrade, renewal: which may be filed on a day, what it starts from, and what was recognised before the register."""

import csv
from datetime import date
from typing import Any

import pytest
import yaml

from ocop.season.script import DATA
from services.registration.domain import dossier as d
from services.registration.domain import held as h
from services.registration.domain import papers
from services.registration.domain import recorded as r
from services.registration.domain.dossier import Dossier
from services.registration.domain.held import Held, Kind
from services.registration.domain.papers import Form01
from services.registration.domain.producer import Producer, RecordedOtherwise
from services.registration.domain.product import Product
from services.registration.published import PUBLISHED
from shared.contracts import registration as said
from shared.regulation.rulesets import in_force
from shared.values import Decision, ProducerRef
from tests.domain.test_registration import RULES, a_product, form_02, form_03, paper, submit
from tests.given import Case, about, an_id, given, on

FORM_01 = Form01(product_description="Tỏi", output_per_year="12 tấn", market="Trong tỉnh")
NEWER = paper("EV12").model_copy(update={"sha256": "b" * 64})
GARLIC = ProducerRef(id=an_id("producer of Tỏi Lý Sơn"), name="Hợp tác xã Tỏi Lý Sơn", kind="cooperative")


def held(stars: int = 3, issued: str = "2023-11-14", expires: str = "2026-11-14", **more: Any) -> Held:
    facts = {"number": "1", "stars": stars, "issued_on": issued, "expires_on": expires}
    return Held.model_validate(facts | more)


def decided(day: str) -> Decision:
    return Decision(number="12/QĐ-UBND", date=date.fromisoformat(day), authority="UBND tỉnh")


def recorded(certificate: Held | None = None, **facts: Any) -> Product:
    certificate = certificate or held()
    given = {
        "about": about(), "ruleset": "qd-148-2023", "certificate": certificate, "simulated": True,
        "decision": decided(certificate.issued_on.isoformat()), "when": on("2026-05-25"),
    }  # fmt: skip
    return Product.record(**given | facts)


def file(product: Product, kind: Kind, day: str, **facts: Any) -> Dossier:
    given: dict[str, Any] = {"form_01": FORM_01, "form_02": form_02(c1_1=1), "evidence": (paper(),)}
    return Dossier.submit(
        an_id(f"{kind} {day}"), product=product, ruleset=in_force(date.fromisoformat(day)), kind=kind, when=on(day),
        **given | facts,
    )  # fmt: skip


# --- which kind, on which day ---


def test_no_first_dossier_while_a_certificate_is_in_force() -> None:
    with pytest.raises(h.CertificateInForce) as caught:
        file(recorded(), "first", "2026-11-14")
    assert (caught.value.rule, caught.value.article) == ("dossier-kind-certificate-in-force", "Điều 6.1")
    assert file(recorded(), "first", "2026-11-15").kind == "first"  # the day after its last


@pytest.mark.parametrize("product", [a_product(), recorded(held(ended_on="2026-06-01"))])
@pytest.mark.parametrize("kind", ["upgrade", "renewal"])
def test_upgrade_and_renewal_start_from_a_certificate(product: Product, kind: Kind) -> None:
    with pytest.raises(h.NoCertificateInForce) as caught:
        file(product, kind, "2026-06-20")
    assert caught.value.article == "Điều 6.1"


def test_an_upgrade_needs_a_certificate_that_still_holds() -> None:
    assert file(recorded(), "upgrade", "2026-06-29").stars_held == 3
    with pytest.raises(h.NoCertificateInForce):
        file(recorded(), "upgrade", "2026-11-15")


def test_five_stars_are_not_upgraded() -> None:
    with pytest.raises(h.HighestAlready) as caught:
        file(recorded(held(stars=5)), "upgrade", "2026-06-29")
    assert caught.value.article == "Điều 6.1.b"


@pytest.mark.parametrize(
    ("day", "admitted"),
    [("2026-05-25", True), ("2026-07-17", True), ("2026-07-18", False), ("2026-11-20", False), ("2026-05-17", None)],
)
def test_a_renewal_is_filed_from_180_to_120_days_before_the_last_day(day: str, admitted: bool | None) -> None:
    product = recorded()
    if admitted:
        assert file(product, "renewal", day).admitted_by is None
    else:
        with pytest.raises(h.RenewalOutsideWindow) as caught:
            product.admit("renewal", RULES, date.fromisoformat(day))
        assert (caught.value.rule, caught.value.article) == ("renewal-outside-window", "Điều 7.6.a")
        assert caught.value.have["window_from"] == date(2026, 5, 18)
        assert caught.value.have["window_to"] == date(2026, 7, 17)


def test_a_renewal_whose_window_was_over_before_the_decision_is_admitted_while_the_certificate_holds() -> None:
    coconut = recorded(held(stars=5, issued="2023-07-17", expires="2026-07-17"))
    dossier = file(coconut, "renewal", "2026-06-08")
    (submitted,) = dossier.collect_events()
    contract = PUBLISHED(submitted)
    assert isinstance(contract, said.DossierSubmitted)
    assert (contract.kind, contract.admitted_by) == ("renewal", "Điều 12.3")
    with pytest.raises(h.RenewalOutsideWindow):
        file(coconut, "renewal", "2026-07-18")


def test_an_extended_certificate_is_in_force_until_the_extension_ends() -> None:
    extended = held(issued="2023-07-17", expires="2026-07-17", until="2027-01-13")
    assert extended.in_force(date(2027, 1, 13))
    assert not extended.in_force(date(2027, 1, 14))


def test_what_is_filed_in_its_window_stays_so_when_it_is_completed_later() -> None:
    case = given(file(recorded(), "renewal", "2026-07-13"))
    case.when(lambda x: x.send_back(("EV12",), "Thiếu", RULES, on("2026-07-21")))
    completed = case.when(lambda x: x.complete((NEWER,), None, RULES, on("2026-09-21"))).then(Dossier.Completed)
    assert completed.kind == "renewal"
    forwarded = PUBLISHED(
        case.when(lambda x: x.forward("c", form_03(), RULES, on("2026-10-08"))).then(Dossier.Forwarded)
    )
    assert isinstance(forwarded, said.DossierForwarded)
    assert (forwarded.kind, forwarded.stars_held, forwarded.submitted_on) == ("renewal", 3, date(2026, 7, 13))


# --- the season's own dates ---


def season_filings() -> list[tuple[str, dict[str, Any]]]:
    data = yaml.load((DATA / "stories.yaml").read_text(encoding="utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    found = []
    for story in data["stories"] + data["ordinary"]:
        steps = (data["parts"][story["begins"]] if story.get("begins") else []) + story.get("steps", [])
        found += [(story["product"], step) for step in steps if step["do"] in {"dossier_submitted", "renewal_refused"}]
    return found


@pytest.mark.parametrize(("key", "step"), season_filings())
def test_every_filing_of_the_season_is_admitted_or_refused_as_its_story_says(key: str, step: dict[str, Any]) -> None:
    with (DATA / "products.csv").open(encoding="utf-8", newline="") as file:
        row = next(row for row in csv.DictReader(file) if row["key"] == key)
    certificate = (
        held(int(row["earlier_stars"]), row["earlier_decided"], row["earlier_expiry"]) if row["earlier"] else None
    )
    if certificate:
        window = tuple(day.isoformat() for day in certificate.window(RULES))
        assert window == (row["window_from"], row["window_to"])
    elif step["kind"] == "upgrade":  # from the season's own certificate
        certificate = held(3, "2026-09-25", "2029-09-25")
    if step["do"] == "renewal_refused":
        with pytest.raises(h.RenewalOutsideWindow) as caught:
            h.admitted("renewal", certificate, RULES, step["date"])
        assert caught.value.article == step["rule"]
    else:
        assert h.admitted(step["kind"], certificate, RULES, step["date"]) == step.get("admitted_by")


# --- what it starts from ---


def later(previous: Dossier, **facts: Any) -> Dossier:
    given: dict[str, Any] = {"form_01": None, "form_02": None, "evidence": None, "previous": previous}
    return file(recorded(), "upgrade", "2026-10-05", **given | facts)


def test_what_is_left_out_comes_from_the_last_dossier() -> None:
    previous = submit(form=form_02(c1_1=1, c1_2=2))
    dossier = later(previous, form_02=form_02(c1_1=2, c1_2=2))
    assert dossier.form_01 == previous.form_01
    assert dossier.evidence == previous.evidence
    (submitted,) = dossier.collect_events()
    assert (submitted.previous, submitted.changed) == (previous.id, ("1.1",))


def test_criteria_that_the_producer_names_are_changed_too_in_the_order_of_the_sheet() -> None:
    (submitted,) = later(submit(form=form_02(c1_1=1)), form_02=form_02(c1_1=2), changed=("3.5", "1.5")).collect_events()
    assert submitted.changed == ("1.1", "1.5", "3.5")


def test_without_an_earlier_dossier_the_producer_says_what_changed() -> None:
    (submitted,) = file(recorded(), "upgrade", "2026-06-29", changed=("3.5", "4.1")).collect_events()
    assert (submitted.previous, submitted.changed) == (None, ("3.5", "4.1"))


def test_a_named_criterion_stands_on_the_sheet() -> None:
    with pytest.raises(papers.UnknownCriterion) as caught:
        file(recorded(), "upgrade", "2026-06-29", changed=("3.5", "99"))
    assert caught.value.field == "changed[1]"


def test_an_upgrade_proves_a_change() -> None:
    previous = submit(form=form_02(c1_1=1))
    with pytest.raises(d.NothingChanged) as caught:
        later(previous)
    assert caught.value.article == "Điều 6.1.b"
    assert later(previous, evidence=(paper(), NEWER)).kind == "upgrade"  # a new paper proves one


@pytest.mark.parametrize("form", ["form_01", "form_02"])
def test_without_an_earlier_dossier_both_forms_are_needed(form: str) -> None:
    with pytest.raises(papers.MissingForm) as caught:
        file(recorded(), "renewal", "2026-06-15", **{form: None})
    assert (caught.value.field, caught.value.article) == (form, "Điều 6.1")


def test_a_dossier_without_any_paper_is_refused() -> None:
    with pytest.raises(papers.MissingEvidence):
        file(recorded(), "renewal", "2026-06-15", evidence=None)


# --- what the other houses do ---


def assessed() -> Case:
    case = given(submit()).when(lambda x: x.forward("c", form_03(), RULES, on("2026-07-22")))
    return case.when(lambda x: x.move("in-assessment", on("2026-07-23")))


@pytest.mark.parametrize("result", ["recognised", "not-recognised", "stopped", "rejected", "not-assessed"])
def test_a_dossier_that_has_its_result_is_taken_up_again_only_when_it_is_said_so(result: str) -> None:
    case = assessed().when(lambda x: x.move(result, on("2026-09-25")))
    assert case.aggregate.settled
    case.refuses(d.WrongStep, lambda x: x.move("in-assessment", on("2026-10-28")))
    case.when(lambda x: x.move("in-assessment", on("2026-10-28"), again=True)).then(Dossier.Moved)
    case.when(lambda x: x.move("recognised", on("2026-12-18"))).then(Dossier.Moved)


def test_a_renewal_that_the_province_only_passes_on_is_referred_without_an_assessment() -> None:
    case = given(submit()).when(lambda x: x.forward("c", form_03(), RULES, on("2026-07-22")))
    case.when(lambda x: x.move("referred", on("2026-07-28"))).then(Dossier.Moved)
    case.when(lambda x: x.move("in-assessment", on("2026-07-29"))).then(Dossier.Moved)


def test_a_certificate_is_not_heard_of_before_the_assessment_that_it_rests_on() -> None:
    case = given(submit()).when(lambda x: x.forward("c", form_03(), RULES, on("2026-07-22")))
    case.refuses(d.WrongStep, lambda x: x.move("recognised", on("2026-09-25")))


def test_a_product_knows_its_last_certificate() -> None:
    new = held(4, "2026-09-24", "2029-09-24", number="GCN-44-2026-00002")
    case = given(recorded(held(number="GCN-44-2023-00001")))
    case.when(lambda p: p.note(new, on("2026-09-24"))).then(Product.CertificateNoted)
    assert case.aggregate.stars_on(date(2026, 9, 24)) == 4
    case.when(lambda p: p.note_end("GCN-44-2023-00001", date(2026, 11, 15), on("2026-11-15")))  # not the last one
    assert case.said == []
    assert case.when(lambda p: p.note(held(), on("2026-11-15"))).said == []  # older than what it holds
    case.when(lambda p: p.note_end(new.number, date(2027, 1, 28), on("2027-01-28"))).then(Product.CertificateNoted)
    assert case.aggregate.stars_on(date(2027, 1, 27)) == 4
    assert case.aggregate.stars_on(date(2027, 1, 28)) is None


def test_an_extension_is_known_until_the_certificate_ends() -> None:
    case = given(recorded(held(5, "2023-07-17", "2026-07-17", number="9")))
    case.when(lambda p: p.note_extension("9", date(2027, 1, 13), on("2026-07-18"))).then(Product.CertificateNoted)
    assert case.aggregate.stars_on(date(2026, 8, 1)) == 5
    case.when(lambda p: p.note_end("9", date(2026, 8, 2), on("2026-08-02"))).then(Product.CertificateNoted)
    assert case.aggregate.stars_on(date(2026, 8, 2)) is None


def test_a_dossier_that_is_taken_up_again_is_under_way_unless_another_is() -> None:
    case = given(a_product()).when(lambda p: p.open(an_id("one"), on("2026-07-06")))
    case.when(lambda p: p.close(an_id("one"), on("2026-09-25"))).then(Product.DossierClosed)
    case.when(lambda p: p.reopen(an_id("one"), on("2026-10-28"))).then(Product.DossierOpened)
    case.when(lambda p: p.close(an_id("one"), on("2026-12-18"))).then(Product.DossierClosed)
    case.when(lambda p: p.open(an_id("two"), on("2027-01-05"))).then(Product.DossierOpened)
    assert case.when(lambda p: p.reopen(an_id("one"), on("2027-01-06"))).said == []
    assert case.when(lambda p: p.close(an_id("one"), on("2027-01-07"))).said == []
    assert case.aggregate.open_dossier == an_id("two")


# --- an earlier recognition ---


def test_a_recognition_is_recorded_with_the_legal_date_of_its_decision() -> None:
    product = recorded(held(number=None))
    (event,) = product.collect_events()
    contract = PUBLISHED(event)
    assert isinstance(contract, said.RecognitionRecorded)
    assert (contract.legal_date, contract.recorded_on) == (date(2023, 11, 14), date(2026, 5, 25))
    assert (contract.ruleset, contract.number, contract.stars) == ("qd-148-2023", None, 3)
    assert product.stars_on(date(2026, 11, 14)) == 3
    given(recorded())  # loads again


@pytest.mark.parametrize(
    ("ruleset", "day"),
    [("qd-1048-2019", "2019-08-21"), ("qd-1048-2019", "2023-02-23"), ("qd-148-2023", "2023-02-24"),
     ("qd-148-2023", "2025-07-05"), ("qd-148-2023+1489", "2025-07-06"), ("qd-148-2023+1489", "2026-08-05"),
     ("qd-26-2026", "2026-08-05")],
)  # fmt: skip
def test_a_recognition_names_the_ruleset_of_its_day(ruleset: str, day: str) -> None:
    expires = r.certificate_expiry(date.fromisoformat(day))
    r.check_recognition(ruleset, decided(day), date.fromisoformat(day), expires, date(2026, 8, 10))


@pytest.mark.parametrize(
    ("ruleset", "day"),
    [("qd-1048-2019", "2019-08-20"), ("qd-1048-2019", "2023-02-24"), ("qd-148-2023", "2025-07-06"),
     ("qd-26-2026", "2026-05-21"), ("qd-26-2027", "2026-08-05")],
)  # fmt: skip
def test_a_recognition_under_the_ruleset_of_another_day_is_refused(ruleset: str, day: str) -> None:
    with pytest.raises(r.NotThatDaysRuleset) as caught:
        recorded(ruleset=ruleset, decision=decided(day))
    assert (caught.value.field, caught.value.article) == ("ruleset", "Điều 12.1")


def test_a_recorded_certificate_ends_36_months_after_its_first_day() -> None:
    with pytest.raises(r.WrongEnd) as caught:
        recorded(held(expires="2026-11-15"))
    assert caught.value.article == "Điều 4.3"


def test_a_certificate_is_not_older_than_its_decision() -> None:
    with pytest.raises(r.IssuedBeforeDecision):
        recorded(decision=decided("2023-11-15"))


def test_a_recognition_to_come_is_not_recorded() -> None:
    with pytest.raises(r.NotYetMade):
        recorded(held(issued="2026-06-01", expires="2029-06-01"), ruleset="qd-26-2026")


def test_a_producer_known_by_an_earlier_recognition_is_verified_and_names_nobody() -> None:
    producer = Producer.record(GARLIC, province="51", commune="21548", when=on("2026-05-25"))
    case = given(producer)
    assert case.aggregate.verified
    assert "representative" not in Producer.Recorded.model_fields
    case.aggregate.require_same(GARLIC)


def test_recorded_products_share_one_producer_of_one_name() -> None:
    producer = Producer.record(GARLIC, province="51", commune="21548", when=on("2026-05-25"))
    other = GARLIC.model_copy(update={"name": "Hợp tác xã khác"})
    refusal = given(producer).refuses(RecordedOtherwise, lambda p: p.require_same(other))
    assert (refusal.field, refusal.article) == ("producer", "Điều 2.3")


# --- renewals under older rules ---


@pytest.mark.parametrize(
    ("ruleset", "filed", "admitted_by"),
    [
        ("qd-1048-2019", "2022-11-01", None),  # no window is known, and nothing extends
        ("qd-148-2023", "2024-11-01", None),
        ("qd-148-2023+1489", "2026-03-02", "Điều 12.3"),  # pending when the new decision came: art. 12.2.b and 12.3
    ],
)
def test_a_renewal_under_older_rules_has_no_window_and_the_last_ones_keep_the_certificate_alive(
    ruleset: str, filed: str, admitted_by: str | None
) -> None:
    issued = date.fromisoformat(filed).replace(year=date.fromisoformat(filed).year - 2)
    held = Held(number="X", stars=3, issued_on=issued, expires_on=issued.replace(year=issued.year + 3))
    assert in_force(date.fromisoformat(filed)).id == ruleset
    assert h.admitted("renewal", held, in_force(date.fromisoformat(filed)), date.fromisoformat(filed)) == admitted_by


def test_after_its_end_a_renewal_under_older_rules_is_let_in_too() -> None:
    held = Held(
        number="X", stars=3, issued_on=date(2019, 12, 18), expires_on=date(2022, 12, 18), ended_on=date(2022, 12, 19)
    )
    assert h.admitted("renewal", held, in_force(date(2023, 2, 10)), date(2023, 2, 10)) is None
