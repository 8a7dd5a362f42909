"""Plans with targets, tasks that do not go back, trainings held: what programme is told and says."""

from datetime import date
from typing import Any

import pytest

from services.programme.commands import UnknownProvince, check_province
from services.programme.domain.document import Body, Content, Duty, PlannedTask, Target, TrainingLine
from services.programme.domain.plan import (
    AgencyNotListed,
    IdTwice,
    PeriodBackwards,
    Plan,
    PlanMoved,
    PlanUnchanged,
    Programme,
    RevisedBefore,
    TargetBounds,
    TargetOutsidePeriod,
    TargetTwice,
    TaskBackwards,
    UnknownPart,
    UnknownTarget,
    UnknownTask,
)
from services.programme.domain.task import (
    AgencyNotAsked,
    OtherTask,
    PlanOfAnotherProvince,
    Progress,
    ProgressBackwards,
    ReportTooEarly,
    Task,
    check_agency,
)
from services.programme.domain.training import MoreThanAttended, NobodyAttended, OfficersAt, Training
from services.programme.published import PUBLISHED
from shared.auth.permissions import Place
from shared.contracts.programme import PlanPublished, TargetSet, TaskReported, TrainingHeld
from shared.values import Decision
from tests.given import an_id, given, on

NEW = Target(metric="products_newly_recognised_min_star_3", comparator=">=", value=25, by=date(2026, 12, 31))
FOUR = Target(metric="products_certified_star_4", comparator=">=", value=8, by=date(2026, 12, 31))
DECISION = Decision(number="7/KH-UBND", date=date(2026, 6, 2), authority="UBND tỉnh Quảng Ngãi")


TASK = PlannedTask(
    id="k1", title_vi="Hội nghị triển khai", lead=("dard",), supporting=("doit",), starts=date(2026, 7, 1),
    ends=date(2026, 9, 30), kind="launch",
)  # fmt: skip


def stating(**other: Any) -> Programme:
    facts = {
        "tasks": (TASK,), "agencies": (Body(id="dard"), Body(id="doit")),
        "training": (TrainingLine(id="h1", attendants="officers", subject="OCOP"),),
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
        (TargetBounds, "target-bounds", "targets[0].upto", {"targets": (NEW.model_copy(update={"upto": 30.0}),)}),
        (TargetBounds, "target-bounds", "targets[0].upto", {"targets": (FOUR.model_copy(update={"comparator": "between"}),)}),
        (TargetBounds, "target-bounds", "targets[0].upto",
         {"targets": (FOUR.model_copy(update={"comparator": "between", "upto": 7.0}),)}),
        (UnknownPart, "target-part-of-unknown", "targets[0].part_of",
         {"targets": (NEW.model_copy(update={"id": "t1", "part_of": "t9"}),)}),
        (IdTwice, "plan-id-twice", "id", {"targets": (NEW.model_copy(update={"id": "k1"}),), "tasks": (TASK,)}),
        (TaskBackwards, "task-period-backwards", "tasks[0].ends",
         {"tasks": (TASK.model_copy(update={"ends": date(2026, 6, 30)}),)}),
        (AgencyNotListed, "agency-not-listed", "tasks[0]", {"agencies": ()}),
        (AgencyNotListed, "agency-not-listed", "reporting[0]",
         {"reporting": (Duty(id="r1", what="quarterly", every="quarter", units=("dof",)),)}),
    ],
)  # fmt: skip
def test_a_plan_that_contradicts_itself_is_refused(refusal: type, rule: str, field: str, other: dict[str, Any]):
    with pytest.raises(refusal) as refused:
        plan(**other)
    assert (refused.value.rule, refused.value.field) == (rule, field)
    assert refused.value.message_vi != refused.value.message_en


def test_a_target_past_the_period_is_one_of_a_period_of_its_own():
    later = NEW.model_copy(update={"by": date(2027, 6, 30), "since": date(2027, 1, 1)})
    assert plan(targets=(later,)).plan.targets == (later,)


