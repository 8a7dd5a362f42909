"""A house on Kafka: its ears, and its voice while it leads. The same houses deliver to each other directly without it."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from aiokafka.errors import KafkaError
from faststream.kafka import KafkaBroker

from shared.bus.hearing import Ear
from shared.bus.history import catch_up
from shared.bus.lags import Lags
from shared.bus.leading import lead
from shared.bus.listening import Listening
from shared.bus.marks import Following
from shared.bus.relay import relay
from shared.bus.saying import message_of
from shared.bus.telling import MOST_EVENTS, KafkaSink
from shared.eventstore.parking import StandsBefore
from shared.eventstore.store import DATABASE_SILENT
from shared.house import House
from shared.logs import log

STOP_SECONDS = 10.0
ACKNOWLEDGE_SECONDS = 2.0  # at the end; without it messages come once more
RETRY_SECONDS = 1.0
WATCH_SECONDS = 2.0


class OnKafka:
    """What a house's worker does on the bus, as tasks to be run beside its own."""

    def __init__(self, house: House, bootstrap: str) -> None:
        self.house, self._bootstrap = house, bootstrap
        self.ears = [Ear(house.name, source, taker, house.reactions) for source, taker in house.sinks()]
        self.following = Following(house.store, self.ears, bootstrap)
        self.lags = Lags(house.store, self.ears, self.following.ends)
        house.watching.heads = lambda: self.following.marks

    def tasks(self) -> list[Callable[[], Awaitable[None]]]:
        counting = [lambda e=ear: self.following.count(e) for ear in self.ears]
        hears = [lambda e=ear: self.hear(e) for ear in self.ears]
        hearing = [*hears, self.following.read, *counting] if self.ears else []
        return [lambda: lead(self.house.name, self.house.store.dsn, self.tell), self.lags.keep, *hearing]

    async def tell(self) -> None:
        """The relay, for as long as this process leads. Raises what it fails of: another may do better."""
        house = self.house
        sink = KafkaSink(house.store, self._bootstrap, house.states)
        try:
            await relay(house.store, house.rooms.published, sink, house.wake, message_of, MOST_EVENTS, goes_on=False)
        finally:
            await sink.close()

    async def hear(self, ear: Ear) -> None:
        """A consumer at work until cancelled; then it finishes the batch in hand, acknowledges it and leaves its group.

        One that waits for its cause to go is left where it is.
        """
        while True:
            broker, pause = self._broker(), RETRY_SECONDS
            ear.listen_on(broker)
            try:
                if isinstance(ear.taker, Listening):
                    await catch_up(ear.taker, self._bootstrap)
                await broker.start()
                while not ear.is_deaf:  # noqa: ASYNC110 - nobody tells
                    await asyncio.sleep(WATCH_SECONDS)
                log.warning("consumer-dead", consumer=ear.taker.name, topic=ear.topic.name)
            except StandsBefore as parked:
                pause = parked.pause
            except (KafkaError, OSError) as error:
                log.warning("broker-silent", house=self.house.name, error=error)
            except DATABASE_SILENT as error:
                log.warning("database-silent", house=self.house.name, error=error)
            finally:
                await self._stopped(ear, broker)
            await asyncio.sleep(pause)

    def _broker(self) -> KafkaBroker:
        return KafkaBroker(
            self._bootstrap, client_id=f"ocop-{self.house.name}", apply_types=False, consumer_only=True,
            graceful_timeout=STOP_SECONDS, logger=None,
        )  # fmt: skip

    async def _stopped(self, ear: Ear, broker: KafkaBroker) -> None:
        ear.leave()
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(ACKNOWLEDGE_SECONDS):
                    await ear.acknowledge()
            async with asyncio.timeout(2 * STOP_SECONDS):
                await broker.stop()
        except TimeoutError:
            log.warning("consumer-not-stopped", consumer=ear.taker.name)
