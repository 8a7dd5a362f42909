"""How far a house has heard the others: a source's mark counts once everything said before it has its effect here.

A relay writes `up to position N` in the transaction of the messages themselves. Whoever sees that mark and then finds its
group's offsets at the ends of all partitions has everything up to N, whatever else stands on the topic. The ends are those
of all that is written: a broker closes a transaction partition by partition, and what it has not closed yet counts too.
"""

import asyncio
from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError

from shared.bus.driver import is_dead
from shared.bus.hearing import LONGEST_WAIT_MS, Ear
from shared.bus.reading import reading
from shared.bus.telling import MARKS_BACK, read_mark
from shared.contracts.topics import HOUSES, MARKS
from shared.eventstore.projector import RETRY_SECONDS, woken
from shared.eventstore.sql import STORE
from shared.eventstore.store import EventStore
from shared.logs import log

FIRST_PAUSE = 0.003
LONGEST_PAUSE = 0.1
# From a mark's coming until it is counted, which asks broker and database: what was said with it goes first, and what follows
# at once is counted with it.
COUNT_SECONDS = 0.02
APART_SECONDS = 0.1  # between two looks at marks while they keep coming


class Following:
    """The marks of the sources that a house hears, and what they mean for its readers."""

    def __init__(self, store: EventStore, ears: Sequence[Ear], bootstrap: str) -> None:
        self._store, self._bootstrap = store, bootstrap
        self._sources = {TopicPartition(MARKS.name, HOUSES.index(ear.source)): ear.source for ear in ears}
        self.marks = {ear.source: 0 for ear in ears}  # the newest mark read
        self.reached = {ear.group: 0 for ear in ears}  # the newest that counts
        self._news = {ear: asyncio.Event() for ear in ears}
        self._written: AIOKafkaConsumer | None = None  # asks for ends; reads nothing

    async def read(self) -> None:
        """Reads marks until cancelled."""
        while True:
            try:
                await self._read()
            except (KafkaError, OSError) as error:
                log.warning("marks-lost", house=self._store.house, error=error)
            await asyncio.sleep(RETRY_SECONDS)

    async def _read(self) -> None:
        async with (
            reading(self._bootstrap, wait_ms=LONGEST_WAIT_MS) as consumer,
            reading(self._bootstrap, "read_uncommitted") as written,
        ):
            self._written = written
            partitions = list(self._sources)
            consumer.assign(partitions)
            for partition, end in (await consumer.end_offsets(partitions)).items():
                consumer.seek(partition, max(0, end - MARKS_BACK))
            while not (is_dead(consumer) or is_dead(written)):
                found = await consumer.getmany(timeout_ms=LONGEST_WAIT_MS)
                for partition, records in found.items():
                    source = self._sources[partition]
                    self.marks[source] = max(self.marks[source], *(read_mark(record.value).upto for record in records))
                    for ear, news in self._news.items():
                        if ear.source == source:
                            news.set()
                if found:
                    consumer.pause(*partitions)  # else it asks for one partition after the other meanwhile
                    await asyncio.sleep(APART_SECONDS)
                    consumer.resume(*partitions)
        raise KafkaError("the consumer of marks is dead")

    async def count(self, ear: Ear) -> None:
        """Raises the position of who takes by an ear until cancelled."""
        while True:
            try:
                if self.marks[ear.source] != self.reached[ear.group]:
                    await asyncio.sleep(COUNT_SECONDS)
                    await self._count(ear, self.marks[ear.source])
                    continue
            except (KafkaError, IllegalStateError, OSError) as error:
                log.warning("mark-not-counted", house=ear.house, topic=ear.topic.name, error=error)
                await asyncio.sleep(RETRY_SECONDS)
            except Exception:
                log.exception("mark-not-counted", house=ear.house, topic=ear.topic.name)
                await asyncio.sleep(RETRY_SECONDS)
            await woken(self._news[ear])

    async def ends(self, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        """Where these end, open transactions counted. Raises KafkaError, also while there is no connection to ask by."""
        if self._written is None:
            raise KafkaError("nobody asks for ends yet")
        return await self._written.end_offsets(partitions)

    async def _count(self, ear: Ear, mark: int) -> None:
        while ear.consumer is None:  # noqa: ASYNC110 - the framework tells nothing when it has started
            await asyncio.sleep(LONGEST_PAUSE)
        partitions = [TopicPartition(ear.topic.name, number) for number in range(ear.topic.partitions)]
        ends = await self.ends(partitions)
        pause = max(FIRST_PAUSE, ear.taker.apart / 4)  # who rests is not asked all the time whether it has done it
        while not all([await ear.is_done(partition, end) for partition, end in ends.items()]):
            await self._tell_others(ear)
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, LONGEST_PAUSE)
        await self._store.pool.execute(STORE.advance, ear.taker.reader, ear.source, mark)
        self.reached[ear.group] = mark
        await self._tell_others(ear)

    async def _tell_others(self, ear: Ear) -> None:
        """A process that shares the group sees by its offsets alone what is done here."""
        if ear.shares:
            await ear.acknowledge()
