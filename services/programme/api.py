"""The doors of programme: what is told, and what can be read across provinces. Every number comes with its definition."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Query

from services.programme import commands
from services.programme.views.plans import PLANS, TASKS, TRAININGS
from services.programme.views.recognitions import RECOGNITIONS, Count, Dimension, counted
from services.programme.views.targets import counted_on, stated
from shared.web import Day, Page, Reading, Skip, Stars, found, reads, takes

ROUTES = APIRouter()
Row = dict[str, Any]


# --- recognition ---


@ROUTES.get("/recognised")
async def recognised(
    by: Dimension = "province", on: Day = None, province: str | None = None, view: Reading = reads(RECOGNITIONS)
) -> Row:
    """Recognised products on a day, by one dimension: valid that day, and ever recognised, each with its definition."""
    day = on or view.today
    valid = await view.fetch(view.sql.counted, day, True, by, province)
    ever = await view.fetch(view.sql.counted, day, False, by, province)
    return {
        "on": day, "by": by, "province": province, "valid": counted("valid", by, valid),
        "ever": counted("ever", by, ever),
    }  # fmt: skip


@ROUTES.get("/recognised/list")
async def behind(
    count: Count = "valid", on: Day = None, province: str | None = None, commune: str | None = None,
    group: str | None = None, set: Annotated[str | None, Query()] = None, stars: Stars = None,
    producer_kind: str | None = None, limit: Page = 100, offset: Skip = 0, view: Reading = reads(RECOGNITIONS),
) -> list[Row]:  # fmt: skip
    """The products that a number of `/recognised` counts: as many rows as the number says.

    `valid_to` is the certificate's last day as things stand; `ended_by` what ended it before its dates did.
    """
    return await view.fetch(
        view.sql.behind, on or view.today, count == "valid", province, commune, group, set, stars, producer_kind,
        limit, offset,
    )  # fmt: skip


@ROUTES.get("/counts")
async def counts(view: Reading = reads(RECOGNITIONS)) -> Row:
    """Products with a certificate valid today, and ever recognised until today."""
    return (await view.fetch(view.sql.counts, view.today))[0]


# --- plan ---

takes(ROUTES, "/plans", commands.PublishPlan, "programme:publish-plan", status=201)


@ROUTES.get("/plans")
async def plans(
    province: str | None = None, on: Day = None, limit: Page = 100, offset: Skip = 0, view: Reading = reads(PLANS)
) -> list[Row]:
    """`on`: only plans in whose period that day lies; all without it."""
    return [opened(row) for row in await view.fetch(view.sql.plans, province, on, limit, offset)]


@ROUTES.get("/plans/{plan_id}")
async def plan(
    plan_id: UUID, on: Day = None, view: Reading = reads(PLANS), recognised: Reading = reads(RECOGNITIONS)
) -> Row:
    """A plan, with how each target stands on a day, at most on the target's own; null where no event tells it."""
    row, day = opened(found(await view.row(view.sql.plan, plan_id), "plan", plan_id)), on or view.today
    days = [counted_on(target, day) for target in row["targets"]]
    numbers = {d: await measured(recognised, d, row) for d in sorted(set(days))}
    targets = [stated(target, d, numbers[d]) for target, d in zip(row["targets"], days, strict=True)]
    return row | {"on": day, "targets": targets}


async def measured(view: Reading, day: date, plan: Row) -> Row:
    """Every number that targets are measured by, in the plan's province and period until that day."""
    row = await view.row(view.sql.measured, day, plan["province"], plan["period_from"])
    assert row is not None
    return row


def opened(row: Row) -> Row:
    """The columns that are kept as JSON text, as JSON."""
    decision = row["decision"] and orjson.loads(row["decision"])
    return row | {"targets": orjson.loads(row["targets"]), "decision": decision}


# --- task ---

takes(ROUTES, "/tasks/{task_id}/reports", commands.ReportTask, "programme:report-task", status=201)


@ROUTES.get("/tasks")
async def tasks(
    province: str | None = None, plan: UUID | None = None, limit: Page = 100, offset: Skip = 0,
    view: Reading = reads(TASKS),
) -> list[Row]:  # fmt: skip
    """Each with its latest report."""
    return await view.fetch(view.sql.tasks, province, plan, limit, offset)


@ROUTES.get("/tasks/{task_id}")
async def task(task_id: UUID, view: Reading = reads(TASKS)) -> Row:
    """With all its reports, oldest first."""
    row = found(await view.row(view.sql.task, task_id), "task", task_id)
    return row | {"reports": await view.fetch(view.sql.reports, task_id)}


# --- training ---

takes(ROUTES, "/trainings", commands.HoldTraining, "programme:hold-training", status=201)


@ROUTES.get("/trainings")
async def trainings(
    province: str | None = None, limit: Page = 100, offset: Skip = 0, view: Reading = reads(TRAININGS)
) -> list[Row]:
    return await view.fetch(view.sql.trainings, province, limit, offset)
