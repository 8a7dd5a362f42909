"""Watches how far a house's views are behind what they read, in events and in seconds, also when they stand still.

Besides, what waits: messages that are held, and for a person views that are parked, the dead letters, and how long the
first of them has waited.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence

from shared.eventstore.parking import parked_views
from shared.eventstore.sql import STORE
from shared.eventstore.store import EventStore
from shared.eventstore.views import View
from shared.logs import log
from shared.metrics import (
    DEAD_LETTER_OLDEST,
    DEAD_LETTERS,
    HELD,
    KINDS,
    REBUILD_PROGRESS,
    VIEW_LAG_EVENTS,
    VIEW_LAG_SECONDS,
    VIEW_PARKED_SECONDS,
    VIEW_POSITION,
)

EVERY_SECONDS = 2.0
MOST_ENDS = 256

Heads = Callable[[], Mapping[str, int]]


class Lag:
    """How far a reader is behind an end that it follows, by what was seen of both.

    Seconds are those of the machine since the first thing that it lacks was seen. The times in events would not do: in a
    season played fast they are years apart.
    """

    def __init__(self) -> None:
        self._ends: deque[tuple[int, float]] = deque()  # ends not reached yet, each with when it was first seen

    def seen(self, at: int, end: int, now: float) -> tuple[int, float]:
        """(events, seconds) behind, for a reader that stands at `at` while there is something up to `end`."""
        while self._ends and self._ends[0][0] <= at:
            self._ends.popleft()
        if end > at and (not self._ends or end > self._ends[-1][0]):
            self._ends.append((end, now))
        if len(self._ends) > MOST_ENDS:  # the first tells how long it stands, the others need not be so close
            self._ends = deque(list(self._ends)[::2])
        return max(end - at, 0), now - self._ends[0][1] if self._ends else 0.0


class Watching:
    """The views of one house. `heads` says how far other houses have come, as far as this process knows."""

    def __init__(self, store: EventStore, views: Sequence[View]) -> None:
        self.head = 0  # of the own house, when last looked
        self.heads: Heads = dict
        self._store, self._views = store, views
        self._lags = {view.name: Lag() for view in views}

    async def look(self) -> None:
        """Sets the gauges of every view whose source's end is known. Raises what the database raises."""
        standing = await self._store.standing()
        self.head, now = standing.head, time.monotonic()
        heads = {**self.heads(), self._store.house: standing.head}
        for view in self._views:
            at = standing.positions.get((view.reader, view.source), 0)
            labels = (self._store.house, view.name, view.source)
            VIEW_POSITION.labels(*labels).set(at)
            if view.source in heads:
                events, seconds = self._lags[view.name].seen(at, heads[view.source], now)
                VIEW_LAG_EVENTS.labels(*labels).set(events)
                VIEW_LAG_SECONDS.labels(*labels).set(seconds)
                REBUILD_PROGRESS.labels(self._store.house, view.name).set(at / (at + events) if events else 1)
        HELD.labels(self._store.house, "waiting").set(standing.held - standing.dead)
        HELD.labels(self._store.house, "dead").set(standing.dead)
        await self._look_for_parked()
        await self._look_for_dead_letters()

    async def _look_for_parked(self) -> None:
        seconds = {found.view: found.seconds for found in await parked_views(self._store.pool)}
        for view in self._views:
            VIEW_PARKED_SECONDS.labels(self._store.house, view.name).set(seconds.get(view.name, 0))

    async def _look_for_dead_letters(self) -> None:
        house = self._store.house
        found = {row["kind"]: row for row in await self._store.pool.fetch(STORE.dead_letters)}
        for kind in KINDS:
            DEAD_LETTERS.labels(house, kind).set(found[kind]["letters"] if kind in found else 0)
        DEAD_LETTER_OLDEST.labels(house).set(max((row["seconds"] for row in found.values()), default=0))

    async def keep(self) -> None:
        """Runs until cancelled."""
        while True:
            try:
                await self.look()
            except Exception:
                log.exception("views-not-watched", house=self._store.house)
            await asyncio.sleep(EVERY_SECONDS)
