"""`visible`: from a command in one house to its effect in another through Kafka, beside a bare round trip on the same broker.

Two houses, each in a process of its own (bench/speaking.py). The greatest load held is sought first; what counts is the
median at half of it. A load is held where every effect is there within a second and those of the second half come as soon
as those of the first: a queue that grows is not held, however short the time.
"""

import asyncio
import statistics
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from uuid import uuid4

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from bench.figures import Figure, alternately, figure, peer, spread
from bench.on_bus import broker_with_topics, durable_server
from shared.bus.telling import TRANSACTION_MS
from shared.contracts.topics import TOPICS
from tests.bus.two_houses import HEARER, TELLER, databases

ROUNDS = 5
SECONDS = 6.0
WARM_SECONDS = 20.0  # until the broker's machine has compiled what it runs
STEPS = (50, 100, 200, 300, 400, 600, 800, 1200, 1600)  # commands a second
HELD_SECONDS = 1.0  # the slowest effect of a load that is held
GROWTH = 1.5  # of the median from the first half to the second: more is a queue that grows
TRIPS = 200
DEADLINE_SECONDS = 90
LINE_BYTES = 2**26


async def measure(rounds: int = ROUNDS) -> Figure:
    """Milliseconds; p99 and the greatest load held stand beside."""
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(durable_server())
        bootstrap = await stack.enter_async_context(broker_with_topics())
        made = await stack.enter_async_context(databases(server))
        teller = await stack.enter_async_context(house(TELLER, made[TELLER].server_dsn, bootstrap))
        hearer = await stack.enter_async_context(house(HEARER, made[HEARER].server_dsn, bootstrap))
        await latencies(teller, hearer, STEPS[2], WARM_SECONDS)
        greatest = await greatest_load(teller, hearer)
        slowest: list[float] = []

        async def ours() -> float:
            found = await latencies(teller, hearer, greatest / 2)
            slowest.append(statistics.quantiles(found, n=100)[98])
            return statistics.median(found)

        async def theirs() -> float:
            return statistics.median(await round_trips(bootstrap))

        found = await alternately(ours, theirs, rounds)
    bare = peer("bare produce-to-consume round trip: a transaction each, read committed", "aiokafka")
    return figure("visible", "ms", bare, found, better="lower") | {
        "p99_ms": {"ours": spread(slowest)}, "greatest_load_held_per_s": greatest,
    }  # fmt: skip


# --- ours ---


class Speaking:
    """A house in a process of its own that is asked by lines of JSON."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def ask(self, question: Any) -> Any:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(orjson.dumps(question, option=orjson.OPT_APPEND_NEWLINE))
        async with asyncio.timeout(DEADLINE_SECONDS):
            return orjson.loads(await self._process.stdout.readline())


@asynccontextmanager
async def house(name: str, dsn: str, bootstrap: str) -> AsyncIterator[Speaking]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.speaking", name, dsn, bootstrap,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=LINE_BYTES,
    )  # fmt: skip
    try:
        yield Speaking(process)
    finally:
        process.terminate()
        await process.wait()


async def latencies(teller: Speaking, hearer: Speaking, rate: float, seconds: float = SECONDS) -> list[float]:
    """Milliseconds from each command's beginning until its effect can be read in the other house, in order of beginning."""
    begun: dict[str, float] = await teller.ask({"rate": rate, "seconds": seconds})
    there: dict[str, float] = await hearer.ask(list(begun))
    return [(there[message] - at) * 1000 for message, at in sorted(begun.items(), key=lambda one: one[1])]


async def greatest_load(teller: Speaking, hearer: Speaking) -> float:
    """The last step that is held."""
    held = STEPS[0]
    for rate in STEPS:
        if not is_held(await latencies(teller, hearer, rate)):
            break
        held = rate
    return held


def is_held(found: list[float]) -> bool:
    first, second = found[: len(found) // 2], found[len(found) // 2 :]
    return max(found) <= HELD_SECONDS * 1000 and statistics.median(second) <= GROWTH * statistics.median(first)


# --- the peer ---


async def round_trips(bootstrap: str) -> list[float]:
    """Milliseconds of messages sent one after the other, each in a transaction, until the consumer has them."""
    topic = TOPICS["programme"].name
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, transactional_id=f"bench-{uuid4()}", acks="all",
        transaction_timeout_ms=TRANSACTION_MS,
    )  # fmt: skip
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=bootstrap, group_id=f"bench-{uuid4()}", isolation_level="read_committed",
        auto_offset_reset="latest", enable_auto_commit=False,
    )  # fmt: skip
    await producer.start()
    await consumer.start()
    try:
        await consumer.getmany(timeout_ms=500)  # it has its partitions and stands at their ends
        found = []
        for number in range(TRIPS):
            key = str(number).encode()
            begun = time.perf_counter()
            async with producer.transaction():
                await producer.send_and_wait(topic, b"{}", key=key)
            while (await consumer.getone()).key != key:
                pass
            found.append((time.perf_counter() - begun) * 1000)
        return found[TRIPS // 10 :]
    finally:
        await consumer.stop()
        await producer.stop()
