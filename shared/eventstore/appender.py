"""Group commit: concurrent commands share one round trip and one commit, and each gets its own outcome."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

import asyncpg

from shared.eventstore.sql import STORE
from shared.logs import log
from shared.metrics import APPEND_GROUP, APPEND_QUEUE, APPEND_SECONDS, APPENDED

# InternalClientError: the server said goodbye on a connection that nobody was listening on. FileNotFoundError: its socket
# is gone with it.
NO_ANSWER = (
    asyncpg.PostgresConnectionError, asyncpg.OperatorInterventionError, asyncpg.InterfaceError,
    asyncpg.InternalClientError, ConnectionError, FileNotFoundError, TimeoutError,
)  # fmt: skip
CONNECTION_LOST = (*NO_ANSWER, OSError)
# Of one group: larger ones gained nothing and made the first one wait. Halves of what is under way were slower than wholes.
MOST_COMMANDS = 256
MOST_WAITING = 4096  # beyond it, callers wait for room
ANSWER_SECONDS = 30  # a database that is silent for longer counts as gone
HINT_SECONDS = 0.02  # while commands keep coming, readers hear no oftener
CHANNEL = "events"  # the one that the library's own recorder listens to
HINT = f"NOTIFY {CHANNEL}"


class Row(NamedTuple):
    """One event as the store takes it; `metadata` is JSON text."""

    originator_id: UUID
    originator_version: int
    topic: str
    state: bytes
    recorded_at: datetime
    legal_date: date
    metadata: str


class Outcome(NamedTuple):
    """`ok`, `repeat` (with what was stored the first time) or `conflict`; `position` is the command's last."""

    kind: str
    position: int | None
    fingerprint: bytes | None
    answer: str | None


@dataclass(slots=True)
class Waiting:
    """A command on its way: its events, its request, and the future that its caller awaits."""

    request: str
    fingerprint: bytes
    answer: str | None
    rows: Sequence[Row]
    done: asyncio.Future[Outcome] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    @property
    def claims(self) -> set[object]:
        """What no other command of the same group may touch: its aggregates and its request id."""
        return {self.request, *(row.originator_id for row in self.rows)}


class Appender:
    """One flush in flight while the next group gathers; a lone command goes at once."""

    def __init__(self, dsn: str, house: str) -> None:
        self._dsn = dsn
        self._queue, self._appended = APPEND_QUEUE.labels(house), APPENDED.labels(house)
        self._connection: asyncpg.Connection | None = None
        self._waiting: deque[Waiting] = deque()
        self._room = asyncio.Semaphore(MOST_WAITING)
        self._something = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._closing = False
        self._told = 0.0

    async def start(self) -> None:
        await self._connected()
        self._task = asyncio.create_task(self._run(), name="appender")

    async def stop(self) -> None:
        """Flushes what waits, then ends."""
        self._closing = True
        self._something.set()
        if self._task:
            await self._task
        if self._connection:
            await self._connection.close()

    async def append(self, request: str, fingerprint: bytes, answer: str | None, rows: Sequence[Row]) -> Outcome:
        """Appends one command. A caller that is cancelled meanwhile neither loses nor doubles it: the request id tells."""
        if self._closing:
            raise ConnectionError("the store is closing")
        async with self._room:
            if self._closing:  # while it waited for room
                raise ConnectionError("the store is closing")
            waiting = Waiting(request, fingerprint, answer, rows)
            self._waiting.append(waiting)
            self._queue.set(len(self._waiting))
            self._something.set()
            return await waiting.done  # cancelled with its caller; the flush passes it over

    async def _run(self) -> None:
        while not (self._closing and not self._waiting):
            await self._something.wait()
            self._something.clear()
            while self._waiting:
                await self._flush(self._gather())

    def _gather(self) -> list[Waiting]:
        """The next group; a command that touches what an earlier one of the group claims waits for the next flush."""
        group: list[Waiting] = []
        later: list[Waiting] = []
        claimed: set[object] = set()
        while self._waiting and len(group) < MOST_COMMANDS:
            waiting = self._waiting.popleft()
            claims = waiting.claims
            (later if claims & claimed else group).append(waiting)
            claimed |= claims  # also those put off, so that order within an aggregate is kept
        self._waiting.extendleft(reversed(later))
        self._queue.set(len(self._waiting))
        return group

    async def _flush(self, group: list[Waiting]) -> None:
        APPEND_GROUP.observe(len(group))
        try:
            with APPEND_SECONDS.time():
                connection = await self._connected()
                rows = await connection.fetch(STORE.append, *arguments(group))
        except CONNECTION_LOST as error:
            self._let_go()
            fail(group, StoreUnavailable(str(error) or type(error).__name__))
            return
        except asyncpg.PostgresError as error:
            if len(group) == 1:
                fail(group, error)
            for waiting in group if len(group) > 1 else ():  # one that the database cannot take fails alone
                await self._flush([waiting])
            return
        except Exception as error:  # whatever it is, callers hear of it and the next group has its turn
            log.exception("append-failed")
            self._let_go()
            fail(group, error)
            return
        for waiting, row in zip(group, rows, strict=True):
            if row["outcome"] == "ok":
                self._appended.inc(len(waiting.rows))
            if not waiting.done.done():
                waiting.done.set_result(Outcome(row["outcome"], row["last"], row["print"], row["answer"]))
        await self._tell()

    async def _tell(self) -> None:
        """A hint to readers, after the commit; if it is lost, polling finds the events."""
        now = asyncio.get_running_loop().time()
        lately = now - self._told < HINT_SECONDS
        if lately and not self._waiting:
            await asyncio.sleep(0)  # callers that have their outcome may have the next command ready
        if not self._connection or (lately and self._waiting):
            return
        self._told = now
        try:
            await self._connection.execute(HINT)
        except (asyncpg.PostgresError, *CONNECTION_LOST):
            self._let_go()

    def _let_go(self) -> None:
        """Of a connection in an unknown state, also on the server's side; the next flush opens another."""
        if self._connection:
            self._connection.terminate()
        self._connection = None

    async def _connected(self) -> asyncpg.Connection:
        if self._connection is None or self._connection.is_closed():
            self._connection = await asyncpg.connect(self._dsn, command_timeout=ANSWER_SECONDS)
        return self._connection


class StoreUnavailable(ConnectionError):
    """The database did not answer. Whether the command was stored is not known: the same request id may be sent again."""


def fail(group: list[Waiting], error: Exception) -> None:
    for waiting in group:
        if not waiting.done.done():
            waiting.done.set_exception(error)


def arguments(group: list[Waiting]) -> tuple[list[object], ...]:
    """The arrays that `append()` takes, one column each."""
    rows = [(row, ordinal) for ordinal, waiting in enumerate(group, 1) for row in waiting.rows]
    return (
        [row.originator_id for row, _ in rows],
        [row.originator_version for row, _ in rows],
        [row.topic for row, _ in rows],
        [row.state for row, _ in rows],
        [row.recorded_at for row, _ in rows],
        [row.legal_date for row, _ in rows],
        [row.metadata for row, _ in rows],
        [ordinal for _, ordinal in rows],
        [waiting.request for waiting in group],
        [waiting.fingerprint for waiting in group],
        [waiting.answer for waiting in group],
    )
