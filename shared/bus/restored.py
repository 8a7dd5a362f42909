"""A store that was restored to an earlier point, beside what was heard of it since: what is lost, and how it goes on.

Three things are out of step then. Others have heard contracts that the store lacks; their ids must never be given to other
facts. The house's consumers have acknowledged messages whose effects its own database lacks; they hear everything again, and
pass over what they know. And the topic's last mark names a position of the past; the relay goes on from a new one.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from shared.bus.hearing import group_of
from shared.bus.history import said_on_kafka
from shared.bus.saying import envelope_of
from shared.bus.telling import KafkaSink, last_mark
from shared.contracts.envelope import Envelope
from shared.contracts.topics import TOPICS
from shared.eventstore.lost import LOSSES, Losses, Told, first_lost, losses_id
from shared.eventstore.publishing import Published
from shared.eventstore.sql import STORE
from shared.eventstore.store import EventStore
from shared.values import Moment

PAGE = 1000
NAME = "ocop restored"  # of its connections: those of others are somebody at work
BROKER_SILENT = (KafkaError, TimeoutError)
AT_ONCE = 500  # events of one append


class AtWork(RuntimeError):
    """Somebody else is connected to the house's database, or its consumers are: nothing may move under them."""


class Differs(RuntimeError):
    """The store has recorded other facts at positions of which others have heard: it has gone on before anybody asked."""


@dataclass(slots=True)
class Loss:
    """What of a house was heard and is not in its store.

    `told`: up to which position anybody has heard of it. `lost`: the contracts behind the head, in order. `differs`: ids
    at or before the head under which the store holds something else. `readers`: (house, reader, position) of readers in
    other stores that have come further than the head.
    """

    house: str
    head: int
    told: int
    lost: list[Envelope] = field(default_factory=list)
    differs: list[str] = field(default_factory=list)
    readers: list[tuple[str, str, int]] = field(default_factory=list)

    @property
    def positions(self) -> int:
        """How many positions are lost, those where nothing was told among them."""
        return max(0, self.told - self.head)

    @property
    def none(self) -> bool:
        return not (self.positions or self.differs)


# --- what is lost ---


async def loss_of(store: EventStore, published: Published, heard: Sequence[Envelope], mark: int) -> Loss:
    """Compares a store with what was heard of it, in order of positions; `mark`: up to which it was told."""
    head = await store.head()
    loss = Loss(store.house, head, max([mark, *(envelope.position for envelope in heard)]))
    loss.lost = [envelope for envelope in heard if envelope.position > head]
    known = {envelope.position: envelope for envelope in heard if envelope.position <= head}
    after = 0
    while known and (recorded := await store.feed(after, PAGE)):
        after = recorded[-1].position
        for one in recorded:
            other = known.pop(one.position, None)
            here = envelope_of(store.house, one, published) if other else None
            if other and not _is_settled(one.event, other) and not (here and _says(here, other)):
                loss.differs.append(other.id)
    return loss


async def heard_on_kafka(bootstrap: str, house: str) -> tuple[list[Envelope], int]:
    """Everything that a house's topic holds, in order, and its last mark. Raises KafkaError."""
    mark = (await last_mark(bootstrap, house)).upto
    return (await said_on_kafka(bootstrap, house) if mark else []), mark


def readers_ahead(house: str, head: int, reached: Iterable[tuple[str, str, str, int]]) -> list[tuple[str, str, int]]:
    """Of (house, reader, source row, position), those that have come further in a source than its head."""
    return [
        (whose, reader, position)
        for whose, reader, row, position in reached
        if row.partition("/")[0] == house and position > head
    ]


def _says(here: Envelope, heard: Envelope) -> bool:
    """Whether the store says what was heard; a later program may say more of it."""
    return here.type == heard.type and here.key == heard.key and _holds(here.data, heard.data)


def _holds(more: Any, less: Any) -> bool:
    if isinstance(less, dict) and isinstance(more, dict):
        return all(name in more and _holds(more[name], value) for name, value in less.items())
    if isinstance(less, list) and isinstance(more, list):
        return len(less) == len(more) and all(map(_holds, more, less))
    return more == less


