"""The doors of registration: who may ask what, and what can be read."""

import asyncio
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID, uuid4

import orjson
from fastapi import APIRouter, Query, Request, Response

from services.registration.commands import dossiers as filing
from services.registration.commands import ideas as ideas_
from services.registration.commands import importing as importing_
from services.registration.commands import intake, placing
from services.registration.commands import plans as plans_
from services.registration.commands import producers as producers_
from services.registration.commands import products as products_
from services.registration.views import importing as imported
from services.registration.views import register as views
from services.registration.views.report import XLSX, report
from shared import placenames, units
from shared.auth.permissions import Days, Forbidden, Place, may
from shared.eventstore.commands import Answer, Command
from shared.eventstore.commands import Request as Asked
from shared.evidence import keep
from shared.placed import ANY_PROVINCE, IN_PLACE, IN_PROVINCE, Where
from shared.web import Day, Page, Reading, Skip, actor_of, found, holder, officer, reads, takes

ROUTES = APIRouter()
NAME = Annotated[
    str, Query(min_length=1, max_length=100, description="tên, có thể kèm loại: xã Ba Động / with its kind or not")
]
WITHIN = Annotated[
    str | None, Query(pattern="^([0-9]{2}|[0-9]{3})$", description="mã tỉnh hoặc huyện của ngày đó / of that day")
]
FILE_NAME = Annotated[str, Query(pattern=r"^[^/\\]{1,250}\.(xlsx|csv)$", description="tên tệp / name of the file")]
PROVINCE = Annotated[str | None, Query(pattern="^[0-9]{2}$", description="thay cho tiêu đề / instead of the title's")]
REASON = Annotated[str, Query(min_length=10, max_length=2000, description="lý do, được ghi lại / why; it is recorded")]
INSIDE = officer("registration:read-internal")

# --- places: a help for reading old names ---


@ROUTES.get("/units")
async def units_by_name(
    request: Request, name: NAME, on: Day = None, level: units.Level | None = None, within: WITHIN = None
) -> dict[str, Any]:
    """Provinces, districts and communes that bear a name on a day, or on any day without one; also names that ended before 2025.

    All of them, with their days and what has become of each today: a person chooses, the register never does.
    """
    today = request.app.state.house.clock.today()
    found = placenames.named(name, on=on, level=level, within=within)
    return {"name": name, "on": on, "today": today, "candidates": [placenames.shown(one, today) for one in found]}


# --- producer ---

takes(ROUTES, "/producers", producers_.RegisterProducer, "registration:register-producer", status=201)
takes(ROUTES, "/producers/{producer_id}/verification", producers_.VerifyProducer, "registration:verify-producer")


@ROUTES.get("/producers")
async def producers(
    place: Where = IN_PLACE, limit: Page = 100, offset: Skip = 0, view: Reading = reads(views.PRODUCERS)
) -> list[dict[str, Any]]:
    return await view.fetch(view.sql.producers, *place.arguments, limit, offset)


@ROUTES.get("/producers/{producer_id}")
async def producer(producer_id: UUID, view: Reading = reads(views.PRODUCERS)) -> dict[str, Any]:
    return found(await view.row(view.sql.producer, producer_id), "producer", producer_id)


takes(ROUTES, "/producers/{producer_id}/placing", placing.PlaceProducer, "registration:place")

# --- idea ---

takes(ROUTES, "/ideas", ideas_.RegisterIdea, "registration:register-idea", status=201)
takes(ROUTES, "/ideas/{idea_id}/screening", ideas_.ScreenIdea, "registration:screen-idea")
takes(ROUTES, "/ideas/{idea_id}/acceptance", ideas_.AcceptIdea, "registration:accept-idea")
takes(ROUTES, "/ideas/{idea_id}/return", ideas_.ReturnIdea, "registration:return-idea")
takes(ROUTES, "/ideas/{idea_id}/resubmission", ideas_.ResubmitIdea, "registration:resubmit-idea")
takes(ROUTES, "/ideas/{idea_id}/withdrawal", ideas_.WithdrawIdea, "registration:withdraw-idea")


@ROUTES.get("/ideas")
async def ideas(
    place: Where = IN_PLACE, state: str | None = None, limit: Page = 100, offset: Skip = 0,
    view: Reading = reads(views.IDEAS),
) -> list[dict[str, Any]]:  # fmt: skip
    return await view.fetch(view.sql.ideas, *place.arguments, state, limit, offset)


