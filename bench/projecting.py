"""What the figures of projections share: a million marks in a store, a view that counts them, and one with a row for each."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import orjson

from bench.marks import Marked, fill
from bench.on_bus import durable_server
from ocop.databases import HouseDatabase
from ocop.postgres import Server
from shared.eventstore.migrate import migrate
from shared.eventstore.projector import Projection
from shared.eventstore.store import EventStore
from shared.eventstore.views import Change, Fact, Room, View
from shared.memory import settled
from tests.postgres import fresh_database
from tests.store.counter import HOUSE

EVENTS = 1_000_000
COUNTS = View("counts", ["counts"], HOUSE)
MARKS = View("marks", ["marks"], HOUSE)
ROOM = Room(HOUSE, Path(__file__).with_suffix(".sql"), [COUNTS, MARKS])


@COUNTS.on(Marked)
def counted(e: Marked) -> list[Change]:
    return [Change(ROOM.sql.counted, (e.member,), together=True)]


@MARKS.on(Marked)
def marked(e: Marked, fact: Fact) -> list[Change]:
    arguments = (e.originator_id, fact.position, e.legal_date, e.member, e.criterion, e.score, e.note)
    return [Change(ROOM.sql.marked, arguments, together=True)]


@asynccontextmanager
async def with_marks(events: int) -> AsyncIterator[tuple[HouseDatabase, EventStore]]:
    """A store of so many marks on a durable server of its own."""
    async with durable_server() as server, marks_on(server, events) as found:
        yield found


@asynccontextmanager
async def marks_on(server: Server, events: int) -> AsyncIterator[tuple[HouseDatabase, EventStore]]:
    async with fresh_database(server, HOUSE) as database:
        await migrate(database.owner_dsn, database.server_role, ROOM)
        await fill(database, events)
        store = EventStore(HOUSE, database.server_dsn)
        await store.open()
        settled()  # as a house's process does once it is open
        try:
            yield database, store
        finally:
            await store.close()


async def projected(store: EventStore, database: HouseDatabase, view: View, events: int) -> float:
    """Events a second of the program's own projection, from an empty view until it has everything."""
    owner = await asyncpg.connect(database.owner_dsn)
    try:
        await owner.execute(f"TRUNCATE views.{view.name}")
        await owner.execute("DELETE FROM positions WHERE reader = $1", view.reader)
    finally:
        await owner.close()
    head = await store.head()
    projection, begun = Projection(store, [view]), time.perf_counter()
    while await projection.step():
        pass
    seconds = time.perf_counter() - begun
    told = "SELECT sum(n) FROM counts" if view is COUNTS else "SELECT count(*) FROM marks"
    if await store.pool.fetchval(told) != head or await store.position(view.reader, HOUSE) != head or head < events:
        raise AssertionError("the view has not each event exactly once")
    return head / seconds


async def rebuilt(database: HouseDatabase) -> dict[str, Any]:
    """Of `marks`, by a process of its own as `ocop rebuild` is one: `seconds`, `peak` (MiB), `rows`, `upto`."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.rebuilding", database.owner_dsn, database.server_dsn, database.server_role,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"the rebuild ended with {process.returncode}")
    return orjson.loads(said)
