"""`relay`: contracts a second from store to Kafka by one relay, against a bare producer that sends the same messages."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from aiokafka import AIOKafkaProducer

from bench.figures import Figure, alternately, figure, peer
from bench.on_bus import broker_with_topics, durable_server
from services.registration.domain.idea import Idea, Summary
from services.registration.main import HOUSE
from shared.bus.partition import partition_of
from shared.bus.relay import relay
from shared.bus.saying import message_of
from shared.bus.telling import BATCH_BYTES, MOST_EVENTS, TRANSACTION_MS, KafkaSink
from shared.bus.wire import Message
from shared.clock import Clock
from shared.contracts.topics import TOPICS
from shared.eventstore.migrate import migrate
from shared.house import House
from shared.memory import settled
from tests.bus.two_houses import fresh_topics
from tests.given import about, an_id, on
from tests.postgres import fresh_database

IDEAS = 10_000  # of three events each: registered, screened (which is private), accepted
GROUP = 200
ROUNDS = 5
DEADLINE_SECONDS = 120
RULESET = "qd-26-2026"


async def measure(rounds: int = ROUNDS, ideas: int = IDEAS) -> Figure:
    """Contracts a second; every round writes topics that are new."""
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(durable_server())
        bootstrap = await stack.enter_async_context(broker_with_topics())
        house = await stack.enter_async_context(registration(server))
        await fill(house, ideas)
        messages = await messages_of(house)
        settled()  # as a house's process does before it goes to work

        async def ours() -> float:
            await fresh_topics(bootstrap)
            return len(messages) / await relayed(house, bootstrap)

        async def theirs() -> float:
            await fresh_topics(bootstrap)
            return len(messages) / await sent(messages, bootstrap)

        found = await alternately(ours, theirs, rounds)
    of = peer("bare aiokafka producer, same settings and transactions", "aiokafka")
    return figure("relay", "contracts/s", of, found)


@asynccontextmanager
async def registration(server: Any) -> AsyncIterator[House]:
    async with fresh_database(server, HOUSE.name) as database:
        await migrate(database.owner_dsn, database.server_role, HOUSE.room)
        house = House(HOUSE, database.server_dsn, Clock(), None)
        await house.store.open()
        try:
            yield house
        finally:
            await house.store.close()


async def fill(house: House, ideas: int) -> None:
    """Ideas made by the domain, stored by the store's own append."""
    for begin in range(0, ideas, GROUP):
        said = [
            event
            for n in range(begin, min(begin + GROUP, ideas))
            for event in idea(an_id(f"idea {n}"), n).collect_events()
        ]
        await house.store.append(
            said, request=f"ideas {begin}", fingerprint=b"", metadata='{"correlation": "bench"}', answer="{}"
        )


def idea(id: UUID, n: int) -> Idea:
    when = on("2026-06-01")
    made = Idea.register(
        id, producer=SimpleNamespace(verified=True), about=about(f"Sản phẩm {n}"), ruleset=RULESET,
        summary=Summary(description="Tỏi", raw_material="Tại đảo", local_character="Đất đảo"), when=when,
    )  # fmt: skip
    made.screen("Phù hợp", when)
    made.accept(when)
    return made


async def messages_of(house: House) -> list[Message]:
    """What the relay will say, ready to be sent."""
    found, after = [], 0
    while recorded := await house.store.feed(after, 1000):
        after = recorded[-1].position
        found += [m for r in recorded if (m := message_of(house.name, r, house.rooms.published))]
    return found


async def relayed(house: House, bootstrap: str) -> float:
    """Seconds from the first look at the store to the last mark; to take the lead over comes before and is done once."""
    head, done = await house.store.head(), asyncio.Event()

    class Watched(KafkaSink):
        begun: float

        async def position(self, source: str) -> int:
            at = await super().position(source)
            self.begun = time.perf_counter()
            return at

        async def send(self, source: str, said: list[Message], upto: int, hash: bytes | None = None) -> None:
            await super().send(source, said, upto, hash)
            if upto >= head:
                done.set()

    sink = Watched(house.store, bootstrap)
    await house.store.pool.execute("DELETE FROM positions WHERE reader = 'relay'")
    partition_of.cache_clear()  # as one who sees these products for the first time
    task = asyncio.create_task(relay(house.store, house.rooms.published, sink, house.wake, message_of, MOST_EVENTS))
    async with asyncio.timeout(DEADLINE_SECONDS):
        await done.wait()
    seconds = time.perf_counter() - sink.begun
    task.cancel()
    await asyncio.wait([task])
    await sink.close()
    return seconds


async def sent(messages: list[Message], bootstrap: str) -> float:
    """Seconds of a producer of the same kind that has the messages ready and sends them one by one."""
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, transactional_id="bench", acks="all", transaction_timeout_ms=TRANSACTION_MS,
        max_batch_size=BATCH_BYTES,
    )  # fmt: skip
    topic = TOPICS[HOUSE.name].name
    await producer.start()
    begun = time.perf_counter()
    for begin in range(0, len(messages), MOST_EVENTS):
        async with producer.transaction():
            arrived = [
                await producer.send(topic, value, key=key, headers=headers)
                for key, value, headers in messages[begin : begin + MOST_EVENTS]
            ]
            await asyncio.gather(*arrived)
    seconds = time.perf_counter() - begun
    await producer.stop()
    return seconds
