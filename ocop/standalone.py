"""The whole program in one process: five houses and the portal over one PostgreSQL, delivering to each other directly."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from fastapi.responses import JSONResponse, PlainTextResponse
from obstore.store import LocalStore
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from ocop.company import Company
from ocop.databases import HouseDatabase, prepare
from ocop.postgres import EmbeddedPostgres, Server, serving
from services.certification.main import HOUSE as CERTIFICATION
from services.evaluation.main import HOUSE as EVALUATION
from services.portal.main import portal_app
from services.programme.main import HOUSE as PROGRAMME
from services.promotion.main import HOUSE as PROMOTION
from services.registration.main import HOUSE as REGISTRATION
from shared.auth.tokens import load_key
from shared.bus.relay import relay
from shared.clock import Clock
from shared.eventstore.migrate import migrate
from shared.house import House, Rooms, running
from shared.metrics import REGISTRY
from shared.settings import Settings

ROOMS: dict[str, Rooms] = {
    rooms.name: rooms for rooms in (REGISTRATION, EVALUATION, CERTIFICATION, PROMOTION, PROGRAMME)
}


class Program(Company):
    """The houses at work in this process, and the one origin under which they are reached."""

    def __init__(
        self, houses: dict[str, House], clock: Clock, gone: Callable[[], Awaitable[Any]], *, simulated: bool,
        public_url: str | None, outline: Path | None = None,
    ) -> None:  # fmt: skip
        super().__init__(houses, clock)
        self.gone = gone  # returns when the database has died under the program
        self.ready = False
        self.apps = {name: house.app() for name, house in houses.items()}
        self.clients = {name: client_of(app, name) for name, app in self.apps.items()}
        self.app = self._one_origin(simulated, public_url, outline)

    def _one_origin(self, simulated: bool, public_url: str | None, outline: Path | None) -> FastAPI:
        portal = portal_app(self.clients, self.clock, simulated=simulated, public_url=public_url, outline=outline)
        for name, app in self.apps.items():
            portal.mount(f"/{name}", app)
        portal.add_api_route("/livez", self._livez, include_in_schema=False)
        portal.add_api_route("/readyz", self._readyz, include_in_schema=False)
        portal.add_api_route("/metrics", self._metrics, include_in_schema=False)
        return portal

    async def _livez(self) -> JSONResponse:
        return JSONResponse({"live": True})

    async def _readyz(self) -> JSONResponse:
        """200 only when everything that was to be played is played and every delivery is made."""
        behind = [*await self.behind(), *await self.held()] if self.ready else ["season"]
        return JSONResponse({"ready": not behind, "behind": behind}, 503 if behind else 200)

    async def _metrics(self) -> PlainTextResponse:
        return PlainTextResponse(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)


def client_of(app: FastAPI, name: str) -> httpx.AsyncClient:
    """Speaks HTTP to a house of this process."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url=f"http://{name}")


@asynccontextmanager
async def program(settings: Settings, *, season: bool = False, clock: Clock | None = None) -> AsyncIterator[Program]:
    """The database started and migrated, the houses open, their tasks running; all ended in reverse order."""
    clock = clock or Clock()
    async with AsyncExitStack() as stack:
        server, gone = await stack.enter_async_context(claimed(settings))
        found = await prepare(server, ROOMS, settings.house_passwords)
        await migrate_all(found)
        houses = await open_houses(stack, settings, found, clock)
        await resume(clock, houses, season)
        whole = Program(
            houses, clock, gone, simulated=season, public_url=settings.public_url, outline=settings.outline
        )  # fmt: skip
        for client in whole.clients.values():
            await stack.enter_async_context(client)
        await stack.enter_async_context(running(*tasks_of(houses), *portal_tasks(whole)))
        yield whole


async def migrate_all(databases: Mapping[str, HouseDatabase]) -> None:
    """Brings the database of every house to this version."""
    for name, rooms in ROOMS.items():
        await migrate(databases[name].owner_dsn, databases[name].server_role, rooms.room)


@asynccontextmanager
async def claimed(settings: Settings) -> AsyncIterator[tuple[Server, Callable[[], Awaitable[Any]]]]:
    """The operator's server, or the embedded one, held until the end, with what ends when it dies.

    Raises DataInUse, PostgresFailed.
    """
    if settings.database_url:
        yield Server(settings.database_url), asyncio.Event().wait
        return
    embedded = EmbeddedPostgres(settings.data)
    server = await embedded.start()
    try:
        yield server, embedded.gone
    finally:
        await embedded.stop()


@asynccontextmanager
async def looked_at(settings: Settings) -> AsyncIterator[dict[str, HouseDatabase]]:
    """The databases of a running or stopped program, for one piece of work beside it."""
    if settings.database_url:
        yield await prepare(Server(settings.database_url), ROOMS, settings.house_passwords)
        return
    async with serving(settings.data) as server:
        yield await prepare(server, ROOMS)


async def resume(clock: Clock, houses: dict[str, House], season: bool) -> None:
    """Time never goes back behind what is recorded: a season goes on from its day, otherwise the later of the two."""
    last = [day for house in houses.values() if (day := await house.store.last_day())]
    if last:
        (clock.play if season else clock.rest)(max(last))
    for house in houses.values():
        if at := await house.store.last_instant():
            clock.goes_on_after(at)


async def open_houses(
    stack: AsyncExitStack, settings: Settings, found: dict[str, HouseDatabase], clock: Clock
) -> dict[str, House]:
    settings.evidence.mkdir(parents=True, exist_ok=True)
    files = LocalStore(settings.evidence)
    key, signs = load_key(settings.key_file), load_key(settings.checkpoint_key_file)
    houses = {}
    for name, rooms in ROOMS.items():
        house = House(rooms, found[name].server_dsn, clock, key, files, signs)
        await house.store.open()
        stack.push_async_callback(house.store.close)
        houses[name] = house
    return houses


def portal_tasks(program: Program) -> list[Callable[[], Awaitable[None]]]:
    """What the portal follows, to answer by itself as long as nothing changes."""
    state = program.app.state
    return [state.register.follow, state.changes.follow]


def tasks_of(houses: dict[str, House]) -> list[Any]:
    """Each house's own tasks, and one relay from each source house to each sink that listens to it."""
    starters = [task for house in houses.values() for task in house.tasks()]
    for house in houses.values():
        for source, sink in house.sinks():
            teller = houses[source]
            starters.append(lambda t=teller, s=sink: relay(t.store, t.rooms.published, s, t.wake))
    return starters
