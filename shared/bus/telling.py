"""The relay's way to Kafka: batches of contracts in transactions, and in each transaction the mark of how far it goes.

The mark and the contracts are committed together, so a new leader goes on exactly where the last one ended. The
transactional id fences a leader that was deposed without knowing: what it still sends is refused.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, NamedTuple

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError

from shared.bus.driver import let_go
from shared.bus.hanging import closed
from shared.bus.partition import partition_of
from shared.bus.reading import reading
from shared.bus.wire import Message
from shared.contracts.topics import CERTIFICATES, HOUSES, MARKS, TOPICS, Topic
from shared.eventstore.sql import STORE
from shared.eventstore.store import DATABASE_SILENT, EventStore
from shared.logs import log
from shared.metrics import RELAY_SENT

READER = "relay"
START_SECONDS = 20
STOP_SECONDS = 5
SEND_SECONDS = 60
MOST_EVENTS = 2000  # of one transaction
TRANSACTION_MS = 15_000  # a leader that dies in the middle of one holds back readers no longer than this
BATCH_BYTES = 512 * 1024
APART_SECONDS = 0.012  # from one transaction's beginning to the next: however small, each costs about the same
SUSPECT_SECONDS = 3.0  # of one step; a broker that was killed is back after no less than its session's timeout
NOTE_SECONDS = 0.5  # between two notes in the database of how far it came
MARKS_BACK = 64  # offsets before the end where the last mark is looked for first; markers of transactions lie between

States = Callable[[list[Message]], Awaitable[list[Message]]]


class Ahead(RuntimeError):
    """The topic has more than the store, or other facts: it was restored to an earlier point, or the broker is another's."""


class Interrupted(RuntimeError):
    """The broker was silent for so long that it may have been started again: how it ended a transaction, it may not know."""


async def no_states(_: list[Message]) -> list[Message]:
    return []


