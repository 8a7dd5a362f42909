"""The portal put together: its doors, its pages, and the houses that it asks."""

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from pydantic import ValidationError
from starlette.exceptions import HTTPException

from services.portal.api import ROUTES
from services.portal.views.houses import HouseSaid, HouseSilent
from services.portal.views.rendering import PROBLEM, Pages, reads_html
from shared import problems
from shared.clock import Clock
from shared.values import Refusal

STATIC = Path(__file__).with_name("static")
FOR_PROGRAMS = frozenset({"/events"})  # never answers with a page
RETRY_SECONDS = 5
Handler = Callable[[Request, Any], Awaitable[Response]]


def portal_app(
    clients: Mapping[str, httpx.AsyncClient], clock: Clock, *, simulated: bool = False, public_url: str | None = None
) -> FastAPI:
    """`clients`: one per house. `simulated`: every page says that results are not real. `public_url`: the address that
    QR codes lead to, such as `https://ocop.example.vn`; by default the one under which the page was asked for.
    """
    app = FastAPI(title="OCOP", version="1", docs_url=None, redoc_url=None)
    app.state.clients = clients
    app.state.pages = Pages(clock, simulated=simulated, public_url=public_url)
    app.include_router(ROUTES)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    problems.install(app)
    app.add_exception_handler(HouseSaid, as_the_house_said)
    app.add_exception_handler(HouseSilent, nobody_answers)
    for kind in (
        Refusal, RequestValidationError, ValidationError, HTTPException, HouseSaid, HouseSilent, Exception
    ):  # fmt: skip
        app.exception_handlers[kind] = readable(app.exception_handlers[kind])
    return app


async def as_the_house_said(_: Request, said: HouseSaid) -> Response:
    return JSONResponse(said.body, said.status, media_type=PROBLEM)


async def nobody_answers(_: Request, silent: HouseSilent) -> Response:
    return problems.problem(
        503, silent.rule, silent.message_vi, silent.message_en, headers={"Retry-After": str(RETRY_SECONDS)}
    )


def readable(handler: Handler) -> Handler:
    """The same error, as a page for those who read in a browser."""

    async def handled(request: Request, error: Any) -> Response:
        answer = await handler(request, error)
        if request.url.path in FOR_PROGRAMS or not reads_html(request.headers.get("accept")):
            return answer
        kept = {name: answer.headers[name] for name in ("retry-after", "allow") if name in answer.headers}
        return request.app.state.pages.error(request, answer.status_code, orjson.loads(answer.body), kept)

    return handled
