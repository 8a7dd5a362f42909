"""`visible`: from a command in one house to its effect in another through Kafka, beside a bare round trip on the same broker.

Two houses, each in a process of its own (bench/speaking.py). The greatest load held is sought first; what counts is the
median at half of it, and the peer (bench/bare_trips.py) bears the same load. A load is held where 99 of 100 effects are
there at once, as people see it, and those of the second half come as soon as those of the first: a queue that grows is not
held. Batches grow with the load, so far more is carried on a machine that is full; but half of that is full too, and then
the median tells of waiting for the processor and of nothing else.
"""

import asyncio
import statistics
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import orjson

from bench.bare_trips import at_a_rate, one_after_the_other
from bench.figures import Figure, alternately, figure, peer, spread
from bench.on_bus import broker_with_topics, durable_server
from shared.bus.saying import message_of
from shared.bus.wire import Message
from shared.eventstore.store import EventStore
from tests.bus.two_houses import HEARER, PUBLISHED, TELLER, databases

ROUNDS = 5
SECONDS = 6.0
WARM_SECONDS = 20.0  # until the broker's machine has compiled what it runs
WARM_RATE = 100
STEPS = (50, 75, 100, 150, 200, 300, 400, 600, 800, 1200, 1600)  # commands a second
HELD_MS = 100.0  # of 99 in 100 effects: what people take for at once
GROWTH = 1.5  # of the median from the first half to the second: more is a queue that grows
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
        await latencies(teller, hearer, WARM_RATE, WARM_SECONDS)
        greatest = await greatest_load(teller, hearer)
        slowest: list[float] = []

        async def ours() -> float:
            found = await latencies(teller, hearer, greatest / 2)
            slowest.append(p99(found))
            return statistics.median(found)

        messages = await told(made[TELLER].server_dsn, int(greatest / 2 * SECONDS))

        async def theirs() -> float:
            return statistics.median(await at_a_rate(bootstrap, messages, greatest / 2))

        found = await alternately(ours, theirs, rounds)
        lone = [statistics.median(await one_after_the_other(bootstrap, messages)) for _ in range(rounds)]
    bare = peer("bare produce-to-consume round trip: the same load and settings, read committed", "aiokafka")
    return figure("visible", "ms", bare, found, better="lower") | {
        "p99_ms": {"ours": spread(slowest)}, "greatest_load_held_per_s": greatest, "lone_bare_trip_ms": spread(lone),
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
    return p99(found) <= HELD_MS and statistics.median(second) <= GROWTH * statistics.median(first)


def p99(found: list[float]) -> float:
    return statistics.quantiles(found, n=100)[98]


async def told(dsn: str, many: int) -> list[Message]:
    """The last messages that the teller's relay sent."""
    store = EventStore(TELLER, dsn)
    await store.open()
    try:
        recorded = await store.feed(await store.head() - many, many)
        return [message for one in recorded if (message := message_of(TELLER, one, PUBLISHED))]
    finally:
        await store.close()
