"""`read`: events a second of the feed, decoded and validated, beside a bare fetch of the same rows with their JSON decoded.

Both go page by page in the order of positions over one connection. The fetch takes whole rows and decodes each state with
the standard library's `json`.
"""

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from bench.figures import Figure, alternately, figure, peer
from bench.marks import fetched, rows_of
from bench.on_bus import durable_server
from ocop.databases import HouseDatabase
from ocop.postgres import Server
from shared.eventstore.migrate import migrate
from shared.eventstore.store import EventStore
from tests.postgres import fresh_database
from tests.store.counter import HOUSE, ROOM

EVENTS = 200_000
PAGE = 2000
# Straight into the table, as its owner: reading and appending depend on how many rows there are, not on how they came. Each
# aggregate has ten events; the chain's hashes are made up, since nothing here follows it.
FILL = """INSERT INTO events
    SELECT md5(((g - 1) / 10)::text)::uuid, (g - 1) % 10 + 1, $3, $4, g, $5, $6, $7, sha256(int8send(g))
    FROM generate_series($1::bigint, $2::bigint) g"""


async def read(rounds: int) -> Figure:
    async with durable_server() as server, filled(server, EVENTS) as database:

        async def ours() -> float:
            return EVENTS / await fed(database, EVENTS)

        async def theirs() -> float:
            return EVENTS / await fetched(database, EVENTS, PAGE, decoded)

        found = await alternately(ours, theirs, rounds)
    of = peer(f"bare fetch of the same {EVENTS:,} rows with JSON decode", "asyncpg")
    return figure("read", "events/s", of, found)


def decoded(rows: list[asyncpg.Record]) -> list[Any]:
    return [json.loads(row["state"]) for row in rows]


@asynccontextmanager
async def filled(server: Server, events: int) -> AsyncIterator[HouseDatabase]:
    """A house with so many events, vacuumed as one that has been at work for a while."""
    async with fresh_database(server, HOUSE) as database:
        await migrate(database.owner_dsn, database.server_role, ROOM)
        connection = await asyncpg.connect(database.owner_dsn)
        try:
            _, _, *mark = next(rows_of(0, 1))
            await connection.execute(FILL, 1, events, *mark)
            await connection.execute("UPDATE head SET position = $1", events)
            await connection.execute("VACUUM (ANALYZE) events")
        finally:
            await connection.close()
        yield database


async def fed(database: HouseDatabase, events: int) -> float:
    """Seconds of the feed from the beginning to the end."""
    store = EventStore(HOUSE, database.server_dsn)
    await store.open()
    try:
        begun, after, count = time.perf_counter(), 0, 0
        while recorded := await store.feed(after, PAGE):
            after = recorded[-1].position
            count += len(recorded)
        seconds = time.perf_counter() - begun
    finally:
        await store.close()
    if count != events:
        raise AssertionError(f"{count} of {events}")
    return seconds
