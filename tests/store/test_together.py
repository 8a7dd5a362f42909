"""Several processes keep one view: each batch has its effect once, and none of them is in another's way for good."""

import asyncio

from ocop.databases import HouseDatabase
from shared.eventstore.store import EventStore
from shared.eventstore.views import Fact, Stretch, advance
from tests.given import an_id
from tests.store.counter import COUNTERS, HOUSE, Add
from tests.store.timed import a_counter, ask

PROCESSES = 6
ROUNDS = 10


async def test_batches_applied_at_once_by_several_processes_neither_deadlock_nor_count_twice(
    store: EventStore,
    clock,
    database: HouseDatabase,  # type: ignore[no-untyped-def]
) -> None:
    await a_counter(store, clock, "one")
    others = [EventStore(HOUSE, database.server_dsn) for _ in range(PROCESSES)]
    for other in others:
        await other.open()
    try:
        for number in range(ROUNDS):
            await ask(store, clock, Add(counter_id=an_id("one"), number=1), f"add {number}")
            facts = [Fact(r.position, r.event, HOUSE) for r in await store.feed(0, 100)]
            stretch = Stretch(HOUSE, facts, facts[-1].position)
            await asyncio.gather(*(advance(other.pool, COUNTERS, [stretch]) for other in others))
        total = await store.pool.fetchval("SELECT total FROM counters WHERE id = $1", an_id("one"))
    finally:
        for other in others:
            await other.close()
    assert total == ROUNDS
