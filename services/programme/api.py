"""The doors of programme: what is told, and what can be read across provinces. Every number comes with its definition."""

import asyncio
from dataclasses import replace
from datetime import date
from typing import Annotated, Any, NamedTuple
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BeforeValidator

from services.programme import commands
from services.programme.views import nation, reports, schedule
from services.programme.views.figures import area_of, figures
from services.programme.views.maps import Map
from services.programme.views.measures import Dimension as NationalDimension
from services.programme.views.measures import What
from services.programme.views.nation import CYCLE_OF, FACTS, Scope, Unassigned
from services.programme.views.overview import MONTHS, overviewed, span_of, with_total
from services.programme.views.papers.formats import TYPES, Format, file_name, rendered
from services.programme.views.plans import FIGURES, PLANS, REPORTS, TASKS, TRAININGS
from services.programme.views.recognitions import BEHIND, COUNTED, RECOGNITIONS, Count, Dimension, counted, places_on
from services.programme.views.room import ROOM
from services.programme.views.schedule import body
from shared.areas import Area
from shared.asof import KnownAt
from shared.eventstore.views import View
from shared.plans import plan_id_of
from shared.web import After, Day, Page, Reading, Skip, Stars, as_written, found, reads, takes, told_as_known

ROUTES = APIRouter()
Row = dict[str, Any]
PlanId = Annotated[UUID, BeforeValidator(plan_id_of)]
MOST_REPORTS = 1000  # of one plan, that its duties are held against


# --- recognition ---

RecognisedMap = Annotated[
    Map, Query(description="bản đồ hành chính: của ngày cấp / hôm nay; the map of the day of issue, or today's")
]


@ROUTES.get("/recognised")
async def recognised(
    by: Dimension = "province", on: Day = None, province: str | None = None, map: RecognisedMap = "day",
    view: Reading = reads(RECOGNITIONS),
) -> Row:  # fmt: skip
    """Recognised products on a day, by one dimension: valid that day, and ever recognised, each with its definition.

    `map`: places as on the day of issue, or carried over to today's map; there a commune that was split has no single place.
    """
    day, places = on or view.today, await recognised_places(view, map)
    valid = await view.fetch(COUNTED, day, True, by, province, *places)
    ever = await view.fetch(COUNTED, day, False, by, province, *places)
    return {
        "on": day, "by": by, "province": province, "map": map, "valid": counted("valid", by, valid, map, view.today),
        "ever": counted("ever", by, ever, map, view.today),
    }  # fmt: skip


async def recognised_places(view: Reading, map: Map) -> tuple[Any, ...]:
    return places_on(map, await view.value(view.sql.certified_since, ["certificates"]), view.today)


@ROUTES.get("/recognised/list")
async def behind(
    count: Count = "valid", on: Day = None, province: str | None = None, commune: str | None = None,
    group: str | None = None, set: Annotated[str | None, Query()] = None, stars: Stars = None,
    producer_kind: str | None = None, year: Annotated[int | None, Query(ge=1900, le=2999)] = None,
    map: RecognisedMap = "day", limit: Page = 100, offset: Skip = 0, view: Reading = reads(RECOGNITIONS),
) -> list[Row]:  # fmt: skip
    """The products that a number of `/recognised` counts: as many rows as the number says.

    `valid_to` is the certificate's last day as things stand; `ended_by` what ended it before its dates did. `in_province` and
    `in_commune` are the places on the map asked for.
    """
    return await view.fetch(
        BEHIND, on or view.today, count == "valid", province, commune, group, set, stars, producer_kind, limit, offset,
        year, *await recognised_places(view, map),
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
    known_on: KnownOn = None, known_at: KnownAt = None,
) -> Scope:  # fmt: skip
    today = Reading(request.app.state.house, known_at).today
    return Scope(
        on=on or today, today=today, map=map, year=year, province=province, known_on=known_on, known_at=known_at
    )


class OfOne(NamedTuple):
    """What is counted, and the house's facts to count it from."""

    what: What
    view: Reading


class Fresh:
    """Waits for `after` where it is a position of a house whose facts are asked for."""

    def __init__(self, request: Request, answer: Response, after: After = None, known_at: KnownAt = None) -> None:
        self._house, self._after, self._known_at = request.app.state.house, after, known_at
        told_as_known(self._house, answer, known_at)

    async def of(self, views: tuple[View, ...]) -> Reading:
        await asyncio.gather(*(self._house.freshness.wait(view, self._after) for view in views))
        return Reading(self._house, self._known_at)


