"""Two made-up houses over real Kafka: one counts and says so, the other counts along on hearing it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import UnknownTopicOrPartitionError
from fastapi import APIRouter

from ocop.databases import HouseDatabase
from ocop.postgres import Server
from shared.auth.actors import Actor
from shared.bus.onkafka import OnKafka
from shared.bus.reactions import Policy
from shared.bus.telling import last_mark
from shared.bus.topics import make_topics
from shared.clock import Clock
from shared.contracts.envelope import Contract, Envelope
from shared.contracts.topics import ALL_TOPICS, TOPICS
from shared.eventstore.commands import Command, Request
from shared.eventstore.migrate import migrate
from shared.eventstore.publishing import Published
from shared.eventstore.views import Change, Room, View
from shared.house import House, Rooms, running
from tests.given import an_id
from tests.postgres import fresh_database
from tests.store.counter import COMMANDS, COUNTERS, Add, Counter, OpenCounter

TELLER, HEARER = "registration", "evaluation"
SQL = Path(__file__).with_name("two_houses.sql")
ACTOR = Actor("someone", "agency", "51")
WAIT_SECONDS = 30


class _Opened(Contract):
    HOUSE: ClassVar[str] = TELLER
    id: UUID
    name: str


class _Added(Contract):
    HOUSE: ClassVar[str] = TELLER
    id: UUID
    number: int


PUBLISHED = Published(TELLER)


@PUBLISHED.on(Counter.Opened)
def opened(e: Counter.Opened) -> _Opened:
    return _Opened(legal_date=e.legal_date, id=e.originator_id, name=e.name)


@PUBLISHED.on(Counter.Added)
def added(e: Counter.Added) -> _Added:
    return _Added(legal_date=e.legal_date, id=e.originator_id, number=e.number)


HEARD = View("heard", ["heard"], TELLER)
HEARER_ROOM = Room(HEARER, SQL, [HEARD])


@HEARD.on(_Added)
def heard(fact: _Added, at: Any) -> list[Change]:
    return [Change(HEARER_ROOM.sql.heard, (fact.id, at.position, fact.number))]


class Faults:
    """What goes wrong in the hearer, in a test's hand: the names of counters that it cannot take now."""

    def __init__(self) -> None:
        self.names: set[UUID] = set()


def policy_of(faults: Faults) -> Policy:
    policy = Policy(HEARER)

    @policy.on(_Opened)
    def on_opened(fact: _Opened, _: Envelope) -> Command:
        return OpenCounter(id=fact.id, name=fact.name)

    @policy.on(_Added)
    def on_added(fact: _Added, _: Envelope) -> Command:
        if fact.id in faults.names:
            raise OSError("line down")
        return Add(counter_id=fact.id, number=fact.number)

    return policy


def rooms_of(house: str, policy: Policy) -> Rooms:
    room = HEARER_ROOM if house == HEARER else Room(TELLER, SQL, [COUNTERS])
    return Rooms(house, COMMANDS, policy, PUBLISHED if house == TELLER else Published(house), room, APIRouter())


@asynccontextmanager
async def house_on(database: HouseDatabase, house: str, policy: Policy) -> AsyncIterator[House]:
    """One process's worth of a house, its store open."""
    opened = House(rooms_of(house, policy), database.server_dsn, Clock(), None)
    await opened.store.open()
    try:
        yield opened
    finally:
        await opened.store.close()


@asynccontextmanager
async def hearer_at_work(two: dict[str, HouseDatabase], topics: str, faults: Faults) -> AsyncIterator[House]:
    """One process of the hearer over Kafka."""
    async with (
        house_on(two[HEARER], HEARER, policy_of(faults)) as house,
        running(*house.tasks(), *OnKafka(house, topics).tasks()),
    ):
        yield house


@asynccontextmanager
async def databases(postgres: Server) -> AsyncIterator[dict[str, HouseDatabase]]:
    """New databases of both houses, migrated."""
    async with fresh_database(postgres, TELLER) as teller, fresh_database(postgres, HEARER) as hearer:
        for house, database in ((TELLER, teller), (HEARER, hearer)):
            await migrate(database.owner_dsn, database.server_role, rooms_of(house, Policy(house)).room)
        yield {TELLER: teller, HEARER: hearer}