@ROUTES.get("/ideas/{idea_id}")
async def idea(
    idea_id: UUID, view: Reading = reads(views.IDEAS), steps: Reading = reads(views.TIMELINE)
) -> dict[str, Any]:
    """An idea with its history: each step, its day, and the guidance that was given."""
    row = found(await view.row(view.sql.idea, idea_id), "idea", idea_id)
    return row | {"history": await history(steps, idea_id)}


async def history(steps: Reading, subject: UUID) -> list[dict[str, Any]]:
    return views.told(await steps.fetch(steps.sql.history, subject))


# --- business plan ---

takes(ROUTES, "/plans", plans_.SubmitPlan, "registration:submit-plan", status=201)
takes(ROUTES, "/plans/{plan_id}/approval", plans_.ApprovePlan, "registration:approve-plan")
takes(ROUTES, "/plans/{plan_id}/return", plans_.ReturnPlan, "registration:return-plan")
takes(ROUTES, "/plans/{plan_id}/resubmission", plans_.ResubmitPlan, "registration:resubmit-plan")
takes(ROUTES, "/plans/{plan_id}/progress", plans_.ReportProgress, "registration:report-progress")


@ROUTES.get("/plans")
async def plans(
    place: Where = IN_PLACE, state: str | None = None, limit: Page = 100, offset: Skip = 0,
    view: Reading = reads(views.PLANS),
) -> list[dict[str, Any]]:  # fmt: skip
    return await view.fetch(view.sql.plans, *place.arguments, state, limit, offset)


@ROUTES.get("/plans/{plan_id}")
async def plan(
    plan_id: UUID, view: Reading = reads(views.PLANS), steps: Reading = reads(views.TIMELINE)
) -> dict[str, Any]:
    """A business plan with its history."""
    row = found(await view.row(view.sql.plan, plan_id), "plan", plan_id)
    decision = row["decision"] and orjson.loads(row["decision"])
    return row | {"decision": decision, "history": await history(steps, plan_id)}


# --- product ---

takes(ROUTES, "/products", products_.RegisterProduct, "registration:register-product", status=201)
takes(ROUTES, "/recognitions", products_.RecordRecognition, "registration:record-recognition", status=201)


takes(ROUTES, "/products/{product_id}/placing", placing.PlaceProduct, "registration:place")


@ROUTES.get("/products")
async def products(
    place: Where = IN_PLACE, group: str | None = None, limit: Page = 100, offset: Skip = 0,
    view: Reading = reads(views.PRODUCTS),
) -> list[dict[str, Any]]:  # fmt: skip
    return await view.fetch(view.sql.products, *place.arguments, group, limit, offset)


@ROUTES.get("/products/{product_id}")
async def product(product_id: UUID, view: Reading = reads(views.PRODUCTS)) -> dict[str, Any]:
    return found(await view.row(view.sql.product, product_id), "product", product_id)


@ROUTES.get("/products/{product_id}/timeline")
async def timeline(product_id: UUID, view: Reading = reads(views.TIMELINE)) -> list[dict[str, Any]]:
    return views.told(await view.fetch(view.sql.timeline, product_id))


# --- old registers ---

takes(ROUTES, "/imports/{import_id}/rows/{sheet}/{row}", importing_.MendRow, intake.ACTION)


@ROUTES.post("/imports", status_code=201, dependencies=[holder(intake.ACTION)])
async def take_import(
    request: Request, name: FILE_NAME, as_of: Day = None, province: PROVINCE = None
) -> dict[str, Any]:
    """Takes a workbook or table (the body's bytes), keeps it as evidence and stages its rows; nothing is recorded yet."""
    house, found = request.app.state.house, intake_of(request)
    kept = await keep(house.files, request.stream())
    id, totals = await found.stage_kept(house.files, kept["sha256"], name, as_of or house.clock.today(), province)
    return {"id": id, "sha256": kept["sha256"], "totals": totals, "position": found.position}


@ROUTES.post("/imports/{import_id}/recording", dependencies=[holder(intake.ACTION)])
async def record_import(import_id: UUID, request: Request, view: Reading = reads(imported.IMPORTS)) -> dict[str, Any]:
    """Records the rows that are no errors and wait; what is certain to be a product of the register becomes its history."""
    await own_import(view, import_id, request)
    pages = await view.fetch(view.sql.import_pages, import_id, False)
    names = await view.fetch(view.sql.import_names, import_id)
    found = intake_of(request, lambda province: view.fetch(view.sql.products_named, province))
    await found.record(import_id, pages, names)
    return {"import": import_id, "committed": found.committed, "position": found.position}


