"""Our own store behind the checker's port: ledgers as aggregates, a view of them that every process keeps, fsck as its proof."""

import asyncio
import itertools
import os
import random
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import asyncpg
import orjson
from eventsourcing.utils import get_topic

from ocop.databases import HouseDatabase, make, remove
from ocop.postgres import EmbeddedPostgres, Server
from shared.eventstore.aggregate import Aggregate, Begun, Changed, event
from shared.eventstore.appender import CONNECTION_LOST
from shared.eventstore.fsck import Findings, check_events, check_views
from shared.eventstore.mapper import Recorded
from shared.eventstore.migrate import migrate
from shared.eventstore.projector import Wake, project
from shared.eventstore.sources import OwnFacts
from shared.eventstore.store import EventStore
from shared.eventstore.views import Change, Fact, Room, Stretch, View, advance
from tests.checker.port import Answer, Command, Entry, Event, Unknown

HOUSE = "registration"  # any house's name
STREAMS = UUID("8a2d0c0e-53c4-5a07-9d5b-6c6564676572")
NUMBERS = itertools.count(1)
ANSWERS_SECONDS = 60
POLL_SECONDS = 0.02


class Ledger(Aggregate):
    TOPIC = "checker.Ledger"

    class Opened(Begun):
        TOPIC = "checker.LedgerOpened"
        stream: str
        request: str
        part: int
        parts: int

    class Written(Changed):
        TOPIC = "checker.LedgerWritten"
        stream: str
        request: str
        part: int
        parts: int

    @event(Opened)
    def __init__(self, stream: str, request: str, part: int, parts: int) -> None:
        self.events = [Event(stream, 1, request, part, parts)]

    @event(Written)
    def _written(self, stream: str, request: str, part: int, parts: int) -> None:
        self.events.append(Event(stream, len(self.events) + 1, request, part, parts))


LEDGERS = View("ledgers", ["ledgers"], HOUSE)
ROOM = Room(HOUSE, Path(__file__).with_name("ours.sql"), [LEDGERS])


@LEDGERS.on(Ledger.Opened, Ledger.Written)
def written(e: Ledger.Opened | Ledger.Written) -> list[Change]:
    return [Change(ROOM.sql.written, (e.originator_id, e.part))]


class Ours:
    """One process at work on the store; it also keeps the view, as all the others do."""

    def __init__(self, store: EventStore, tasks: list[asyncio.Task[None]]) -> None:
        self.store, self._tasks = store, tasks

    async def append(self, command: Command) -> Answer:
        answer = orjson.dumps(command.answer).decode()
        try:
            outcome = await self.store.append(
                [stored(e) for e in command.events], request=command.request, fingerprint=b"", answer=answer,
                metadata="{}",
            )  # fmt: skip
        except CONNECTION_LOST as error:
            raise Unknown(str(error)) from error
        if outcome.kind == "conflict":
            return Answer(stored=False)
        return Answer(True, outcome.position, orjson.loads(outcome.answer or "null"), outcome.kind == "repeat")

    async def feed(self, after: int, limit: int) -> Sequence[Entry]:
        try:
            return [Entry(r.position, read(r)) for r in await self.store.feed(after, limit)]
        except CONNECTION_LOST as error:
            raise Unknown(str(error)) from error

    async def load(self, stream: str) -> Sequence[Event]:
        try:
            ledger = await self.store.load(Ledger, id_of(stream))
        except CONNECTION_LOST as error:
            raise Unknown(str(error)) from error
        return ledger.events if ledger else []

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.store.close()


async def open_bare(address: str) -> Ours:
    """Keeps no view: for who measures."""
    store = EventStore(HOUSE, address)
    try:
        await store.open()
    except CONNECTION_LOST as error:
        raise Unknown(str(error)) from error
    return Ours(store, [])


async def open_store(address: str) -> Ours:
    ours, wake = await open_bare(address), Wake(address)
    store = ours.store
    tasks = [asyncio.create_task(wake.listen()), asyncio.create_task(project(store, ROOM.views, wake))]
    return Ours(store, tasks)


def id_of(stream: str) -> UUID:
    return uuid5(STREAMS, stream)


def stored(e: Event) -> Changed:
    facts: dict[str, Any] = {
        "originator_id": id_of(e.stream), "originator_version": e.version, "timestamp": datetime.now(UTC),
        "legal_date": date(2026, 6, 1), "stream": e.stream, "request": e.request, "part": e.part, "parts": e.parts,
    }  # fmt: skip
    return Ledger.Opened(**facts, originator_topic=get_topic(Ledger)) if e.version == 1 else Ledger.Written(**facts)