def test_what_lies_between_two_figures_is_said_from_the_lower_one_on():
    between = FOUR.model_copy(update={"comparator": "between", "upto": 12.0})
    said = PUBLISHED(plan(targets=(between,)).pending_events[0])
    assert isinstance(said, PlanPublished)
    assert said.targets == [TargetSet(metric=FOUR.metric, comparator=">=", value=8, upto=12, by=FOUR.by)]
    assert [(task.id, task.lead, task.supporting) for task in said.tasks] == [("k1", ["dard"], ["doit"])]


def test_a_changed_plan_is_said_again_as_a_whole_and_as_its_next_version():
    more = stating(targets=(NEW,))
    case = given(plan()).when(lambda p: p.revise(more, "Giảm chỉ tiêu", on("2026-09-01")))
    said = PUBLISHED(case.then(Plan.Revised))
    assert isinstance(said, PlanPublished)
    assert (said.version, len(said.targets), said.legal_date) == (2, 1, date(2026, 9, 1))
    assert (case.aggregate.version, case.aggregate.plan) == (2, more)


@pytest.mark.parametrize(
    ("refusal", "day", "other"),
    [
        (PlanUnchanged, "2026-09-01", {}),
        (PlanMoved, "2026-09-01", {"province": "42"}),
        (RevisedBefore, "2026-06-01", {"targets": (NEW,)}),
        (TargetTwice, "2026-09-01", {"targets": (NEW, NEW)}),
    ],
)
def test_a_change_that_is_none_or_of_elsewhere_is_refused(refusal: type, day: str, other: dict[str, Any]):
    given(plan()).refuses(refusal, lambda p: p.revise(stating(**other), "x", on(day)))


def test_a_plan_knows_its_parts_by_their_names():
    made = plan(targets=(NEW.model_copy(update={"id": "t1"}), FOUR))
    assert made.target("t1").metric == NEW.metric
    assert made.target("products_certified_star_4-2026-12-31") == FOUR
    assert made.task("k1") == TASK
    for name, refusal in (("target", UnknownTarget), ("task", UnknownTask)):
        with pytest.raises(refusal) as refused:
            getattr(made, name)("nothing")
        assert refused.value.field == name


def test_only_who_leads_or_co_ordinates_a_task_reports_on_it():
    check_agency(TASK, None)
    check_agency(TASK, "doit")
    with pytest.raises(AgencyNotAsked) as refused:
        check_agency(TASK, "dof")
    assert (refused.value.rule, refused.value.field) == ("agency-not-of-the-task", "agency")


def test_a_plan_of_the_first_days_has_no_other_parts():
    assert Content().tasks == ()
    facts: dict[str, Any] = {"plan": {}}
    Plan.Published.upcast_v1_v2(facts)
    assert facts == {"plan": {}}


def test_a_province_that_does_not_exist_that_day_is_refused():
    check_province("51", date(2026, 6, 2))
    check_province("45", date(2025, 6, 30))
    with pytest.raises(UnknownProvince) as refused:
        check_province("45", date(2026, 6, 2))
    assert (refused.value.rule, refused.value.article) == ("unknown-province", "19/2025/QĐ-TTg")


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


@pytest.mark.parametrize(
    "more", [{"leaders": 46}, {"attended": tuple(an_id(str(n)) for n in range(46))},
             {"officers_at": OfficersAt(province=5, district=5, commune=6)}],
)  # fmt: skip
def test_a_training_names_no_more_than_attended(more: dict[str, Any]):
    with pytest.raises(MoreThanAttended) as refused:
        Training.hold(an_id("t"), subject="x", province="51", producers=45, officers=15, when=on("2026-06-09"), **more)
    assert refused.value.field == next(iter(more))


def test_a_training_of_a_plan_of_an_old_province_is_kept_by_the_province_of_today():
    held = Training.hold(
        an_id("t"), subject="x", province="45", kept_by="44", producers=1, officers=0, when=on("2026-06-09")
    )
    assert given(held).aggregate.place == Place(province="44")
