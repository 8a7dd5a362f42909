"""The doors of the portal: public pages, the certificate as page, JSON and paper, complaints, the feed over all houses."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

import orjson
from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import RedirectResponse, StreamingResponse
from pydantic import BeforeValidator, Field

from services.portal.paper import printed
from services.portal.views import (
    certificate,
    complaint,
    dashboard,
    developers,
    feed,
    home,
    lists,
    opendata,
    plans,
    results,
    samples,
    words,
)
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
SET = Annotated[Annotated[str, Field(pattern="^[0-9]{2}$")] | None, BLANK]
LISTED = Annotated[Literal["valid", "extended"] | None, BLANK]
LEVEL = Annotated[Literal["province", "national"] | None, BLANK]
ROUND = Annotated[Literal["open", "closed"] | None, BLANK]
PLAN = Annotated[
    str, Path(pattern="^[a-z0-9-]{1,100}$", description="id, hoặc tên của kế hoạch / or the plan's own name")
]
YEAR = Annotated[Annotated[int, Field(ge=1900, le=2999)] | None, BLANK]
DATASET = Literal[tuple(opendata.DATASETS)]
After = Annotated[str | None, BLANK, Query(description="<house>:<n>; waits up to 5 s until the pages have it")]


async def houses_of(request: Request, after: After = None) -> Houses:
    return Houses(request.app.state.clients, after, request.app.state.shared)


Asked = Annotated[Houses, Depends(houses_of)]


def page(request: Request, template: str, status: int = 200, *, shared: bool = True, **facts: Any) -> Response:
    return request.app.state.pages.response(request, template, status, facts, shared=shared)


# --- home, parts, developers ---


@ROUTES.get("/", include_in_schema=False)
async def home_page(request: Request, houses: Asked) -> Response:
    return page(request, "home.html", **await home.home(houses, request.app.state.pages.today()))


@ROUTES.get("/parts", include_in_schema=False)
async def parts(request: Request) -> Response:
    """Every part that pages are made of, with made-up facts."""
    return page(request, "parts.html", **samples.facts(), drawing=request.app.state.pages.drawing)


@ROUTES.get("/developers", include_in_schema=False)
async def for_developers(request: Request, houses: Asked) -> Response:
    listed = await houses.common("promotion", "catalogue", limit=1)
    number = listed[0]["certificate"] if listed else "GCN-51-2026-00001"
    shown = developers.examples(request.app.state.pages.base(request), number)
    return page(request, "developers.html", contracts=developers.contracts(), examples=shown, names=developers.NAMES,
                topic=developers.topic)  # fmt: skip


# --- certificate ---


@ROUTES.get("/c", include_in_schema=False)
async def look_up(number: Annotated[str, Query(max_length=100)] = "") -> Response:
    """A form for numbers: on to the page of the one that was typed."""
    typed = number.strip().upper()
    return RedirectResponse(certificate.path_of(typed) if typed else "/", 303)


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
    return page(
        request, "certificate.html", status, shared=False, **facts, certificate=found, form=form, problem=problem
    )  # fmt: skip


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
    answer = page(
        request, "complaint.html", 200 if found else 404, shared=False, reference=reference, complaint=found
    )  # fmt: skip
    answer.headers["Cache-Control"] = "no-store"
    return answer


# --- product ---


@ROUTES.get("/products", include_in_schema=False)
async def catalogue(
    request: Request, houses: Asked, q: Annotated[str, Query(max_length=200)] = "", province: CODE = None,
    commune: CODE = None, group: GROUP = None, set: SET = None, stars: STARS = None, state: LISTED = None,
    number: PAGE = 1,
) -> Response:  # fmt: skip
    if (typed := lists.as_number(q)) is not None:
        return RedirectResponse(certificate.path_of(typed), 303)
    filters = {
        "q": q or None, "province": province, "commune": commune if province else None, "group": group, "set": set,
        "stars": stars, "state": state,
    }  # fmt: skip
    found = await lists.catalogue(houses, number, **filters)
    return page(request, "catalogue.html", **found, **options(request, province), sets=words.sets(), filters=filters)


@ROUTES.get("/products/{product_id}", include_in_schema=False)
async def product(product_id: UUID, request: Request, houses: Asked) -> Response:
    return page(request, "product.html", **await products.product(houses, str(product_id)))


@ROUTES.get("/results/{assessment_id}", include_in_schema=False)
async def result(assessment_id: UUID, request: Request, houses: Asked) -> Response:
    """The whole score sheet of a council's decision."""
    return page(request, "sheet.html", **await results.sheet(houses, str(assessment_id)))


# --- dossier, round ---


@ROUTES.get("/dossiers", include_in_schema=False)
async def dossiers(
    request: Request, houses: Asked, state: STATE = None, province: CODE = None, commune: CODE = None,
    number: PAGE = 1,
) -> Response:  # fmt: skip
    filters = {"state": state, "province": province, "commune": commune if province else None}
    found = await lists.dossiers(houses, number, **filters)
    return page(request, "dossiers.html", **found, **options(request, province), filters=filters)


