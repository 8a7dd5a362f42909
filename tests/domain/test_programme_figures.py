"""Figures by hand, lists that a province keeps, reports issued: who says it, from what, and what is refused."""

from datetime import date
from typing import Any

import pytest

from services.programme.domain.document import Body, Due, Duty, Target
from services.programme.domain.figure import (
    ByHand,
    Entry,
    EntryIncomplete,
    Figure,
    FigureTooLarge,
    ForUnit,
    KeptList,
    NotListed,
    UnitMissing,
    UnitNotAsked,
)
from services.programme.domain.plan import Plan, Programme, UnknownDuty
from services.programme.domain.report import Issue, Report, ReportBeforePlan, ReportOfFuture
from services.programme.published import PUBLISHED
from shared.auth.permissions import Place
from shared.contracts.programme import ReportIssued
from shared.duties import Expected, expected, expected_on
from tests.given import an_id, given, on

END = date(2023, 12, 31)
NEWS = Target(id="t1", metric="radio_tv_reports", comparator="between", value=8, upto=10, by=END)
EACH = Target(id="t2", metric="officers_per_district", comparator=">=", value=1, scope="each_district", by=END)
SHARE = Target(id="t3", metric="share_producers_circular_chain", comparator=">=", value=30, by=END)
QUARTERLY = Duty(
    id="r1", what="quarterly report", every="quarter", units=("dard",), to=("provincial_pc",),
    due=Due(day=25, month_of_period="last", words="before the 25th of the last month"),
)  # fmt: skip


def plan() -> Plan:
    stated = Programme(
        name="Kế hoạch", province="44", province_then="45", period_from=date(2023, 1, 1), period_to=END,
        targets=(NEWS, EACH, SHARE), decision=None, reporting=(QUARTERLY,),
        agencies=(Body(id="dard"), Body(id="provincial_pc")),
    )  # fmt: skip
    return Plan.publish(an_id("plan"), stated, on("2023-02-01"))


def by_hand(value: float | None = None, **units: float) -> ByHand:
    values = tuple(ForUnit(unit=unit.removeprefix("d"), value=of) for unit, of in units.items())
    return ByHand(value=value, values=values, office="Sở NN&PTNT", source="BC 12/BC-SNN", note=None)


def figure(target: Target = NEWS, reported: ByHand | None = None, *, percent: bool = False) -> Figure:
    return Figure.begin(
        an_id("figure"), plan_id=an_id("plan"), province="44", target=target, reported=reported or by_hand(9),
        when=on("2023-12-10"), percent=percent,
    )  # fmt: skip


# --- figure ---


def test_a_figure_says_who_reports_it_and_from_what_and_is_no_contract():
    (told,) = figure().pending_events
    assert (told.target, told.reported.value, told.reported.source) == ("t1", 9, "BC 12/BC-SNN")
    assert told.legal_date == date(2023, 12, 10)
    assert PUBLISHED(told) is None


def test_a_later_figure_stands_beside_the_earlier_one():
    case = given(figure()).when(lambda f: f.report(NEWS, by_hand(10), on("2023-12-20"), percent=False))
    assert case.then(Figure.Reported).reported.value == 10
    assert case.aggregate.place == Place(province="44")


@pytest.mark.parametrize(
    ("refusal", "target", "reported", "percent"),
    [
        (UnitMissing, EACH, by_hand(3), False),
        (UnitMissing, EACH, by_hand(), False),
        (UnitNotAsked, NEWS, by_hand(d461=3), False),
        (UnitNotAsked, NEWS, by_hand(), False),
        (FigureTooLarge, SHARE, by_hand(100.5), True),
    ],
)
def test_a_figure_is_of_what_the_target_asks(refusal: type, target: Target, reported: ByHand, percent: bool):
    with pytest.raises(refusal) as refused:
        figure(target, reported, percent=percent)
    assert refused.value.message_vi != refused.value.message_en
    given(figure()).refuses(refusal, lambda f: f.report(target, reported, on("2023-12-20"), percent=percent))


def test_one_figure_for_each_unit():
    (told,) = figure(EACH, by_hand(d461=2, d462=0)).pending_events
    assert [(one.unit, one.value) for one in told.reported.values] == [("461", 2), ("462", 0)]


# --- list ---

VILLAGE = Entry(key="lang-teng", name="Làng Teng", producers=(an_id("p"),))


def villages() -> KeptList:
    return KeptList.begin(
        an_id("list"), "51", "craft_villages", VILLAGE, office="Sở NN&MT", source="QĐ 12", when=on("2026-06-01")
    )