@ROUTES.post("/imports/{import_id}/undoing", dependencies=[holder(intake.ACTION)])
async def undo_import(
    import_id: UUID, request: Request, reason: REASON, view: Reading = reads(imported.IMPORTS)
) -> dict[str, Any]:
    """Takes back what was recorded, by facts that say so; the rows wait again."""
    await own_import(view, import_id, request)
    pages = await view.fetch(view.sql.import_pages, import_id, True)
    found = intake_of(request)
    return {
        "import": import_id,
        "taken_back": await found.take_back(import_id, pages, reason),
        "position": found.position,
    }


async def own_import(view: Reading, import_id: UUID, request: Request) -> None:
    """Also where nothing of it waits, so that no command asks. Raises NotFound, and Forbidden to whom no part of it belongs."""
    book, actor = await import_of(view, import_id), actor_of(request)
    days = Days(book["as_of"], request.app.state.house.clock.today())
    places = [Place(province=province) for province in book["provinces"] or [""]]
    if not any(may(actor, intake.ACTION, place, days) for place in places):
        raise Forbidden(intake.ACTION, actor.role, places[0])


def intake_of(request: Request, products: intake.Known = intake.no_products) -> intake.Intake:
    """Speaks in the asker's name; the places are those of the pages."""
    house, actor = request.app.state.house, actor_of(request)

    async def say(command: Command) -> Answer:
        key = f"import {uuid4()}"
        return await house.execute(command, Asked(id=key, actor=actor, action=intake.ACTION, correlation=key))

    return intake.Intake(say, products)


@ROUTES.get("/imports", dependencies=[INSIDE])
async def imports(
    place: Where = IN_PROVINCE, limit: Page = 100, offset: Skip = 0, view: Reading = reads(imported.IMPORTS)
) -> list[dict[str, Any]]:
    rows = await view.fetch(view.sql.imports, None, limit, offset, *place.arguments)
    return [imported.listed(row) for row in rows]


@ROUTES.get("/imports/{import_id}", dependencies=[INSIDE])
async def one_import(import_id: UUID, view: Reading = reads(imported.IMPORTS)) -> dict[str, Any]:
    """A file that came in, with how often each code was said."""
    codes = {row["code"]: row["count"] for row in await view.fetch(view.sql.import_codes, import_id)}
    return await import_of(view, import_id) | {"codes": codes}


async def import_of(view: Reading, import_id: UUID) -> dict[str, Any]:
    row = await view.row(view.sql.imports, import_id, 1, 0, *ANY_PROVINCE.arguments)
    return imported.listed(found(row, "import", import_id))


@ROUTES.get("/imports/{import_id}/rows", dependencies=[INSIDE])
async def import_rows(
    import_id: UUID, status: str | None = None, code: str | None = None, state: str | None = None,
    sheet: int | None = None, limit: Page = 100, offset: Skip = 0, view: Reading = reads(imported.IMPORTS),
) -> list[dict[str, Any]]:  # fmt: skip
    """The data rows as they were read, in their order."""
    rows = await view.fetch(view.sql.import_rows, import_id, status, code, state, sheet, limit, offset)
    return [imported.shown(row) for row in rows]


@ROUTES.get("/imports/{import_id}/rows/{sheet}/{row}", dependencies=[INSIDE])
async def import_row(import_id: UUID, sheet: int, row: int, view: Reading = reads(imported.IMPORTS)) -> dict[str, Any]:
    """A row, with what a person may choose from: products of its name, communes that its commune may be."""
    book = await import_of(view, import_id)
    told = imported.shown(found(await view.row(view.sql.import_row, import_id, sheet, row), "row", f"{sheet}/{row}"))
    alike = await view.fetch(view.sql.products_like, told["province"], told["product"]) if told["product"] else []
    return told | {"products": alike, "communes": intake.communes_for(told, book["as_of"])}


@ROUTES.get("/imports/{import_id}/report", dependencies=[INSIDE])
async def import_report(import_id: UUID, view: Reading = reads(imported.IMPORTS)) -> Response:
    """The verdicts as a workbook (.xlsx)."""
    book = await import_of(view, import_id)
    rows = await view.fetch(view.sql.import_rows, import_id, None, None, None, None, None, 0)
    made = await asyncio.to_thread(report, book, [imported.shown(row) for row in rows])
    named = quote(f"{Path(book['name']).stem}.verdicts.xlsx")
    return Response(made, media_type=XLSX, headers={"content-disposition": f"attachment; filename*=UTF-8''{named}"})


