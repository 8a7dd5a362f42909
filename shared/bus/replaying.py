"""Says contracts again to one named consumer, marked as a replay: on a topic of its own, which nobody else reads.

What is said keeps its id, so that a consumer that deduplicates passes over what it had. Nothing here moves a position or
an offset of anybody, and no house hears these topics.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from shared.bus.partition import partition_of
from shared.bus.saying import envelope_of
from shared.bus.telling import BATCH_BYTES, SEND_SECONDS, START_SECONDS, TRANSACTION_MS
from shared.bus.topics import OtherTopics, make_topic
from shared.bus.wire import to_kafka
from shared.calendar import HANOI
from shared.contracts.envelope import Envelope
from shared.contracts.topics import HOUSES, Topic
from shared.eventstore.mapper import Recorded
from shared.eventstore.publishing import Published
from shared.eventstore.sql import Statements
from shared.eventstore.store import EventStore

SQL = Statements(Path(__file__).with_suffix(".sql"))
CONSUMER = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
INTERNAL = frozenset({*HOUSES, "portal", "relay", "marks", "certificates"})
BATCH = 500
Bound = int | date  # a position, or a day on which something was recorded (Asia/Ho_Chi_Minh); both are included


class NotAConsumer(ValueError):
    """A name that no consumer outside can have."""


def topic_of(consumer: str) -> Topic:
    """The topic on which one consumer is told again. Raises NotAConsumer."""
    if consumer in INTERNAL:
        raise NotAConsumer(f"{consumer}: một phần của sổ đăng ký, không phải bên nhận / a part of the register itself")
    if not CONSUMER.fullmatch(consumer):
        raise NotAConsumer(f"{consumer!r}: cần / expected {CONSUMER.pattern}")
    return Topic(
        f"ocop.replay.{consumer}", owner="replay", key="as where it was first said", holds="contracts said again",
        cleanup="passing", public=False,
    )  # fmt: skip


class Interrupted(RuntimeError):
    """The broker does not answer, or a second replay to the same consumer has begun."""


# --- what is said again ---


@dataclass(frozen=True, slots=True)
class Span:
    """From position `first` to `last`, and of these what was recorded from `since` on and before `before`."""

    first: int
    last: int
    since: datetime | None = None
    before: datetime | None = None

    @property
    def length(self) -> int:
        return max(0, self.last - self.first + 1)

    def holds(self, recorded: Recorded) -> bool:
        at = recorded.event.timestamp
        return (
            recorded.position <= self.last
            and (self.since is None or at >= self.since)
            and (self.before is None or at < self.before)
        )


async def span_of(store: EventStore, begin: Bound, end: Bound | None) -> Span:
    """What lies between two bounds in a house; without an end everything up to the head."""
    first, last, since, before = 1, await store.head(), None, None
    if isinstance(begin, date):
        since = datetime.combine(begin, time(), HANOI)
        first = await store.pool.fetchval(SQL.recorded_from, since) or last + 1
    else:
        first = begin
    if isinstance(end, date):
        before = datetime.combine(end + timedelta(days=1), time(), HANOI)
        last = min(last, await store.pool.fetchval(SQL.recorded_before, before) or 0)
    elif end is not None:
        last = min(last, end)
    return Span(first, last, since, before)


class Destination(Protocol):
    """Where a replay goes, batch by batch."""

    async def say(self, envelopes: Sequence[Envelope]) -> None: ...


async def replay(
    store: EventStore, published: Published, span: Span, types: Collection[str] | None, to: Destination,
    reached: Callable[[int], None] = lambda _: None,
) -> int:  # fmt: skip
    """Says a house's contracts of these types (short or full names) again, in order; returns how many.

    `reached` is told each position up to which everything has been said. Raises what the destination raises.
    """
    after, said, topics = span.first - 1, 0, published.topics(types)
    while after < span.last and (recorded := await store.feed(after, BATCH, topics)):
        again = [e for r in recorded if span.holds(r) and (e := envelope_of(store.house, r, published))]
        if again:
            await to.say(again)
        said, after = said + len(again), recorded[-1].position
        reached(min(after, span.last))
    reached(max(span.last, span.first - 1))
    return said


# --- to Kafka ---


class ToKafka:
    """One consumer's topic. A second replay to the same consumer fences the first: never are two of them mixed."""

    def __init__(self, producer: AIOKafkaProducer, topic: Topic, replay: UUID) -> None:
        self._producer, self._topic = producer, topic
        self._marks = [("ce_replayid", str(replay).encode()), ("ce_replay", b"true")]

    async def say(self, envelopes: Sequence[Envelope]) -> None:
        """One transaction; the messages of a key in their order. Raises KafkaError, TimeoutError."""
        async with asyncio.timeout(SEND_SECONDS), self._producer.transaction():
            sent: list[asyncio.Future[Any]] = []
            for key, value, headers in map(to_kafka, envelopes):
                partition = partition_of(key, self._topic.partitions)
                arrives = await self._producer.send(
                    self._topic.name, value, key=key, headers=[*headers, *self._marks], partition=partition
                )
                arrives.add_done_callback(failure_of)
                sent.append(arrives)
            await asyncio.gather(*sent)


def failure_of(arrives: asyncio.Future[Any]) -> BaseException | None:
    """Looked at also where another message of the batch has failed first: one failure is told, not five hundred."""
    return None if arrives.cancelled() else arrives.exception()


@asynccontextmanager
async def to_kafka_topic(bootstrap: str, consumer: str, replay: UUID) -> AsyncIterator[ToKafka]:
    """The consumer's topic, made where it is not there; what goes wrong inside comes out as Interrupted.

    Raises NotAConsumer, Interrupted.
    """
    topic = topic_of(consumer)
    try:
        await make_topic(bootstrap, topic)
        async with _producer(bootstrap, consumer) as producer:
            yield ToKafka(producer, topic, replay)
    except (KafkaError, OtherTopics, TimeoutError) as error:
        raise Interrupted(f"Kafka {bootstrap}: {error or type(error).__name__}") from error


@asynccontextmanager
async def _producer(bootstrap: str, consumer: str) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, client_id=f"replay-{consumer}", transactional_id=f"replay-{consumer}", acks="all",
        transaction_timeout_ms=TRANSACTION_MS, max_batch_size=BATCH_BYTES,
    )  # fmt: skip
    try:
        async with asyncio.timeout(START_SECONDS):
            await producer.start()
        yield producer
    finally:
        await producer.stop()
