"""eventsource-py: events by PostgreSQLEventStore.append, into a counting table by SubscriptionManager; each round anew."""

import asyncio
import re
import sys
import time
import uuid
from typing import Any

from eventsource import (
    DomainEvent,
    ExpectedVersion,
    InMemoryEventBus,
    PostgreSQLEventStore,
    SQLCheckpointRepository,
    StreamId,
    create_async_engine,
    register_event,
)
from eventsource.adapters.sql.schemas import get_schema
from eventsource.application.subscriptions import SubscriptionManager
from eventsource.application.subscriptions.config import create_catch_up_config
from sqlalchemy import text

from bench.peers.work import facts_of

PER_COMMAND = 100
BATCH = 1000  # its best
COUNT = "INSERT INTO counts VALUES (:k, :n) ON CONFLICT (k) DO UPDATE SET n = counts.n + excluded.n"


@register_event
class Marked(DomainEvent):
    aggregate_type: str = "Dossier"
    data: dict[str, Any]


class Counting:
    """One transaction a batch; its position is a second one."""

    def __init__(self, engine):
        self.engine, self.seen = engine, 0

    def subscribed_to(self):
        return [Marked]

    async def handle(self, event):
        await self.handle_batch([event])

    async def handle_batch(self, events):
        counts: dict[str, int] = {}
        for e in events:
            counts[e.data["member"]] = counts.get(e.data["member"], 0) + 1
        async with self.engine.begin() as connection:
            await connection.execute(text(COUNT), [{"k": k, "n": n} for k, n in counts.items()])
        self.seen += len(events)


async def fill(store, events):
    for first in range(0, events, PER_COMMAND):
        dossier = uuid.uuid4()
        size = min(PER_COMMAND, events - first)
        batch = [Marked(aggregate_id=dossier, aggregate_version=n + 1, data=facts_of(first + n)) for n in range(size)]
        await store.append(StreamId(aggregate_id=dossier, category="Dossier"), batch, ExpectedVersion.exact(0))


async def one_round(engine, store, events, name):
    async with engine.begin() as connection:
        await connection.execute(text("TRUNCATE counts"))
    subscriber = Counting(engine)
    manager = SubscriptionManager(store, InMemoryEventBus(), SQLCheckpointRepository(engine), enable_tracing=False)
    await manager.subscribe(subscriber, create_catch_up_config(batch_size=BATCH), name=name)
    begun = time.perf_counter()
    running = asyncio.create_task(manager.start())
    while subscriber.seen < events:  # noqa: ASYNC110 - it tells nobody
        await asyncio.sleep(0.01)
    rate = events / (time.perf_counter() - begun)
    await running
    await manager.stop()
    return rate


async def main():
    host, port, user, database, events = sys.argv[1:]
    engine = create_async_engine(f"postgresql+asyncpg://{user}@/{database}?host={host}&port={port}", pool_size=16)
    async with engine.connect() as connection:
        raw = (await connection.get_raw_connection()).driver_connection
        # the schema asks for an extension that nothing in it uses and this server does not ship
        await raw.execute(re.sub(r"CREATE EXTENSION[^;]*;", "", get_schema("all")))
        await raw.execute("CREATE TABLE counts (k text PRIMARY KEY, n bigint)")
    store = PostgreSQLEventStore(engine)
    await fill(store, int(events))
    print("ready", flush=True)
    number = 0
    while await asyncio.to_thread(sys.stdin.readline):
        number += 1
        print(await one_round(engine, store, int(events), f"counting-{number}"), flush=True)


asyncio.run(main())
