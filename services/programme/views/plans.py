"""Plans with their targets, tasks with how far they are, trainings held."""

import orjson

from services.programme.domain import Plan, Task, Training
from services.programme.views.tables import HOUSE, SQL, Changes
from shared.eventstore.views import Change, Fact, View

PLANS = View("plans", ["plans"], HOUSE, remembers={"plans": ["id"]})
TASKS = View("tasks", ["tasks", "task_reports"], HOUSE, remembers={"tasks": ["id"], "task_reports": ["place"]})
TRAININGS = View("trainings", ["trainings"], HOUSE, remembers={"trainings": ["id"]})

# --- plan ---


@PLANS.on(Plan.Published)
def plan_published(e: Plan.Published, fact: Fact) -> Changes:
    plan = e.plan
    targets = orjson.dumps([target.model_dump(mode="json") for target in plan.targets]).decode()
    decision = plan.decision and plan.decision.model_dump_json()
    yield Change(
        SQL.plan_published,
        (e.originator_id, plan.name, plan.province, plan.period_from, plan.period_to, targets, decision, e.legal_date,
         fact.at),
    )  # fmt: skip


# --- task ---


@TASKS.on(Task.Opened, Task.Reported)
def task_reported(e: Task.Opened | Task.Reported, fact: Fact) -> Changes:
    p = e.progress
    yield Change(
        SQL.task_reported,
        (e.originator_id, p.plan_id, p.name, p.province, p.done_percent, p.account, e.legal_date, fact.position,
         fact.at),
    )  # fmt: skip
    yield Change(
        SQL.report_kept,
        (fact.position, e.originator_id, p.name, p.done_percent, p.account, e.legal_date, fact.at),
    )


# --- training ---


@TRAININGS.on(Training.Held)
def training_held(e: Training.Held, fact: Fact) -> Changes:
    yield Change(
        SQL.training_held, (e.originator_id, e.subject, e.province, e.producers, e.officers, e.legal_date, fact.at)
    )
