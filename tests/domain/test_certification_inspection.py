"""Inspections: four kinds, findings, grounds, defects to be mended (26/2026 art. 9)."""

from datetime import date
from typing import Any

import pytest

from services.certification.domain.certificate import Certificate
from services.certification.domain.inspection import (
    AgenciesNeeded,
    AlreadyConcluded,
    GroundWithoutFinding,
    Inspection,
    MendByPassed,
    NoSamples,
    NothingToMend,
    NotSampling,
    ReasonNeeded,
)
from services.certification.domain.refusals import NotCertified, UnknownGround
from services.certification.published import PUBLISHED
from shared.contracts.certification import InspectionConcluded
from tests.certifying import GARLIC, RULES, certified
from tests.given import an_id, given, on

GROUNDS = ["a", "b", "c", "d", "đ", "e"]


def opened(
    kind: Any = "periodic", *, stars: int = 4, national: bool = False, reason: str = "", agencies: tuple[str, ...] = ()
):
    certificate = Certificate(
        number="GCN-51-2026-00001", stars=stars, issued_on=date(2026, 9, 25), expires_on=date(2029, 9, 25)
    )
    return Inspection.open(
        an_id("inspection"), about=GARLIC, ruleset=RULES.id, certificate=certificate, kind=kind, national=national,
        reason=reason, with_agencies=agencies, when=on("2026-11-10"),
    )  # fmt: skip


def conclude(
    inspection: Inspection, finding: str | None = None, ground: str | None = None, mend_by: str | None = None
) -> None:
    inspection.conclude(
        finding=finding, ground=ground, mend_by=date.fromisoformat(mend_by) if mend_by else None, grounds=GROUNDS,
        when=on("2026-11-18"),
    )  # fmt: skip


# --- beginning ---


def test_only_a_product_with_a_certificate_in_force_is_inspected():
    refusal = given(certified()).refuses(NotCertified, lambda r: r.require_certified(date(2029, 9, 26)))
    assert (refusal.rule, refusal.article) == ("product-not-certified", "Điều 9")
    assert certified().require_certified(date(2026, 11, 10)).number == "GCN-51-2026-00001"


@pytest.mark.parametrize(
    ("kind", "stars", "national"), [("ad_hoc", 4, False), ("periodic", 4, True), ("sampling", 3, True)]
)
def test_what_is_done_only_when_needed_needs_a_reason(kind: str, stars: int, national: bool):
    with pytest.raises(ReasonNeeded) as refused:
        opened(kind, stars=stars, national=national, reason="  ")
    assert refused.value.article == "Điều 9"
    assert opened(kind, stars=stars, national=national, reason="Phản ánh về hàng nhái tên").kind == kind


def test_the_ministry_inspects_five_stars_without_a_reason():
    """ca-phe-khe-sanh"""
    assert opened(stars=5, national=True).kind == "periodic"


def test_an_inter_agency_inspection_names_the_agencies():
    with pytest.raises(AgenciesNeeded):
        opened("inter_agency")
    assert opened("inter_agency", agencies=("doit", "dost")).kind == "inter_agency"


# --- samples ---


def test_samples_are_drawn_in_a_sampling_inspection_before_its_conclusion():
    """nuoc-mam"""
    case = given(opened("sampling"))
    case.refuses(NoSamples, conclude)
    assert case.when(lambda i: i.draw_samples(3, "", on("2026-11-11"))).then(Inspection.SamplesDrawn).count == 3
    case.when(lambda i: conclude(i, "Không giữ chất lượng đã công bố", "b")).then(Inspection.Concluded)
    case.refuses(AlreadyConcluded, lambda i: i.draw_samples(1, "", on("2026-11-19")))


def test_other_kinds_draw_no_samples():
    given(opened("periodic")).refuses(NotSampling, lambda i: i.draw_samples(3, "", on("2026-11-11")))


# --- conclusion ---


def test_a_conclusion_without_a_finding_is_said_as_such():
    """buoi-phuc-trach, nuoc-mam-ky-ninh"""
    fact = PUBLISHED(given(opened()).when(conclude).then(Inspection.Concluded))
    assert isinstance(fact, InspectionConcluded)
    assert (fact.finding, fact.ground, fact.mend_by, fact.kind) == (None, None, None, "periodic")
    assert (fact.concluded_on, fact.inspection_id, fact.stars) == (date(2026, 11, 18), an_id("inspection"), 4)


def test_an_inspection_is_concluded_once():
    refusal = given(opened()).when(conclude).refuses(AlreadyConcluded, conclude)
    assert refusal.rule == "inspection-concluded"


@pytest.mark.parametrize(("ground", "mend_by"), [("b", None), (None, "2026-12-18")])
def test_a_ground_or_a_day_to_mend_needs_a_finding(ground: str | None, mend_by: str | None):
    given(opened()).refuses(GroundWithoutFinding, lambda i: conclude(i, None, ground, mend_by))


def test_a_ground_is_one_of_the_decision():
    given(opened()).refuses(UnknownGround, lambda i: conclude(i, "Sai nhãn", "z"))


@pytest.mark.parametrize("day", ["2026-11-18", "2026-11-17"])
def test_the_day_to_mend_comes_after_the_conclusion(day: str):
    given(opened()).refuses(MendByPassed, lambda i: conclude(i, "Sai nhãn", None, day))


# --- mending ---


@pytest.mark.parametrize("day", ["2026-12-10", "2027-01-20"])
def test_a_defect_is_mended_in_time_or_late(day: str):
    """nhang-que"""
    inspection = opened("inter_agency", agencies=("doit",))
    conclude(inspection, "Nhãn thiếu số lô", None, "2026-12-18")
    case = given(inspection).when(lambda i: i.mend("Đã in lại nhãn", on(day)))
    case.then(Inspection.Mended)
    case.refuses(NothingToMend, lambda i: i.mend("lần nữa", on(day)))


def test_nothing_is_mended_where_nothing_was_asked():
    given(opened()).when(conclude).refuses(NothingToMend, lambda i: i.mend("", on("2026-12-10")))
