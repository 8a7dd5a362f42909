"""`read`: events a second of the feed, decoded and validated, beside a bare fetch of the same rows with their JSON decoded.

Both go page by page in the order of positions over one connection. The fetch takes whole rows and decodes each state with
the standard library's `json`.
"""

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from eventsourcing.utils import register_topic

from bench.figures import Figure, alternately, figure, peer
from bench.on_bus import durable_server
from bench.peers.work import facts_of
from ocop.databases import HouseDatabase
from ocop.postgres import Server
from shared.eventstore.aggregate import Changed
from shared.eventstore.migrate import migrate
from shared.eventstore.store import EventStore
from tests.given import on
from tests.postgres import fresh_database
from tests.store.counter import HOUSE, ROOM

EVENTS = 200_000
PAGE = 2000
FETCH = "SELECT * FROM events WHERE notification_id > $1 ORDER BY notification_id LIMIT $2"
# Straight into the table, as its owner: reading and appending depend on how many rows there are, not on how they came. Each
# aggregate has ten events; the chain's hashes are made up, since nothing here follows it.
FILL = """INSERT INTO events
    SELECT md5(((g - 1) / 10)::text)::uuid, (g - 1) % 10 + 1, 'bench.Marked', $3, g, $4, $5, $6, sha256(int8send(g))
    FROM generate_series($1::bigint, $2::bigint) g"""
METADATA = '{"request": "bench", "actor": "51-officer", "role": "agency", "place": "51", "correlation": "bench"}'
WHEN = on("2026-06-01")


class Marked(Changed):
    TOPIC = "bench.Marked"
    dossier_id: str
    producer: str
    criterion: int
    option: int
    score: float
    member: str
    at: str
    note: str


register_topic(Marked.TOPIC, Marked)


async def read(rounds: int) -> Figure:
    async with durable_server() as server, filled(server, EVENTS) as database:

        async def ours() -> float:
            return EVENTS / await fed(database, EVENTS)

        async def theirs() -> float:
            return EVENTS / await fetched(database, EVENTS)

        found = await alternately(ours, theirs, rounds)
    of = peer(f"bare fetch of the same {EVENTS:,} rows with JSON decode", "asyncpg")
    return figure("read", "events/s", of, found)


@asynccontextmanager
async def filled(server: Server, events: int) -> AsyncIterator[HouseDatabase]:
    """A house with so many events, vacuumed as one that has been at work for a while."""
    async with fresh_database(server, HOUSE) as database:
        await migrate(database.owner_dsn, database.server_role, ROOM)
        connection = await asyncpg.connect(database.owner_dsn)
        try:
            event = Marked(
                originator_id="00000000-0000-0000-0000-000000000000", originator_version=1, timestamp=WHEN.at,
                legal_date=WHEN.on, **facts_of(1),
            )  # fmt: skip
            state = event.model_dump_json(exclude={"originator_id", "originator_version"}).encode()
            await connection.execute(FILL, 1, events, state, WHEN.at, WHEN.on, METADATA)
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


async def fetched(database: HouseDatabase, events: int) -> float:
    connection = await asyncpg.connect(database.server_dsn)
    try:
        begun, after, count = time.perf_counter(), 0, 0
        while rows := await connection.fetch(FETCH, after, PAGE):
            after = rows[-1]["notification_id"]
            count += len([json.loads(row["state"]) for row in rows])
        seconds = time.perf_counter() - begun
    finally:
        await connection.close()
    if count != events:
        raise AssertionError(f"{count} of {events}")
    return seconds
