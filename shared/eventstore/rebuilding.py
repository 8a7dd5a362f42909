"""Makes a view again while people read and write: a shadow is filled, catches up, and takes the view's place at once.

Only the view's own changes are applied: nothing reacts to it, nothing is said. Whoever reads sees the old table or the new
one. Whoever applies new facts waits for the swap, which locks the view's position, and goes on from where it ended. What is
left of a rebuild that was ended anyhow lies in a schema of its own, and the next one removes it.
"""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import asyncpg

from shared.eventstore.appender import CONNECTION_LOST
from shared.eventstore.migrate import SQL as MIGRATE
from shared.eventstore.migrate import make_tables, mark_of
from shared.eventstore.parking import PARKED
from shared.eventstore.sources import Source, pages
from shared.eventstore.sql import STORE, Statements
from shared.eventstore.views import Room, View, apply
from shared.logs import log

SQL = Statements(Path(__file__).with_name("rebuilding.sql"))
SHADOW = "again_"
NEAR = 5000  # positions that are left to the swap, while those who apply new facts wait
TURN_MS = 5000  # for the batch that is being applied to the old table
LOCK_MS = 250  # for those who read it
LEAVE_SECONDS = 10.0
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 2.0  # seconds, while a long reader holds the old table

Tell = Callable[[int], None]


class BeingMadeAgain(RuntimeError):
    """Another rebuild of the same view is at work."""

    def __init__(self, view: View) -> None:
        super().__init__(
            f"khung nhìn {view.name} đang được dựng lại bởi tiến trình khác / "
            f"view {view.name} is being made again by another process"
        )


class OfOtherTables(RuntimeError):
    """The serving tables are made of another text than this program's."""

    def __init__(self, view: View) -> None:
        super().__init__(
            f"khung nhìn {view.name} thuộc phiên bản khác của chương trình / "
            f"view {view.name} is of another version of the program"
        )


class Rebuilt(NamedTuple):
    """How many rows the view has now, and up to which position of its source it was made."""

    rows: int
    upto: int


@dataclass
class Rebuild:
    """One view of a house, to be made again as the owner of its database, whom it reaches at `owner_dsn`.

    `begins` is told how many positions more are to be read, `tell` those that were.
    """

    owner_dsn: str
    room: Room
    view: View
    source: Source
    server_role: str
    begins: Tell = lambda _: None
    tell: Tell = lambda _: None

    def __post_init__(self) -> None:
        self.schema = SHADOW + self.view.name

    async def run(self) -> Rebuilt:
        """Raises BeingMadeAgain, OfOtherTables, and what a fact fails of; then the serving view is as before."""
        self.connection = await asyncpg.connect(self.owner_dsn)
        try:
            if not await self.connection.fetchval(SQL.take_turn, self.view.name):
                raise BeingMadeAgain(self.view)
            try:
                return await self._made()
            except BaseException:
                self.connection.terminate()  # whatever it was in the middle of
                await self._leave()
                raise
        finally:
            self.connection.terminate()

    async def _made(self) -> Rebuilt:
        await clear(self.connection, self.view.name)
        await self._begin()
        at, pause = await self._fill(0), FIRST_PAUSE
        while True:
            try:
                found = await self._swap(at)
                await self._do(SQL.drop_shadow)
                return found
            except asyncpg.LockNotAvailableError:
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
                at = await self._fill(at)

    async def _begin(self) -> None:
        """The view's tables, empty, in a schema of their own."""
        async with self.connection.transaction():
            await self._of_these_tables()
            await self._do(SQL.make_shadow)
            await make_tables(self.connection, self.room, self.schema)
            for (table,) in await self.connection.fetch(SQL.tables_of, self.schema):
                await self._do(SQL.let_serve if table in self.view.tables else SQL.drop_table, table=table)
        await self._do(SQL.work_there)

    async def _leave(self) -> None:
        """Removes the shadow once the server knows that its session has ended; if it does not, the next rebuild will."""
        try:
            async with asyncio.timeout(LEAVE_SECONDS):
                connection = await asyncpg.connect(self.owner_dsn)
                try:
                    while self.schema in {row[0] for row in await connection.fetch(SQL.left_over)}:
                        if self.schema not in await clear(connection):
                            await asyncio.sleep(FIRST_PAUSE)
                finally:
                    connection.terminate()
        except (asyncpg.PostgresError, *CONNECTION_LOST) as error:
            log.warning("shadow-left", house=self.room.house, view=self.view.name, error=error)

    async def _do(self, statement: str, table: str = "", ms: int = 0) -> None:
        text = statement.format(schema=self.schema, table=table, role=self.server_role, ms=ms)
        await self.connection.execute(text)

    async def _of_these_tables(self) -> None:
        if await self.connection.fetchval(MIGRATE.views_made_of) != mark_of(self.room):
            raise OfOtherTables(self.view)

    async def _fill(self, at: int) -> int:
        """Until little is left. Returns the position reached."""
        while (head := await self.source.head()) - at > NEAR or at == 0 < head:
            self.begins(head - at)
            async with aclosing(pages(self.source, at, head)) as found:
                async for page in found:
                    async with self.connection.transaction():
                        await apply(self.connection, self.view, page.facts)
                    at = page.upto
                    self.tell(page.steps)
            for table in self.view.tables:
                await self._do(SQL.settle, table=table)
        return at

    async def _swap(self, at: int) -> Rebuilt:
        """Raises LockNotAvailableError where somebody holds the old table for long; nothing has changed then."""
        view, connection = self.view, self.connection
        async with connection.transaction():
            await self._do(SQL.durable)
            await self._do(SQL.soon, ms=TURN_MS)
            await connection.execute(MIGRATE.one_at_a_time)
            await self._of_these_tables()
            await connection.execute(STORE.begin_position, view.reader, view.source)
            serving = await connection.fetchval(STORE.lock_position, view.reader, view.source)
            upto = max(serving, await self.source.head())
            async with aclosing(pages(self.source, at, upto)) as found:
                async for page in found:
                    await apply(connection, view, page.facts)
            await self._do(SQL.soon, ms=LOCK_MS)
            for table in view.tables:
                await self._do(SQL.drop_old, table=table)
                await self._do(SQL.put_in_place, table=table)
            await connection.execute(STORE.reset_position, view.reader, view.source, upto)
            await connection.execute(STORE.advance, view.reader, f"{view.source}/*", upto)
            await connection.execute(PARKED.unpark, view.reader)
        rows = [await connection.fetchval(SQL.count_rows.format(table=table)) for table in view.tables]
        return Rebuilt(sum(rows), upto)


async def clear(connection: asyncpg.Connection, *mine: str) -> list[str]:
    """Removes what is left of rebuilds that nobody works on; `mine` are the caller's. Returns the schemas removed."""
    removed = []
    for (schema,) in await connection.fetch(SQL.left_over):
        name = schema.removeprefix(SHADOW)
        if name in mine or await connection.fetchval(SQL.take_turn, name):
            await connection.execute(SQL.drop_shadow.format(schema=schema))
            removed.append(schema)
            if name not in mine:
                await connection.execute(SQL.end_turn, name)
    return removed
