"""The doors of promotion: what can be read. Products come into the catalogue by their certificates alone."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query

from services.promotion import views
from shared.values import NotFound
from shared.web import Page, Reading, Skip, Stars, reads

ROUTES = APIRouter()
WORDS = Annotated[str, Query(max_length=200, description="có dấu hay không dấu / with or without accents")]

# --- catalogue ---


@ROUTES.get("/catalogue")
async def catalogue(
    q: WORDS = "", province: str | None = None, commune: str | None = None, group: str | None = None,
    set: Annotated[str | None, Query()] = None, stars: Stars = None, limit: Page = 100, offset: Skip = 0,
    view: Reading = reads(views.CATALOGUE),
) -> list[dict[str, Any]]:  # fmt: skip
    """Certified products: more stars first, then by name."""
    return await view.fetch(view.sql.catalogue, views.words(q), province, commune, group, set, stars, limit, offset)


@ROUTES.get("/catalogue/{product_id}")
async def product(product_id: UUID, view: Reading = reads(views.CATALOGUE)) -> dict[str, Any]:
    row = await view.row(view.sql.product, product_id)
    if row is None:
        raise NotFound(what="listing", id=product_id)
    return row


@ROUTES.get("/counts")
async def counts(view: Reading = reads(views.CATALOGUE)) -> dict[str, Any]:
    """How many products stand in the catalogue, of how many producers and provinces."""
    return (await view.fetch(view.sql.counts))[0]
