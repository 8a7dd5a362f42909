"""The whole program over new databases of the tests' PostgreSQL, with nothing played: for tests that make their own facts."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any

import httpx
from joserfc.jwk import OKPKey
from obstore.store import LocalStore

from ocop.postgres import Server
from ocop.standalone import ROOMS, Program, tasks_of
from shared.auth.actors import Actor, Role
from shared.auth.tokens import ALGORITHM, DEV_TOKEN_LASTS, sign
from shared.clock import Clock, machine_time
from shared.eventstore.aggregate import Aggregate
from shared.eventstore.migrate import migrate
from shared.house import House, running
from tests.postgres import fresh_database

KEY = OKPKey.generate_key(ALGORITHM)
BEGINNINGS = itertools.count(1)


def bearer(role: Role, place: str, id: str | None = None) -> dict[str, str]:
    """The header of whoever acts so; `id` is the actor's own, by default one of its role and place."""
    actor = Actor(id or f"{role} of {place}", role, place)
    return {"authorization": f"Bearer {sign(actor, KEY, machine_time() + DEV_TOKEN_LASTS)}"}


def unopened() -> Program:
    """The program put together and not connected to anything: its routes are what is wanted."""
    clock = Clock()
    houses = {name: House(rooms, "postgresql://nowhere", clock, KEY) for name, rooms in ROOMS.items()}
    return Program(houses, clock, asyncio.Event().wait, simulated=True, public_url=None)


@asynccontextmanager
async def on_new_databases(server: Server, folder: Path, *, hearing: bool = True) -> AsyncIterator[Program]:
    """Five houses and the portal at work, dropped afterwards; unless `hearing`, no house hears what another says."""
    clock, houses, files = Clock(), {}, LocalStore(folder)
    async with AsyncExitStack() as stack:
        for name, rooms in ROOMS.items():
            database = await stack.enter_async_context(fresh_database(server, name))
            await migrate(database.owner_dsn, database.server_role, rooms.room)
            house = houses[name] = House(rooms, database.server_dsn, clock, KEY, files)
            await house.store.open()
            stack.push_async_callback(house.store.close)
        program = Program(houses, clock, asyncio.Event().wait, simulated=True, public_url=None)
        for client in program.clients.values():
            await stack.enter_async_context(client)
        alone = [task for house in houses.values() for task in house.tasks()]
        await stack.enter_async_context(running(*(tasks_of(houses) if hearing else alone)))
        yield program


def browser_on(program: Program) -> httpx.AsyncClient:
    """A client on the one origin."""
    transport = httpx.ASGITransport(program.app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://ocop.example")


async def begin(program: Program, house: str, *aggregates: Aggregate) -> None:
    """Stores what tests made of the domain, as one request of the house."""
    said = [event for aggregate in aggregates for event in aggregate.collect_events()]
    request = f"a beginning, {next(BEGINNINGS)}"
    await program.houses[house].store.append(said, request=request, fingerprint=b"", metadata="{}", answer="{}")


async def day(program: Program, on: str) -> None:
    """The clock strikes; returns when all that follows from it is done."""
    program.clock.play(date.fromisoformat(on))
    await program.settled()


async def shown(program: Program) -> None:
    """Returns when each house's own views have all that it said; for a program whose houses do not hear each other."""
    for house in program.houses.values():
        head = await house.store.head()
        for view in house.room.own:
            await house.freshness.wait(view, f"{house.name}:{head}")


async def facts(client: httpx.AsyncClient, path: str, **query: Any) -> Any:
    """The JSON of a page of a house that is there."""
    answer = await client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()
