"""`react`: messages a second with inbox mark and effect in PostgreSQL, one consumer; the peer gives each a transaction."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import asyncpg
from aiokafka import AIOKafkaProducer
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage

from bench.figures import Figure, alternately, figure, peer
from bench.on_bus import broker_with_topics, durable_server
from ocop.databases import HouseDatabase
from services.evaluation.main import HOUSE
from shared.bus.hearing import BEAT_MS, SESSION_MS, Ear, undecoded
from shared.bus.onkafka import OnKafka
from shared.bus.telling import TRANSACTION_MS
from shared.bus.wire import Message, to_kafka
from shared.clock import Clock
from shared.contracts.envelope import Envelope
from shared.contracts.topics import HOUSES, MARKS, TOPICS
from shared.eventstore.migrate import migrate
from shared.house import House, running
from shared.memory import settled
from tests.bus.two_houses import fresh_topics
from tests.postgres import fresh_database

SOURCE = "registration"
GOLDEN = Path(__file__).parent.parent / "tests" / "contracts" / "golden" / "DossierForwarded.v1.json"
IDS = UUID("8f5c5ec5-2a3b-5c7e-9f67-6f636f702e76")
MESSAGES = 10_000
IN_A_TRANSACTION = 500
PEER_SECONDS = 15  # then it is cut, and the rate until then taken
DEADLINE_SECONDS = 120
ROUNDS = 5
PEER_TABLES = """CREATE TABLE inbox (id text PRIMARY KEY);
CREATE TABLE effects (number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body json NOT NULL)"""
MARK = "INSERT INTO inbox VALUES ($1) ON CONFLICT DO NOTHING RETURNING id"
EFFECT = "INSERT INTO effects (body) VALUES ($1)"


async def measure(rounds: int = ROUNDS, messages: int = MESSAGES) -> Figure:
    """Messages a second from the first one fetched to the last effect; every round has messages and databases of its own."""
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(durable_server())
        bootstrap = await stack.enter_async_context(broker_with_topics())

        async def anew(rate: Callable[[HouseDatabase, str, int], Awaitable[float]]) -> float:
            await fresh_topics(bootstrap)
            await put(bootstrap, forwarded(messages))
            async with fresh_database(server, HOUSE.name) as database:
                return await rate(database, bootstrap, messages)

        found = await alternately(lambda: anew(reacted), lambda: anew(one_by_one), rounds)
    name = "one transaction a message: inbox, effect, acknowledgement"
    return figure("react", "messages/s", peer(name, "faststream", "asyncpg"), found)


def forwarded(count: int) -> list[Message]:
    """The released example of the contract, as said of so many products and dossiers."""
    golden = json.loads(GOLDEN.read_text())
    found = []
    for n in range(1, count + 1):
        dossier, product = str(uuid5(IDS, f"dossier {n}")), str(uuid5(IDS, f"product {n}"))
        data = golden["data"] | {"dossier_id": dossier, "product": golden["data"]["product"] | {"id": product}}
        own = {"id": f"{SOURCE}:{n}", "subject": dossier, "key": product, "data": data}
        found.append(to_kafka(Envelope.model_validate(golden | own)))
    return found


async def put(bootstrap: str, messages: list[Message]) -> None:
    """On the topic as the relay puts them: in transactions, each with its mark."""
    async with AIOKafkaProducer(
        bootstrap_servers=bootstrap, transactional_id=f"relay-{SOURCE}", acks="all",
        transaction_timeout_ms=TRANSACTION_MS,
    ) as producer:  # fmt: skip
        for begin in range(0, len(messages), IN_A_TRANSACTION):
            some = messages[begin : begin + IN_A_TRANSACTION]
            async with producer.transaction():
                sent = [await producer.send(TOPICS[SOURCE].name, m.value, m.key, headers=m.headers) for m in some]
                mark = json.dumps({"upto": begin + len(some)}).encode()
                sent.append(await producer.send(MARKS.name, mark, SOURCE.encode(), partition=HOUSES.index(SOURCE)))
                await asyncio.gather(*sent)


class Course:
    """From the first messages fetched to the last effect."""

    def __init__(self, messages: int) -> None:
        self._messages, self._done = messages, 0
        self._begun = self._ended = 0.0
        self._over = asyncio.Event()

    def began(self) -> None:
        self._begun = self._begun or time.perf_counter()

    def did(self, messages: int) -> None:
        self._done, self._ended = self._done + messages, time.perf_counter()
        if self._done >= self._messages:
            self._over.set()

    async def rate(self, seconds: float) -> float:
        """Messages a second; after so many seconds those until then. Raises TimeoutError where nothing was done at all."""
        async with asyncio.timeout(DEADLINE_SECONDS):
            while not self._begun:  # noqa: ASYNC110 - groups take seconds to form, and nothing is measured yet
                await asyncio.sleep(0.05)
        try:
            async with asyncio.timeout(seconds):
                await self._over.wait()
        except TimeoutError:
            if not self._done:
                raise
        return self._done / (self._ended - self._begun)


# --- ours: a house at work ---


async def reacted(database: HouseDatabase, bootstrap: str, messages: int) -> float:
    await migrate(database.owner_dsn, database.server_role, HOUSE.room)
    house = House(HOUSE, database.server_dsn, Clock(), None)
    await house.store.open()
    try:
        bus, course = OnKafka(house, bootstrap), Course(messages)
        for ear in bus.ears:
            watch(ear, course)
        settled()
        counting: list[Callable[[], Awaitable[None]]] = [lambda e=ear: bus.following.count(e) for ear in bus.ears]
        hears: list[Callable[[], Awaitable[None]]] = [lambda e=ear: bus.hear(e) for ear in bus.ears]
        async with running(*hears, bus.following.read, *counting):
            rate = await course.rate(DEADLINE_SECONDS)
        if (head := await house.store.head()) != messages:
            raise RuntimeError(f"{head} effects of {messages} messages; held: {(await house.store.standing()).held}")
        return rate
    finally:
        await house.store.close()


def watch(ear: Ear, course: Course) -> None:
    heard = ear.heard

    async def watched(message: Any) -> None:
        course.began()
        await heard(message)
        course.did(len(message.raw_message))

    ear.heard = watched  # type: ignore[method-assign]


# --- the peer ---


async def one_by_one(database: HouseDatabase, bootstrap: str, messages: int) -> float:
    connection = await asyncpg.connect(database.owner_dsn)
    try:
        await connection.execute(PEER_TABLES)
        course = Course(messages)
        settled()
        async with hearing(bootstrap, connection, course):
            return await course.rate(PEER_SECONDS)
    finally:
        await connection.close()


@asynccontextmanager
async def hearing(bootstrap: str, connection: asyncpg.Connection, course: Course) -> AsyncIterator[None]:
    """A consumer with the settings of ours that takes one message after the other."""
    broker = KafkaBroker(bootstrap, client_id="bench", apply_types=False, logger=None)
    subscriber = broker.subscriber(
        TOPICS[SOURCE].name, group_id="bench", ack_policy=AckPolicy.MANUAL, isolation_level="read_committed",
        auto_offset_reset="earliest", session_timeout_ms=SESSION_MS, heartbeat_interval_ms=BEAT_MS, decoder=undecoded,
    )  # fmt: skip

    @subscriber
    async def heard(message: KafkaMessage) -> None:
        course.began()
        async with connection.transaction():
            if await connection.fetchval(MARK, message.headers["ce_id"]):
                await connection.execute(EFFECT, message.body.decode())
        await message.ack()
        course.did(1)

    await broker.start()
    try:
        yield
    finally:
        await broker.stop()
