"""Keeps a house's own views up with its events: woken by a hint, asking again every second as the truth."""

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Sequence

import asyncpg

from shared.eventstore.appender import CONNECTION_LOST
from shared.eventstore.store import EventStore
from shared.eventstore.views import Fact, Stretch, View, advance, advance_together
from shared.logs import log

APPENDED, PLAYED = "events", "played"  # channels: something was stored; another day is played
BATCH = 500
POLL_SECONDS = 1.0
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
    """Applies the house's own events to its own views until cancelled; a failure is logged and tried again.

    Calls `moved` after each batch, once the views have it.
    """
    if not views:
        return
    hint = wake.reader()
    at: dict[str, int] = {}
    while True:
        try:
            if not at:
                at = {view.name: await store.position(view.reader, store.house) for view in views}
            read = await _step(store, views, at)
        except Exception:
            log.exception("projection-failed", house=store.house)
            at = {}
            await asyncio.sleep(RETRY_SECONDS)
            continue
        if read:
            moved()
        if read < BATCH:  # of what comes after it was read, the hint tells
            await woken(hint)


async def _step(store: EventStore, views: Sequence[View], at: dict[str, int]) -> int:
    """One batch for every view that is behind; returns how many events it read."""
    recorded = await store.feed(min(at.values()), BATCH)
    if not recorded:
        return 0
    facts = [Fact(r.position, r.event, store.house) for r in recorded]
    upto = recorded[-1].position
    try:
        at |= await advance_together(store.pool, views, facts, upto)
    except Exception:  # one that fails holds up no other but those behind it
        log.exception("views-apart", house=store.house)
        for view in views:
            stretch = Stretch(view.source, facts, max(upto, at[view.name]))
            at[view.name] = (await advance(store.pool, view, [stretch]))[view.source]
    return len(recorded)
