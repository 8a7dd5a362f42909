"""The peer of `visible`: a bare producer and a bare consumer of aiokafka on the same broker with the relay's settings.

The same messages come at the same rate, go in transactions no closer to each other than the relay's, and are read once
committed. Nothing is stored before or after.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import islice
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from shared.bus.hearing import LONGEST_WAIT_MS, MOST_RECORDS
from shared.bus.telling import APART_SECONDS, TRANSACTION_MS
from shared.bus.wire import Message, header
from shared.contracts.topics import TOPICS

TOPIC = TOPICS["programme"].name  # nobody else is on it here
TRIPS = 200
DEADLINE_SECONDS = 90


@asynccontextmanager
async def both_ends(bootstrap: str) -> AsyncIterator[tuple[AIOKafkaProducer, AIOKafkaConsumer]]:
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, transactional_id=f"bench-{uuid4()}", acks="all",
        transaction_timeout_ms=TRANSACTION_MS,
    )  # fmt: skip
    consumer = AIOKafkaConsumer(
        TOPIC, bootstrap_servers=bootstrap, group_id=f"bench-{uuid4()}", isolation_level="read_committed",
        auto_offset_reset="latest", enable_auto_commit=False,
    )  # fmt: skip
    await producer.start()
    await consumer.start()
    try:
        await consumer.getmany(timeout_ms=500)  # it has its partitions and stands at their ends
        yield producer, consumer
    finally:
        await consumer.stop()
        await producer.stop()


async def at_a_rate(bootstrap: str, messages: Sequence[Message], rate: float) -> list[float]:
    """Milliseconds from when each message is there to be sent until the consumer has it."""
    there: asyncio.Queue[tuple[Message, float]] = asyncio.Queue()
    async with (
        both_ends(bootstrap) as (producer, consumer),
        asyncio.timeout(DEADLINE_SECONDS),
        asyncio.TaskGroup() as group,
    ):
        group.create_task(given(there, messages, rate))
        begun = group.create_task(sent(producer, there, len(messages)))
        seen = group.create_task(heard(consumer, len(messages)))
    return [(at - begun.result()[id]) * 1000 for id, at in seen.result().items()]


async def given(there: asyncio.Queue[tuple[Message, float]], messages: Sequence[Message], rate: float) -> None:
    first = time.perf_counter()
    for number, message in enumerate(messages):
        await asyncio.sleep(max(0.0, first + number / rate - time.perf_counter()))
        there.put_nowait((message, time.perf_counter()))


async def sent(
    producer: AIOKafkaProducer, there: asyncio.Queue[tuple[Message, float]], wanted: int
) -> dict[str | None, float]:
    """When each was given, by its id."""
    begun: dict[str | None, float] = {}
    while len(begun) < wanted:
        first = await there.get()
        opened = time.perf_counter()
        batch = [first, *(there.get_nowait() for _ in range(there.qsize()))]
        async with producer.transaction():
            await asyncio.gather(*[await producer.send(TOPIC, m.value, m.key, headers=m.headers) for m, _ in batch])
        begun |= {id_of(message.headers): at for message, at in batch}
        await asyncio.sleep(max(0.0, opened + APART_SECONDS - time.perf_counter()))
    return begun


async def heard(consumer: AIOKafkaConsumer, wanted: int) -> dict[str | None, float]:
    """When each was there, by its id."""
    seen: dict[str | None, float] = {}
    while len(seen) < wanted:
        came = await consumer.getmany(timeout_ms=LONGEST_WAIT_MS, max_records=MOST_RECORDS)
        at = time.perf_counter()
        seen |= {id_of(record.headers): at for records in came.values() for record in records}
    return seen


async def one_after_the_other(bootstrap: str, messages: Sequence[Message]) -> list[float]:
    """Milliseconds of lone messages, each in a transaction of its own and sent when the one before is there."""
    found = []
    async with both_ends(bootstrap) as (producer, consumer):
        for message in islice(messages, TRIPS):
            begun = time.perf_counter()
            async with producer.transaction():
                await producer.send_and_wait(TOPIC, message.value, message.key, headers=message.headers)
            while (await consumer.getone()).key != message.key:
                pass
            found.append((time.perf_counter() - begun) * 1000)
    return found[TRIPS // 10 :]


def id_of(headers: Sequence[tuple[str, bytes]]) -> str | None:
    return header(headers, "ce_id")
