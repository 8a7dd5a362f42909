"""Stores with one fault each, put in on purpose: what a checker does not find in them it would not find in ours."""

import asyncio
from collections.abc import Sequence

import asyncpg

from tests.checker.plain import LOST, Plain, connected
from tests.checker.port import Answer, Command, Entry, Event

ALL = 10**6
TICK_SECONDS = 0.01


class NumbersBeforeItLocks(Plain):
    """A position is handed out before the order of commits is known, as by a sequence. Readers step over what comes late."""

    async def _commit(self, connection: asyncpg.Connection, command: Command) -> Answer:
        first = await self._number(connection, len(command.events))  # committed by itself
        async with connection.transaction():
            await self._lock(connection)
            return await self._known(connection, command) or await self._write(connection, command, first)


class AcknowledgesBeforeTheCommit(Plain):
    """The answer goes out while the transaction is open, which ends at the next tick: commits cost less so."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        super().__init__(pool)
        self._commits: set[asyncio.Task[None]] = set()

    async def _commit(self, connection: asyncpg.Connection, command: Command) -> Answer:
        answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(self._later(command, answered))
        self._commits.add(task)
        task.add_done_callback(self._commits.discard)
        return await answered

    async def _later(self, command: Command, answered: asyncio.Future[Answer]) -> None:
        """A commit that fails now has nobody to be told to."""
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                answered.set_result(await self._within(connection, command))
                await asyncio.sleep(TICK_SECONDS)
        except (asyncpg.PostgresError, *LOST) as error:
            if not answered.done():
                answered.set_exception(error)


class ForgetsRequests(Plain):
    """Each ask is a new one."""

    async def _known(self, connection: asyncpg.Connection, command: Command) -> Answer | None:
        await connection.execute("DELETE FROM requests WHERE id = $1", command.request)
        return None


class WritesHalfACommand(Plain):
    """Each event is a transaction of its own."""

    async def _commit(self, connection: asyncpg.Connection, command: Command) -> Answer:
        if known := await self._known(connection, command):
            return known
        last = 0
        for event in command.events:
            async with connection.transaction():
                last = await self._number(connection, 1)
                if not await self._fits(connection, event):
                    raise asyncpg.UniqueViolationError(event.stream)
                await self._insert(connection, event, last)
        await connection.execute("INSERT INTO requests VALUES ($1, $2, $3)", command.request, last, command.answer)
        return Answer(True, last, command.answer)


class LooksAtNoVersions(Plain):
    """What others wrote since a writer looked and decided is none of its concern."""

    async def _fits(self, connection: asyncpg.Connection, event: Event) -> bool:
        return True

    async def _insert(self, connection: asyncpg.Connection, event: Event, position: int) -> None:
        last = await connection.fetchval("SELECT coalesce(max(version), 0) FROM log WHERE stream = $1", event.stream)
        late = Event(event.stream, last + 1, event.request, event.part, event.parts)
        await super()._insert(connection, late, position)


class ReadsTheNewestFirst(Plain):
    """Whoever is behind by more than a page gets the newest page."""

    async def feed(self, after: int, limit: int) -> Sequence[Entry]:
        return (await super().feed(after, ALL))[-limit:]


async def numbers_before_it_locks(address: str) -> Plain:
    return NumbersBeforeItLocks(await connected(address))


async def acknowledges_before_the_commit(address: str) -> Plain:
    return AcknowledgesBeforeTheCommit(await connected(address))


async def forgets_requests(address: str) -> Plain:
    return ForgetsRequests(await connected(address))


async def writes_half_a_command(address: str) -> Plain:
    return WritesHalfACommand(await connected(address))


async def looks_at_no_versions(address: str) -> Plain:
    return LooksAtNoVersions(await connected(address))


async def reads_the_newest_first(address: str) -> Plain:
    return ReadsTheNewestFirst(await connected(address))