async def of_one(what: What = "certificates_valid", fresh: Fresh = Depends()) -> OfOne:
    return OfOne(what, await fresh.of(FACTS[nation.MEASURES[what].source].views))


async def of_all(fresh: Fresh = Depends()) -> Reading:
    return await fresh.of(tuple(view for source in CYCLE_OF for view in FACTS[source].views))


async def of_plan(fresh: Fresh = Depends()) -> Reading:
    """The figures of a plan are made of what every house said."""
    return await fresh.of(ROOM.views)


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
    producer_kind: str | None = None, unassigned: Unassigned | None = None, confidence: str | None = None,
    source: str | None = None, limit: Page = 100, offset: Skip = 0,
    scope: Scope = Depends(scope_of), one: OfOne = Depends(of_one),
) -> list[Row]:  # fmt: skip
    """The facts that a number of `/national` counts: as many rows as the number says.

    `province` and `commune` are the codes of the day of the map `map_on`, `in_province` and `in_commune` those on the map asked
    for; `candidates`: the communes of today that hold a part of it. `unassigned`: only those without a single one of today.
    """
    (what, view), within = one, replace(scope, commune=commune)
    nation.check(
        what,
        commune=commune,
        group=group,
        stars=stars,
        producer_kind=producer_kind,
        confidence=confidence,
        source=source,
    )
    wanted = (group, stars, producer_kind, unassigned, limit, offset, confidence, source)
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
takes(ROUTES, "/plans/{plan_id}/versions", commands.RevisePlan, "programme:publish-plan", status=201)

Version = Annotated[
    int | None, Query(ge=1, description="mặc định: bản hiện hành trong ngày / the version in force on the day")
]


@ROUTES.get("/plans")
async def plans(
    province: str | None = None, on: Day = None, limit: Page = 100, offset: Skip = 0, view: Reading = reads(PLANS)
) -> list[Row]:
    """`on`: only plans in whose period that day lies; all without it."""
    return [opened(row) for row in await view.fetch(view.sql.plans, province, on, limit, offset)]


@ROUTES.get("/plans/{plan_id}")
async def plan(plan_id: PlanId, on: Day = None, version: Version = None, view: Reading = Depends(of_plan)) -> Row:
    """A plan as a whole, each target with its figure on a day, at most on the target's own; its tasks have their own door."""
    day = on or view.today
    row = await version_of(view, plan_id, day, version)
    content = orjson.loads(row["content"])
    parts = {name: content[name] for name in content.keys() - {"tasks", "reporting", "targets"} - row.keys()}
    agencies = [body(one["id"], content) | {"roles": one["roles"]} for one in content["agencies"]]
    versions = await view.fetch(view.sql.versions, plan_id)
    held = {one["line"]: one["held"] for one in await view.fetch(view.sql.held_by_line, plan_id, day)}
    training = [line | {"held": held.get(line["id"], 0)} for line in content["training"]]
    stated = {field: value for field, value in opened(row).items() if field != "content"}
    return stated | parts | {
        "training": training, "on": day, "targets": await figures(view, row, day), "agencies": agencies, "versions": versions,
        "tasks": len(content["tasks"]), "area": shown_area(area_of(row, day)),
    }  # fmt: skip


@ROUTES.get("/plans/{plan_id}/tasks")
async def plan_tasks(
    plan_id: PlanId, on: Day = None, version: Version = None, view: Reading = Depends(of_plan)
) -> list[Row]:
    """Every task of a plan on a day, overdue ones first, with who leads and who does their work today."""
    day = on or view.today
    row = await version_of(view, plan_id, day, version)
    return schedule.tasks(orjson.loads(row["content"]), await view.fetch(view.sql.planned_reports, plan_id, day), day)


@ROUTES.get("/plans/{plan_id}/duties")
async def plan_duties(
    plan_id: PlanId, on: Day = None, version: Version = None, view: Reading = Depends(of_plan)
) -> list[Row]:
    """Reporting duties, each with the reports that it asks for: issued, open, overdue."""
    day = on or view.today
    row = await version_of(view, plan_id, day, version)
    issued = await view.fetch(view.sql.issued_reports, plan_id, None, MOST_REPORTS, 0)
    return schedule.duties(row, orjson.loads(row["content"]), issued, day)


