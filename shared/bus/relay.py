"""The relay: reads a house's store in commit order and hands its contracts to a sink. The store is the outbox.

Sinks share one small port: `position` says how far they have come, `send` takes a batch and remembers `upto` (and, where
it tells others of it, what the chain was there).
"""

import asyncio
import time
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from shared.bus.saying import envelope_of
from shared.eventstore.mapper import Recorded
from shared.eventstore.parking import StandsBefore
from shared.eventstore.projector import POLL_SECONDS, RETRY_SECONDS, Wake, woken
from shared.eventstore.publishing import Published
from shared.eventstore.store import EventStore, Page, Place
from shared.logs import log
from shared.metrics import AHEAD, BROKER, DATABASE, FAILED, FENCED, RELAY_FAILURES

PAGE = 250  # events read at a time: others on the event loop have their turn between pages
BATCH = 500
SILENT_SECONDS = 0.25  # between two words on how far a house came that had nothing to say: it may say something soon

Say = Callable[[str, Recorded, Published], Any]  # the form in which a sink takes a contract; None for a private event


class Sink(Protocol):
    """Where contracts go: to Kafka, or straight to a consumer of the same process."""

    name: str

    async def position(self, source: str) -> int: ...

    async def send(self, source: str, said: list[Any], upto: int, hash: bytes | None = None) -> None: ...


class Batch(NamedTuple):
    """What was said after a position and up to another; `more` where something may follow at once."""

    said: list[Any]
    upto: Place
    more: bool


class Outbox:
    """What a house has to say. While one batch is handed on, the next is read."""

    def __init__(self, store: EventStore, published: Published, say: Say, most: int) -> None:
        self._store, self._published, self._say, self._most = store, published, say, most
        self._topics = published.topics()
        self._ahead: asyncio.Task[Batch] | None = None

    async def after(self, position: int) -> Batch:
        """The next batch of one who has come to a position by the batches before."""
        ahead, self._ahead = self._ahead, None
        batch = await (ahead or self._read(position))
        if batch.more:
            self._ahead = asyncio.create_task(self._read(batch.upto.position))
        return batch

    async def forget(self) -> None:
        """Of what was read ahead: the reader goes on from elsewhere, or ends."""
        ahead, self._ahead = self._ahead, None
        if ahead:
            ahead.cancel()
            await asyncio.gather(ahead, return_exceptions=True)

    async def _read(self, after: int) -> Batch:
        """The database looks for the next page while one is made into contracts."""
        said: list[Any] = []
        read, following = 0, self._page(after)
        try:
            while True:
                page = await following
                read += page.many
                more = page.many == PAGE
                last = not more or read >= self._most
                if not last:
                    following = self._page(page.upto.position)
                    await asyncio.sleep(0)  # it is on its way, and others have their turn
                told = (self._say(self._store.house, one, self._published) for one in page.recorded)
                said += [one for one in told if one is not None]
                if last:
                    return Batch(said, page.upto, more)
        finally:
            following.cancel()

    def _page(self, after: int) -> asyncio.Task[Page]:
        return asyncio.create_task(self._store.feed_upto(after, PAGE, self._topics))


async def relay(
    store: EventStore, published: Published, sink: Sink, wake: Wake, say: Say = envelope_of, most: int = BATCH, *,
    goes_on: bool = True,
) -> None:  # fmt: skip
    """Runs until cancelled, `most` events at a time; after a failure it goes on from the sink's own position.

    Not where another may do better (`goes_on` false): then it raises what failed.
    """
    hint, outbox = wake.reader(), Outbox(store, published, say, most)
    after: int | None = None
    silent_until, wait = 0.0, POLL_SECONDS
    try:
        while True:
            try:
                if after is None:
                    after = await sink.position(store.house)
                batch, wait = await outbox.after(after), POLL_SECONDS
                upto, hash = batch.upto
                if batch.said or batch.more or (upto > after and time.monotonic() >= silent_until):
                    await sink.send(store.house, batch.said, upto, hash)
                    after, silent_until = upto, time.monotonic() + SILENT_SECONDS
                elif upto > after:
                    wait = max(0.0, silent_until - time.monotonic())
                if batch.more:
                    continue
            except Exception as error:
                pause = pause_after(error, store.house, sink)
                if not goes_on:
                    raise
                after = None
                await outbox.forget()
                await asyncio.sleep(pause)
                continue
            await woken(hint, wait)
    finally:
        await outbox.forget()


def pause_after(error: Exception, house: str, sink: Sink) -> float:
    """Tells why a batch could not be handed on. Returns the seconds until it should be tried again."""
    if isinstance(error, StandsBefore):  # the view is parked, and that was told
        return error.pause
    log.exception("relay-failed", house=house, sink=sink.name)
    RELAY_FAILURES.labels(house, reason_of(error)).inc()
    return RETRY_SECONDS


REASONS = {
    "ProducerFenced": FENCED, "InvalidProducerEpoch": FENCED, "Ahead": AHEAD, "StoreUnavailable": DATABASE,
    "Interrupted": BROKER,
}  # fmt: skip


def reason_of(error: Exception) -> str:
    """Why a batch could not be handed on, as the metric tells it; drivers are known by where their errors come from."""
    by_driver = {"aiokafka": BROKER, "asyncpg": DATABASE}
    kind = type(error)
    return REASONS.get(kind.__name__) or by_driver.get(kind.__module__.partition(".")[0], FAILED)
