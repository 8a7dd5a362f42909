"""`rebuild`: events a second of a view with a row for each event, made again while 100 commands a second go on and their
events reach both views, against the projection of the same view without any load."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bench.figures import Figure, Peer, alternately, figure
from bench.marks import rows_of
from bench.projecting import EVENTS, MARKS, ROOM, projected, rebuilt, with_marks
from ocop.databases import HouseDatabase
from shared.eventstore.projector import Wake, project
from shared.eventstore.store import EventStore
from shared.house import running
from tests.store.counter import HOUSE

ROUNDS = 5
COMMANDS_PER_SECOND = 100
EVENTS_PER_COMMAND = 2
LEAST_COMMANDS = 0.9  # of those due, for the load to count


async def measure(rounds: int = ROUNDS, events: int = EVENTS) -> Figure:
    async with with_marks(events) as (database, store):
        load = Load(store)

        async def ours() -> float:
            async with load.on(database):
                found = await rebuilt(database)
            await whole(store, found["upto"])
            return found["upto"] / found["seconds"]

        found = await alternately(ours, lambda: projected(store, database, MARKS, events), rounds)
    return figure("rebuild", "events/s", Peer("`project` of the same view without load", "this program"), found) | {
        "events": events
    }


async def whole(store: EventStore, upto: int) -> None:
    """Raises AssertionError where the view has not each event once, those said meanwhile included."""
    at, rows = await store.pool.fetchrow(
        "SELECT (SELECT position FROM positions WHERE reader = $1 AND source = $2), (SELECT count(*) FROM marks)",
        MARKS.reader, HOUSE,
    )  # fmt: skip
    if rows != at or at < upto:
        raise AssertionError(f"{rows} rows of {at} events, rebuilt up to {upto}")


class Load:
    """Commands at a steady pace, each with its answer awaited, and the house's own projection of them."""

    def __init__(self, store: EventStore) -> None:
        self._store, self._number, self._done = store, 10**7, 0

    @asynccontextmanager
    async def on(self, database: HouseDatabase) -> AsyncIterator[None]:
        wake = Wake(database.server_dsn)
        begun, self._done = time.monotonic(), 0
        async with running(wake.listen, lambda: project(self._store, ROOM.own, wake), self._say):
            yield
        due = (time.monotonic() - begun) * COMMANDS_PER_SECOND
        if self._done < LEAST_COMMANDS * due:
            raise AssertionError(f"{self._done} commands of {due:.0f}")

    async def _say(self) -> None:
        begun = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for number in range(10**9):
                await asyncio.sleep(begun + number / COMMANDS_PER_SECOND - time.monotonic())
                group.create_task(self._command())

    async def _command(self) -> None:
        self._number += 1
        rows = list(rows_of(self._number, EVENTS_PER_COMMAND))
        await self._store.append_rows(rows, request=f"load {self._number}", fingerprint=b"", answer="{}")
        self._done += 1
