"""`curve_append`, `curve_read`: ours with 10 thousand to 5 million events stored already; the slowest size by the fastest."""

from statistics import median
from time import perf_counter

import asyncpg

from bench.append import SECONDS, appended, checkpoint
from bench.figures import Figure, alone, spread
from bench.on_bus import durable_server
from bench.peers.work import AT_ONCE
from bench.reading import PAGE, filled
from ocop.databases import HouseDatabase
from shared.eventstore.store import EventStore
from tests.store.counter import HOUSE

SIZES = (10_000, 100_000, 1_000_000, 5_000_000)
TIMES = 5
SCANNED = "SELECT sum(seq_tup_read) FROM pg_stat_user_tables WHERE relname IN ('events', 'requests')"
MOST_READ = 10_000  # events that are read of each size: the last ones


async def curve_append() -> Figure:
    """Raises AssertionError where the server has read a table in sequence for an append."""
    found: dict[int, list[float]] = {}
    async with durable_server() as server:
        for size in SIZES:
            async with filled(server, size) as database:
                before = await scanned(database)
                for _ in range(TIMES):
                    await checkpoint(server)
                    found.setdefault(size, []).append((await appended(database, AT_ONCE, SECONDS))["events_s"])
                if (after := await scanned(database)) != before:
                    raise AssertionError(f"{after - before} rows read in sequence at {size} events")
    return curve("curve_append", found)


async def curve_read() -> Figure:
    found: dict[int, list[float]] = {}
    async with durable_server() as server:
        for size in SIZES:
            async with filled(server, size) as database:
                found[size] = [await read_end(database, size) for _ in range(TIMES)]
    return curve("curve_read", found)


def curve(name: str, found: dict[int, list[float]]) -> Figure:
    """Flat is 1; the events a second of each size stand beside."""
    medians = [median(values) for values in found.values()]
    points = {f"{size:,}": spread(values) for size, values in found.items()}
    return alone(name, "fastest by slowest size", [max(medians) / min(medians)], better="lower") | {"points": points}


async def scanned(database: HouseDatabase) -> int:
    connection = await asyncpg.connect(database.owner_dsn)
    try:
        return await connection.fetchval(SCANNED)
    finally:
        await connection.close()


async def read_end(database: HouseDatabase, size: int) -> float:
    """Events a second of the feed over the last events."""
    store = EventStore(HOUSE, database.server_dsn)
    await store.open()
    try:
        after = begins = max(0, size - MOST_READ)
        await store.feed(after, PAGE)  # what is read is in memory at every size
        begun = perf_counter()
        while recorded := await store.feed(after, PAGE):
            after = recorded[-1].position
        return (after - begins) / (perf_counter() - begun)
    finally:
        await store.close()
