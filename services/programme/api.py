"""The doors of programme: what is told, and what can be read across provinces. Every number comes with its definition."""

import asyncio
from dataclasses import replace
from datetime import date
from typing import Annotated, Any, NamedTuple
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Query, Request
from pydantic import BeforeValidator

from services.programme import commands
from services.programme.views import nation
from services.programme.views.maps import Map
from services.programme.views.measures import Dimension as NationalDimension
from services.programme.views.measures import What
from services.programme.views.nation import CYCLE_OF, FACTS, Scope, Unassigned
from services.programme.views.overview import MONTHS, overviewed, span_of, with_total
from services.programme.views.plans import PLANS, TASKS, TRAININGS
from services.programme.views.recognitions import RECOGNITIONS, Count, Dimension, counted
from services.programme.views.targets import counted_on, stated
from shared.eventstore.views import View
from shared.web import After, Day, Page, Reading, Skip, Stars, as_written, found, reads, takes

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
    producer_kind: str | None = None, limit: Page = 100, offset: Skip = 0,
    year: Annotated[int | None, Query(ge=1900, le=2999)] = None, view: Reading = reads(RECOGNITIONS),
) -> list[Row]:  # fmt: skip
    """The products that a number of `/recognised` counts: as many rows as the number says.

    `valid_to` is the certificate's last day as things stand; `ended_by` what ended it before its dates did.
    """
    return await view.fetch(
        view.sql.behind, on or view.today, count == "valid", province, commune, group, set, stars, producer_kind,
        limit, offset, year,
    )  # fmt: skip


@ROUTES.get("/recognised/overview")
async def overview(
    on: Day = None, province: str | None = None, view: Reading = reads(RECOGNITIONS)
) -> Row:  # fmt: skip
    """What a dashboard shows, in one answer: recognised products by every dimension, and certificates month by month.

    The list behind a count is `/recognised/list`, behind a month's `ending` it is `/recognised/ending`.
    """
    day = on or view.today
    first, last = span_of(day)
    rows = await view.fetch(view.sql.overview, day, province)
    months = await view.fetch(view.sql.months, day, province, first, last)
    return {"on": day, "province": province, **overviewed(rows), "months": months, "months_mean": MONTHS}


@ROUTES.get("/recognised/ending")
async def ending(
    since: Annotated[date, BeforeValidator(as_written), Query(description="YYYY-MM-DD")],
    until: Annotated[date, BeforeValidator(as_written), Query(description="YYYY-MM-DD")],
    on: Day = None, province: str | None = None, limit: Page = 100, offset: Skip = 0,
    view: Reading = reads(RECOGNITIONS),
) -> Row:  # fmt: skip
    """Certificates valid on the day whose last day lies between two days, both included; the earliest first."""
    day = on or view.today
    total, rows = with_total(await view.fetch(view.sql.ending, day, province, since, until, limit, offset))
    return {"on": day, "province": province, "since": since, "until": until, "total": total, "rows": rows}


@ROUTES.get("/counts")
async def counts(view: Reading = reads(RECOGNITIONS)) -> Row:
    """Products with a certificate valid today, and ever recognised until today."""
    return (await view.fetch(view.sql.counts, view.today))[0]


# --- the nation ---

Year = Annotated[int | None, Query(ge=1900, le=2999, description="năm của việc được tính / of the facts counted")]
ByMap = Annotated[
    Map,
    Query(description="bản đồ hành chính: của ngày ghi nhận / hôm nay; the map of the day of each fact, or today's"),
]
KnownOn = Annotated[
    Day, Query(description="map=day: ngày của bản đồ có mã tỉnh, xã / the day whose map the codes are of; default: on")
]


async def scope_of(
    request: Request, on: Day = None, year: Year = None, province: str | None = None, map: ByMap = "today",
    known_on: KnownOn = None,
) -> Scope:  # fmt: skip
    today = request.app.state.house.clock.today()
    return Scope(on=on or today, today=today, map=map, year=year, province=province, known_on=known_on)


class OfOne(NamedTuple):
    """What is counted, and the house's facts to count it from."""

    what: What
    view: Reading


