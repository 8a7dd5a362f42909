"""The doors of the portal: public pages, the certificate as page, JSON and paper, complaints, the feed over all houses."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

import orjson
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BeforeValidator, Field

from services.portal.paper import printed
from services.portal.views import certificate, complaint, feed, lists, words
from services.portal.views import product as products
from services.portal.views.houses import Houses, HouseSaid
from services.portal.views.rendering import wants_json
from shared.asof import Instant
from shared.values import NotFound
from shared.web import as_written

ROUTES = APIRouter()


def none_if_blank(given: object) -> object:
    """A form sends the fields that nobody filled in as empty texts."""
    return None if given == "" else given


BLANK = BeforeValidator(none_if_blank)
DAY = Annotated[date | None, BeforeValidator(as_written), BLANK, Query(description="YYYY-MM-DD")]
INSTANT = Annotated[Instant | None, BLANK, Query(description="2026-11-27T05:38:00Z")]
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
    facts = await certificate.details(houses, number, certificate.Asked())
    if facts is None:
        raise NotFound(what="certificate", id=number)
    pages = request.app.state.pages
    stated = certificate.paper_of(facts, pages.address(request, facts["number"]), simulated=pages.simulated)
    content = await printed(stated)
    name = f'inline; filename="{facts["number"]}.pdf"'
    return Response(content, media_type="application/pdf", headers={"Content-Disposition": name})


@ROUTES.get("/c/{number}")
async def public_certificate(
    number: str, request: Request, houses: Asked, on: DAY = None, known_at: INSTANT = None
) -> Response:
    """What anyone may know of a certificate on a day: a page, or JSON where JSON is asked for.

    `known_at`: as the register knew it at that instant, on whose day it is then asked for by default.
    """
    asked = certificate.Asked(on, known_at)
    if wants_json(request.headers.get("accept")):
        if known_at:
            status, facts = await certificate.public(houses, number, asked)
        else:
            status, facts = await request.app.state.register.public(number, on, houses.after)
        return Response(orjson.dumps(facts), status, {"Vary": "Accept", **asked.head}, "application/json")
    return await certificate_page(request, houses, number, asked, new_form())


async def certificate_page(
    request: Request, houses: Houses, number: str, asked: certificate.Asked, form: complaint.Form, status: int = 200,
    problem: dict[str, Any] | None = None,
) -> Response:  # fmt: skip
    """The page with the form of a complaint; `problem`: why what was typed in was not taken."""
    found = await certificate.page(houses, number, asked)
    pages = request.app.state.pages
    facts = {"number": number, "asked": asked, "today": pages.today(), "address": pages.address(request, number)}
    if found is None:
        return page(request, "unknown.html", 404, **facts)
    return page(request, "certificate.html", status, **facts, certificate=found, form=form, problem=problem)


# --- complaint ---


def new_form() -> complaint.Form:
    return complaint.Form(form=str(uuid4()))


@ROUTES.post("/c/{number}/complaint", include_in_schema=False)
async def complain(number: str, request: Request, houses: Asked) -> Response:
    """The form on a certificate's page; sent twice it is one complaint. Goes on to the page of its reference."""
    form = await complaint.form_of(request.stream())
    status, answer = await complaint.send(houses, number, form)
    if status == 422:
        return await certificate_page(request, houses, number, certificate.Asked(), form, status, answer)
    if status >= 400:
        raise HouseSaid("certification", status, answer)
    return RedirectResponse(f"{complaint.path_of(answer['reference'])}?after={answer['position']}", 303)


@ROUTES.get("/complaints", include_in_schema=False)
async def look_up_complaint(
    request: Request, reference: Annotated[str | None, BLANK, Query(max_length=100)] = None
) -> Response:
    """On to the page of the reference that was typed; without one, the form."""
    if reference is None or not reference.strip():
        return page(request, "complaint.html", reference="", complaint=None)
    return RedirectResponse(complaint.path_of(reference.strip().upper()), 303)


@ROUTES.get("/complaints/{reference}", include_in_schema=False)
async def one_complaint(reference: str, request: Request, houses: Asked) -> Response:
    """State, last day and answer for whoever has the reference; kept by nobody on the way."""
    found = await complaint.answered(houses, reference)
    answer = page(request, "complaint.html", 200 if found else 404, reference=reference, complaint=found)
    answer.headers["Cache-Control"] = "no-store"
    return answer


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
