"""The doors of registration: who may ask what, and what can be read."""

from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Query, Request

from services.registration.commands import dossiers as filing
from services.registration.commands import ideas as ideas_
from services.registration.commands import placing
from services.registration.commands import plans as plans_
from services.registration.commands import producers as producers_
from services.registration.commands import products as products_
from services.registration.views import register as views
from shared import placenames, units
from shared.evidence import keep
from shared.placed import IN_PLACE, Where
from shared.web import Day, Page, Reading, Skip, found, holder, reads, takes

ROUTES = APIRouter()
NAME = Annotated[
    str, Query(min_length=1, max_length=100, description="tên, có thể kèm loại: xã Ba Động / with its kind or not")
]
WITHIN = Annotated[
    str | None, Query(pattern="^([0-9]{2}|[0-9]{3})$", description="mã tỉnh hoặc huyện của ngày đó / of that day")
]

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


@ROUTES.get("/dossiers/{dossier_id}")
async def dossier(
    dossier_id: UUID, view: Reading = reads(views.DOSSIERS), steps: Reading = reads(views.TIMELINE)
) -> dict[str, Any]:
    """A dossier with its history and, where it starts from another (`previous`), what changed since."""
    row = found(await view.row(view.sql.dossier, dossier_id), "dossier", dossier_id)
    before = await view.row(view.sql.dossier, row["previous"]) if row["previous"] else None
    changed = views.compared(row, before)
    shown = {name: value for name, value in row.items() if name not in {"ticks", "papers"}}
    return shown | {"changed": changed, "history": await history(steps, dossier_id)}


@ROUTES.get("/counts")
async def counts(view: Reading = reads(views.DOSSIERS)) -> dict[str, Any]:
    """How many stand at each step of the cycle."""
    return found(await view.row(view.sql.counts), "counts", "")
