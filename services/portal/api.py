"""The doors of the portal: public pages, the certificate as page, JSON and paper, and the feed over all houses."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import BeforeValidator, Field

from services.portal.paper import printed
from services.portal.views import certificate, feed, lists, words
from services.portal.views import product as products
from services.portal.views.houses import Houses
from services.portal.views.rendering import wants_json
from shared.values import NotFound
from shared.web import as_written

ROUTES = APIRouter()


def none_if_blank(given: object) -> object:
    """A form sends the fields that nobody filled in as empty texts."""
    return None if given == "" else given


BLANK = BeforeValidator(none_if_blank)
DAY = Annotated[date | None, BeforeValidator(as_written), BLANK, Query(description="YYYY-MM-DD")]
CODE = Annotated[Annotated[str, Field(pattern="^[0-9]{2,5}$")] | None, BLANK]
GROUP = Annotated[Annotated[str, Field(pattern="^[a-z_]{1,50}$")] | None, BLANK]
STARS = Annotated[Annotated[int, Field(ge=1, le=5)] | None, BLANK]
PAGE = Annotated[int, Query(ge=1, le=100_000, alias="page")]
STATE = Annotated[Literal[tuple(words.DOSSIER_STATES)] | None, BLANK]
After = Annotated[str | None, BLANK, Query(description="<house>:<n>; waits up to 5 s until the pages have it")]


def houses_of(request: Request, after: After = None) -> Houses:
    return Houses(request.app.state.clients, after)


Asked = Annotated[Houses, Depends(houses_of)]


def page(request: Request, template: str, status: int = 200, **facts: Any) -> Response:
    return request.app.state.pages.response(request, template, status, facts)


# --- home ---


@ROUTES.get("/", include_in_schema=False)
async def home(request: Request, houses: Asked) -> Response:
    return page(request, "home.html", **await lists.home(houses))


# --- certificate ---


@ROUTES.get("/c", include_in_schema=False)
async def look_up(number: Annotated[str, Query(max_length=100)]) -> Response:
    """The form on the home page: on to the page of the number that was typed."""
    return RedirectResponse(certificate.path_of(number.strip().upper()), 303)


@ROUTES.get("/c/{number}.pdf", response_class=Response, responses={200: {"content": {"application/pdf": {}}}})
async def paper(number: str, request: Request, houses: Asked) -> Response:
    """The certificate on one A4 page, with its state of today. Raises NotFound."""
    facts = await certificate.details(houses, number, None)
    if facts is None:
        raise NotFound(what="certificate", id=number)
    content = await printed(certificate.paper_of(facts, request.app.state.pages.address(request, facts["number"])))
    name = f'inline; filename="{facts["number"]}.pdf"'
    return Response(content, media_type="application/pdf", headers={"Content-Disposition": name})


@ROUTES.get("/c/{number}")
async def public_certificate(number: str, request: Request, houses: Asked, on: DAY = None) -> Response:
    """What anyone may know of a certificate on a day: a page, or JSON where JSON is asked for."""
    if wants_json(request.headers.get("accept")):
        status, facts = await certificate.public(houses, number, on)
        return JSONResponse(facts, status, {"Vary": "Accept"})
    found = await certificate.details(houses, number, on)
    pages = request.app.state.pages
    facts = {"number": number, "asked": on, "today": pages.today(), "address": pages.address(request, number)}
    if found is None:
        return page(request, "unknown.html", 404, **facts)
    return page(request, "certificate.html", **facts, certificate=certificate.shown(found))


# --- product ---


@ROUTES.get("/products", include_in_schema=False)
async def catalogue(
    request: Request, houses: Asked, q: Annotated[str, Query(max_length=200)] = "", province: CODE = None,
    group: GROUP = None, stars: STARS = None,
    number: PAGE = 1,
) -> Response:  # fmt: skip
    filters = {"q": q or None, "province": province, "group": group, "stars": stars}
    found = await lists.catalogue(houses, number, **filters)
    return page(request, "catalogue.html", **found, **options(request), filters=filters)


@ROUTES.get("/products/{product_id}", include_in_schema=False)
async def product(product_id: UUID, request: Request, houses: Asked) -> Response:
    return page(request, "product.html", **await products.product(houses, str(product_id)))


# --- dossier ---


@ROUTES.get("/dossiers", include_in_schema=False)
async def dossiers(
    request: Request, houses: Asked, state: STATE = None, province: CODE = None, commune: CODE = None,
    number: PAGE = 1,
) -> Response:  # fmt: skip
    filters = {"state": state, "province": province, "commune": commune}
    found = await lists.dossiers(houses, number, **filters)
    return page(request, "dossiers.html", **found, **options(request), filters=filters)


# --- dashboard ---


@ROUTES.get("/dashboard", include_in_schema=False)
async def dashboard(request: Request, houses: Asked, on: DAY = None) -> Response:
    return page(request, "dashboard.html", **await lists.dashboard(houses, on))


@ROUTES.get("/dashboard/list", include_in_schema=False)
async def counted(
    request: Request, houses: Asked, count: Literal["valid", "ever"] = "valid", on: DAY = None, province: CODE = None,
    group: GROUP = None, stars: STARS = None,
    number: PAGE = 1,
) -> Response:  # fmt: skip
    """The products behind a number of the dashboard."""
    day = on or request.app.state.pages.today()
    filters = {"count": count, "on": day, "province": province, "group": group, "stars": stars}
    found = await lists.counted(houses, number, **filters)
    return page(request, "counted.html", **found, filters=filters)


def options(request: Request) -> dict[str, Any]:
    """What the filters of a list offer."""
    today = request.app.state.pages.today()
    return {"provinces": lists.province_names(today), "groups": words.groups(), "today": today}


# --- feed ---


@ROUTES.get("/events")
async def events(
    request: Request, after: str | None = None, types: str | None = None, province: str | None = None,
    product: str | None = None, limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    wait: Annotated[float, Query(ge=0, le=5, description="seconds of long polling")] = 0,
) -> Response:  # fmt: skip
    """Contracts of all houses as structured CloudEvents. `next` is always given; order holds within a house."""
    wanted = feed.Wanted(types, province, product)
    page = await feed.read(Houses(request.app.state.clients), after, wanted, limit, wait)
    return Response(orjson.dumps(page), media_type="application/json")
