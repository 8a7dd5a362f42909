"""Read models: each view turns facts into changes of its own tables, and can be thrown away and made again at any time.

A view's handlers are pure: one fact in, changes out. Batches and their checkpoint are one transaction, so a view is
never half-way. A view has one source: the own house's events, or the contracts of another house.
"""

import inspect
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg

from shared.eventstore.sql import STORE, Statements

DUE = Statements(Path(__file__).with_name("due.sql"))  # limits: the one table that several houses have
COMMON = {"due": DUE.tables}
OWN_TABLES = re.compile(r"(?:\s|--.*)*WITH\s+")  # how a statement begins that has tables of its own
REMEMBERED = Statements(Path(__file__).with_name("remembered.sql"))


class Change(NamedTuple):
    """One statement of the house's `views.sql` with its arguments.

    `together`: the statement takes an array of each argument, and does all changes of a run at once.
    """

    statement: str
    arguments: tuple[Any, ...]
    together: bool = False


class Fact(NamedTuple):
    """What a view reads: an own event or another house's contract, with the position it was said at.

    `told_at`: when its source recorded it, where the body does not say so itself.
    """

    position: int
    body: Any
    source: str
    told_at: datetime | None = None

    @property
    def id(self) -> str:
        """As in the envelope: `<house>:<position>`."""
        return f"{self.source}:{self.position}"

    @property
    def at(self) -> datetime:
        """When its source recorded it (UTC): an event carries that, a contract is told with it."""
        at: datetime = self.told_at or self.body.timestamp
        return at


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The body of a fact that no longer fits its class; a view that would read it fails of it."""

    kind: type
    error: Exception


class View:
    """A named read model over some tables; `@view.on(Kind)` registers what a kind of fact changes.

    `remembers`: those of its tables that can be asked for what was known at an instant, each with the columns that tell one
    thing from another. Such a table has a column `known`, which every statement that changes it sets by `known_since`.
    """

    def __init__(
        self, name: str, tables: Sequence[str], source: str, remembers: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        self.name = name
        self.remembers = dict(remembers or {})
        self.tables = (*tables, *(f"{table}_was" for table in self.remembers))
        self.source = source
        self.handlers: dict[type, Callable[..., Iterable[Change]]] = {}

    @property
    def reader(self) -> str:
        """Its name in `positions`."""
        return f"view:{self.name}"

    def on(self, *kinds: type) -> Callable[[Callable[..., Iterable[Change]]], Callable[..., Iterable[Change]]]:
        """Registers a generator of changes; it takes the fact's body and, if it asks, the whole fact."""

        def register(function: Callable[..., Iterable[Change]]) -> Callable[..., Iterable[Change]]:
            takes_fact = len(inspect.signature(function).parameters) > 1
            for kind in kinds:
                self.handlers[kind] = function if takes_fact else lambda body, _fact, f=function: f(body)
            return function

        return register

    def changes(self, facts: Iterable[Fact]) -> Iterable[Change]:
        """What a batch changes, in order; kinds without a handler change nothing. Raises why one cannot be read."""
        for fact in facts:
            handler = self.handlers.get(type(fact.body))
            if handler:
                yield from handler(fact.body, fact)
            elif type(fact.body) is Unreadable and fact.body.kind in self.handlers:
                raise fact.body.error