@ROUTES.get("/rounds", include_in_schema=False)
async def rounds(
    request: Request, houses: Asked, province: CODE = None, level: LEVEL = None, state: ROUND = None, number: PAGE = 1
) -> Response:
    filters = {"province": province, "level": level, "state": state}
    found = await lists.rounds(houses, number, **filters)
    return page(request, "rounds.html", **found, **options(request), filters=filters)


@ROUTES.get("/rounds/{round_id}", include_in_schema=False)
async def one_round(round_id: UUID, request: Request, houses: Asked, number: PAGE = 1) -> Response:
    return page(request, "round.html", **await lists.one_round(houses, str(round_id), number))


# --- dashboard ---


@ROUTES.get("/dashboard", include_in_schema=False)
async def national(request: Request, houses: Asked, on: DAY = None, province: CODE = None) -> Response:
    found = await dashboard.dashboard(houses, on, province)
    return page(
        request, "dashboard.html", **found, **options(request), filters={"on": on, "province": province},
        drawing=request.app.state.pages.drawing,
    )  # fmt: skip


@ROUTES.get("/dashboard/list", include_in_schema=False)
async def counted(
    request: Request, houses: Asked, count: Literal["valid", "ever"] = "valid", on: DAY = None, province: CODE = None,
    group: GROUP = None, stars: STARS = None, producer_kind: GROUP = None, year: YEAR = None, number: PAGE = 1,
) -> Response:  # fmt: skip
    """The products behind a number of the dashboard."""
    day = on or request.app.state.pages.today()
    filters = {
        "count": count, "on": day, "province": province, "group": group, "stars": stars,
        "producer_kind": producer_kind, "year": year,
    }  # fmt: skip
    found = await lists.counted(houses, number, **filters)
    return page(request, "counted.html", **found, filters=filters)


@ROUTES.get("/expiring", include_in_schema=False)
async def expiring(
    request: Request, houses: Asked, since: DAY = None, until: DAY = None, province: CODE = None, on: DAY = None,
    number: PAGE = 1,
) -> Response:  # fmt: skip
    """Certificates in force whose last day lies between two days; by default in this quarter."""
    offered = lists.spans(on or request.app.state.pages.today())
    usual = next(span for span in offered if span.id == "quarter")
    filters = {"since": since or usual.since, "until": until or usual.until, "province": province}
    found = await lists.ending(houses, number, on=on, **filters)
    return page(request, "expiring.html", **found, **options(request), spans=offered, filters=filters)


def options(request: Request, province: str | None = None) -> dict[str, Any]:
    """What the filters of a list offer."""
    today = request.app.state.pages.today()
    return {
        "provinces": lists.province_names(today), "communes": lists.commune_names(province, today),
        "groups": words.groups(), "today": today,
    }  # fmt: skip


# --- plan ---


@ROUTES.get("/plans", include_in_schema=False)
async def all_plans(request: Request, houses: Asked, province: CODE = None, number: PAGE = 1) -> Response:
    filters = {"province": province}
    found = await plans.plans(houses, number, **filters)
    return page(request, "plans.html", **found, **options(request), filters=filters)


@ROUTES.get("/plans/{plan_id}", include_in_schema=False)
async def plan(plan_id: PLAN, request: Request, houses: Asked, on: DAY = None) -> Response:
    return page(request, "plan.html", **await plans.plan(houses, plan_id, on), asked=on)


# --- open data ---


@ROUTES.get("/data", include_in_schema=False)
async def open_data(request: Request) -> Response:
    return page(request, "data.html", datasets=opendata.DATASETS, licence=opendata.LICENCE)


@ROUTES.get("/data/{dataset}.dictionary")
async def dictionary(dataset: DATASET, request: Request, on: DAY = None) -> Response:
    """What the columns of a table mean, as JSON."""
    day = on or request.app.state.pages.today()
    return Response(orjson.dumps(opendata.described(opendata.DATASETS[dataset], day)), media_type="application/json")


@ROUTES.get("/data/{dataset}.{form}", response_class=StreamingResponse)
async def table(dataset: DATASET, form: opendata.Form, request: Request, houses: Asked, on: DAY = None) -> Response:
    """A table as CSV, JSON or Parquet; `on`: as of that day, where the table knows days."""
    found, day = opendata.DATASETS[dataset], on or request.app.state.pages.today()
    parts = opendata.content(houses, found, form, day, asked=on)
    first = await anext(parts)  # a house that does not answer is an error, not half a file
    headers = {
        "Content-Disposition": f'attachment; filename="ocop-{dataset}-{day}.{form}"', "X-Content-Type-Options": "nosniff",
        "Link": f'<{opendata.LICENCE["url"]}>; rel="license", </data/{dataset}.dictionary>; rel="describedby"',
        "Ocop-As-Of": day.isoformat(),
    }  # fmt: skip
    return StreamingResponse(opendata.after(first, parts), media_type=opendata.MEDIA[form], headers=headers)


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
