"""Our store behind the recorder interfaces of the eventsourcing library: what is written through them is checked and chained.

Two things that the library's callers may do are refused: a gap in an aggregate's versions (IntegrityError), and an aggregate
whose id is no UUID (DataError).
"""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import orjson
from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    DatabaseError,
    DataError,
    IntegrityError,
    ListenNotifySubscription,
    Notification,
    OperationalError,
    ProcessRecorder,
    ProgrammingError,
    Recorder,
    StoredEvent,
    Subscription,
    Tracking,
    TrackingRecorder,
)
from eventsourcing.utils import retry
from pydantic import AwareDatetime, BaseModel, ValidationError

from shared.clock import Clock
from shared.eventstore.appender import CONNECTION_LOST, HINT, Row
from shared.eventstore.bridge import Bridge
from shared.eventstore.sql import STORE, Statements
from shared.values import Moment

SQL = Statements(Path(__file__).with_suffix(".sql"))
LEAST, MOST = -(2**63), 2**63 - 1  # of the column's type
NOT_ADVANCED = "INSERT 0 0"
tried_again = retry((OperationalError,), max_attempts=10, wait=0.2)  # as the library's own recorders do


@contextmanager
def in_the_librarys_words() -> Iterator[None]:
    """The driver's errors as the library names them."""
    try:
        yield
    except CONNECTION_LOST as error:
        raise OperationalError(str(error) or type(error).__name__) from error
    except asyncpg.IntegrityConstraintViolationError as error:
        raise IntegrityError(str(error)) from error
    except asyncpg.DataError as error:
        raise DataError(str(error)) from error
    except asyncpg.SyntaxOrAccessError as error:
        raise ProgrammingError(str(error)) from error
    except asyncpg.PostgresError as error:
        raise DatabaseError(str(error)) from error


class Dated(BaseModel):
    """What an event of ours says in its state of its two times."""

    timestamp: AwareDatetime
    legal_date: date


class StoreRecorder(Recorder):
    """What the recorders share. `actor` stands in the metadata of what they write, `reader` before what they track."""

    def __init__(
        self, bridge: Bridge, clock: Clock | None = None, *, actor: str = "library", reader: str = "library"
    ) -> None:
        self.bridge = bridge
        self._clock, self._actor, self._reader = clock or Clock(), actor, reader

    @tried_again
    def _fetch(self, statement: str, *arguments: object) -> list[asyncpg.Record]:
        with in_the_librarys_words():
            return self.bridge.wait(self.bridge.store.pool.fetch(statement, *arguments))

    def _insert(self, events: Sequence[StoredEvent], tracking: Tracking | None = None) -> Sequence[int]:
        """The positions given. Asked again when the connection is lost, under the same request id: nothing is doubled."""
        request = f"{self._actor}:{uuid4()}"
        metadata = orjson.dumps({"request": request, "actor": self._actor, "correlation": request}).decode()
        rows = [self._row(event, metadata) for event in events]
        fingerprint = hashlib.sha256(b"".join(event.state for event in events)).digest()
        last = self._append(request, fingerprint, rows, tracking)
        return list(range(last - len(rows) + 1, last + 1))

    def _row(self, event: StoredEvent, metadata: str) -> Row:
        if not isinstance(event.originator_id, UUID):
            raise DataError(f"an aggregate's id is a UUID, not {event.originator_id!r}")
        if not LEAST <= event.originator_version <= MOST:
            raise DataError(f"no version: {event.originator_version}")
        when = self._moment(event.state)
        return Row(event.originator_id, event.originator_version, event.topic, event.state, when.at, when.on, metadata)

    def _moment(self, state: bytes) -> Moment:
        """As the state says, where it is one of ours; otherwise now."""
        try:
            said = Dated.model_validate_json(state)
        except ValidationError:
            return self._clock.now()
        return Moment(said.legal_date, said.timestamp)

    @tried_again
    def _append(self, request: str, fingerprint: bytes, rows: Sequence[Row], tracking: Tracking | None) -> int:
        with in_the_librarys_words():
            if tracking:
                kind, last = self.bridge.wait(self._append_and_track(request, fingerprint, rows, tracking))
            else:
                append = self.bridge.store.append_rows(rows, request=request, fingerprint=fingerprint, answer=None)
                outcome = self.bridge.wait(append)
                kind, last = outcome.kind, outcome.position
        if kind == "conflict":
            raise IntegrityError("a version of these events is taken, or the one before it is missing")
        return last

    async def _append_and_track(
        self, request: str, fingerprint: bytes, rows: Sequence[Row], tracking: Tracking
    ) -> tuple[str, int]:
        """In one transaction; what was repeated had tracked already."""
        async with self.bridge.store.pool.acquire() as connection:
            async with connection.transaction():
                command = request, fingerprint, None, len(rows)
                *refused, end = await connection.fetch(STORE.append, rows, [command])
                if not refused:
                    await self._track(connection, tracking)
            await connection.execute(HINT)
        if refused:
            return refused[0]["outcome"], refused[0]["last"]
        return "ok", end["last"] + len(rows)

    async def _track(self, connection: asyncpg.Connection | asyncpg.Pool, tracking: Tracking) -> None:
        place = self._reader, tracking.application_name, tracking.notification_id
        if await connection.execute(STORE.advance, *place) == NOT_ADVANCED:
            raise IntegrityError(f"{tracking.application_name} was tracked up to {tracking.notification_id} or further")