def read(recorded: Recorded) -> Event:
    e: Any = recorded.event
    return Event(e.stream, e.originator_version, e.request, e.part, e.parts)


class OnPostgres:
    """A ground on one PostgreSQL of its own, with a new database for each history."""

    opening = "tests.checker.ours:open_store"

    def __init__(self, embedded: EmbeddedPostgres, server: Server, opening: str = opening) -> None:
        self.opening = opening
        self._embedded, self._server = embedded, server
        self._template: HouseDatabase | None = None
        self._databases: dict[str, HouseDatabase] = {}

    @asynccontextmanager
    async def new(self) -> AsyncIterator[str]:
        template = self._template = self._template or await self._made("template0")
        database = await self._made(template.name)
        self._databases[database.server_dsn] = database
        try:
            yield database.server_dsn
        finally:
            connection = await asyncpg.connect(self._server.admin_dsn)
            await remove(connection, database.name)
            await connection.close()

    async def _made(self, template: str) -> HouseDatabase:
        connection = await asyncpg.connect(self._server.admin_dsn)
        try:
            made = await make(connection, self._server, HOUSE, f"history_{next(NUMBERS)}", template)
        finally:
            await connection.close()
        if template == "template0":
            await self.prepare(made)
        return made

    async def prepare(self, database: HouseDatabase) -> None:
        """Makes the tables of a database that all histories are copies of."""
        await migrate(database.owner_dsn, database.server_role, ROOM)

    async def cut(self, address: str, dice: random.Random) -> None:
        connection = await asyncpg.connect(self._server.admin_dsn)
        try:
            for pid in await self._sessions(connection, address):
                if dice.random() < 0.5:
                    await connection.execute("SELECT pg_terminate_backend($1)", pid)
        finally:
            await connection.close()

    async def crash(self, address: str, dice: random.Random) -> None:
        """One session, whose server then recovers by itself, or its first process, which nobody survives."""
        if dice.random() < 0.5:
            master = self._embedded._postmaster()
            assert master is not None
            os.kill(master.pid, signal.SIGKILL)
            await self.restart()
            return
        connection, ended = await asyncpg.connect(self._server.admin_dsn), asyncio.Event()
        connection.add_termination_listener(lambda _: ended.set())
        try:
            if sessions := await self._sessions(connection, address):
                os.kill(dice.choice(sessions), signal.SIGKILL)
                async with asyncio.timeout(ANSWERS_SECONDS):
                    await ended.wait()  # its server has noticed
        finally:
            connection.terminate()
        await self._answers()

    async def restart(self) -> None:
        await self._embedded.stop()
        self._server = await self._embedded.start()

    async def proof(self, address: str) -> list[str]:
        database, result = self._databases[address], Findings()
        store = EventStore(HOUSE, address)
        await store.open()
        connection = await asyncpg.connect(database.owner_dsn)
        try:
            await catch_up(store)
            await check_events(connection, HOUSE, result)
            await check_views(connection, ROOM, lambda view: OwnFacts(store, view), result)
        finally:
            await connection.close()
            await store.close()
        return result.findings

    async def _sessions(self, connection: asyncpg.Connection, address: str) -> list[int]:
        name = self._databases[address].name
        return [
            row["pid"] for row in await connection.fetch("SELECT pid FROM pg_stat_activity WHERE datname = $1", name)
        ]

    async def _answers(self) -> None:
        async with asyncio.timeout(ANSWERS_SECONDS):
            while True:
                try:
                    connection = await asyncpg.connect(self._server.admin_dsn)
                except CONNECTION_LOST:
                    await asyncio.sleep(POLL_SECONDS)
                    continue
                await connection.close()
                return


@asynccontextmanager
async def postgres_in(
    folder: Path, settings: dict[str, str], opening: str = OnPostgres.opening
) -> AsyncIterator[OnPostgres]:
    """What is acknowledged outlives the server's processes in any case; with `fsync`, the machine as well."""
    embedded = EmbeddedPostgres(folder, settings)
    try:
        yield OnPostgres(embedded, await embedded.start(), opening)
    finally:
        await embedded.stop()


async def catch_up(store: EventStore) -> None:
    """The view has everything."""
    while recorded := await store.feed(await store.position(LEDGERS.reader, HOUSE), 1000):
        new = [Fact(r.position, r.event, HOUSE) for r in recorded]
        await advance(store.pool, LEDGERS, [Stretch(LEDGERS.source, new, new[-1].position)])
