"""The five plans and their vocabulary as data: nothing is dropped on the way in, everything refers to something."""

from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import orjson
import pytest

from services.programme.commands import PublishPlan
from services.programme.domain.plan import Plan, Programme
from services.programme.views.counting import COUNTED
from services.programme.views.figures import HOW, definition
from shared import plans
from shared.contracts.schemas import said_by
from shared.contracts.topics import HOUSES
from shared.regulation.files import read_yaml
from tests.given import an_id, on

FILES = plans.plan_files()
SCHEMA = orjson.loads((plans.DATA / "plan.schema.json").read_bytes())
PARTS = {"targets": "targets", "tasks": "tasks", "rounds": "rounds", "reporting": "reporting", "training": "training",
         "priority_projects": "projects", "products_named": "products", "agencies": "agencies", "legal_bases": "laws",
         "goals_without_number": "goals", "baseline": "baseline", "levels": "levels", "funding": "funding"}  # fmt: skip


def plain(value: Any) -> Any:
    """As JSON has it: days are texts."""
    return orjson.loads(orjson.dumps(value))


def published(path: Path) -> Programme:
    asked = PublishPlan.model_validate(plans.published(path) | {"id": an_id(path.stem)})
    stated = Programme(**{field: getattr(asked, field) for field in Programme.model_fields})
    return Plan.publish(asked.id, stated, on("2026-11-27")).plan


def test_there_are_five_plans_with_all_their_targets_and_tasks() -> None:
    made = [published(path) for path in FILES]
    written = [read_yaml(path) for path in FILES]
    assert len(made) == 5
    assert sum(len(plan.targets) for plan in made) == sum(len(plan["targets"]) for plan in written) == 50
    assert sum(len(plan.tasks) for plan in made) == sum(len(plan["tasks"]) for plan in written) == 223


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_plan_has_the_form_of_its_schema_and_nothing_of_it_is_dropped(path: Path) -> None:
    written, made = read_yaml(path), published(path)
    jsonschema.Draft202012Validator(SCHEMA).validate(plain(written))
    for name, field in PARTS.items():
        assert len(getattr(made, field)) == len(written.get(name, ())), name
    assert [step.title_vi for step in made.cycle] == [step["title_vi"] for step in written["cycle"]["list"]]
    assert (made.key, made.province, made.province_then) == (
        path.stem, written["province"]["code_now"], written["province"]["code_then"],
    )  # fmt: skip
    for one, of in zip(made.tasks, written["tasks"], strict=True):
        assert (one.id, list(one.lead), list(one.supporting)) == (of["id"], of["lead"], of["with"])
        assert (one.starts, one.ends, one.as_written) == (
            of["period"]["from"],
            of["period"]["to"],
            of["period"]["as_written"],
        )
    for one, of in zip(made.targets, written["targets"], strict=True):
        lower = of["value"][0] if isinstance(of["value"], list) else of["value"]
        assert (one.id, one.metric, one.comparator, one.value, one.by) == (
            of["id"],
            of["metric"],
            of["comparator"],
            lower,
            of["by"],
        )
        assert one.upto == (of["value"][1] if isinstance(of["value"], list) else None)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_target_is_counted_from_events_or_reported_by_hand(path: Path) -> None:
    for target in published(path).targets:
        metric = plans.metrics()[target.metric]
        assert metric.computed in HOW
        assert (target.metric in COUNTED) == (metric.computed != "hand")
        told = definition(metric, COUNTED.get(target.metric))
        assert told["vi"] != told["en"]
        assert metric.unit in plans.UNITS


def test_every_plan_names_bodies_that_the_vocabulary_knows() -> None:
    named = {body.id for path in FILES for body in published(path).agencies}
    assert named <= plans.agencies().keys()
    assert len(plans.agencies()) == 52
    assert plans.agencies()["dard"].today == "Sở Nông nghiệp và Môi trường"


def test_the_contracts_that_metrics_are_counted_from_are_said() -> None:
    said = {name.partition(".")[0] for house in HOUSES for name in said_by(house)}
    assert len(plans.metrics()) == 45
    for metric in plans.metrics().values():
        assert set(metric.contracts) <= said, metric.name
        assert bool(metric.contracts) == (metric.computed != "hand")


def test_a_plan_is_found_by_its_own_name() -> None:
    id = plans.plan_id_of("ha-tinh-2023-2025")
    assert id == plans.plan_id_of("ha-tinh-2023-2025") != plans.plan_id_of("lai-chau-2020")
    for given in (str(id), id, "Hà Tĩnh", "", 7):
        assert plans.plan_id_of(given) == given


def test_a_plan_of_a_province_that_merged_is_kept_by_the_province_of_today() -> None:
    plan = next(plan for path in FILES if (plan := published(path)).key == "quang-tri-2023")
    assert (plan.province, plan.province_then, plan.period_from) == ("44", "45", date(2023, 1, 1))