class StoreAggregateRecorder(StoreRecorder, AggregateRecorder):
    """Events of aggregates, by aggregate."""

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:
        """All of them or none. Raises IntegrityError where a version is taken or the one before it is missing."""
        if stored_events:
            self._insert(stored_events)
        return None

    def select_events(
        self, originator_id: UUID | str, *, gt: int | None = None, lte: int | None = None, desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:  # fmt: skip
        """Those of one aggregate after one version, up to another."""
        if not isinstance(originator_id, UUID):
            return []
        statement = SQL.events_of_backwards if desc else SQL.events_of
        bounds = LEAST if gt is None else gt, MOST if lte is None else lte
        return [
            StoredEvent(originator_id, row["originator_version"], row["topic"], row["state"])
            for row in self._fetch(statement, originator_id, *bounds, limit)
        ]


class StoreApplicationRecorder(StoreAggregateRecorder, ApplicationRecorder):
    """The same, and all events in commit order: gapless, each insert's events together."""

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:
        """As of aggregates; returns the positions given."""
        return self._insert(stored_events) if stored_events else []

    def select_notifications(
        self, start: int | None, limit: int, stop: int | None = None, topics: Sequence[str] = (), *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:  # fmt: skip
        after = 0 if start is None else start - 1 if inclusive_of_start else start
        bounds = after, MOST if stop is None else stop, limit
        if topics:
            rows = self._fetch(SQL.notifications_of_topics, *bounds, list(topics))
        else:
            rows = self._fetch(SQL.notifications, *bounds)
        return [
            Notification(
                UUID(int=row["originator_id"].int), row["originator_version"], row["topic"], row["state"],
                row["notification_id"],
            )
            for row in rows
        ]  # fmt: skip

    def max_notification_id(self) -> int | None:
        return self._fetch(STORE.head)[0]["position"] or None

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> Subscription[ApplicationRecorder]:
        """What is there and what is to come, to be used by `with`; raises what the library's own does."""
        return StoreSubscription(self, gt=gt, topics=topics)


class StoreSubscription(ListenNotifySubscription[StoreApplicationRecorder]):
    """Woken by a hint, and every second as the truth."""

    def __init__(self, recorder: StoreApplicationRecorder, gt: int | None = None, topics: Sequence[str] = ()) -> None:
        super().__init__(recorder=recorder, gt=gt, topics=topics)
        recorder.bridge.hint(self._has_been_notified)

    def stop(self) -> None:
        super().stop()
        self._recorder.bridge.no_hint(self._has_been_notified)


class StoreTrackingRecorder(StoreRecorder, TrackingRecorder):
    """How far other applications' events were taken in: rows of `positions`, which only grow."""

    def insert_tracking(self, tracking: Tracking) -> None:
        """Raises IntegrityError for what was tracked already. Not asked again: one that was lost might have come through."""
        with in_the_librarys_words():
            self.bridge.wait(self._track(self.bridge.store.pool, tracking))

    def max_tracking_id(self, application_name: str) -> int | None:
        rows = self._fetch(STORE.position, self._reader, application_name)
        return rows[0]["position"] if rows else None


class StoreProcessRecorder(StoreTrackingRecorder, StoreApplicationRecorder, ProcessRecorder):
    """Events together with what they follow from."""

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:
        """`tracking`: recorded with the events or not at all."""
        tracking: Tracking | None = kwargs.get("tracking")
        if stored_events:
            return self._insert(stored_events, tracking)
        if tracking:
            self.insert_tracking(tracking)
        return []
