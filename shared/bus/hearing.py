"""How a house hears the others on Kafka: a consumer group for each who takes of a topic, effects first, acknowledgement after.

A batch is acknowledged once every message of it has its effect, or is held in PostgreSQL; until then it would come again,
and finds what it did. Unknown types are counted and passed over, unreadable messages are dead letters. Reactions and views
have groups of their own, so that a view that stands before an event holds up nobody else.
"""

import asyncio
import contextlib
import random
import time
from collections import defaultdict
from collections.abc import Sequence
from itertools import chain
from typing import Any, Protocol

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.message import KafkaAckableMessage
from pydantic import ValidationError

from shared.bus.driver import end, is_dead
from shared.bus.reactions import READER
from shared.bus.wire import Came, Malformed, Record, from_kafka, header
from shared.contracts.envelope import Envelope
from shared.contracts.topics import TOPICS
from shared.eventstore.parking import StandsBefore
from shared.logs import log
from shared.metrics import DELIVERED

MOST_RECORDS = 500
WAIT_MS = 5  # the framework's default of 200 made a message wait that long
LONGEST_WAIT_MS = 2000  # for anything at all: who has nothing to hear asks the broker no oftener
SESSION_MS = 10_000
BEAT_MS = 2_500
# A batch that waits for its cause to go keeps its partitions: elsewhere it would wait too.
LONGEST_HAND_MS = 7 * 86_400_000
ACKNOWLEDGE_SECONDS = 0.5  # after a batch; those that came meanwhile go along
FIRST_PAUSE = 0.1  # seconds; doubles while the database does not answer
LONGEST_PAUSE = 5.0


class Taker(Protocol):
    """Who acts on what is heard: the reactions of a house, or a view of another house's facts."""

    name: str
    reader: str
    apart: float  # seconds from one batch to the next while messages keep coming: who can wait leaves room for others

    @property
    def types(self) -> frozenset[str]: ...

    async def take(self, said: dict[str, list[Envelope]], upto: dict[str, int], came: Came = ...) -> None: ...


class Parking(Protocol):
    """Keeps what cannot be taken for a person."""

    async def park_record(self, record: Record, reason: str) -> None: ...

    async def park(self, envelope: Envelope, reason: str, record: Record | None = None) -> None: ...


