"""A second, small store behind the same port, correct and slow: what the checker asks of ours it can ask of others.

Each of its steps stands by itself, so that `faulty.py` can do one of them wrong.
"""

import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import count

import asyncpg

from ocop.postgres import Server
from tests.checker.port import Answer, Command, Entry, Event, Unknown

LOST = (
    asyncpg.PostgresConnectionError, asyncpg.OperatorInterventionError, asyncpg.InterfaceError,
    asyncpg.InternalClientError, OSError, TimeoutError,
)  # fmt: skip
NUMBERS = count(1)
TABLES = """
CREATE TABLE head (position bigint NOT NULL);
INSERT INTO head VALUES (0);
CREATE TABLE requests (id text PRIMARY KEY, position bigint NOT NULL, answer text NOT NULL);
CREATE TABLE log (
    position bigint PRIMARY KEY, stream text NOT NULL, version bigint NOT NULL, request text NOT NULL,
    part int NOT NULL, parts int NOT NULL, UNIQUE (stream, version)
)
"""


class Plain:
    """Several connections of one process; each command is a transaction of its own."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def append(self, command: Command) -> Answer:
        try:
            async with self._pool.acquire() as connection:
                return await self._commit(connection, command)
        except asyncpg.UniqueViolationError:
            return Answer(stored=False)
        except LOST as error:
            raise Unknown(str(error)) from error

    async def _commit(self, connection: asyncpg.Connection, command: Command) -> Answer:
        async with connection.transaction():
            return await self._within(connection, command)

    async def _within(self, connection: asyncpg.Connection, command: Command) -> Answer:
        await self._lock(connection)
        if known := await self._known(connection, command):
            return known
        first = await self._number(connection, len(command.events))
        return await self._write(connection, command, first)

    async def _lock(self, connection: asyncpg.Connection) -> None:
        """Who has it commits before anybody else gets a number."""
        await connection.execute("SELECT FROM head FOR UPDATE")

    async def _known(self, connection: asyncpg.Connection, command: Command) -> Answer | None:
        row = await connection.fetchrow("SELECT position, answer FROM requests WHERE id = $1", command.request)
        return Answer(True, row["position"], row["answer"], repeated=True) if row else None

    async def _number(self, connection: asyncpg.Connection, events: int) -> int:
        """The position of the first of so many events."""
        question = "UPDATE head SET position = position + $1 RETURNING position - $1 + 1"
        return await connection.fetchval(question, events)

    async def _write(self, connection: asyncpg.Connection, command: Command, first: int) -> Answer:
        for event in command.events:
            if not await self._fits(connection, event):
                raise asyncpg.UniqueViolationError(f"{event.stream} is not at version {event.version - 1}")
            await self._insert(connection, event, first + event.part - 1)
        last = first + len(command.events) - 1
        await connection.execute("INSERT INTO requests VALUES ($1, $2, $3)", command.request, last, command.answer)
        return Answer(True, last, command.answer)

    async def _fits(self, connection: asyncpg.Connection, event: Event) -> bool:
        """Whether the version before it is there; that its own is not, the table sees to."""
        there = "SELECT EXISTS (SELECT FROM log WHERE stream = $1 AND version = $2)"
        return event.version == 1 or await connection.fetchval(there, event.stream, event.version - 1)

    async def _insert(self, connection: asyncpg.Connection, event: Event, position: int) -> None:
        await connection.execute(
            "INSERT INTO log VALUES ($1, $2, $3, $4, $5, $6)",
            position, event.stream, event.version, event.request, event.part, event.parts,
        )  # fmt: skip

    async def feed(self, after: int, limit: int) -> Sequence[Entry]:
        rows = await self._fetch("SELECT * FROM log WHERE position > $1 ORDER BY position LIMIT $2", after, limit)
        return [Entry(row["position"], event_of(row)) for row in rows]

    async def load(self, stream: str) -> Sequence[Event]:
        return [
            event_of(row) for row in await self._fetch("SELECT * FROM log WHERE stream = $1 ORDER BY version", stream)
        ]

    async def _fetch(self, question: str, *arguments: object) -> list[asyncpg.Record]:
        try:
            return await self._pool.fetch(question, *arguments)
        except LOST as error:
            raise Unknown(str(error)) from error

    async def close(self) -> None:
        self._pool.terminate()


def event_of(row: asyncpg.Record) -> Event:
    return Event(row["stream"], row["version"], row["request"], row["part"], row["parts"])


async def connected(address: str) -> asyncpg.Pool:
    """Raises Unknown."""
    try:
        return await asyncpg.create_pool(address, min_size=1, max_size=4)
    except LOST as error:
        raise Unknown(str(error)) from error


async def open_plain(address: str) -> Plain:
    return Plain(await connected(address))


class OnServer:
    """A ground for it: databases of a server that many share, so nobody kills it here."""

    def __init__(self, server: Server, opening: str = "tests.checker.plain:open_plain") -> None:
        self.opening = opening
        self._dsn = server.admin_dsn

    @asynccontextmanager
    async def new(self) -> AsyncIterator[str]:
        name = f"plain_{next(NUMBERS)}"
        connection = await asyncpg.connect(self._dsn)
        await connection.execute(f"CREATE DATABASE {name}")
        address = self._dsn.replace("@/postgres?", f"@/{name}?")
        there = await asyncpg.connect(address)
        await there.execute(TABLES)
        await there.close()
        try:
            yield address
        finally:
            await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
            await connection.close()

    async def cut(self, address: str, dice: random.Random) -> None:
        connection = await asyncpg.connect(address)
        question = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        for row in await connection.fetch(question):
            if dice.random() < 0.5:
                await connection.execute("SELECT pg_terminate_backend($1)", row["pid"])
        await connection.close()

    async def crash(self, address: str, dice: random.Random) -> None:
        raise NotImplementedError("this server is not ours to kill")

    async def restart(self) -> None:
        raise NotImplementedError("this server is not ours to stop")

    async def proof(self, address: str) -> list[str]:
        """It has neither chain nor views."""
        return []
