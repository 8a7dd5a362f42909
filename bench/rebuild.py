"""`rebuild`: events a second of the largest view there is, registration's timeline with a row for each step of a product, made
again while 100 commands a second go on and their events reach every view of the house, against the projection of the same view
without any load."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count, islice

from bench.figures import Figure, Peer, alternately, figure
from bench.on_bus import durable_server
from bench.projecting import EVENTS, projected
from bench.register import ROOM, TIMELINE, product, rebuilt, register_on
from ocop.databases import HouseDatabase
from shared.eventstore.parking import parked_views
from shared.eventstore.projector import Wake, project
from shared.eventstore.sql import STORE
from shared.eventstore.store import EventStore
from shared.house import running

ROUNDS = 5
COMMANDS_PER_SECOND = 100
EVENTS_PER_COMMAND = 2
LEAST_COMMANDS = 0.9  # of those due, for the load to count


async def measure(rounds: int = ROUNDS, events: int = EVENTS) -> Figure:
    async with durable_server() as server, register_on(server, events) as (database, store):
        load = Load(store)
        await at_the_end(store)

        async def ours() -> float:
            async with load.on(database):
                found = await rebuilt(database)
            await whole(store, found["upto"])
            return found["upto"] / found["seconds"]

        found = await alternately(ours, lambda: projected(store, database, TIMELINE, events), rounds)
    return figure("rebuild", "events/s", Peer("`project` of the same view without load", "this program"), found) | {
        "events": events
    }


async def at_the_end(store: EventStore) -> None:
    """The views of the house go on from here: what they were before is nothing to this figure."""
    head = await store.head()
    for view in ROOM.views:
        await store.pool.execute(STORE.advance, view.reader, view.source, head)


async def whole(store: EventStore, upto: int) -> None:
    """Raises AssertionError where the view has not each event once, those said meanwhile included."""
    at, rows = await store.pool.fetchrow(
        "SELECT (SELECT position FROM positions WHERE reader = $1 AND source = $2), (SELECT count(*) FROM timeline)",
        TIMELINE.reader, TIMELINE.source,
    )  # fmt: skip
    if rows != at or at < upto or (parked := await parked_views(store.pool)):
        raise AssertionError(f"{rows} rows of {at} events, rebuilt up to {upto}; parked: {parked}")


class Load:
    """Commands at a steady pace, each with its answer awaited, and the house's own projection of them."""

    def __init__(self, store: EventStore) -> None:
        self._store, self._said, self._done = store, 0, 0
        self._steps = (row for number in count(10**7) for row in product(number))

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
        self._said += 1
        rows = list(islice(self._steps, EVENTS_PER_COMMAND))
        outcome = await self._store.append_rows(rows, request=f"load {self._said}", fingerprint=b"", answer="{}")
        self._done += outcome.kind == "ok"
