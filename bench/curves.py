"""`curve_append`, `curve_read`, `curve_rebuild`: ours with 10 thousand to 5 million events; the fastest size by the slowest.

Size after size, and again: what makes the machine slower for a while makes every size slower.
"""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, nullcontext
from statistics import median
from time import perf_counter

import asyncpg

from bench.append import SECONDS, appended, checkpoint
from bench.figures import Figure, alone, spread
from bench.on_bus import durable_server
from bench.peers.work import AT_ONCE
from bench.reading import PAGE, filled
from bench.register import rebuilt, register_on
from ocop.databases import HouseDatabase
from ocop.postgres import Server
from shared.eventstore.store import EventStore
from tests.store.counter import HOUSE

SIZES = (10_000, 100_000, 1_000_000, 5_000_000)
TIMES = 5
SCANNED = "SELECT sum(seq_tup_read) FROM pg_stat_user_tables WHERE relname IN ('events', 'requests')"
MOST_READ = 10_000  # events that are read of each size: the last ones,
PASSES = 5  # so many times
LARGE = 1_000_000  # stored events, to which what is appended meanwhile adds nothing to speak of

Measured = Callable[[Server, HouseDatabase, int], Awaitable[float]]


async def curve_append() -> Figure:
    """Raises AssertionError where the server has read a table in sequence for an append."""
    return curve("curve_append", await at_each_size(append_at))


async def curve_read() -> Figure:
    return curve("curve_read", await at_each_size(read_at))


async def curve_rebuild() -> Figure:
    """Of the largest view, from the store's beginning to its end."""
    found: dict[int, list[float]] = {size: [] for size in SIZES}
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(durable_server())
        registers = {size: (await stack.enter_async_context(register_on(server, size)))[0] for size in SIZES}
        await rebuilt(registers[SIZES[0]])
        for _ in range(TIMES):
            for size, database in registers.items():
                made = await rebuilt(database)
                found[size].append(made["upto"] / made["seconds"])
    return curve("curve_rebuild", found)


async def at_each_size(measured: Measured) -> dict[int, list[float]]:
    found: dict[int, list[float]] = {size: [] for size in SIZES}
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(durable_server())
        large = {size: await stack.enter_async_context(filled(server, size)) for size in SIZES if size >= LARGE}
        async with filled(server, SIZES[0]) as database:  # the first of all pays for what a process does once
            await measured(server, database, SIZES[0])
        for _ in range(TIMES):
            for size, rates in found.items():
                async with nullcontext(large[size]) if size in large else filled(server, size) as database:
                    rates.append(await measured(server, database, size))
    return found


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


async def append_at(server: Server, database: HouseDatabase, size: int) -> float:
    before = await scanned(database)
    await checkpoint(server)
    rate = (await appended(database, AT_ONCE, SECONDS))["events_s"]
    if (after := await scanned(database)) != before:
        raise AssertionError(f"{after - before} rows read in sequence at {size} events")
    return rate


async def read_at(_: Server, database: HouseDatabase, size: int) -> float:
    """Events a second of the feed over the last events, which are in memory at every size."""
    begins = max(0, size - MOST_READ)
    store = EventStore(HOUSE, database.server_dsn)
    await store.open()
    try:
        await store.feed(begins, PAGE)
        begun = perf_counter()
        for _ in range(PASSES):
            after = begins
            while recorded := await store.feed(after, PAGE):
                after = recorded[-1].position
        return PASSES * (after - begins) / (perf_counter() - begun)
    finally:
        await store.close()
