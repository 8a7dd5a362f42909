"""Group commit: concurrent commands share one round trip and one commit, and each gets its own outcome."""

import asyncio
import time
from collections import deque
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import accumulate
from typing import NamedTuple
from uuid import UUID

import asyncpg
from asyncpg.prepared_stmt import PreparedStatement

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
MOST_COMMANDS = 256  # of one group: larger ones gained nothing and made the first one wait
LANES = 2  # groups in flight
LEAST_BESIDE = 16  # commands of a group beside one in flight; fewer are not worth a commit of their own
RETRY_SECONDS = 5  # until a second connection that could not be had is asked for again
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
    """A command on its way, and the future that its caller awaits."""

    request: str
    fingerprint: bytes
    answer: str | None
    rows: Sequence[Row]
    claims: set[object]  # what no other command may touch until it is stored: its aggregates and its request id
    done: asyncio.Future[Outcome]


@dataclass(slots=True, eq=False)
class Lane:
    """A connection that takes one group after the other, and the group that it has taken."""

    connection: asyncpg.Connection | None = None
    statement: PreparedStatement | None = None  # of this connection: append()
    group: Sequence[Waiting] = ()

    @property
    def open(self) -> bool:
        return self.connection is not None and self.statement is not None and not self.connection.is_closed()

    def let_go(self) -> None:
        """Of a connection in an unknown state, also on the server's side; the next group opens another."""
        if self.connection:
            self.connection.terminate()
        self.connection = self.statement = None