class KafkaSink:
    """One house's topic as a sink of the relay. Whoever calls `position` becomes its only writer."""

    def __init__(self, store: EventStore, bootstrap: str, states: States = no_states) -> None:
        self.name = "kafka"
        self._store, self._bootstrap, self._states = store, bootstrap, states
        self._topic = TOPICS[store.house]
        self._mark = TopicPartition(MARKS.name, HOUSES.index(store.house))
        topics = [self._topic, *([CERTIFICATES] if CERTIFICATES.owner == store.house else [])]
        self._own = [TopicPartition(one.name, number) for one in topics for number in range(one.partitions)]
        self._producer: AIOKafkaProducer | None = None
        self._upto = self._noted = 0  # what the broker has, and what the database was told of it
        self._noting: asyncio.Task[None] | None = None

    async def position(self, source: str) -> int:
        """Begins anew with a producer of its own; the position is the last committed mark's. Raises KafkaError, Ahead.

        Less, where something before that mark has never come to light: it is said again.
        """
        producer = await self.begin(source)
        hidden = await closed(producer, self._bootstrap, [self._mark, *self._own])
        mark, head = await last_mark(self._bootstrap, source), await self._store.head()
        if mark.upto > head:
            raise Ahead(f"{self._topic.name} has events up to {mark.upto}, the store ends at {head}")
        hash = await self._store.hash_at(mark.upto)
        if mark.hash and mark.hash != (hash.hex() if hash else None):
            raise Ahead(f"{self._topic.name} was told of another event {mark.upto} than the store has")
        self._note(mark.upto)  # whoever led before may have died before its own note
        return mark.upto if hidden is None else min(mark.upto, hidden - 1)

    async def begin(self, source: str) -> AIOKafkaProducer:
        """With a producer of its own: whoever else writes the topic is deposed. Raises KafkaError."""
        await self.close()
        producer = AIOKafkaProducer(
            bootstrap_servers=self._bootstrap, client_id=f"relay-{source}", transactional_id=f"relay-{source}",
            acks="all", transaction_timeout_ms=TRANSACTION_MS, max_batch_size=BATCH_BYTES,
        )  # fmt: skip
        self._producer = producer  # closed also when it does not start
        async with asyncio.timeout(START_SECONDS):
            await producer.start()
        return producer

    async def send(self, source: str, said: list[Message], upto: int, hash: bytes | None = None) -> None:
        """One transaction: contracts, the states that follow from them, the mark. Raises KafkaError, Interrupted, TimeoutError.

        `hash`: of the store's chain at `upto`; with it the mark fits one history only. It returns when the next may begin. One
        that fails is not aborted: the broker does that when the next producer begins, and without it nobody can.
        """
        assert self._producer is not None
        states = await self._states(said)
        mark = Message(source.encode(), orjson.dumps({"upto": upto, "hash": hash.hex() if hash else None}), [])
        begun = time.monotonic()
        async with asyncio.timeout(SEND_SECONDS):
            await self._producer.begin_transaction()
            sent = await self._queue(self._topic, said)
            sent += await self._queue(CERTIFICATES, states)
            sent += await self._queue(MARKS, [mark], self._mark.partition)
            await asyncio.gather(*sent)
            self._in_time(begun)  # what hangs since before this one would come to light with it
            await self._producer.commit_transaction()
        self._in_time(begun)
        RELAY_SENT.labels(source).inc(len(said))
        self._note(upto)
        await asyncio.sleep(max(0.0, begun + APART_SECONDS - time.monotonic()))

    def _in_time(self, begun: float) -> None:
        if time.monotonic() - begun > SUSPECT_SECONDS:
            raise Interrupted(f"{self._topic.name}: the broker was silent for more than {SUSPECT_SECONDS:.0f} s")

    def _note(self, upto: int) -> None:
        """Tells the database soon, off the way of the next batch: the note is for people and gauges, the mark is what counts."""
        self._upto = upto
        if self._noting is None or self._noting.done():
            self._noting = asyncio.create_task(self._keep_noting())

    async def _keep_noting(self) -> None:
        while self._noted < self._upto:
            await self._write_note()
            await asyncio.sleep(NOTE_SECONDS)

    async def _write_note(self) -> None:
        upto = self._upto
        try:
            await self._store.pool.execute(STORE.advance, READER, self._store.house, upto)
        except DATABASE_SILENT as error:
            log.warning("position-not-noted", house=self._store.house, error=error)
        else:
            self._noted = upto

    async def _queue(
        self, topic: Topic, messages: Iterable[Message], partition: int | None = None
    ) -> list[asyncio.Future[Any]]:
        """Hands messages to the producer, each partition's in order; returns what tells of their arrival."""
        assert self._producer is not None
        by_partition: dict[int, list[Message]] = defaultdict(list)
        for message in messages:
            at = partition_of(message.key, topic.partitions) if partition is None else partition
            by_partition[at].append(message)
        sent = []
        for at, queue in by_partition.items():
            batch = self._producer.create_batch()
            for key, value, headers in queue:
                if batch.append(key=key, value=value, timestamp=None, headers=headers) is None:
                    sent.append(await self._producer.send_batch(batch, topic.name, partition=at))
                    batch = self._producer.create_batch()
                    batch.append(key=key, value=value, timestamp=None, headers=headers)
            sent.append(await self._producer.send_batch(batch, topic.name, partition=at))
        return sent

    async def close(self) -> None:
        """Lets go of the producer; an open transaction is the broker's to end."""
        producer, self._producer = self._producer, None
        await self._end_noting()
        if producer is not None:
            try:
                async with asyncio.timeout(STOP_SECONDS):
                    await producer.stop()
            except (KafkaError, TimeoutError) as error:
                log.warning("producer-not-stopped", house=self._store.house, error=error)
                await let_go(producer)

    async def _end_noting(self) -> None:
        noting, self._noting = self._noting, None
        if noting:
            noting.cancel()
            await asyncio.wait([noting])
        if self._noted < self._upto:
            await self._write_note()


class Mark(NamedTuple):
    """Up to which of a house's positions its topic is written, and the hash (hex) that the chain had there, where it is told."""

    upto: int = 0
    hash: str | None = None


async def last_mark(bootstrap: str, house: str) -> Mark:
    """The last mark that a house's relay has written; of 0 where nothing was. Raises KafkaError."""
    partition = TopicPartition(MARKS.name, HOUSES.index(house))
    async with reading(bootstrap) as consumer:
        consumer.assign([partition])
        begin = (await consumer.beginning_offsets([partition]))[partition]
        end = (await consumer.end_offsets([partition]))[partition]
        back = MARKS_BACK
        while end > begin:
            found = await _marks(consumer, partition, max(begin, end - back), end)
            if found.upto or end - back <= begin:
                return found
            back *= 8
    return Mark()


async def _marks(consumer: AIOKafkaConsumer, partition: TopicPartition, start: int, end: int) -> Mark:
    """The last mark between two offsets, of 0 where only markers of transactions lie there."""
    consumer.seek(partition, start)
    last = Mark()
    async with asyncio.timeout(START_SECONDS):
        while await consumer.position(partition) < end:
            for record in (await consumer.getmany(partition, timeout_ms=100)).get(partition, []):
                mark = read_mark(record.value)
                last = mark if mark.upto >= last.upto else last
    return last


def read_mark(value: bytes | None) -> Mark:
    """Of 0 where a message is no mark: whoever may write there may write anything."""
    try:
        found = orjson.loads(value or b"{}")
        upto, hash = found["upto"], found.get("hash")
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        return Mark()
    return Mark(upto, hash if type(hash) is str else None) if type(upto) is int else Mark()