@ROUTES.get("/plans/{plan_id}/calendar")
async def plan_calendar(
    plan_id: PlanId, since: Annotated[Day, Query(alias="from")] = None, until: Annotated[Day, Query(alias="to")] = None,
    version: Version = None, view: Reading = Depends(of_plan),
) -> list[Row]:  # fmt: skip
    """Rounds, tasks and report days in order, by default of the plan's whole period."""
    row = await version_of(view, plan_id, view.today, version)
    first, last = since or row["period_from"], until or row["period_to"]
    return schedule.calendar(row, orjson.loads(row["content"]), first, last)


def shown_area(area: Area) -> Row:
    """What the plan's own province is called on its map, whatever its code means today."""
    return {"province": area.province, "name": area.name, "on": area.on}


async def version_of(view: Reading, plan_id: PlanId, day: date, version: int | None) -> Row:
    return found(await view.row(view.sql.plan, plan_id, day, version), "plan", plan_id)


def opened(row: Row) -> Row:
    """The columns that are kept as JSON text, as JSON."""
    decision = row["decision"] and orjson.loads(row["decision"])
    return row | {"targets": orjson.loads(row["targets"]), "decision": decision}


# --- figure ---

takes(ROUTES, "/plans/{plan_id}/targets/{target}/figures", commands.ReportFigure, "programme:report-figure", status=201)
takes(ROUTES, "/lists/{province}/{list}/entries", commands.KeepEntry, "programme:keep-list", status=201)
takes(ROUTES, "/lists/{province}/{list}/entries/{key}/removal", commands.DropEntry, "programme:keep-list")


@ROUTES.get("/plans/{plan_id}/targets/{target}/figures")
async def figures_by_hand(
    plan_id: PlanId, target: str, limit: Page = 100, offset: Skip = 0, view: Reading = reads(FIGURES)
) -> list[Row]:
    """What was reported by hand, the latest report first: how much, as of when, by whom, from what."""
    return await view.fetch(view.sql.figure_history, plan_id, target, limit, offset)


@ROUTES.get("/lists/{province}")
async def lists(province: str, on: Day = None, list: str | None = None, view: Reading = reads(FIGURES)) -> Any:
    """The entries of the lists that a province keeps by hand, as they stand on a day."""
    rows = await view.fetch(view.sql.entries, province, on or view.today, list)
    return [row | {"entry": orjson.loads(row["entry"])} for row in rows]


# --- report ---

takes(ROUTES, "/plans/{plan_id}/reports", commands.IssueReport, "programme:issue-report", status=201)


@ROUTES.get("/plans/{plan_id}/reports")
async def issued_reports(
    plan_id: PlanId, on: Day = None, limit: Page = 100, offset: Skip = 0, view: Reading = reads(REPORTS)
) -> list[Row]:
    """The reports that were issued, the oldest first."""
    rows = await view.fetch(view.sql.issued_reports, plan_id, on, limit, offset)
    return [row | {"issue": orjson.loads(row["issue"])} for row in rows]


@ROUTES.get("/plans/{plan_id}/report", response_class=Response)
async def report(
    plan_id: PlanId, request: Request, on: Day = None, format: Format = "json", draft: bool = False,
    view: Reading = Depends(of_plan),
) -> Response:  # fmt: skip
    """The report of a day: the last that was issued, as it was known then, or (`draft`, or none was) drawn up now.

    The same question of an issued report is answered with the same bytes for ever, as JSON and as PDF.
    """
    house = request.app.state.house
    asked = reports.Question(plan_id, on or view.today, draft, view.known_at)
    said = await reports.answered(lambda known_at: Reading(house, known_at), asked, house.clock.now().at)
    content, name = await rendered(said, format), file_name(said, format)
    head = {"Content-Disposition": f'attachment; filename="{name}"'} if format != "json" else {}
    return Response(content, media_type=TYPES[format], headers=head)


# --- task ---

takes(ROUTES, "/tasks/{task_id}/reports", commands.ReportTask, "programme:report-task", status=201)
takes(ROUTES, "/plans/{plan_id}/tasks/{key}/reports", commands.ReportPlannedTask, "programme:report-task", status=201)


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


# --- the map ---

takes(ROUTES, "/unit-changes", commands.TellUnitsMerged, "programme:tell-units-merged", status=201)
