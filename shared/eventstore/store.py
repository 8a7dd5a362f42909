"""The event store of one house: load an aggregate, save a command's events, read the feed in commit order."""

import asyncio
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

import asyncpg
import orjson
from eventsourcing.utils import resolve_topic

from shared.eventstore.aggregate import Aggregate, Changed
from shared.eventstore.appender import ANSWER_SECONDS, CONNECTION_LOST, Appender, Outcome, Row
from shared.eventstore.loading import Loading
from shared.eventstore.mapper import EventMapper, Recorded
from shared.eventstore.snapshots import EVERY, LAST, Snapshots, folded
from shared.eventstore.sql import PROOF, STORE
from shared.eventstore.views import Fact, Unreadable

A = TypeVar("A", bound=Aggregate)
DATABASE_SILENT = (asyncpg.PostgresError, *CONNECTION_LOST)  # what a database that is away or starts raises
CLOSE_SECONDS = 5
MOST_READERS = 2  # one event loop drives them; more only cost memory in the server
IDLE_SECONDS = 10


async def nothing_to_undo(_: asyncpg.Connection) -> None:
    """No reader takes locks, listens or sets anything for its session: a connection given back is as good as new.

    The driver's own way would ask the server once more after every statement. It still ends an open transaction.
    """


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a house has come: its head, the positions of its readers by (reader, source), messages held and dead."""

    head: int
    positions: dict[tuple[str, str], int]
    held: int
    dead: int


class Place(NamedTuple):
    """A position in the store, and what its chain was there."""

    position: int
    hash: bytes


class Page(NamedTuple):
    """`many` events up to a place, decoded as they are taken: the next page can be on its way meanwhile."""

    recorded: Iterator[Recorded]
    many: int
    upto: Place


class Kept(NamedTuple):
    """One event of an aggregate with its position."""

    position: int
    event: Changed


@dataclass(frozen=True, slots=True)
class Answered:
    """A request that was carried out before: its position, fingerprint and answer."""

    position: int
    fingerprint: bytes
    answer: dict[str, Any] | None


class EventStore:
    """Opened by `main.py`; `pool` reads, one connection of its own writes."""

    def __init__(self, house: str, dsn: str) -> None:
        self.house = house
        self.dsn = dsn
        self.mapper = EventMapper()
        self._appender = Appender(dsn, house)
        self._loading = Loading(lambda: self.pool, EVERY)
        self._snapshots = Snapshots(self)
        self._pool: asyncpg.Pool | None = None

    @property
    def pool(self) -> asyncpg.Pool:
        if self._pool is None:
            raise ConnectionError(f"the store of {self.house} is not open")
        return self._pool

    async def open(self) -> None:
        self._pool = await asyncpg.create_pool(
            self.dsn, min_size=1, max_size=MOST_READERS, max_inactive_connection_lifetime=IDLE_SECONDS,
            command_timeout=ANSWER_SECONDS, server_settings={"search_path": "views,public"},
            reset=nothing_to_undo,
        )  # fmt: skip
        await self._appender.start()
        self._snapshots.start()

    async def close(self) -> None:
        """Flushes what waits and lets go of the database, also of one that is gone."""
        await self._snapshots.stop()
        await self._appender.stop()
        if self._pool:
            try:
                await asyncio.wait_for(self._pool.close(), CLOSE_SECONDS)
            except CONNECTION_LOST:
                self._pool.terminate()

    async def load(self, cls: type[A], id: UUID, upto: int | None = None) -> A | None:
        """The aggregate as its events (up to a position) made it, or None where there are none of its kind."""
        rows = await (self._loading.rows(id) if upto is None else self.pool.fetch(STORE.load, id, upto, EVERY))
        if len(rows) < EVERY:
            aggregate = folded(self.mapper, id, rows)
        else:
            aggregate = await self._snapshots.load(cls, id, LAST if upto is None else upto)
        return aggregate if isinstance(aggregate, cls) else None

    async def begun(self, ids: Collection[UUID]) -> set[UUID]:
        """Those of many aggregates that there are, asked at once."""
        return {row["originator_id"] for row in await self.pool.fetch(STORE.begun, ids)}

    async def history(self, id: UUID) -> list[Kept]:
        """All events of an aggregate, whatever kind it is of, in order; none where there is no such."""
        rows = await self.pool.fetch(STORE.history, id)
        decode = self.mapper.decode
        return [Kept(r["position"], decode(r["topic"], r["state"], id, r["originator_version"])) for r in rows]

    async def answered(self, request: str) -> Answered | None:
        row = await self.pool.fetchrow(STORE.answered, request)
        if row is None:
            return None
        return Answered(row["position"], row["fingerprint"], row["answer"] and orjson.loads(row["answer"]))

    async def requests(self, beginning: str) -> set[str]:
        """The ids of the requests carried out that begin with a text."""
        return {row["id"] for row in await self.pool.fetch(STORE.requests_like, beginning)}

    async def append(
        self, events: Sequence[Changed], *, request: str, fingerprint: bytes, answer: str | None, metadata: str
    ) -> Outcome:
        """Appends a command's events with its request; raises StoreUnavailable when the database does not answer."""
        rows = [
            Row(e.originator_id, e.originator_version, e.topic, e.state, event.timestamp, event.legal_date, metadata)
            for event in events
            for e in (self.mapper.to_stored_event(event),)
        ]
        return await self.append_rows(rows, request=request, fingerprint=fingerprint, answer=answer)

    async def append_rows(
        self, rows: Sequence[Row], *, request: str, fingerprint: bytes, answer: str | None
    ) -> Outcome:
        """As `append`, of events that are stored bytes already."""
        return await self._appender.append(request, fingerprint, answer, rows)

    async def feed(self, after: int, limit: int = 500, topics: Sequence[str] | None = None) -> list[Recorded]:
        """Events after a position in commit order, without gaps; only those of `topics` where given."""
        if topics is None:
            rows = await self.pool.fetch(STORE.feed, after, limit)
        else:
            rows = await self.pool.fetch(STORE.feed_topics, after, limit, list(topics))
        return [self.mapper.recorded(row) for row in rows]

    async def feed_upto(self, after: int, limit: int, topics: Sequence[str]) -> Page:
        """Events of these topics after a position, and the place up to which there are no others."""
        rows = await self.pool.fetch(STORE.feed_upto, after, limit, list(topics))
        last = rows[-1]
        if last["notification_id"] is None:  # the head alone
            rows.pop()
        at_head = len(rows) < limit
        upto = Place(last["head"], last["head_hash"]) if at_head else Place(last["notification_id"], last["hash"])
        return Page(map(self.mapper.recorded, rows), len(rows), upto)

    async def between(self, after: int, upto: int, topics: Sequence[str]) -> list[Recorded]:
        """Events of these topics after a position, up to another."""
        rows = await self.pool.fetch(STORE.between, after, upto, list(topics))
        return [self.mapper.recorded(row) for row in rows]

    async def facts(self, after: int, upto: int, topics: Sequence[str]) -> list[Fact]:
        """The same for views: each event with its position; one that does not fit its class any more is Unreadable."""
        rows = await self.pool.fetch(STORE.states_between, after, upto, list(topics))
        body, house = self._body, self.house
        return [Fact(position, body(id, version, topic, state), house) for id, version, topic, state, position in rows]

    def _body(self, id: UUID, version: int, topic: str, state: bytes) -> Changed | Unreadable:
        try:
            return self.mapper.decode(topic, state, id, version)
        except Exception as error:
            return Unreadable(resolve_topic(topic), error)

    async def positions(self, after: int, limit: int, topics: Sequence[str]) -> tuple[list[int], int]:
        """As `feed_upto`, without the events themselves."""
        head = await self.head()
        if head <= after:
            return [], after
        found = [
            row["position"] for row in await self.pool.fetch(STORE.positions_of_topics, after, limit, list(topics))
        ]
        return found, found[-1] if len(found) == limit else max(head, found[-1] if found else head)

    async def head(self) -> int:
        """The last position written."""
        return await self.pool.fetchval(STORE.head)

    async def hash_at(self, position: int) -> bytes | None:
        """What the chain was at a position; None where there is no event."""
        return await self.pool.fetchval(PROOF.hash_at, position)

    async def standing(self) -> Standing:
        """Head, positions and held messages in one look."""
        row = await self.pool.fetchrow(STORE.standing)
        positions = {(reader, source): position for reader, source, position in orjson.loads(row["positions"])}
        return Standing(row["head"], positions, row["held"], row["dead"])

    async def leader_known(self) -> bool:
        """Whether any process leads the house's relay."""
        return await self.pool.fetchval(STORE.leader_known)

    async def last_instant(self) -> datetime | None:
        """When (UTC) the last event was recorded."""
        return await self.pool.fetchval(STORE.last_instant)

    async def last_day(self) -> date | None:
        """The day (Asia/Ho_Chi_Minh) on which the last event was recorded."""
        return await self.pool.fetchval(STORE.last_day)

    async def position(self, reader: str, source: str) -> int:
        """How far a reader has come in a source house's events; 0 before its first."""
        return await self.pool.fetchval(STORE.position, reader, source) or 0
