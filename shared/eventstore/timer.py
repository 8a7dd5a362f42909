"""What a house's clock does by itself: each acting limit that has come due becomes one own command, carried out once.

The command's request id names the limit, its subject and its day, so a day that is played twice, skipped or cut off
between act and view does no harm: what the inbox knows is done, what it does not know is done now, with its own date.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby, product
from uuid import UUID

from shared.auth.actors import NATIONAL, Actor
from shared.clock import Clock
from shared.eventstore.commands import Busy, Command, Commands, KeyReused, NothingToDo, Request
from shared.eventstore.due import VIEW, DueRow, row_of
from shared.eventstore.projector import RETRY_SECONDS, woken
from shared.eventstore.store import EventStore
from shared.eventstore.views import DUE
from shared.logs import log
from shared.metrics import TIMED
from shared.values import Refusal

PAGE = 500
MOST_ATTEMPTS = 8  # then whoever waits for the clock is told
FIRST_PAUSE = 0.2  # seconds; doubles with each attempt
LONGEST_PAUSE = 60.0

Act = Callable[[DueRow], Command | None]


class Timer:
    """The rules of one house: what follows when a limit comes due."""

    def __init__(self, house: str) -> None:
        self.house = house
        self.rules: dict[str, Act] = {}

    def on(self, *limits: str) -> Callable[[Act], Act]:
        """Registers a pure function row -> command or None; the command's date is the row's where it names none."""

        def register(function: Act) -> Act:
            twice = self.rules.keys() & set(limits)
            if twice:
                raise ValueError(f"{self.house}: a second rule for {', '.join(sorted(twice))}")
            self.rules |= dict.fromkeys(limits, function)
            for limit, outcome in product(limits, ("done", "failed", "refused")):
                TIMED.labels(self.house, limit, outcome)  # a first failure is then seen as a rise from 0
            return function

        return register


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a queue stands still, and when it is tried again."""

    reason: str
    attempts: int
    next_at: datetime


class Ticking:
    """The timer of one house at work on its own store."""

    def __init__(self, timer: Timer, commands: Commands, store: EventStore, clock: Clock) -> None:
        self.hint = asyncio.Event()  # set when the day changed or the views moved
        self.failures: dict[UUID, Failure] = {}
        self._rules, self._commands, self._store, self._clock = timer.rules, commands, store, clock
        self._actor = Actor(id=f"{store.house}.timer", role="clock", place=NATIONAL)
        self._from: int | None = None  # the position that the view must have reached before anything is done
        clock.wakes(self.hint)

    async def run(self) -> None:
        """Acts whenever woken, and each second, until cancelled; begins when the view has all there was at the start."""
        caught_up = False
        while True:
            try:
                caught_up = caught_up or await self._caught_up()
                acted = caught_up and await self.act()
            except Exception:
                log.exception("timer-failed", house=self._store.house)
                await asyncio.sleep(RETRY_SECONDS)
                continue
            if not acted:
                await woken(self.hint)

    async def _caught_up(self) -> bool:
        """A view that is being made anew holds limits that were closed long ago."""
        self._from = await self._store.head() if self._from is None else self._from
        return await self._store.position(f"view:{VIEW}", self._store.house) >= self._from

    async def waiting(self) -> bool:
        """Whether anything has come due and is not done."""
        return bool(self._rules) and await self._store.pool.fetchval(
            DUE.waiting, self._clock.today(), list(self._rules)
        )

    def stuck(self) -> list[str]:
        """What failed so often that a person should look, with the reason; it is still tried again."""
        return [failure.reason for failure in self.failures.values() if failure.attempts >= MOST_ATTEMPTS]

    async def act(self) -> int:
        """Does what has come due, day by day, side by side within a day; returns how many limits went through."""
        pausing = [queue for queue in self.failures if self._pauses(queue)]
        found = await self._store.pool.fetch(DUE.acting, self._clock.today(), list(self._rules), pausing, PAGE)
        done = 0
        for _, of_day in groupby(map(row_of, found), key=lambda row: row.due_on):
            queues: dict[UUID, list[DueRow]] = defaultdict(list)
            for row in of_day:
                queues[row.queue].append(row)
            done += sum(await asyncio.gather(*(self._take(rows) for rows in queues.values())))
        return done

    async def _take(self, rows: Iterable[DueRow]) -> int:
        """One queue in its order; behind what failed everything waits."""
        done = 0
        for row in rows:
            if self._pauses(row.queue):
                break
            failure = await self._do(row)
            if failure:
                self._pause(row, failure)
                break
            self.failures.pop(row.queue, None)
            done += 1
        return done

    async def _do(self, row: DueRow) -> str | None:
        """Carries out one limit; returns why it could not be done now."""
        outcome = "failed"
        try:
            await self._execute(row, self._rules[row.limit_id](row) or NothingToDo())
            outcome = "done"
        except Busy as busy:
            return str(busy)
        except Refusal as refusal:
            log.warning("timer-refused", house=self._store.house, request=row.request, refusal=refusal.rule)
            outcome = "refused"  # by which rule, the log says
            return await self._settle(row)
        except Exception as error:
            log.exception("timer-act-failed", house=self._store.house, request=row.request)
            return f"{type(error).__name__}: {error}"
        finally:
            TIMED.labels(self._store.house, row.limit_id, outcome).inc()
        return None

    async def _settle(self, row: DueRow) -> str | None:
        """A rule said no, and will say so again: nothing is done, under the same request id."""
        try:
            await self._execute(row, NothingToDo())
        except KeyReused:  # the inbox knows this id: it is done
            return None
        except Exception as error:
            log.exception("timer-act-failed", house=self._store.house, request=row.request)
            return f"{type(error).__name__}: {error}"
        return None

    async def _execute(self, row: DueRow, command: Command) -> None:
        asked = Request(id=row.request, actor=self._actor, action=f"{self._store.house}:due", correlation=row.request)
        on: date = command.on or row.due_on
        await self._commands.execute(command.model_copy(update={"on": on}), asked, self._store, self._clock)

    def _pauses(self, queue: UUID) -> bool:
        failure = self.failures.get(queue)
        return failure is not None and failure.next_at > self._clock.machine()

    def _pause(self, row: DueRow, reason: str) -> None:
        before = self.failures.get(row.queue)
        attempts = before.attempts + 1 if before else 1
        pause = min(FIRST_PAUSE * 2**attempts, LONGEST_PAUSE)
        next_at = self._clock.machine() + timedelta(seconds=pause)
        self.failures[row.queue] = Failure(f"{row.request}: {reason}", attempts, next_at)