class Appender:
    """A lone command goes at once. While a group is in flight the next one gathers; many commands go in two groups.

    One of two waits in the database for the other's commit, and is encoded and answered while that one is at work.
    """

    def __init__(self, dsn: str, house: str) -> None:
        self._dsn = dsn
        self._appended = APPENDED.labels(house)
        self._idle = [Lane() for _ in range(LANES)]  # the last one goes first
        self._flying: list[Lane] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting: deque[Waiting] = deque()
        APPEND_QUEUE.labels(house).set_function(self._waiting.__len__)
        self._room = asyncio.Semaphore(MOST_WAITING)
        self._closing = False
        self._told = 0.0
        self._flushes: list[tuple[int, float]] = []  # commands and seconds of those that are not measured yet
        self._stored = 0

    async def start(self) -> None:
        await self._connected(self._idle[-1])

    async def stop(self) -> None:
        """Flushes what waits, then ends."""
        self._closing = True
        while self._tasks:
            await asyncio.wait(self._tasks)
        for lane in self._idle:
            if lane.connection:
                await lane.connection.close()

    async def append(self, request: str, fingerprint: bytes, answer: str | None, rows: Sequence[Row]) -> Outcome:
        """Appends one command. A caller that is cancelled meanwhile neither loses nor doubles it: the request id tells."""
        if self._closing:
            raise ConnectionError("the store is closing")
        await self._room.acquire()
        try:
            if self._closing:  # while it waited for room
                raise ConnectionError("the store is closing")
            claims = {request, *[row.originator_id for row in rows]}
            done = asyncio.get_running_loop().create_future()
            self._waiting.append(Waiting(request, fingerprint, answer, rows, claims, done))
            self._wake()
            return await done  # cancelled with its caller; the flush passes it over
        finally:
            self._room.release()

    def _wake(self) -> None:
        """Sends a lane off where what waits is worth a commit. A first connection is waited for, a second is not."""
        if not self._idle or not self._worth_a_commit:
            return
        lane = self._idle.pop()
        if lane.open or not self._flying:
            self._flying.append(lane)
            self._spawn(self._fly(lane))
        else:
            self._spawn(self._open(lane))

    @property
    def _worth_a_commit(self) -> bool:
        return len(self._waiting) >= (LEAST_BESIDE if self._flying else 1)

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work, name="appender")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _open(self, lane: Lane) -> None:
        try:
            await self._connected(lane)
        except (asyncpg.PostgresError, *CONNECTION_LOST) as error:  # the commands go with the other lane
            log.warning("append-alone", error=type(error).__name__)
            asyncio.get_running_loop().call_later(RETRY_SECONDS, self._idle.insert, 0, lane)
            return
        self._idle.insert(0, lane)
        self._wake()

    async def _fly(self, lane: Lane) -> None:
        while self._gather(lane):
            self._wake()  # another, with what is left
            await self._flush(lane, lane.group)
            lane.group = ()
        self._flying.remove(lane)
        self._idle.append(lane)

    def _gather(self, lane: Lane) -> bool:
        """Gives a lane its next group; a command that touches what an earlier one claims waits until that is stored."""
        if len(self._waiting) == 1 and len(self._flying) == 1:
            lane.group = [self._waiting.popleft()]
            return True
        flying = [waiting for other in self._flying for waiting in other.group]
        if flying and len(self._waiting) < LEAST_BESIDE:
            return False
        at_work = len(flying) + len(self._waiting)
        most = len(self._waiting) if at_work < LANES * LEAST_BESIDE else min(MOST_COMMANDS, -(-at_work // LANES))
        group: list[Waiting] = []
        later: list[Waiting] = []
        claimed = {claim for waiting in flying for claim in waiting.claims}
        while self._waiting and len(group) < most:
            waiting = self._waiting.popleft()
            (group if claimed.isdisjoint(waiting.claims) else later).append(waiting)
            claimed |= waiting.claims  # also those put off, so that order within an aggregate is kept
        self._waiting.extendleft(reversed(later))
        lane.group = group
        return bool(group)

    async def _flush(self, lane: Lane, group: Sequence[Waiting]) -> None:
        begun = time.perf_counter()
        try:
            append = lane.statement if lane.open and lane.statement else await self._connected(lane)
            rows = await append.fetch(*arguments(group))
        except CONNECTION_LOST as error:
            lane.let_go()
            APPEND_SECONDS.observe(time.perf_counter() - begun)  # also of those that a silent database did not answer
            fail(group, StoreUnavailable(str(error) or type(error).__name__))
            return
        except asyncpg.PostgresError as error:
            if len(group) == 1:
                fail(group, error)
            for waiting in group if len(group) > 1 else ():  # one that the database cannot take fails alone
                await self._flush(lane, [waiting])
            return
        except Exception as error:  # whatever it is, callers hear of it and the next group has its turn
            log.exception("append-failed")
            lane.let_go()
            fail(group, error)
            return
        self._answer(group, rows)
        now = time.perf_counter()
        self._flushes.append((len(group), now - begun))
        await self._tell(lane, now)

    def _answer(self, group: Sequence[Waiting], rows: Sequence[asyncpg.Record]) -> None:
        *refused, end = rows
        at = before = end["last"]
        others = {row["command"]: Outcome(row["outcome"], row["last"], row["print"], row["said"]) for row in refused}
        for number, waiting in enumerate(group, 1):
            outcome = others.get(number)
            if outcome is None:
                at += len(waiting.rows)
                outcome = Outcome("ok", at, waiting.fingerprint, waiting.answer)
            if not waiting.done.done():
                waiting.done.set_result(outcome)
        self._stored += at - before

    async def _tell(self, lane: Lane, now: float) -> None:
        """A hint to readers, after the commit; if it is lost, polling finds the events. What is measured is told with it."""
        lately = now - self._told < HINT_SECONDS
        if lately and not self._waiting:
            await asyncio.sleep(0)  # callers that have their outcome may have the next command ready
        more = self._waiting or len(self._flying) > 1
        if not lane.connection or (lately and more):
            return
        self._told = now
        self._measure()
        try:
            await lane.connection.execute(HINT)
        except (asyncpg.PostgresError, *CONNECTION_LOST):
            lane.let_go()

    def _measure(self) -> None:
        """Not flush by flush: a lone command would wait for it."""
        for commands, seconds in self._flushes:
            APPEND_GROUP.observe(commands)
            APPEND_SECONDS.observe(seconds)
        self._appended.inc(self._stored)
        self._flushes.clear()
        self._stored = 0

    async def _connected(self, lane: Lane) -> PreparedStatement:
        lane.let_go()
        lane.connection = await asyncpg.connect(self._dsn, command_timeout=ANSWER_SECONDS)
        lane.statement = await lane.connection.prepare(STORE.append)
        return lane.statement


class StoreUnavailable(ConnectionError):
    """The database did not answer. Whether the command was stored is not known: the same request id may be sent again."""


def fail(group: Sequence[Waiting], error: Exception) -> None:
    for waiting in group:
        if not waiting.done.done():
            waiting.done.set_exception(error)


def arguments(group: Sequence[Waiting]) -> tuple[list[Row], list[tuple[str, bytes, str | None, int]]]:
    """What `append()` takes of a group; a row is what it is there, field by field."""
    return (
        [row for waiting in group for row in waiting.rows],
        [
            (waiting.request, waiting.fingerprint, waiting.answer, upto)
            for waiting, upto in zip(group, accumulate(len(waiting.rows) for waiting in group), strict=True)
        ],
    )
