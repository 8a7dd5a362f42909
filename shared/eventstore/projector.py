"""Keeps a house's own views up with its events: woken by a hint, asking again every second as the truth."""

import asyncio
import contextlib
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

import asyncpg
from eventsourcing.utils import get_topic

from shared.eventstore.appender import CHANNEL, CONNECTION_LOST
from shared.eventstore.parking import PARKED, is_passing, park, parked_views
from shared.eventstore.store import EventStore
from shared.eventstore.views import Fact, View, advance_together
from shared.logs import log

APPENDED, PLAYED = CHANNEL, "played"  # something was stored; another day is played
BATCH = 2000  # positions of one transaction
POLL_SECONDS = 1.0
APART_SECONDS = 0.03  # from one batch to the next while events keep coming: small ones cost about as much as large ones
RETRY_SECONDS = 1.0


class Wake:
    """Wakes who waits for something in a house, each by one channel; survives the loss of its connection."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._readers: dict[str, set[asyncio.Event]] = {APPENDED: set(), PLAYED: set()}

    def reader(self, channel: str = APPENDED) -> asyncio.Event:
        event = asyncio.Event()
        self._readers[channel].add(event)
        return event

    def _heard(self, _connection: object, _process: int, channel: str, _payload: object) -> None:
        for event in self._readers[channel]:
            event.set()

    async def listen(self, *channels: str) -> None:
        """Runs until cancelled; to all channels where none is named."""
        while True:
            try:
                await self._listen(channels or tuple(self._readers))
            except (asyncpg.PostgresError, *CONNECTION_LOST) as error:
                log.warning("listener-lost", error=error)
            await asyncio.sleep(RETRY_SECONDS)

    async def _listen(self, channels: Iterable[str]) -> None:
        """Until the connection is lost."""
        connection = await asyncpg.connect(self._dsn)
        try:
            closed = asyncio.Event()
            connection.add_termination_listener(lambda _: closed.set())
            for channel in channels:
                await connection.add_listener(channel, self._heard)
            await closed.wait()
        finally:
            connection.terminate()


async def woken(event: asyncio.Event, seconds: float = POLL_SECONDS) -> None:
    """Returns on the next hint, or after some seconds.

    Not by `wait_for`: before Python 3.12 it loses a cancellation that comes with the hint, and the task never ends.
    """
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    event.clear()


async def project(
    store: EventStore, views: Sequence[View], wake: Wake, moved: Callable[[], None] = lambda: None
) -> None:
    """Applies the house's own events to its own views until cancelled; what fails of the database is tried again.

    Calls `moved` after each batch, once the views have it. A view that cannot take an event is parked.
    """
    if not views:
        return
    hint, projection = wake.reader(), Projection(store, views)
    try:
        while True:
            begun = time.monotonic()
            try:
                went_on = await projection.step()
            except Exception:
                log.exception("projection-failed", house=store.house)
                await projection.forget()
                projection = Projection(store, views)
                await asyncio.sleep(RETRY_SECONDS)
                continue
            if went_on:
                moved()
                if not projection.caught_up:
                    continue
                await asyncio.sleep(begun + APART_SECONDS - time.monotonic())
            await woken(hint)
    finally:
        await projection.forget()


class Projection:
    """The own views of a house and how far each has come. Views at the same position go on together."""

    def __init__(self, store: EventStore, views: Sequence[View]) -> None:
        self._store, self._views = store, {view.name: view for view in views}
        self._topics = sorted({topic for view in views for topic in topics_of(view)})
        self._at: dict[str, int] = {}
        self._head = 0
        self._ahead: dict[tuple[int, int], asyncio.Task[list[Fact]]] = {}  # one at most
        self._again: dict[str, float] = {}  # views that are parked, and when each is tried again

    @property
    def caught_up(self) -> bool:
        """Whether every view had everything at the last look."""
        return all(at >= self._head for at in self._at.values())

    async def step(self) -> bool:
        """One batch for every view that is behind; False when there was nothing to read."""
        if not self._at:
            self._at = {
                view.name: await self._store.position(view.reader, view.source) for view in self._views.values()
            }
            self._again = {found.view: 0.0 for found in await parked_views(self._store.pool)}
        now, went_on = time.monotonic(), False
        due = [name for name in self._views if self._again.get(name, 0.0) <= now]
        if any(self._at[name] + BATCH > self._head for name in due):
            self._head = await self._store.head()
        together: dict[int, list[View]] = defaultdict(list)
        for name in due:
            if self._at[name] < self._head:
                together[self._at[name]].append(self._views[name])
        for after in sorted(together, reverse=True):  # those that have everything but the newest do not wait for others
            await self._forward(together[after], after, min(after + BATCH, self._head))
            went_on = True
        return went_on

    async def _forward(self, views: Sequence[View], after: int, upto: int) -> None:
        facts = await self._read(after, upto)
        if not any(view.name in self._again for view in views):
            try:
                self._at |= await advance_together(self._store.pool, views, facts, upto)
                return
            except Exception as error:
                if is_passing(error):
                    raise
                log.warning("views-apart", house=self._store.house, error=error)
        for view in views:  # one that fails holds up no other
            await self._apart(view, facts, upto)

    async def _read(self, after: int, upto: int) -> list[Fact]:
        """The facts between two positions. Those of the next full batch are read while these are applied."""
        ahead = self._ahead.pop((after, upto), None)
        await self.forget()
        facts = await (ahead or self._store.facts(after, upto, self._topics))
        following = (upto, upto + BATCH)
        if following[1] <= self._head:
            self._ahead[following] = asyncio.ensure_future(self._store.facts(*following, self._topics))
        return facts

    async def forget(self) -> None:
        """Of what was read ahead: the reader goes on from elsewhere, or ends."""
        ahead, self._ahead = list(self._ahead.values()), {}
        for task in ahead:
            task.cancel()
        await asyncio.gather(*ahead, return_exceptions=True)

    async def _apart(self, view: View, facts: Sequence[Fact], upto: int) -> None:
        """Up to a position, or up to the event that the view cannot take."""
        try:
            self._at |= await advance_together(self._store.pool, [view], facts, upto)
        except Exception as error:
            if is_passing(error):
                raise
            if len(facts) > 1:
                half = len(facts) // 2
                await self._apart(view, facts[:half], facts[half - 1].position)
                if self._again.get(view.name, 0.0) <= time.monotonic():
                    await self._apart(view, facts[half:], upto)
                return
            pause = await park(self._store.pool, self._store.house, view, facts[0], error)
            self._again[view.name] = time.monotonic() + pause
            return
        if view.name in self._again:
            await self._goes_on(view)

    async def _goes_on(self, view: View) -> None:
        del self._again[view.name]
        await self._store.pool.execute(PARKED.unpark, view.reader)
        log.info("view-goes-on", house=self._store.house, view=view.name)


def topics_of(view: View) -> list[str]:
    """Of the stored events that a view of its own house reads."""
    return [get_topic(kind) for kind in view.handlers]