class Ear:
    """One source house's topic, as one who takes of it hears it."""

    def __init__(self, house: str, source: str, taker: Taker, parking: Parking) -> None:
        self.house, self.source, self.taker = house, source, taker
        self.topic = TOPICS[source]
        self.group = group_of(house, source, taker.reader)
        self.done: dict[TopicPartition, int] = {}  # the offset up to which effects are stored
        self.in_hand = False  # whether messages were fetched that have not all their effects
        self._told: dict[TopicPartition, int] = {}  # the place of each partition that the group was told last
        self._telling: asyncio.Task[None] | None = None
        self._rested = 0.0  # from when it may have the next batch
        self._parking = parking
        self._subscriber: Any = None
        self._leaving = asyncio.Event()

    @property
    def consumer(self) -> Any:
        """The consumer at work; None while there is none."""
        return self._subscriber.consumer if self._subscriber else None

    @property
    def joined(self) -> bool:
        """Whether its group has given it partitions."""
        return self.consumer is not None and bool(self.consumer.assignment())

    @property
    def shares(self) -> bool:
        """Whether others of its group have a part of the topic."""
        return self.consumer is not None and len(self.consumer.assignment()) < self.topic.partitions

    @property
    def is_deaf(self) -> bool:
        """Whether its consumer was started and reads no more."""
        return self.consumer is not None and is_dead(self.consumer)

    def leave(self) -> None:
        """Before its consumer is stopped: a batch without its effects is let go of, and what is left of a deaf one ended."""
        self._leaving.set()
        if self._telling:
            self._telling.cancel()
        if self.is_deaf:
            end(self.consumer)

    async def is_done(self, partition: TopicPartition, end: int) -> bool:
        """Whether the group has given everything before an offset its effect."""
        consumer = self.consumer
        if self.done.get(partition, 0) >= end:
            return True
        if consumer is None:
            return False
        if partition not in consumer.assignment():
            return (await consumer.committed(partition) or 0) >= end
        at = await consumer.position(partition)
        return not self.in_hand and at >= end

    def listen_on(self, broker: KafkaBroker) -> None:
        self.in_hand = False
        self._told.clear()
        self._leaving.clear()
        self._subscriber = broker.subscriber(
            self.topic.name, group_id=self.group, batch=True, ack_policy=AckPolicy.MANUAL,
            isolation_level="read_committed", auto_offset_reset="earliest", max_records=MOST_RECORDS,
            batch_timeout_ms=WAIT_MS, fetch_max_wait_ms=LONGEST_WAIT_MS, session_timeout_ms=SESSION_MS,
            heartbeat_interval_ms=BEAT_MS, max_poll_interval_ms=LONGEST_HAND_MS, parser=self._whole, decoder=undecoded,
        )  # fmt: skip
        # The framework's own way sleeps after each wait that brought nothing: to be quick it would have to ask all the time.
        self._subscriber.get_msg = self._awaited
        self._subscriber(self.heard)

    async def _awaited(self, consumer: AIOKafkaConsumer) -> tuple[ConsumerRecord, ...]:
        """What came, as soon as it came; nothing after a while. It is in hand from the moment that the position has passed it."""
        await asyncio.sleep(self._rested - time.monotonic())
        consumer.resume(*consumer.paused())
        found = await consumer.getmany(timeout_ms=LONGEST_WAIT_MS, max_records=MOST_RECORDS)
        if self.taker.apart and 0 < sum(map(len, found.values())) < MOST_RECORDS:  # of a full batch more may be there
            self._rested = time.monotonic() + self.taker.apart
            consumer.pause(*consumer.assignment())  # else it asks for one partition after the other meanwhile
        self.in_hand = self.in_hand or bool(found)
        return tuple(chain.from_iterable(found.values()))

    async def _whole(self, records: Any) -> KafkaAckableMessage:
        """Nothing is decoded here: what the framework cannot read it would lose."""
        self.in_hand = True
        return KafkaAckableMessage(body=b"", raw_message=records, consumer=self.consumer)

    async def heard(self, message: KafkaAckableMessage) -> None:
        """No exception leaves but the end of the process: a batch without its effects is tried again, not acknowledged."""
        records: Sequence[ConsumerRecord] = message.raw_message  # type: ignore[assignment]
        pause = FIRST_PAUSE
        if self._leaving.is_set():  # to acknowledge this would acknowledge what was let go of before it
            return
        while (wait := await self._taken(records)) is not None:
            if await self._left_within(wait or pause * random.uniform(0.5, 1.0)):
                return
            pause = min(pause * 2, LONGEST_PAUSE)
        for record in records:
            self.done[TopicPartition(record.topic, record.partition)] = record.offset + 1
        self.in_hand = False
        if self._leaving.is_set():
            await self.acknowledge()
        elif self._telling is None or self._telling.done():
            self._telling = asyncio.create_task(self._acknowledge_soon())

    async def _acknowledge_soon(self) -> None:
        """Off the way of the next batch: what is not acknowledged when the process dies comes again, and changes nothing."""
        told = True
        while told:
            await asyncio.sleep(ACKNOWLEDGE_SECONDS)
            told = await self.acknowledge()

    async def acknowledge(self) -> bool:
        """Tells the group up to where effects are stored; whether there was anything to tell."""
        consumer = self.consumer
        if consumer is None or self.is_deaf:
            return False
        try:
            news = {p: place for p, place in (await self._places()).items() if place > self._told.get(p, 0)}
            if news:
                await consumer.commit(news)
        except KafkaError as error:
            # The group was shared out anew: whoever has them now meets the inbox.
            log.warning("not-acknowledged", house=self.house, topic=self.topic.name, error=error)
            return False
        self._told |= news
        return bool(news)

    async def _places(self) -> dict[TopicPartition, int]:
        """Up to where each of its partitions has its effects.

        A process that shares the group counts markers too, which no message stands behind: the others wait to see them passed.
        """
        consumer = self.consumer
        mine = consumer.assignment()
        if self.shares and not (self.in_hand or self._leaving.is_set()):
            at = {partition: await consumer.position(partition) for partition in mine}
            if not self.in_hand:  # else the positions have passed what was fetched meanwhile
                return at
        return {partition: self.done[partition] for partition in mine if partition in self.done}

    async def _taken(self, records: Sequence[ConsumerRecord]) -> float | None:
        """None where the batch has its effects; else the seconds until it should be tried again, 0 where nobody says."""
        try:
            await self.take(records)
        except StandsBefore as parked:
            return parked.pause
        except Exception:
            log.exception("hearing-failed", house=self.house, topic=self.topic.name)
            return 0.0
        return None

    async def _left_within(self, seconds: float) -> bool:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                return await self._leaving.wait()
        return False

    async def take(self, records: Sequence[ConsumerRecord]) -> None:
        """Gives a batch its effects. Raises StandsBefore, and whatever the database raises."""
        said, came = await self._read(records)
        if not said:
            return
        upto = {row: envelopes[-1].position for row, envelopes in said.items()}
        try:
            await self.taker.take(said, upto, came)
        except ValidationError:
            kept = await self._readable(self.taker, said, came)  # what is no contract does not move a position either
            await self.taker.take(kept, {row: envelopes[-1].position for row, envelopes in kept.items()}, came)

    async def _read(self, records: Sequence[ConsumerRecord]) -> tuple[dict[str, list[Envelope]], Came]:
        """The envelopes of known types in order, by the row that keeps the position of their partition; and as they came."""
        said: dict[str, list[Envelope]] = defaultdict(list)
        came: dict[str, ConsumerRecord] = {}
        skipped = 0
        for record in records:
            kind = header(record.headers, "ce_type")
            if kind is not None and kind not in self.taker.types:
                skipped += 1
                continue
            try:
                envelope = from_kafka(record.key, record.value, record.headers)
                if envelope.house != self.source:
                    raise Malformed(f"ce_id {envelope.id} is not of {self.source}")
                said[f"{self.source}/{record.partition}"].append(envelope)
                came.setdefault(envelope.id, record)
            except Malformed as error:
                await self._parking.park_record(record, str(error))
        DELIVERED.labels(self.taker.name, self.source, "skipped").inc(skipped)
        return said, came

    async def _readable(self, taker: Any, said: dict[str, list[Envelope]], came: Came) -> dict[str, list[Envelope]]:
        """Without the messages that are no contract of their type: those are for a person."""
        kept: dict[str, list[Envelope]] = defaultdict(list)
        for row, envelopes in said.items():
            for envelope in envelopes:
                try:
                    taker.facts(self.source, [envelope])
                    kept[row].append(envelope)
                except ValidationError as error:
                    await self._parking.park(envelope, str(error), came[envelope.id])
        return kept


def group_of(house: str, source: str, reader: str) -> str:
    """The consumer group in which a reader of a house hears another: its reactions, or one of its views."""
    group = f"ocop-{house}-{source}"
    return group if reader == READER else f"{group}-{reader.removeprefix('view:')}"


async def undecoded(message: KafkaAckableMessage) -> KafkaAckableMessage:
    return message
