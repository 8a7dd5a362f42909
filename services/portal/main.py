"""The portal put together: its doors, its pages, and the houses that it asks; by itself as a process of its own."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import click
import httpx
import orjson
import uvloop
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import ValidationError
from starlette.exceptions import HTTPException

from services.portal.api import ROUTES, public_certificate
from services.portal.kept import KeptPages
from services.portal.lookup import Lookup
from services.portal.proxy import AnswerLost, Proxy
from services.portal.views import assets
from services.portal.views.changes import Changes
from services.portal.views.day import HousesDay
from services.portal.views.houses import HouseSaid, HouseSilent, Shared
from services.portal.views.provinces import drawing_of
from services.portal.views.register import Register
from services.portal.views.rendering import PROBLEM, Days, Pages, reads_html
from shared import problems, tracing
from shared import settings as environment
from shared.clock import Clock
from shared.contracts.topics import HOUSES
from shared.health import Health, health_routes
from shared.logs import to_standard_error
from shared.measured import Measured
from shared.process import serve_app
from shared.settings import BadSetting, Settings
from shared.values import Refusal

FOR_PROGRAMS = frozenset({"/events"})  # never answers with a page
RETRY_SECONDS = 5
READY_SECONDS = 1.5  # less than a check of health may take
CONNECTIONS = httpx.Limits(max_connections=200, max_keepalive_connections=50, keepalive_expiry=2)  # less than theirs
PATIENCE = httpx.Timeout(10, connect=2, pool=2)  # a view may be waited for 5 s
ONE_LINE = httpx.Limits(max_connections=2, keepalive_expiry=2)
Handler = Callable[[Request, Any], Awaitable[Response]]
Clients = Mapping[str, httpx.AsyncClient]


def portal_app(
    clients: Clients, clock: Days, *, simulated: bool = False, public_url: str | None = None,
    register: Register | None = None, outline: Path | None = None,
) -> FastAPI:  # fmt: skip
    """`clients`: one per house. `simulated`: every page says that results are not real. `public_url`: the address that
    QR codes lead to, such as `https://ocop.example.vn`; by default the one under which the page was asked for.
    `register` answers for certificates once somebody runs its `follow`. `outline`: an SVG to be the map; raises BadSetting
    where it cannot be read.
    """
    app = FastAPI(title="OCOP", version="1", docs_url=None, redoc_url=None)
    app.state.clients = clients
    app.state.changes = changes = Changes(clients)
    app.state.shared = Shared(changes.since)
    app.state.pages = pages = Pages(clock, simulated=simulated, public_url=public_url, drawing=drawing_of(outline))
    register = register or Register(clients, clients["certification"], clock.today)
    app.state.register = register
    app.include_router(ROUTES)
    app.mount("/static", assets.files(), name="static")
    problems.install(app)
    app.add_exception_handler(HouseSaid, as_the_house_said)
    app.add_exception_handler(HouseSilent, nobody_answers)
    app.add_exception_handler(AnswerLost, answer_lost)
    for kind in (
        Refusal, RequestValidationError, ValidationError, HTTPException, HouseSaid, HouseSilent, AnswerLost, Exception
    ):  # fmt: skip
        app.exception_handlers[kind] = readable(app.exception_handlers[kind])
    route = next(route for route in ROUTES.routes if getattr(route, "endpoint", None) is public_certificate)
    app.add_middleware(Lookup, register, route)
    app.add_middleware(KeptPages, pages, changes)
    app.add_middleware(Measured, "portal", takes_nul=True)
    return app


async def as_the_house_said(_: Request, said: HouseSaid) -> Response:
    return JSONResponse(said.body, said.status, media_type=PROBLEM)


async def nobody_answers(_: Request, silent: HouseSilent) -> Response:
    return problems.problem(
        503, silent.rule, silent.message_vi, silent.message_en, headers={"Retry-After": str(RETRY_SECONDS)}
    )


async def answer_lost(_: Request, lost: AnswerLost) -> Response:
    return problems.problem(502, lost.rule, lost.message_vi, lost.message_en)


def readable(handler: Handler) -> Handler:
    """The same error, as a page for those who read in a browser."""

    async def handled(request: Request, error: Any) -> Response:
        answer = await handler(request, error)
        if request.url.path in FOR_PROGRAMS or not reads_html(request.headers.get("accept")):
            return answer
        kept = {name: answer.headers[name] for name in ("retry-after", "allow") if name in answer.headers}
        return request.app.state.pages.error(request, answer.status_code, orjson.loads(answer.body), kept)

    return handled


# --- a process of its own ---


@click.command(help="OCOP: portal", context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(1, 65535), required=True)
@click.option("--data", type=click.Path(path_type=Path), default=Path("var"), envvar="OCOP_DATA", show_default=True)
def run(host: str, port: int, data: Path) -> None:
    """The command line of the portal."""
    try:
        settings = environment.read(data)
    except BadSetting as error:
        raise click.UsageError(str(error)) from error
    if missing := [house for house in HOUSES if house not in settings.houses]:
        raise click.UsageError(f"OCOP_HOUSES: no address of {', '.join(missing)}")
    to_standard_error(settings.log_level)
    sys.exit(uvloop.run(serve(settings, host, port)))


async def serve(settings: Settings, host: str, port: int) -> int:
    """Runs until told to stop (0), or until something that must run has ended (1)."""
    tracing.start("ocop-portal", settings.traces)
    async with AsyncExitStack() as stack:
        stack.callback(tracing.stop)
        clients = {
            house: await stack.enter_async_context(at(address, CONNECTIONS))
            for house, address in settings.houses.items()
        }
        line = await stack.enter_async_context(at(settings.houses["certification"], ONE_LINE))
        day = HousesDay(line, Clock())
        register = Register(clients, line, day.sure)
        health = Health()
        health.check("houses", lambda: not_ready(clients))
        app = portal_app(
            clients, day, simulated=settings.simulated, public_url=settings.public_url, register=register,
            outline=settings.outline,
        )  # fmt: skip
        app.include_router(health_routes(health))
        for house, client in clients.items():
            app.mount(f"/{house}", Proxy(house, client))
        return await serve_app(app, host, port, [day.follow, register.follow, app.state.changes.follow], health)


def at(address: str, limits: httpx.Limits) -> httpx.AsyncClient:
    """Connections to a house; no proxy of the environment stands between."""
    return httpx.AsyncClient(base_url=address, limits=limits, timeout=PATIENCE, trust_env=False)


async def not_ready(clients: Clients) -> list[str]:
    """The houses that do not take commands."""
    found = await asyncio.gather(*(readiness(house, client) for house, client in clients.items()))
    return [text for text in found if text]


async def readiness(house: str, client: httpx.AsyncClient) -> str:
    """Empty when a house takes commands."""
    try:
        answer = await client.get("/readyz", timeout=READY_SECONDS)
    except httpx.TransportError as error:
        return f"{house}: {type(error).__name__}"
    return "" if answer.status_code == httpx.codes.OK else f"{house}: not ready"


if __name__ == "__main__":
    run()
