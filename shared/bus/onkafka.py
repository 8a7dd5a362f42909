"""A house on Kafka: its ears, and its voice while it leads. The same houses deliver to each other directly without it."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable

from aiokafka.errors import KafkaError
from faststream.kafka import KafkaBroker

from shared.bus.hearing import Ear, Taker
from shared.bus.history import catch_up
from shared.bus.lags import Lags
from shared.bus.leading import lead
from shared.bus.listening import Listening
from shared.bus.marks import Following
from shared.bus.relay import relay
from shared.bus.saying import message_of
from shared.bus.telling import MOST_EVENTS, KafkaSink
from shared.house import House
from shared.logs import log

STOP_SECONDS = 10.0
RETRY_SECONDS = 1.0
WATCH_SECONDS = 2.0


class OnKafka:
    """What a house's worker does on the bus, as tasks to be run beside its own."""

    def __init__(self, house: House, bootstrap: str) -> None:
        self.house, self._bootstrap = house, bootstrap
        by_source: dict[str, list[Taker]] = defaultdict(list)
        for source, sink in house.sinks():
            by_source[source].append(sink)
        self._listenings = [sink for _, sink in house.sinks() if isinstance(sink, Listening)]
        self.ears = [Ear(house.name, source, takers, house.reactions) for source, takers in by_source.items()]
        self.following = Following(house.store, self.ears, bootstrap)
        self.lags = Lags(house.store, self.ears)
        house.watching.heads = lambda: self.following.marks
        self.hears = False  # whether its consumers are at work

    def tasks(self) -> list[Callable[[], Awaitable[None]]]:
        counting = [lambda e=ear: self.following.count(e) for ear in self.ears]
        hearing = [self.hear, self.following.read, *counting] if self.ears else []
        return [lambda: lead(self.house.name, self.house.store.dsn, self.tell), self.lags.keep, *hearing]

    async def tell(self) -> None:
        """The relay, for as long as this process leads. Raises what it fails of: another may do better."""
        house = self.house
        sink = KafkaSink(house.store, self._bootstrap, house.states)
        try:
            await relay(house.store, house.rooms.published, sink, house.wake, message_of, MOST_EVENTS, goes_on=False)
        finally:
            await sink.close()

    async def hear(self) -> None:
        """Consumers at work until cancelled; then they finish the batch in hand, acknowledge it and leave their groups."""
        while True:
            broker = KafkaBroker(
                self._bootstrap, client_id=f"ocop-{self.house.name}", apply_types=False, graceful_timeout=STOP_SECONDS,
                logger=None,
            )  # fmt: skip
            for ear in self.ears:
                ear.listen_on(broker)
            try:
                await catch_up(self.house.store, self._listenings, self._bootstrap)
                await broker.start()
                self.hears = True
                while not (deaf := [ear.topic.name for ear in self.ears if ear.is_deaf]):  # noqa: ASYNC110 - nobody tells
                    await asyncio.sleep(WATCH_SECONDS)
                log.warning("consumers-dead", house=self.house.name, topics=deaf)
            except (KafkaError, OSError) as error:
                log.warning("broker-silent", house=self.house.name, error=error)
            finally:
                self.hears = False
                await self._stopped(broker)
            await asyncio.sleep(RETRY_SECONDS)

    async def _stopped(self, broker: KafkaBroker) -> None:
        for ear in self.ears:
            ear.give_up()
        try:
            async with asyncio.timeout(2 * STOP_SECONDS):
                await broker.stop()
        except TimeoutError:
            log.warning("consumers-not-stopped", house=self.house.name)
