"""The doors of registration: who may ask what, and what can be read."""

from typing import Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Request

from services.registration import commands, views
from shared.evidence import keep
from shared.web import Page, Reading, Skip, actor_of, found, reads, takes

ROUTES = APIRouter()

# --- producer ---

takes(ROUTES, "/producers", commands.RegisterProducer, "registration:register-producer", status=201)
takes(ROUTES, "/producers/{producer_id}/verification", commands.VerifyProducer, "registration:verify-producer")


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

takes(ROUTES, "/ideas", commands.RegisterIdea, "registration:register-idea", status=201)
takes(ROUTES, "/ideas/{idea_id}/screening", commands.ScreenIdea, "registration:screen-idea")
takes(ROUTES, "/ideas/{idea_id}/acceptance", commands.AcceptIdea, "registration:accept-idea")


@ROUTES.get("/ideas")
async def ideas(
    province: str | None = None, commune: str | None = None, state: str | None = None, limit: Page = 100,
    offset: Skip = 0, view: Reading = reads(views.IDEAS),
) -> list[dict[str, Any]]:  # fmt: skip
    return await view.fetch(view.sql.ideas, province, commune, state, limit, offset)


@ROUTES.get("/ideas/{idea_id}")
async def idea(idea_id: UUID, view: Reading = reads(views.IDEAS)) -> dict[str, Any]:
    return found(await view.row(view.sql.idea, idea_id), "idea", idea_id)


# --- business plan ---

takes(ROUTES, "/plans", commands.SubmitPlan, "registration:submit-plan", status=201)
takes(ROUTES, "/plans/{plan_id}/approval", commands.ApprovePlan, "registration:approve-plan")
takes(ROUTES, "/plans/{plan_id}/progress", commands.ReportProgress, "registration:report-progress")


@ROUTES.get("/plans")
async def plans(
    province: str | None = None, commune: str | None = None, state: str | None = None, limit: Page = 100,
    offset: Skip = 0, view: Reading = reads(views.PLANS),
) -> list[dict[str, Any]]:  # fmt: skip
    return await view.fetch(view.sql.plans, province, commune, state, limit, offset)


@ROUTES.get("/plans/{plan_id}")
async def plan(plan_id: UUID, view: Reading = reads(views.PLANS)) -> dict[str, Any]:
    row = found(await view.row(view.sql.plan, plan_id), "plan", plan_id)
    return row | {"decision": row["decision"] and orjson.loads(row["decision"])}


# --- product ---

takes(ROUTES, "/products", commands.RegisterProduct, "registration:register-product", status=201)


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
    rows = await view.fetch(view.sql.timeline, product_id)
    return [row | {"facts": orjson.loads(row["facts"])} for row in rows]


# --- dossier ---

takes(ROUTES, "/dossiers", commands.SubmitDossier, "registration:submit-dossier", status=201)
takes(ROUTES, "/dossiers/{dossier_id}/forwarding", commands.ForwardDossier, "registration:forward-dossier")


@ROUTES.post("/evidence", status_code=201)
async def evidence(request: Request) -> dict[str, Any]:
    """Keeps a paper's bytes under their SHA-256; sent twice it is kept once. A dossier then names it by its hash."""
    actor_of(request)
    return await keep(request.app.state.house.files, request.stream())


@ROUTES.get("/dossiers")
async def dossiers(
    province: str | None = None, commune: str | None = None, state: str | None = None,
    product: UUID | None = None, limit: Page = 100, offset: Skip = 0, view: Reading = reads(views.DOSSIERS),
) -> list[dict[str, Any]]:  # fmt: skip
    return await view.fetch(view.sql.dossiers, province, commune, state, product, limit, offset)


@ROUTES.get("/dossiers/{dossier_id}")
async def dossier(dossier_id: UUID, view: Reading = reads(views.DOSSIERS)) -> dict[str, Any]:
    return found(await view.row(view.sql.dossier, dossier_id), "dossier", dossier_id)


@ROUTES.get("/counts")
async def counts(view: Reading = reads(views.DOSSIERS)) -> dict[str, Any]:
    """How many stand at each step of the cycle."""
    return found(await view.row(view.sql.counts), "counts", "")