async def of_one(request: Request, what: What = "certificates_valid", after: After = None) -> OfOne:
    return OfOne(what, await fresh(request, after, FACTS[nation.MEASURES[what].source].views))


async def of_all(request: Request, after: After = None) -> Reading:
    return await fresh(request, after, tuple(view for source in CYCLE_OF for view in FACTS[source].views))


async def fresh(request: Request, after: str | None, views: tuple[View, ...]) -> Reading:
    """Waits for `after` where it is a position of a house whose facts these are."""
    house = request.app.state.house
    await asyncio.gather(*(house.freshness.wait(view, after) for view in views))
    return Reading(house)


@ROUTES.get("/national")
async def national(
    by: NationalDimension = "province", commune: str | None = None, limit: Page = 100, offset: Skip = 0,
    scope: Scope = Depends(scope_of), one: OfOne = Depends(of_one),
) -> Row:  # fmt: skip
    """How many there are of one kind of fact on a day, by one dimension: `what` is counted as its `definition` says.

    `year`: only facts of that year. `map=today` carries every place over to today's map; what lay in a unit that was split has
    no commune of today (`unassigned`), and is counted under its province. `map=day` keeps the places of the day of each fact.
    Each number has the `list` behind it, with as many rows. `limit` and `offset` are of `values`; totals are of all.
    """
    (what, view), within = one, replace(scope, commune=commune)
    measure = nation.check(what, by=by, commune=commune)
    rows = await view.fetch(*await asked(view, "counted", [what], within, by, scope.map == "day"))
    whole = nation.counted(what, by, within, rows, slice(offset, offset + limit))
    return {**shown(scope), "commune": commune, "what": what, "by": by, "counted_by": measure.by, **whole}


@ROUTES.get("/national/list")
async def behind_national(
    commune: str | None = None, group: str | None = None,
    stars: Annotated[int | None, Query(ge=0, le=5, description="0: không đạt hạng / none")] = None,
    producer_kind: str | None = None, unassigned: Unassigned | None = None, limit: Page = 100, offset: Skip = 0,
    scope: Scope = Depends(scope_of), one: OfOne = Depends(of_one),
) -> list[Row]:  # fmt: skip
    """The facts that a number of `/national` counts: as many rows as the number says.

    `province` and `commune` are the codes of the day of the map `map_on`, `in_province` and `in_commune` those on the map asked
    for; `candidates`: the communes of today that hold a part of it. `unassigned`: only those without a single one of today.
    """
    (what, view), within = one, replace(scope, commune=commune)
    nation.check(what, commune=commune, group=group, stars=stars, producer_kind=producer_kind)
    wanted = (group, stars, producer_kind, unassigned, limit, offset)
    rows = await view.fetch(*await asked(view, "behind", [what], within, *wanted))
    return [nation.with_candidates(scope, row) for row in rows]


@ROUTES.get("/national/cycle")
async def national_cycle(scope: Scope = Depends(scope_of), view: Reading = Depends(of_all)) -> Row:
    """The yearly cycle, stage after stage, by province and year, each stage with its definition.

    The list behind a number is `/national/list` with the stage as `what`, and its `province`, `year` and `known_on`.
    """
    questions = [await asked(view, "cycle", whats, scope, scope.map == "day") for whats in CYCLE_OF.values()]
    found = await asyncio.gather(*(view.fetch(*question) for question in questions))
    return {**shown(scope), **nation.cycle(scope, [row for rows in found for row in rows])}


async def asked(view: Reading, statement: str, whats: list[What], scope: Scope, *more: Any) -> tuple[Any, ...]:
    """A statement over the facts of one house with its arguments."""
    facts = FACTS[nation.MEASURES[whats[0]].source]
    since = await view.value(facts.since, whats)
    return (getattr(facts, statement), *scope.arguments(whats, since), *more)


def shown(scope: Scope) -> Row:
    return {
        "on": scope.on, "year": scope.year, "province": scope.province, "map": scope.map, "known_on": scope.known_on,
        "today": scope.today,
    }  # fmt: skip


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
