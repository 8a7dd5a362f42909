"""Plans with targets, tasks that do not go back, trainings held: what programme is told and says."""

from datetime import date
from typing import Any

import pytest

from services.programme.commands import UnknownProvince, check_province
from services.programme.domain import (
    NobodyAttended,
    OtherTask,
    PeriodBackwards,
    Plan,
    PlanOfAnotherProvince,
    Programme,
    Progress,
    ProgressBackwards,
    ReportTooEarly,
    Target,
    TargetOutsidePeriod,
    TargetTwice,
    Task,
    Training,
)
from services.programme.published import PUBLISHED
from services.programme.views.targets import METRICS, counted_on, stated
from shared.auth.permissions import Place
from shared.contracts.programme import PlanPublished, TargetSet, TaskReported, TrainingHeld
from shared.values import Decision
from tests.given import an_id, given, on

NEW = Target(metric="products_newly_recognised_min_star_3", comparator=">=", value=25, by=date(2026, 12, 31))
FOUR = Target(metric="products_certified_star_4", comparator=">=", value=8, by=date(2026, 12, 31))
DECISION = Decision(number="7/KH-UBND", date=date(2026, 6, 2), authority="UBND tỉnh Quảng Ngãi")


def stating(**other: Any) -> Programme:
    facts = {
        "name": "Kế hoạch OCOP 2026", "province": "51", "period_from": date(2026, 6, 2),
        "period_to": date(2026, 12, 31), "targets": (NEW, FOUR), "decision": DECISION,
    }  # fmt: skip
    return Programme(**facts | other)


def plan(**other: Any) -> Plan:
    return Plan.publish(an_id("plan"), stating(**other), on("2026-06-02"))


# --- plan ---


def test_a_plan_is_said_with_its_period_and_targets():
    said = PUBLISHED(plan().pending_events[0])
    assert isinstance(said, PlanPublished)
    assert (said.plan_id, said.province, said.period_from, said.period_to, said.decision) == (
        an_id("plan"), "51", date(2026, 6, 2), date(2026, 12, 31), DECISION,
    )  # fmt: skip
    assert said.targets[0] == TargetSet(metric=NEW.metric, comparator=">=", value=25, by=date(2026, 12, 31))
    assert given(plan()).aggregate.place == Place(province="51")


@pytest.mark.parametrize(
    ("refusal", "rule", "field", "other"),
    [
        (PeriodBackwards, "plan-period-backwards", "period_to", {"period_to": date(2026, 6, 1)}),
        (TargetOutsidePeriod, "target-outside-period", "targets[0].by", {"period_from": date(2027, 1, 1),
                                                                         "period_to": date(2027, 12, 31)}),
        (TargetOutsidePeriod, "target-outside-period", "targets[0].by", {"period_to": date(2026, 12, 30)}),
        (TargetTwice, "target-twice", "targets[1].metric", {"targets": (NEW, NEW)}),
    ],
)  # fmt: skip
def test_a_plan_that_contradicts_itself_is_refused(refusal: type, rule: str, field: str, other: dict[str, Any]):
    with pytest.raises(refusal) as refused:
        plan(**other)
    assert (refused.value.rule, refused.value.field) == (rule, field)
    assert refused.value.message_vi != refused.value.message_en


def test_a_province_that_does_not_exist_that_day_is_refused():
    check_province("51", date(2026, 6, 2))
    check_province("45", date(2025, 6, 30))
    with pytest.raises(UnknownProvince) as refused:
        check_province("45", date(2026, 6, 2))
    assert (refused.value.rule, refused.value.article) == ("unknown-province", "19/2025/QĐ-TTg")


# --- targets ---

ALL_NULL = dict.fromkeys(METRICS)


