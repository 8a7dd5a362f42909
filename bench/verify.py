"""`verify`: events a second of `ocop verify`, against a bare fetch of the same rows.

Both read beside nothing else from the same server over one connection of its own. The fetch reads whole rows as they lie in
the table, page by page in the order of positions, and does nothing with them; ours computes the hash of each and compares.
"""

import asyncio
import time
from collections.abc import Iterator
from uuid import UUID

import asyncpg
import orjson

from bench.figures import Figure, alternately, figure, peer
from bench.on_bus import durable_server
from ocop.databases import HouseDatabase
from shared.eventstore.appender import Appender, Row
from shared.eventstore.migrate import migrate
from shared.eventstore.proving import prove
from tests.given import an_id, on
from tests.postgres import fresh_database
from tests.store.counter import HOUSE, ROOM

EVENTS = 1_000_000  # made by the store's own append; about a minute
PER_COMMAND = 100
AT_ONCE = 32  # commands
ROUNDS = 5
PAGE = 10_000  # of the bare fetch: larger ones gained nothing
FETCH = "SELECT * FROM events WHERE notification_id > $1 ORDER BY notification_id LIMIT $2"
METADATA = orjson.dumps(
    {"request": "bench", "actor": "51-officer", "role": "agency", "place": "51", "correlation": "bench"}
).decode()


async def measure(rounds: int = ROUNDS, events: int = EVENTS) -> Figure:
    async with durable_server() as server, fresh_database(server, HOUSE) as database:
        await migrate(database.owner_dsn, database.server_role, ROOM)
        await fill(database, events)

        async def ours() -> float:
            return events / await proved(database, events)

        async def theirs() -> float:
            return events / await fetched(database, events)

        found = await alternately(ours, theirs, rounds)
    return figure("verify", "events/s", peer(f"bare fetch of the same {events:,} rows", "asyncpg"), found)


async def fill(database: HouseDatabase, events: int) -> None:
    """Aggregates of a hundred events each, of about 400 bytes."""
    appender = Appender(database.server_dsn, HOUSE)
    await appender.start()
    waiting = iter(range(-(-events // PER_COMMAND)))

    async def one_after_another() -> None:
        for number in waiting:
            size = min(PER_COMMAND, events - number * PER_COMMAND)
            await appender.append(f"bench {number}", b"", "{}", list(rows_of(an_id(f"bench {number}"), size)))

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(one_after_another())
    finally:
        await appender.stop()
    connection = await asyncpg.connect(database.owner_dsn)
    try:
        await connection.execute("VACUUM (ANALYZE) events")  # as a store that has been at work for a while
    finally:
        await connection.close()


def rows_of(aggregate: UUID, size: int) -> Iterator[Row]:
    when = on("2026-06-01")
    for version in range(1, size + 1):
        facts = {
            "name": f"Sản phẩm {version}",
            "ruleset": "qd-26-2026",
            "account": f"{aggregate} " * 8,
            "number": version,
        }
        yield Row(aggregate, version, "test.CounterAdded", orjson.dumps(facts), when.at, when.on, METADATA)


async def proved(database: HouseDatabase, events: int) -> float:
    """Seconds of what `ocop verify` does for one house."""
    connection = await asyncpg.connect(database.server_dsn)
    try:
        begun = time.perf_counter()
        proof = await prove(connection, HOUSE)
        seconds = time.perf_counter() - begun
    finally:
        await connection.close()
    if not proof.whole or proof.events != events:
        raise AssertionError(f"{proof}")
    return seconds


async def fetched(database: HouseDatabase, events: int) -> float:
    connection = await asyncpg.connect(database.server_dsn)
    try:
        begun, after, count = time.perf_counter(), 0, 0
        while rows := await connection.fetch(FETCH, after, PAGE):
            after = rows[-1]["notification_id"]
            count += len(rows)
        seconds = time.perf_counter() - begun
    finally:
        await connection.close()
    if count != events:
        raise AssertionError(f"{count} of {events}")
    return seconds
