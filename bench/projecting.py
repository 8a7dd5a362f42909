"""What the figures of projections share: a million marks in a store, a view that counts them, a view brought to the end."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg

from bench.marks import Marked, fill
from ocop.databases import HouseDatabase
from ocop.postgres import Server
from shared.eventstore.migrate import migrate
from shared.eventstore.projector import Projection
from shared.eventstore.store import EventStore
from shared.eventstore.views import Change, Room, View
from shared.memory import settled
from tests.opened import store_on
from tests.postgres import fresh_database
from tests.store.counter import HOUSE

EVENTS = 1_000_000
COUNTS = View("counts", ["counts"], HOUSE)
ROOM = Room(HOUSE, Path(__file__).with_suffix(".sql"), [COUNTS])
HOW_MANY = {"counts": "SELECT sum(n) FROM counts"}  # events; else a view has a row for each


@COUNTS.on(Marked)
def counted(e: Marked) -> list[Change]:
    return [Change(ROOM.sql.counted, (e.member,), together=True)]


@asynccontextmanager
async def marks_on(server: Server, events: int) -> AsyncIterator[tuple[HouseDatabase, EventStore]]:
    async with fresh_database(server, HOUSE) as database:
        await migrate(database.owner_dsn, database.server_role, ROOM)
        await fill(database, events)
        async with store_on(HOUSE, database.server_dsn) as store:
            settled()  # as a house's process does once it is open
            yield database, store


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
    told = HOW_MANY.get(view.name, f"SELECT count(*) FROM {view.name}")
    if (
        await store.pool.fetchval(told) != head
        or await store.position(view.reader, view.source) != head
        or head < events
    ):
        raise AssertionError("the view has not each event exactly once")
    return head / seconds