@pytest.mark.parametrize(
    ("comparator", "value", "actual", "met"),
    [(">=", 25, 25, True), (">=", 25, 24, False), ("<=", 8, 9, False), ("<=", 8, 8, True), ("=", 6, 6, True),
     ("=", 6, 7, False), (">=", 25, None, None)],
)  # fmt: skip
def test_a_target_says_its_number_and_whether_it_is_met(
    comparator: str, value: float, actual: int | None, met: bool | None
):
    target = {"metric": NEW.metric, "comparator": comparator, "value": value, "by": "2026-12-31"}
    row = stated(target, date(2026, 9, 1), ALL_NULL | {NEW.metric: actual})
    assert (row["actual"], row["met"], row["counted_on"]) == (actual, met, date(2026, 9, 1))
    assert row["definition"]["vi"]
    assert row["definition"]["en"]


def test_a_number_that_nobody_counts_is_null():
    target = {"metric": "newspaper_issues", "comparator": ">=", "value": 4.0, "by": "2026-12-31"}
    row = stated(target, date(2026, 9, 1), ALL_NULL)
    assert row == target | {"actual": None, "met": None, "counted_on": None, "definition": None}


def test_a_target_is_counted_on_its_own_day_at_the_latest():
    target = {"by": "2026-12-31"}
    assert counted_on(target, date(2026, 9, 1)) == date(2026, 9, 1)
    assert counted_on(target, date(2027, 3, 31)) == date(2026, 12, 31)


# --- task ---


def progress(percent: int, **other: Any) -> Progress:
    facts = {"name": "Kết nối điểm bán hàng", "province": "51", "plan_id": an_id("plan"), "account": "Đã ký ba nơi."}
    return Progress(**facts | {"done_percent": percent} | other)


def task() -> Task:
    return Task.begin(an_id("task"), progress(60), plan(), on("2026-12-15"))


def test_each_report_of_a_task_is_said():
    said = PUBLISHED(task().pending_events[0])
    assert isinstance(said, TaskReported)
    assert (said.task_id, said.plan_id, said.done_percent, said.legal_date) == (
        an_id("task"), an_id("plan"), 60, date(2026, 12, 15),
    )  # fmt: skip
    again = PUBLISHED(given(task()).when(lambda t: t.report(progress(60), on("2026-12-15"))).then(Task.Reported))
    assert again == said
    assert given(task()).aggregate.place == Place(province="51")


def test_a_task_does_not_go_back():
    case = given(task())
    refusal = case.refuses(ProgressBackwards, lambda t: t.report(progress(59), on("2026-12-20")))
    assert (refusal.rule, refusal.field) == ("task-progress-backwards", "done_percent")
    refusal = case.refuses(ReportTooEarly, lambda t: t.report(progress(70), on("2026-12-14")))
    assert refusal.rule == "task-report-before-the-last"


@pytest.mark.parametrize("other", [{"province": "42"}, {"plan_id": an_id("another")}])
def test_a_task_stays_in_its_province_and_plan(other: dict[str, Any]):
    refusal = given(task()).refuses(OtherTask, lambda t: t.report(progress(80, **other), on("2026-12-20")))
    assert refusal.rule == "task-of-another-plan"


def test_a_task_belongs_to_a_plan_of_its_own_province():
    with pytest.raises(PlanOfAnotherProvince) as refused:
        Task.begin(an_id("task"), progress(10, province="42"), plan(), on("2026-12-15"))
    assert (refused.value.rule, refused.value.field) == ("plan-of-another-province", "plan_id")
    assert refused.value.message_vi
    Task.begin(an_id("task"), progress(10, province="42", plan_id=None), None, on("2026-12-15"))


# --- training ---


def test_a_training_is_said_with_how_many_attended():
    held = Training.hold(
        an_id("training"), subject="Lập hồ sơ", province="51", producers=45, officers=15, when=on("2026-06-09")
    )
    said = PUBLISHED(held.pending_events[0])
    assert isinstance(said, TrainingHeld)
    assert (said.training_id, said.subject, said.producers, said.officers) == (an_id("training"), "Lập hồ sơ", 45, 15)
    assert given(held).aggregate.place == Place(province="51")


def test_a_training_that_nobody_attended_was_not_held():
    with pytest.raises(NobodyAttended) as refused:
        Training.hold(an_id("t"), subject="x", province="51", producers=0, officers=0, when=on("2026-06-09"))
    assert refused.value.rule == "training-without-attendants"