def _is_settled(event: object, heard: Envelope) -> bool:
    """Whether an earlier restore has taken this position for what was told there."""
    told = getattr(event, "told", None) if isinstance(event, SETTLING) else None
    return told is not None and (told.id, told.digest) == (heard.id, digest_of(heard))


SETTLING = tuple(kind for losses in LOSSES.values() for kind in (losses.FirstLost, losses.PositionLost))


def digest_of(envelope: Envelope) -> str:
    """SHA-256 of what was said; the same for the same contract however it came."""
    return hashlib.sha256(orjson.dumps([envelope.type, envelope.data], option=orjson.OPT_SORT_KEYS)).hexdigest()


# --- how it goes on ---


def as_settler(dsn: str) -> str:
    """The address of a database for whoever settles it."""
    return f"{dsn}{'&' if '?' in dsn else '?'}application_name={quote(NAME)}"


async def check_alone(store: EventStore) -> None:
    """Raises AtWork while others are connected to the house's database."""
    others = await store.pool.fetchval(STORE.others_at_work)
    if others:
        raise AtWork(f"{store.house}: {others} kết nối khác, hãy dừng nhà này / other connections, stop this house")


async def settle(store: EventStore, loss: Loss, reason: str, when: Moment) -> int:
    """Takes every lost position with an event that says what was told there. Returns the new head. Raises Differs, AtWork."""
    if loss.differs:
        raise Differs(f"{loss.house}: {', '.join(loss.differs[:3])}")
    told = {envelope.position: told_of(envelope) for envelope in loss.lost}
    for begin in range(loss.head + 1, loss.told + 1, AT_ONCE):
        await check_alone(store)
        span = range(begin, min(begin + AT_ONCE, loss.told + 1))
        await _take(store, [told.get(position) for position in span], span, reason, when)
    return await store.head()


async def _take(store: EventStore, told: Sequence[Told | None], span: range, reason: str, when: Moment) -> None:
    losses: Losses | None = await store.load(LOSSES[store.house], losses_id(store.house))
    for one in told:
        if losses is None:
            losses = first_lost(store.house, one, reason, when)
        else:
            losses.lose(one, reason, when)
    assert losses is not None
    request = f"lost:{span.start}-{span.stop - 1}"
    outcome = await store.append(
        losses.collect_events(), request=request, fingerprint=b"", answer="{}",
        metadata=orjson.dumps({"request": request, "actor": "restore"}).decode(),
    )  # fmt: skip
    if outcome.position != span.stop - 1:
        raise AtWork(f"{store.house}: {request} ends at {outcome.position}")


def told_of(envelope: Envelope) -> Told:
    return Told(
        id=envelope.id, type=envelope.type, key=envelope.key, subject=envelope.subject, time=envelope.time,
        digest=digest_of(envelope),
    )  # fmt: skip


async def mark_anew(store: EventStore, bootstrap: str) -> None:
    """Writes how far the topic is settled, and deposes whoever still writes there. Raises KafkaError."""
    sink = KafkaSink(store, bootstrap)
    try:
        await sink.begin(store.house)
        await sink.send(store.house, [], await store.head())
    finally:
        await sink.close()


async def hear_again(bootstrap: str, house: str, hears: Iterable[tuple[str, str]]) -> None:
    """A house's consumers begin at the beginning of what they hear. Raises AtWork while they are connected.

    `hears`: (reader, source house) of each.
    """
    for reader, source in hears:
        topic, group = TOPICS[source], group_of(house, source, reader)
        partitions = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
        consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, group_id=group, enable_auto_commit=False)
        await consumer.start()
        try:
            consumer.assign(partitions)
            await consumer.commit(await consumer.beginning_offsets(partitions))
        except KafkaError as error:
            raise AtWork(f"{group}: {error}") from error
        finally:
            await consumer.stop()