async def apply(connection: asyncpg.Connection, view: View, facts: Sequence[Fact]) -> None:
    """Applies changes in order; a run of the same statement goes as one batch, or as one statement."""
    for (statement, together), run in groupby(
        view.changes(facts), key=lambda change: (change.statement, change.together)
    ):
        rows = [change.arguments for change in run]
        if together:
            await connection.execute(statement, *map(list, zip(*rows, strict=True)))
        else:
            await connection.executemany(statement, rows)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Facts that follow one another without a gap, up to a position: a source house's, or one partition's of its topic.

    `row` is where the position is kept: `registration`, or `registration/7`.
    """

    row: str
    facts: Sequence[Fact]
    upto: int


async def advance(pool: asyncpg.Pool, view: View, stretches: Sequence[Stretch]) -> dict[str, int]:
    """Applies stretches with their checkpoints in one transaction; facts already applied are passed over.

    Returns the positions reached, by row.
    """
    rows = sorted(stretch.row for stretch in stretches)
    async with pool.acquire() as connection, connection.transaction():
        locked = await lock(connection, view, rows)
        if locked is None:
            await connection.execute(STORE.begin_positions, view.reader, [view.source, *rows])
            locked = await lock(connection, view, rows)
        assert locked is not None
        at: dict[str, int] = {row["source"]: row["position"] for row in locked}
        fresh = [stretch for stretch in stretches if stretch.upto > at[stretch.row]]
        if fresh:
            await apply(connection, view, [f for s in fresh for f in s.facts if f.position > at[s.row]])
            reached = [s.row for s in fresh], [s.upto for s in fresh]
            await connection.execute(STORE.advance_rows, view.reader, *reached)
    at |= {stretch.row: stretch.upto for stretch in fresh}
    return at


async def lock(connection: asyncpg.Connection, view: View, rows: Sequence[str]) -> list[asyncpg.Record] | None:
    """Where the rows stand; None where one of them is missing, or the view's own, at which a rebuild waits for this."""
    # Two that share the row which both lock next would deadlock.
    if view.source not in rows and not await connection.fetch(STORE.share_position, view.reader, view.source):
        return None
    locked = await connection.fetch(STORE.lock_positions, view.reader, rows, f"{view.source}/*")
    return locked if len(locked) == len(rows) else None


async def advance_together(
    pool: asyncpg.Pool, views: Sequence[View], facts: Sequence[Fact], upto: int
) -> dict[str, int]:  # fmt: skip
    """Applies the same facts to several views of one source, with their checkpoints, in one transaction.

    Alone each would cost a handful of round trips and a commit. Returns the positions reached, by view.
    """
    source, readers = views[0].source, [view.reader for view in views]
    async with pool.acquire() as connection, connection.transaction():
        locked = await connection.fetch(STORE.lock_readers, readers, source)
        if len(locked) < len(readers):
            await connection.execute(STORE.begin_readers, readers, source)
            locked = await connection.fetch(STORE.lock_readers, readers, source)
        at: dict[str, int] = {row["reader"]: row["position"] for row in locked}
        for view in views:
            await apply(connection, view, [fact for fact in facts if fact.position > at[view.reader]])
        await connection.execute(STORE.advance_readers, readers, source, upto)
    return {view.name: max(at[view.reader], upto) for view in views}


class Room:
    """The views of one house with their SQL file: `-- name: tables` makes them, the other statements change and ask.

    A table that several houses have is made by its common text, where a view names it.
    """

    def __init__(self, house: str, sql: Path, views: Sequence[View]) -> None:
        self.house = house
        self.sql = Statements(sql)
        self.views = tuple(views)

    @property
    def tables(self) -> str:
        """The text that makes all tables of the house's views."""
        common = [COMMON[table] for view in self.views for table in view.tables if table in COMMON]
        kept = [remembering(table, key) for view in self.views for table, key in view.remembers.items()]
        return ";\n".join([self.sql.tables, *common, *kept])

    def as_known(self, statement: str, place: int) -> str:
        """A statement that asks the views, asking what they knew at an instant: its argument number `place`."""
        tables = [table for view in self.views for table in view.remembers]
        known = [REMEMBERED.as_known.format(table=table, place=place) for table in tables]
        if own := OWN_TABLES.match(statement):
            statement = f", {statement[own.end() :]}"
        return REMEMBERED.asked.format(tables=", ".join(known), statement=statement)

    @property
    def own(self) -> list[View]:
        return [view for view in self.views if view.source == self.house]

    @property
    def foreign(self) -> list[View]:
        return [view for view in self.views if view.source != self.house]

    def view(self, name: str) -> View:
        """Raises KeyError with the names there are."""
        for view in self.views:
            if view.name == name:
                return view
        raise KeyError(f"{self.house} has no view {name}; it has {', '.join(v.name for v in self.views)}")


def remembering(table: str, key: Sequence[str]) -> str:
    """The text that makes a table keep what it said before."""
    columns = {side: ", ".join(f"{side}.{column}" for column in key) for side in ("NEW", "OLD")}
    return REMEMBERED.remembers.format(table=table, key=", ".join(key), new=columns["NEW"], old=columns["OLD"])
