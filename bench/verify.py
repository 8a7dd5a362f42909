"""`verify`: events a second of `ocop verify`, against a bare fetch of the same rows.

Both read beside nothing else from the same server over one connection of its own. The fetch reads whole rows as they lie in
the table, page by page in the order of positions, and does nothing with them; ours computes the hash of each and compares.
"""

import time

import asyncpg

from bench.figures import Figure, alternately, figure, peer
from bench.marks import fetched, fill
from bench.on_bus import durable_server
from ocop.databases import HouseDatabase
from shared.eventstore.migrate import migrate
from shared.eventstore.proving import prove
from tests.postgres import fresh_database
from tests.store.counter import HOUSE, ROOM

EVENTS = 1_000_000
ROUNDS = 5
PAGE = 10_000  # of the bare fetch: larger ones gained nothing


async def measure(rounds: int = ROUNDS, events: int = EVENTS) -> Figure:
    async with durable_server() as server, fresh_database(server, HOUSE) as database:
        await migrate(database.owner_dsn, database.server_role, ROOM)
        await fill(database, events)

        async def ours() -> float:
            return events / await proved(database, events)

        async def theirs() -> float:
            return events / await fetched(database, events, PAGE)

        found = await alternately(ours, theirs, rounds)
    return figure("verify", "events/s", peer(f"bare fetch of the same {events:,} rows", "asyncpg"), found)


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