def test_an_entry_is_kept_changed_and_dropped_for_a_reason():
    case = given(villages())
    more = VILLAGE.model_copy(update={"producers": (an_id("p"), an_id("q"))})
    case.when(lambda k: k.keep("craft_villages", more, office="x", source="y", when=on("2026-07-01")))
    assert case.then(KeptList.EntryKept).entry == more
    case.when(lambda k: k.drop("lang-teng", "Không còn làm nghề", on("2026-08-01")))
    assert case.then(KeptList.EntryDropped).reason == "Không còn làm nghề"
    refusal = case.refuses(NotListed, lambda k: k.drop("khac", "x", on("2026-09-01")))
    assert refusal.field == "key"


@pytest.mark.parametrize(
    ("name", "missing"),
    [("flagship_products", "product_id"), ("linked_products", "product_id"), ("founded", "producer_id"),
     ("advised_producers", "producer_id"), ("modern_channels", "producer_id"), ("officers_in_charge", "count")],
)  # fmt: skip
def test_an_entry_has_what_its_list_counts_by(name: Any, missing: str):
    entry = Entry(key="x", name="x")
    with pytest.raises(EntryIncomplete) as refused:
        KeptList.begin(an_id("l"), "51", name, entry, office="x", source="y", when=on("2026-06-01"))
    assert refused.value.field == f"entry.{missing}"


# --- report ---

ISSUE = Issue(number="15/BC-SNN", place="Quảng Trị", agency="Sở NN&PTNT", signs=("GIÁM ĐỐC",),
              recipients=("UBND tỉnh",), duty="r1", due_on=date(2023, 6, 24))  # fmt: skip


def test_an_issued_report_keeps_what_was_known_when_it_was_issued():
    when = on("2023-06-20", hour=8)
    report = Report.issue_of(an_id("report"), plan(), date(2023, 6, 19), ISSUE, when)
    said = PUBLISHED(report.pending_events[0])
    assert isinstance(said, ReportIssued)
    assert (said.on, said.known_at, said.legal_date) == (date(2023, 6, 19), when.at, date(2023, 6, 20))
    assert (said.plan_version, said.due_on, said.recipients) == (1, date(2023, 6, 24), ["UBND tỉnh"])
    assert given(report).aggregate.place == Place(province="44")


@pytest.mark.parametrize(
    ("refusal", "day", "issue"),
    [
        (ReportOfFuture, date(2023, 6, 21), ISSUE),
        (ReportBeforePlan, date(2022, 12, 31), ISSUE),
        (UnknownDuty, date(2023, 6, 19), ISSUE.model_copy(update={"duty": "r9"})),
    ],
)
def test_a_report_of_no_day_or_duty_of_the_plan_is_refused(refusal: type, day: date, issue: Issue):
    with pytest.raises(refusal) as refused:
        Report.issue_of(an_id("report"), plan(), day, issue, on("2023-06-20"))
    assert refused.value.message_vi != refused.value.message_en


# --- when reports are due ---


def test_before_the_25th_of_the_last_month_ends_with_the_24th():
    found = list(expected("quarter", QUARTERLY.due, date(2023, 1, 1), date(2023, 9, 30)))
    assert found == [
        Expected(date(2023, 1, 1), date(2023, 3, 31), date(2023, 3, 24)),
        Expected(date(2023, 4, 1), date(2023, 6, 30), date(2023, 6, 24)),
        Expected(date(2023, 7, 1), date(2023, 9, 30), date(2023, 9, 24)),
    ]
    assert expected_on("quarter", QUARTERLY.due, date(2023, 6, 30), date(2023, 1, 1), END) == found[1]


def test_the_report_of_six_months_is_of_the_half_year_that_has_its_day():
    due = Due(day=20, month=6, words="before 20/6")
    assert [one.due_on for one in expected("half_year", due, date(2023, 1, 1), date(2024, 12, 31))] == [
        date(2023, 6, 19), date(2024, 6, 19),
    ]  # fmt: skip
    yearly = Due(day=1, month=3, words="before 1/3")
    assert [one.due_on for one in expected("year", yearly, date(2024, 1, 1), END)] == []
    assert [one.due_on for one in expected("year", yearly, date(2024, 1, 1), date(2024, 6, 1))] == [date(2024, 2, 29)]


def test_what_has_no_rhythm_is_expected_on_no_day():
    assert list(expected("ad_hoc", None, date(2023, 1, 1), END)) == []
    assert expected_on("regular", None, date(2023, 6, 1), date(2023, 1, 1), END) is None
    (whole,) = expected("plan_period", None, date(2023, 1, 1), END)
    assert whole == Expected(date(2023, 1, 1), END, None)
    assert [one.first.month for one in expected("month", None, date(2023, 11, 5), END)] == [11, 12]
