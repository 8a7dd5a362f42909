"""The season played before houses that are processes of their own: over HTTP, each act again until it is answered."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import date
from pathlib import Path

import asyncpg
import httpx
import orjson
from obstore.store import LocalStore
from rich.console import Console

from ocop.company import Company
from ocop.databases import HouseDatabase
from ocop.plans import load_plans
from ocop.prepare import prepare_all
from ocop.season.play import play
from ocop.season.script import Season
from ocop.season.summary import as_json, as_table, summarise
from ocop.standalone import ROOMS, resume
from shared import settings as environment
from shared.auth.tokens import load_key
from shared.clock import Clock
from shared.eventstore.appender import CONNECTION_LOST
from shared.eventstore.played import play_day
from shared.house import House
from shared.plans import plan_files
from shared.settings import Settings

AGAIN_SECONDS = 300  # a house may be away for so long before an act is given up
PAUSE_SECONDS = 0.2
DAY_SECONDS = 0.01
ANSWER_SECONDS = 30
NOT_NOW = frozenset({502, 503, 504})


class AgainTransport(httpx.AsyncBaseTransport):
    """Asks again while nobody answers: every act carries its Idempotency-Key, so that none is done twice."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        until = time.monotonic() + AGAIN_SECONDS
        while True:
            try:
                response = await self._inner.handle_async_request(request)
                if response.status_code not in NOT_NOW or time.monotonic() > until:
                    return response
                await response.aclose()
            except httpx.TransportError:
                if time.monotonic() > until:
                    raise
            await asyncio.sleep(PAUSE_SECONDS)

    async def aclose(self) -> None:
        await self._inner.aclose()


class Far(Company):
    """The houses elsewhere; their stores are read here, and their day is set as their owners."""

    def __init__(
        self,
        houses: dict[str, House],
        clock: Clock,
        owners: Mapping[str, str],
        clients: Mapping[str, httpx.AsyncClient],
    ) -> None:
        super().__init__(houses, clock)
        self._owners = owners
        self.clients = clients

    async def play(self, day: date) -> None:
        await super().play(day)
        await self._set(day, playing=True)

    async def rest(self, day: date) -> None:
        await super().rest(day)
        await self._set(day, playing=False)

    def signing(self) -> list[House]:
        """All: their workers have the key."""
        return list(self.houses.values())

    async def settled(self) -> None:
        """As in one process; while a database is away it is waited for."""
        while True:
            try:
                return await super().settled()
            except (asyncpg.PostgresError, *CONNECTION_LOST):
                await asyncio.sleep(PAUSE_SECONDS)

    async def _set(self, day: date, *, playing: bool) -> None:
        """Returns when every door knows the day; the workers hear of it at the same time."""
        await asyncio.gather(*(self._set_one(house, day, playing) for house in self.houses))

    async def _set_one(self, house: str, day: date, playing: bool) -> None:
        while True:
            try:
                await play_day(self._owners[house], day, playing=playing)
                break
            except (asyncpg.PostgresError, *CONNECTION_LOST):
                await asyncio.sleep(PAUSE_SECONDS)
        while await self._today(house) < day:  # noqa: ASYNC110 - a process elsewhere tells when it is asked
            await asyncio.sleep(DAY_SECONDS)

    async def _today(self, house: str) -> date:
        return date.fromisoformat((await self.clients[house].get("/standing")).json()["today"])


@asynccontextmanager
async def far(settings: Settings, databases: Mapping[str, HouseDatabase], *, most: int = 64) -> AsyncIterator[Far]:
    """Opens the stores for reading and clients at `settings.houses`; `most`: connections to each house."""
    clock, key, files = Clock(), load_key(settings.key_file), LocalStore(settings.data)
    async with AsyncExitStack() as stack:
        houses, clients = {}, {}
        for name, rooms in ROOMS.items():
            house = houses[name] = House(rooms, databases[name].server_dsn, clock, key, files)
            await house.store.open()
            stack.push_async_callback(house.store.close)
            limits = httpx.Limits(max_connections=most, max_keepalive_connections=most)
            client = httpx.AsyncClient(
                base_url=settings.houses[name], timeout=ANSWER_SECONDS,
                transport=AgainTransport(httpx.AsyncHTTPTransport(limits=limits)),
            )  # fmt: skip
            clients[name] = await stack.enter_async_context(client)
        await resume(clock, houses, season=True)
        yield Far(houses, clock, {name: databases[name].owner_dsn for name in ROOMS}, clients)


async def play_demo(settings: Settings, databases: Mapping[str, HouseDatabase], summary: Path | None) -> bool:
    """Plays what is left of the season, shows its summary (and writes it as JSON); whether it ended as told."""
    console = Console(stderr=True)
    async with far(settings, databases) as company:
        season = Season()
        with console.status("Mùa OCOP / the season") as status:
            await play(
                company, season, lambda day, done, total: status.update(f"Mùa OCOP / the season  {day}  {done}/{total}")
            )
        result = await summarise(company, season)
        await load_plans(company.houses["programme"].store, company.clock, plan_files())
        await company.settled()
    Console().print(as_table(result))
    if summary:
        await asyncio.to_thread(summary.write_bytes, orjson.dumps(as_json(result), option=orjson.OPT_INDENT_2))
    return result.as_told


def run_season(data: Path, summary: Path | None) -> int:
    """Plays the season before houses elsewhere, once they take commands: 0 where it ended as told."""
    settings = environment.read(data)
    if not settings.houses.keys() >= ROOMS.keys():
        Console(stderr=True).print(f"[red]OCOP_HOUSES: {', '.join(ROOMS)}[/]")
        return 2

    async def main() -> bool:
        return await play_demo(settings, await prepare_all(settings), summary)

    return 0 if asyncio.run(main()) else 1