# --- what a test does ---


async def count(house: House, name: str, *numbers: int, first: bool = False) -> None:
    """Adds to a counter of the teller; opens it where it is the first."""
    asks: list[Command] = [OpenCounter(id=an_id(name), name=name)] if first else []
    asks += [Add(counter_id=an_id(name), number=number) for number in numbers]
    for ask in asks:
        head = await house.store.head()
        asked = Request(id=f"{name} {head}", actor=ACTOR, action="count", correlation=name)
        await house.execute(ask, asked)


async def until(what: Callable[[], Awaitable[Any]], seconds: float = WAIT_SECONDS) -> Any:
    """What a question answers, once it answers something true."""
    async with asyncio.timeout(seconds):
        while not (found := await what()):
            await asyncio.sleep(0.02)
    return found


async def heard_all(teller: House, hearer: House) -> None:
    """The hearer's readers have everything that the teller ever stored."""
    head = await teller.store.head()

    async def reached() -> bool:
        looks = [await hearer.store.position(reader, source) for reader, source in hearer.readers() if source == TELLER]
        return all(at >= head for at in looks)

    await until(reached)


async def told_all(house: House, bootstrap: str) -> None:
    """The mark of the house's topic stands at its head: what nobody was told of, nobody can miss."""

    async def marked() -> bool:
        return (await last_mark(bootstrap, house.store.house)).upto == await house.store.head()

    await until(marked)


async def total(house: House, name: str) -> int | None:
    counter = await house.store.load(Counter, an_id(name))
    return counter.total if counter else None


async def numbers_of(house: House, name: str) -> list[int]:
    """The numbers added to a counter, in order, as its events say."""
    return [
        r.event.number
        for r in await house.store.feed(0, 10_000)
        if isinstance(r.event, Counter.Added) and r.event.originator_id == an_id(name)
    ]


async def in_view(house: House, name: str) -> list[int]:
    """The numbers that the view of the teller's facts holds, in the order in which they were said."""
    rows = await house.store.pool.fetch("SELECT number FROM views.heard WHERE id = $1 ORDER BY position", an_id(name))
    return [row["number"] for row in rows]


# --- the broker, beside the houses ---


async def fresh_topics(bootstrap: str) -> None:
    """The topics of the bus with nothing in them."""
    client = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await client.start()
    try:
        there = set(await client.list_topics()) & {topic.name for topic in ALL_TOPICS}
        if there:
            await client.delete_topics(sorted(there))
            await until(lambda: _gone(client, there))
    finally:
        await client.close()
    await make_topics(bootstrap)


async def _gone(client: AIOKafkaAdminClient, names: set[str]) -> bool:
    try:
        return not set(await client.list_topics()) & names
    except UnknownTopicOrPartitionError:
        return True


async def on_topic(bootstrap: str, house: str = TELLER) -> list[tuple[int, str, str]]:
    """(partition, ce_id, key) of every committed message on a house's topic, partition after partition."""
    topic = TOPICS[house]
    partitions = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, isolation_level="read_committed", enable_auto_commit=False,
        auto_offset_reset="earliest",
    )  # fmt: skip
    await consumer.start()
    try:
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        found = []
        async with asyncio.timeout(WAIT_SECONDS):
            while any([await consumer.position(p) < end for p, end in ends.items()]):
                for partition, records in (await consumer.getmany(timeout_ms=50)).items():
                    found += [(partition.partition, dict(r.headers)["ce_id"].decode(), r.key.decode()) for r in records]
        return sorted(found, key=lambda message: message[0])
    finally:
        await consumer.stop()


async def throw(bootstrap: str, *messages: tuple[bytes | None, bytes | None, list[tuple[str, bytes]]]) -> None:
    """Puts (key, value, headers) on the teller's topic, as someone who may not."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()
    try:
        for key, value, headers in messages:
            await producer.send_and_wait(TOPICS[TELLER].name, value=value, key=key, headers=headers)
    finally:
        await producer.stop()
