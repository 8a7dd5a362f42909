"""National numbers made again from Kafka's retained history, and from the stores, are those of the live delivery."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiokafka import AIOKafkaProducer

from ocop.inspect import Opened
from ocop.postgres import Server
from services.programme.views.room import ROOM
from shared.bus.history import said_on_kafka
from shared.bus.listening import Listening
from shared.bus.telling import KafkaSink
from shared.bus.wire import to_kafka
from shared.contracts.envelope import Envelope
from shared.contracts.topics import TOPICS
from shared.eventstore.store import EventStore
from shared.eventstore.views import Fact, apply
from tests.cycling import Teller, envelopes
from tests.opened import opened
from tests.postgres import fresh_database
from tests.things import made
from tests.whole import browser_on, on_new_databases, shown

Rows = dict[str, list[str]]
TOLD = {"registered", "assessed", "recognitions", "promoted"}  # of which these stories have something


@asynccontextmanager
async def programme(server: Server) -> AsyncIterator[EventStore]:
    """A new database of programme, with nothing in its views."""
    async with fresh_database(server, "programme") as database, opened(database, ROOM) as store:
        yield store


async def rows_of(store: EventStore) -> Rows:
    """The tables of the views of other houses' facts."""
    found = {}
    for table in (table for view in ROOM.foreign for table in view.tables):
        rows = await store.pool.fetch(f"SELECT t::text AS row FROM views.{table} t ORDER BY 1")
        found[table] = [row["row"] for row in rows]
    return found


async def rows_after(server: Server, facts: dict[str, list[Fact]]) -> Rows:
    """What these facts, by the view's name, make of nothing."""
    async with programme(server) as store:
        async with store.pool.acquire() as connection:
            for view in ROOM.foreign:
                await apply(connection, view, facts[view.name])
        return await rows_of(store)


async def rows_from_kafka(server: Server, bootstrap: str) -> Rows:
    said = {view.source: await said_on_kafka(bootstrap, view.source) for view in ROOM.foreign}
    return await rows_after(server, {v.name: facts_of(v, said[v.source]) for v in ROOM.foreign})


def facts_of(view, said: list[Envelope]) -> list[Fact]:  # type: ignore[no-untyped-def]
    return Listening(view, EventStore(ROOM.house, "")).facts(view.source, said)


async def test_the_history_of_the_topics_makes_the_rows_of_the_live_delivery(postgres: Server, topics: str) -> None:
    """What stands on a topic twice counts once."""
    told = Teller(seed=3, products=60)
    said = {house: envelopes(house, story.said) for house, story in told.houses.items()}
    async with AIOKafkaProducer(bootstrap_servers=topics, acks="all") as producer:
        for house, found in said.items():
            for envelope in [*found, *found[-20:]]:
                key, value, headers = to_kafka(envelope)
                await producer.send(TOPICS[house].name, value, key, headers=headers)
        await producer.flush()
    async with programme(postgres) as store:
        for view in ROOM.foreign:
            await Listening(view, store).send(view.source, said[view.source], said[view.source][-1].position)
        live = await rows_of(store)
    assert {table for table, rows in live.items() if rows} >= TOLD
    assert await rows_from_kafka(postgres, topics) == live


async def test_stores_and_topics_make_the_same_rows_of_what_the_houses_really_said(
    postgres: Server, topics: str, tmp_path: Path
) -> None:
    """From the stores as `ocop rebuild programme VIEW` reads them; from the topics as the relays filled them."""
    async with on_new_databases(postgres, tmp_path, hearing=False) as program, browser_on(program) as client:
        await made(program, client)
        await shown(program)
        opened = Opened({}, {name: house.store for name, house in program.houses.items()})
        sources = {view.name: opened.source_of("programme", view) for view in ROOM.foreign}
        from_stores = {name: await source.facts(0, await source.head()) for name, source in sources.items()}
        for source in {view.source for view in ROOM.foreign}:
            store = program.houses[source].store
            sink = KafkaSink(store, topics)
            try:
                await sink.position(source)
                await sink.send(source, [to_kafka(e) for e in await opened.said(source)], await store.head())
            finally:
                await sink.close()
    rows = await rows_after(postgres, from_stores)
    assert {table for table, found in rows.items() if found} >= TOLD
    assert await rows_from_kafka(postgres, topics) == rows
