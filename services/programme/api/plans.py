"""Plans of provinces: what they want, how it stands, who reports what; tasks, trainings, the map."""

import asyncio
from datetime import date
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import Depends, Query, Request, Response
from pydantic import BeforeValidator

from services.programme import commands
from services.programme.api.nation import FRESH, Fresh
from services.programme.api.routes import ROUTES, Row
from services.programme.views import reports, schedule
from services.programme.views.figures import area_of, figures
from services.programme.views.known import opened, version_of
from services.programme.views.papers.formats import TYPES, Format, file_name, rendered
from services.programme.views.plans import FIGURES, PLANS, REPORTS, TASKS, TRAININGS
from services.programme.views.room import ROOM
from services.programme.views.schedule import body
from shared.areas import Area
from shared.asof import head_of
from shared.placed import IN_PROVINCE, Where
from shared.plans import plan_id_of
from shared.web import Day, Page, Reading, Skip, found, reads, takes

PlanId = Annotated[UUID, BeforeValidator(plan_id_of)]
MOST_REPORTS = 1000  # of one plan, that its duties are held against


# --- plan ---

takes(ROUTES, "/plans", commands.PublishPlan, "programme:publish-plan", status=201)
takes(ROUTES, "/plans/{plan_id}/versions", commands.RevisePlan, "programme:publish-plan", status=201)

Version = Annotated[
    int | None, Query(ge=1, description="mặc định: bản hiện hành trong ngày / the version in force on the day")
]


async def of_plan(fresh: Fresh = FRESH) -> Reading:
    """The figures of a plan are made of what every house said."""
    return await fresh.of(ROOM.views)


@ROUTES.get("/plans")
async def plans(
    place: Where = IN_PROVINCE, on: Day = None, limit: Page = 100, offset: Skip = 0, view: Reading = reads(PLANS)
) -> list[Row]:
    """`on`: only plans in whose period that day lies; all without it."""
    return [opened(row) for row in await view.fetch(view.sql.plans, on, limit, offset, *place.arguments)]


@ROUTES.get("/plans/{plan_id}")
async def plan(plan_id: PlanId, on: Day = None, version: Version = None, view: Reading = Depends(of_plan)) -> Row:
    """A plan as a whole, each target with its figure on a day, at most on the target's own; its tasks have their own door."""
    day = on or view.today
    return await stated(view, await asked_for(view, plan_id, day, version), day)


@ROUTES.get("/plans/{plan_id}/tasks")
async def plan_tasks(
    plan_id: PlanId, on: Day = None, version: Version = None, view: Reading = Depends(of_plan)
) -> list[Row]:
    """Every task of a plan on a day, overdue ones first, with who leads and who does their work today."""
    day = on or view.today
    return await tasks_of(view, await asked_for(view, plan_id, day, version), day)


@ROUTES.get("/plans/{plan_id}/duties")
async def plan_duties(
    plan_id: PlanId, on: Day = None, version: Version = None, view: Reading = Depends(of_plan)
) -> list[Row]:
    """Reporting duties, each with the reports that it asks for: issued, open, overdue."""
    day = on or view.today
    return await duties_of(view, await asked_for(view, plan_id, day, version), day)


@ROUTES.get("/plans/{plan_id}/calendar")
async def plan_calendar(
    plan_id: PlanId, since: Annotated[Day, Query(alias="from")] = None, until: Annotated[Day, Query(alias="to")] = None,
    version: Version = None, view: Reading = Depends(of_plan),
) -> list[Row]:  # fmt: skip
    """Rounds, tasks and report days in order, by default of the plan's whole period."""
    row = await asked_for(view, plan_id, view.today, version)
    return schedule.calendar(row, since or row["period_from"], until or row["period_to"])


@ROUTES.get("/plans/{plan_id}/file")
async def plan_file(plan_id: PlanId, on: Day = None, version: Version = None, view: Reading = Depends(of_plan)) -> Row:
    """All that a page shows of a plan, in one answer: `plan`, `tasks`, `duties`, `calendar`, each as its own door says."""
    day = on or view.today
    row = await asked_for(view, plan_id, day, version)
    parts = await asyncio.gather(stated(view, row, day), tasks_of(view, row, day), duties_of(view, row, day))
    calendar = schedule.calendar(row, row["period_from"], row["period_to"])
    return dict(zip(("plan", "tasks", "duties", "calendar"), (*parts, calendar), strict=True))


async def asked_for(view: Reading, plan_id: UUID, day: date, version: int | None) -> Row:
    """Raises NotFound."""
    return found(await version_of(view, plan_id, day, version), "plan", plan_id)


async def stated(view: Reading, row: Row, day: date) -> Row:
    content = row["content"]
    parts = {name: content[name] for name in content.keys() - {"tasks", "reporting", "targets"} - row.keys()}
    agencies = [body(one["id"], content) | {"roles": one["roles"]} for one in content["agencies"]]
    targets, versions, lines = await asyncio.gather(
        figures(view, row, day),
        view.fetch(view.sql.versions, row["id"]),
        view.fetch(view.sql.held_by_line, row["id"], day),
    )
    held = {one["line"]: one["held"] for one in lines}
    training = [line | {"held": held.get(line["id"], 0)} for line in content["training"]]
    return {field: value for field, value in row.items() if field != "content"} | parts | {
        "training": training, "on": day, "targets": targets, "agencies": agencies, "versions": versions,
        "tasks": len(content["tasks"]), "area": shown_area(area_of(row, day)),
    }  # fmt: skip


async def tasks_of(view: Reading, row: Row, day: date) -> list[Row]:
    return schedule.tasks(row["content"], await view.fetch(view.sql.planned_reports, row["id"], day), day)


async def duties_of(view: Reading, row: Row, day: date) -> list[Row]:
    return schedule.duties(row, await view.fetch(view.sql.issued_reports, row["id"], None, MOST_REPORTS, 0), day)


def shown_area(area: Area) -> Row:
    """What the plan's own province is called on its map, whatever its code means today."""
    return {"province": area.province, "name": area.name, "on": area.on}


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
    return Response(content, media_type=TYPES[format], headers=head | head_of(view.known_at))


# --- task ---

takes(ROUTES, "/tasks/{task_id}/reports", commands.ReportTask, "programme:report-task", status=201)
takes(ROUTES, "/plans/{plan_id}/tasks/{key}/reports", commands.ReportPlannedTask, "programme:report-task", status=201)


@ROUTES.get("/tasks")
async def tasks(
    place: Where = IN_PROVINCE, plan: UUID | None = None, limit: Page = 100, offset: Skip = 0,
    view: Reading = reads(TASKS),
) -> list[Row]:  # fmt: skip
    """Each with its latest report."""
    return await view.fetch(view.sql.tasks, plan, limit, offset, *place.arguments)


@ROUTES.get("/tasks/{task_id}")
async def task(task_id: UUID, view: Reading = reads(TASKS)) -> Row:
    """With all its reports, oldest first."""
    row = found(await view.row(view.sql.task, task_id), "task", task_id)
    return row | {"reports": await view.fetch(view.sql.reports, task_id)}


# --- training ---

takes(ROUTES, "/trainings", commands.HoldTraining, "programme:hold-training", status=201)


@ROUTES.get("/trainings")
async def trainings(
    place: Where = IN_PROVINCE, limit: Page = 100, offset: Skip = 0, view: Reading = reads(TRAININGS)
) -> list[Row]:
    return await view.fetch(view.sql.trainings, limit, offset, *place.arguments)


# --- the map ---

takes(ROUTES, "/unit-changes", commands.TellUnitsMerged, "programme:tell-units-merged", status=201)
