"""`snapshot_<n>`: milliseconds to load an aggregate of so many events by its snapshot, against all of its events.

It is a province's certificate numbers of one year, the longest that a house has. Of its events half as many came after the
snapshot as come between two, as is so on the average.
"""

import statistics
import time
from collections.abc import Awaitable, Callable
from typing import Any

from bench.figures import Figure, Peer, alternately, figure
from bench.on_bus import durable_server
from bench.projecting import ROOM
from services.certification.domain.numbers import CertificateNumbers
from shared.eventstore.migrate import migrate
from shared.eventstore.snapshots import EVERY, LAST, folded
from shared.eventstore.sql import STORE
from shared.eventstore.store import EventStore
from shared.memory import settled
from tests.given import an_id, on
from tests.opened import store_on
from tests.postgres import fresh_database
from tests.store.counter import HOUSE

ROUNDS = 5
LENGTHS = (25, 50, EVERY, 200, 500, 1000, 2000)
LOADS = 8000  # events of all loads of a round together
WHEN = on("2026-06-01")


async def measure(rounds: int = ROUNDS) -> list[Figure]:
    async with durable_server() as server, fresh_database(server, HOUSE) as database:
        await migrate(database.owner_dsn, database.server_role, ROOM)
        async with store_on(HOUSE, database.server_dsn) as store:
            settled()
            return [await one(store, length, rounds) for length in LENGTHS]


async def one(store: EventStore, length: int, rounds: int) -> Figure:
    """Of one length; shorter ones than have snapshots get one all the same, to see what it would be worth."""
    tail = min(length, EVERY) // 2
    numbers = CertificateNumbers.open("51", 2026 + length, WHEN)
    await lengthened(store, numbers, length - tail)
    await store._snapshots.take(CertificateNumbers, numbers.id)
    await lengthened(store, numbers, length)

    async def by_snapshot() -> Any:
        await store.pool.fetch(STORE.load, numbers.id, LAST, min(length, EVERY))  # the look that finds that it is long
        return await store._snapshots.load(CertificateNumbers, numbers.id, LAST)

    async def by_events() -> Any:
        return folded(store.mapper, numbers.id, await store.pool.fetch(STORE.load, numbers.id, LAST, LAST))

    times = max(LOADS // length, 20)
    found = await alternately(
        lambda: milliseconds(by_snapshot, length, times), lambda: milliseconds(by_events, length, times), rounds
    )
    peer = Peer("the same aggregate made of all its events", "this program")
    return figure(f"snapshot_{length}", "ms", peer, found, better="lower")


async def lengthened(store: EventStore, numbers: CertificateNumbers, length: int) -> None:
    while numbers.version < length:
        numbers.allocate(an_id(f"product {numbers.version}"), WHEN)
    request = f"{numbers.year} {length}"
    outcome = await store.append(
        list(numbers.collect_events()), request=request, fingerprint=b"", answer=None, metadata="{}"  # type: ignore[arg-type]
    )  # fmt: skip
    if outcome.kind != "ok":
        raise RuntimeError(f"{request}: {outcome.kind}")


async def milliseconds(load: Callable[[], Awaitable[Any]], length: int, times: int) -> float:
    """Of the median load."""
    found = []
    for _ in range(times):
        begun = time.perf_counter()
        aggregate = await load()
        found.append(time.perf_counter() - begun)
        if aggregate.version != length:
            raise AssertionError(f"version {aggregate.version} of {length}")
    return statistics.median(found) * 1000
