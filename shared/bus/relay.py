"""The relay: reads a house's store in commit order and hands its contracts to a sink. The store is the outbox.

Sinks share one small port: `position` says how far they have come, `send` takes a batch and remembers `upto`.
"""

import asyncio
from typing import Protocol

from shared.bus.saying import envelope_of
from shared.contracts.envelope import Envelope
from shared.eventstore.projector import RETRY_SECONDS, Wake, woken
from shared.eventstore.publishing import Published
from shared.eventstore.store import EventStore
from shared.logs import log
from shared.metrics import AHEAD, BROKER, DATABASE, FAILED, FENCED, RELAY_FAILURES

BATCH = 500


class Sink(Protocol):
    """Where contracts go: to Kafka, or straight to a consumer of the same process."""

    name: str

    async def position(self, source: str) -> int: ...

    async def send(self, source: str, envelopes: list[Envelope], upto: int) -> None: ...


async def relay(store: EventStore, published: Published, sink: Sink, wake: Wake) -> None:
    """Runs until cancelled; after a failure it goes on from the sink's own position."""
    hint, topics = wake.reader(), published.topics()
    after: int | None = None
    while True:
        try:
            if after is None:
                after = await sink.position(store.house)
            recorded, upto = await store.feed_upto(after, BATCH, topics)
            if upto > after:
                said = (envelope_of(store.house, r, published) for r in recorded)
                await sink.send(store.house, [e for e in said if e], upto)
                after = upto
                continue
        except Exception as error:
            log.exception("relay-failed", house=store.house, sink=sink.name)
            RELAY_FAILURES.labels(store.house, reason_of(error)).inc()
            after = None
            await asyncio.sleep(RETRY_SECONDS)
            continue
        await woken(hint)


REASONS = {"ProducerFenced": FENCED, "InvalidProducerEpoch": FENCED, "Ahead": AHEAD, "StoreUnavailable": DATABASE}


def reason_of(error: Exception) -> str:
    """Why a batch could not be handed on, as the metric tells it; drivers are known by where their errors come from."""
    by_driver = {"aiokafka": BROKER, "asyncpg": DATABASE}
    kind = type(error)
    return REASONS.get(kind.__name__) or by_driver.get(kind.__module__.partition(".")[0], FAILED)