@ROUTES.get("/products/{product_id}/file")
async def product_file(
    product_id: UUID, view: Reading = reads(views.PRODUCTS, views.TIMELINE, views.DOSSIERS)
) -> dict[str, Any]:
    """A product with its timeline, and its dossiers with what changed from one to the next, oldest first."""
    sql = view.sql
    product = found(await view.row(sql.product, product_id), "product", product_id)
    steps = views.told(await view.fetch(sql.timeline, product_id))
    filed = {row["id"]: row for row in await view.fetch(sql.dossiers_of, product_id)}
    dossiers = [with_change(row, filed.get(row["previous"])) for row in filed.values()]
    return {"product": product, "timeline": steps, "dossiers": dossiers}


# --- dossier ---

takes(ROUTES, "/dossiers", filing.SubmitDossier, "registration:submit-dossier", status=201)
takes(ROUTES, "/dossiers/{dossier_id}/return", filing.ReturnDossier, "registration:return-dossier")
takes(ROUTES, "/dossiers/{dossier_id}/completion", filing.CompleteDossier, "registration:complete-dossier")
takes(ROUTES, "/dossiers/{dossier_id}/forwarding", filing.ForwardDossier, "registration:forward-dossier")
takes(ROUTES, "/dossiers/{dossier_id}/additions", filing.RequestAddition, "registration:request-addition")
takes(ROUTES, "/dossiers/{dossier_id}/supplement", filing.SupplyAddition, "registration:supply-addition")


@ROUTES.post("/evidence", status_code=201, dependencies=[holder("registration:send-evidence")])
async def evidence(request: Request) -> dict[str, Any]:
    """Keeps a paper's bytes under their SHA-256; sent twice it is kept once. A dossier then names it by its hash."""
    return await keep(request.app.state.house.files, request.stream())


@ROUTES.get("/dossiers")
async def dossiers(
    place: Where = IN_PLACE, state: str | None = None, product: UUID | None = None, limit: Page = 100, offset: Skip = 0,
    view: Reading = reads(views.DOSSIERS),
) -> list[dict[str, Any]]:  # fmt: skip
    """By today's map, or by the map of a day (`map=day`, `known_on`), as every list of places here."""
    return await view.fetch(view.sql.dossiers, *place.arguments, state, product, limit, offset)


@ROUTES.get("/board")
async def board(
    place: Where = IN_PLACE, state: str | None = None, limit: Page = 10, offset: Skip = 0,
    view: Reading = reads(views.DOSSIERS),
) -> list[dict[str, Any]]:  # fmt: skip
    """Dossiers state by state, the most urgent first: `limit` of each state, and how many are in it and overdue in all.

    `due_on`: the last day of whoever has to act in that state, null where no limit runs here.
    """
    rows = await view.fetch(view.sql.board, state, view.today, limit, offset, *place.arguments)
    states: dict[str, dict[str, Any]] = {}
    for row in rows:
        at = {"state": row["state"], "count": row["in_state"], "overdue": row["overdue_in_state"], "rows": []}
        states.setdefault(row["state"], at)["rows"].append(
            {name: value for name, value in row.items() if name not in {"in_state", "overdue_in_state", "place"}}
        )
    return list(states.values())


@ROUTES.get("/dossiers/{dossier_id}")
async def dossier(
    dossier_id: UUID, view: Reading = reads(views.DOSSIERS), steps: Reading = reads(views.TIMELINE)
) -> dict[str, Any]:
    """A dossier with its history and, where it starts from another (`previous`), what changed since."""
    row = found(await view.row(view.sql.dossier, dossier_id), "dossier", dossier_id)
    before = await view.row(view.sql.dossier, row["previous"]) if row["previous"] else None
    return with_change(row, before) | {"history": await history(steps, dossier_id)}


def with_change(row: dict[str, Any], before: dict[str, Any] | None) -> dict[str, Any]:
    """A dossier as it is shown, with what changed from the one before."""
    shown = {name: value for name, value in row.items() if name not in {"ticks", "papers"}}
    return shown | {"changed": views.compared(row, before)}


@ROUTES.get("/counts")
async def counts(view: Reading = reads(views.DOSSIERS)) -> dict[str, Any]:
    """How many stand at each step of the cycle."""
    return found(await view.row(view.sql.counts), "counts", "")
