"""Snapshots of long aggregates: what their events made of them up to a version, so that loading need not read all again.

No truth stands in them. One counts for the program that took it (a changed class makes something else of the same events)
and for the history that it was taken of; damaged, it is told of and passed over. They are taken beside the commands: a moment
after somebody met a long aggregate, some events at a time.
"""

import asyncio
import contextlib
import hashlib
import inspect
from collections.abc import Iterable
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol, TypeVar
from uuid import UUID

import asyncpg
from eventsourcing.utils import get_topic

from shared.eventstore.aggregate import Aggregate
from shared.eventstore.appender import CONNECTION_LOST
from shared.eventstore.mapper import EventMapper
from shared.eventstore.sql import STORE, Statements
from shared.eventstore.state import NoValue, made, written
from shared.logs import log
from shared.metrics import SNAPSHOTS

A = TypeVar("A", bound=Aggregate)
SQL = Statements(Path(__file__).with_name("snapshots.sql"))
EVERY = 100  # events after the last snapshot: see docs/adr/0014-snapshots.md for what was measured
LATER_SECONDS = 0.2  # whoever met the aggregate has gone on by then
LAST = 2**63 - 1  # a position after all others
SLICE = 20  # events at a time, well under a millisecond: commands have their turn in between
LIBRARIES = ("eventsourcing", "pydantic")


def digest_of(paths: Iterable[Path]) -> bytes:
    return hashlib.sha256(b"".join(hashlib.sha256(path.read_bytes()).digest() for path in sorted(paths))).digest()


SHARED = digest_of(Path(__file__).parents[1].rglob("*.py"))  # what domains are made of, besides their own files


@cache
def mark_of(cls: type[Aggregate]) -> bytes:
    """Of a class in this program, as far as it says what events make of it: the files beside it, and what is shared."""
    beside = Path(inspect.getfile(cls)).parent
    libraries = " ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return hashlib.sha256(SHARED + digest_of(beside.rglob("*.py")) + f"{libraries} {get_topic(cls)}".encode()).digest()


def digest(id: UUID, number: int, mark: bytes, state: bytes) -> bytes:
    """Of a snapshot, so that a damaged one is known."""
    return hashlib.sha256(b"%b%d %b%b" % (id.bytes, number, mark, state)).digest()


class Damaged(ValueError):
    """A snapshot is not what was written."""


def is_intact(id: UUID, row: Any) -> bool:
    return row["digest"] == digest(id, row["version"], row["mark"], row["state"])


def counted(cls: type[A], id: UUID, row: Any) -> A | None:
    """The aggregate of a snapshot; None where another program took that. Raises Damaged."""
    if not is_intact(id, row):
        raise Damaged("its digest is another")
    if row["mark"] != mark_of(cls):
        return None
    try:
        return made(cls, UUID(int=id.int), row["version"], row["state"])
    except Exception as error:  # whatever it is: the events are there
        raise Damaged(f"{type(error).__name__}: it is no state of {cls.__name__}") from error


def wrong_with(row: Any, aggregate: Aggregate | None) -> str | None:
    """What is wrong with a snapshot, in words, beside what its events make; None where nothing is, or it does not count here."""
    if not is_intact(row["originator_id"], row):
        return "is damaged"
    if aggregate is None or row["chain"] != row["hash"]:
        return "is of another history"
    if row["mark"] == mark_of(type(aggregate)) and row["state"] != written(aggregate):
        return "is not what its events make"
    return None


class Stored(Protocol):
    """What snapshots are taken of."""

    house: str
    mapper: EventMapper

    @property
    def pool(self) -> asyncpg.Pool: ...


class Snapshots:
    """The snapshots of one house's store: read with the events, taken beside the commands."""

    def __init__(self, store: Stored) -> None:
        self._store = store
        self._due: dict[UUID, type[Aggregate]] = {}
        self._never: set[type[Aggregate]] = set()  # those of which none can be taken
        self._something = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._keep(), name="snapshots")

    async def stop(self) -> None:
        """At once: what was not taken will be when somebody meets the aggregate again."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def load(self, cls: type[A], id: UUID, upto: int) -> Any:
        """A long aggregate up to a position: its snapshot, where one counts, and the events after that."""
        rows = await self._store.pool.fetch(SQL.load, id, upto)
        aggregate: Any = None
        if rows[0]["topic"] is None:
            aggregate, rows = self._read(cls, id, rows[0]), rows[1:]
            if aggregate is None:
                rows = await self._store.pool.fetch(STORE.load, id, upto, LAST)
        aggregate = folded(self._store.mapper, id, rows, aggregate)
        if len(rows) >= EVERY and upto == LAST and type(aggregate) is cls and cls not in self._never:
            self._due[id] = cls
            self._something.set()
        return aggregate

    def _read(self, cls: type[A], id: UUID, row: Any) -> A | None:
        """The aggregate as its snapshot has it; None where that does not count. Tells of one that is damaged."""
        try:
            return counted(cls, id, row)
        except Damaged as error:
            log.warning("snapshot-damaged", house=self._store.house, aggregate=cls.__name__, id=str(id), error=error)
            SNAPSHOTS.labels(self._store.house, "damaged").inc()
            return None

    async def _keep(self) -> None:
        """Runs until cancelled."""
        while True:
            await self._something.wait()
            self._something.clear()
            await asyncio.sleep(LATER_SECONDS)
            while self._due:
                id, cls = self._due.popitem()
                try:
                    await self.take(cls, id)
                    SNAPSHOTS.labels(self._store.house, "taken").inc()
                except (asyncpg.PostgresError, *CONNECTION_LOST) as error:
                    log.warning("snapshot-not-taken", house=self._store.house, aggregate=cls.__name__, error=error)
                except Exception:
                    self._never.add(cls)  # it is loaded as before there were any
                    log.exception("snapshot-not-taken", house=self._store.house, aggregate=cls.__name__)
                    SNAPSHOTS.labels(self._store.house, "failed").inc()

    async def take(self, cls: type[Aggregate], id: UUID) -> None:
        """Takes one now. Raises NoValue where something in the aggregate cannot be kept, and what the database raises."""
        aggregate: Any = None
        if row := await self._store.pool.fetchrow(SQL.snapshot, id):
            with contextlib.suppress(Damaged):
                aggregate = counted(cls, id, row)
        after = aggregate.version if aggregate else 0
        while rows := await self._store.pool.fetch(SQL.events_after_version, id, after, SLICE):
            aggregate = folded(self._store.mapper, id, rows, aggregate)
            after = rows[-1]["originator_version"]
        if type(aggregate) is not cls:
            raise NoValue(f"{id} is no {cls.__name__}")
        mark, state = mark_of(cls), written(aggregate)
        await self._store.pool.execute(SQL.save, id, after, mark, digest(id, after, mark, state), state)


def folded(mapper: EventMapper, id: UUID, rows: Iterable[Any], aggregate: Any = None) -> Any:
    """What events make of an aggregate, or of nothing yet."""
    for row in rows:
        event: Any = mapper.decode(row["topic"], row["state"], id, row["originator_version"])
        aggregate = event.mutate(aggregate)
    return aggregate
