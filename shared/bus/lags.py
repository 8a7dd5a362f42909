"""How far a house is behind on the bus: its relay behind its store, its consumers behind the topics. Messages and seconds."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence

from aiokafka import TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError

from shared.bus.hearing import Ear
from shared.bus.telling import READER
from shared.eventstore.store import EventStore
from shared.eventstore.watching import EVERY_SECONDS, Lag
from shared.logs import log
from shared.metrics import (
    CONSUMER_ASSIGNED,
    CONSUMER_LAG,
    CONSUMER_LAG_SECONDS,
    RELAY_LAG_EVENTS,
    RELAY_LAG_SECONDS,
    RELAY_POSITION,
)

Ends = Callable[[Sequence[TopicPartition]], Awaitable[dict[TopicPartition, int]]]


class Lags:
    """The gauges of one house's place on the bus. `ends` asks the broker where partitions end: once for all ears."""

    def __init__(self, store: EventStore, ears: list[Ear], ends: Ends) -> None:
        self._store, self._ears, self._ends = store, ears, ends
        self._relay = Lag()
        self._partitions: dict[Ear, dict[TopicPartition, Lag]] = {ear: {} for ear in ears}

    async def keep(self) -> None:
        """Runs until cancelled."""
        while True:
            try:
                await self.look()
            except (KafkaError, IllegalStateError, TimeoutError) as error:
                log.warning("lag-unknown", house=self._store.house, error=error)
            except Exception:
                log.exception("lag-unknown", house=self._store.house)
            await asyncio.sleep(EVERY_SECONDS)

    async def look(self) -> None:
        """Sets every gauge. Raises what database and broker raise."""
        house, now = self._store.house, time.monotonic()
        at, head = await self._store.position(READER, house), await self._store.head()
        events, seconds = self._relay.seen(at, head, now)
        RELAY_POSITION.labels(house).set(at)
        RELAY_LAG_EVENTS.labels(house).set(events)
        RELAY_LAG_SECONDS.labels(house).set(seconds)
        mine = {ear: list(ear.consumer.assignment()) if ear.consumer else [] for ear in self._ears}
        asked = list({partition for partitions in mine.values() for partition in partitions})
        ends = await self._ends(asked) if asked else {}
        for ear, partitions in mine.items():
            await self._look(ear, {partition: ends[partition] for partition in partitions})

    async def _look(self, ear: Ear, ends: Mapping[TopicPartition, int]) -> None:
        now, lags = time.monotonic(), self._partitions[ear]
        labels = self._store.house, ear.taker.name, ear.topic.name
        CONSUMER_ASSIGNED.labels(*labels).set(len(ends))
        for gone in lags.keys() - ends.keys():
            del lags[gone]
            CONSUMER_LAG.remove(*labels, gone.partition)
            CONSUMER_LAG_SECONDS.remove(*labels, gone.partition)
        for partition, end in ends.items():
            at = end if await ear.is_done(partition, end) else ear.done.get(partition, 0)
            messages, seconds = lags.setdefault(partition, Lag()).seen(at, end, now)
            CONSUMER_LAG.labels(*labels, partition.partition).set(messages)
            CONSUMER_LAG_SECONDS.labels(*labels, partition.partition).set(seconds)
