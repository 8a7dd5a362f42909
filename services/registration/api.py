"""The doors of registration: who may ask what, and what can be read."""

from typing import Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Request

from services.registration import views
from services.registration.commands import dossiers as filing
from services.registration.commands import ideas as ideas_
from services.registration.commands import plans as plans_
from services.registration.commands import producers as producers_
from services.registration.commands import products as products_
from shared.evidence import keep
from shared.web import Page, Reading, Skip, found, holder, reads, takes

ROUTES = APIRouter()

# --- producer ---

takes(ROUTES, "/producers", producers_.RegisterProducer, "registration:register-producer", status=201)
takes(ROUTES, "/producers/{producer_id}/verification", producers_.VerifyProducer, "registration:verify-producer")


@ROUTES.get("/producers")
async def producers(
    province: str | None = None, commune: str | None = None, limit: Page = 100, offset: Skip = 0,
    view: Reading = reads(views.PRODUCERS),
) -> list[dict[str, Any]]:  # fmt: skip
    return await view.fetch(view.sql.producers, province, commune, limit, offset)


@ROUTES.get("/producers/{producer_id}")
async def producer(producer_id: UUID, view: Reading = reads(views.PRODUCERS)) -> dict[str, Any]:
    return found(await view.row(view.sql.producer, producer_id), "producer", producer_id)


# --- idea ---

takes(ROUTES, "/ideas", ideas_.RegisterIdea, "registration:register-idea", status=201)
takes(ROUTES, "/ideas/{idea_id}/screening", ideas_.ScreenIdea, "registration:screen-idea")
takes(ROUTES, "/ideas/{idea_id}/acceptance", ideas_.AcceptIdea, "registration:accept-idea")
takes(ROUTES, "/ideas/{idea_id}/return", ideas_.ReturnIdea, "registration:return-idea")
takes(ROUTES, "/ideas/{idea_id}/resubmission", ideas_.ResubmitIdea, "registration:resubmit-idea")
takes(ROUTES, "/ideas/{idea_id}/withdrawal", ideas_.WithdrawIdea, "registration:withdraw-idea")


@ROUTES.get("/ideas")
async def ideas(
    province: str | None = None, commune: str | None = None, state: str | None = None, limit: Page = 100,
    offset: Skip = 0, view: Reading = reads(views.IDEAS),
) -> list[dict[str, Any]]:  # fmt: skip
    return await view.fetch(view.sql.ideas, province, commune, state, limit, offset)


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
    province: str | None = None, commune: str | None = None, state: str | None = None, limit: Page = 100,
    offset: Skip = 0, view: Reading = reads(views.PLANS),
) -> list[dict[str, Any]]:  # fmt: skip
    return await view.fetch(view.sql.plans, province, commune, state, limit, offset)


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


@ROUTES.get("/products")
async def products(
    province: str | None = None, commune: str | None = None, group: str | None = None, limit: Page = 100,
    offset: Skip = 0, view: Reading = reads(views.PRODUCTS),
) -> list[dict[str, Any]]:  # fmt: skip
    return await view.fetch(view.sql.products, province, commune, group, limit, offset)


@ROUTES.get("/products/{product_id}")
async def product(product_id: UUID, view: Reading = reads(views.PRODUCTS)) -> dict[str, Any]:
    return found(await view.row(view.sql.product, product_id), "product", product_id)


@ROUTES.get("/products/{product_id}/timeline")
async def timeline(product_id: UUID, view: Reading = reads(views.TIMELINE)) -> list[dict[str, Any]]:
    return views.told(await view.fetch(view.sql.timeline, product_id))


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
    province: str | None = None, commune: str | None = None, state: str | None = None,
    product: UUID | None = None, limit: Page = 100, offset: Skip = 0, view: Reading = reads(views.DOSSIERS),
) -> list[dict[str, Any]]:  # fmt: skip
    return await view.fetch(view.sql.dossiers, province, commune, state, product, limit, offset)


@ROUTES.get("/board")
async def board(
    province: str | None = None, commune: str | None = None, state: str | None = None, limit: Page = 10,
    offset: Skip = 0, view: Reading = reads(views.DOSSIERS),
) -> list[dict[str, Any]]:  # fmt: skip
    """Dossiers state by state, the most urgent first: `limit` of each state, and how many are in it and overdue in all.

    `due_on`: the last day of whoever has to act in that state, null where no limit runs here.
    """
    rows = await view.fetch(view.sql.board, province, commune, state, view.today, limit, offset)
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
