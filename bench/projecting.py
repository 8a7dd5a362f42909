"""What the figures of projections share: a million marks in a store, a view that counts them, and one with a row for each.

The marks are those of the other stores' yardstick, about 400 bytes each. They are made by the store's own append.
"""

import asyncio
import gc
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import orjson

from bench.on_bus import durable_server
from ocop.databases import HouseDatabase
from ocop.postgres import Server
from shared.eventstore.aggregate import Changed
from shared.eventstore.appender import Appender, Row
from shared.eventstore.migrate import migrate
from shared.eventstore.projector import Projection
from shared.eventstore.store import EventStore
from shared.eventstore.views import Change, Fact, Room, View
from tests.given import an_id, on
from tests.postgres import fresh_database

HOUSE = "registration"  # any house's name: it stands in positions only
EVENTS = 1_000_000
PER_COMMAND = 100
AT_ONCE = 32  # commands
MEMBERS = 11
NOTE = (
    "Evidence reviewed against the ruleset in force on the day of submission: papers complete, site visit confirmed "
    "by the commune, samples sealed and handed to the council secretary for scoring; see annex two of the decision."
)
METADATA = '{"request":"bench","actor":"51-officer","role":"agency","place":"51","correlation":"bench"}'


class Marked(Changed):
    TOPIC = "bench.Marked"
    dossier_id: str
    producer: str
    criterion: int
    option: int
    score: float
    member: str
    at: str
    note: str


COUNTS = View("counts", ["counts"], HOUSE)
MARKS = View("marks", ["marks"], HOUSE)
ROOM = Room(HOUSE, Path(__file__).with_suffix(".sql"), [COUNTS, MARKS])


@COUNTS.on(Marked)
def counted(e: Marked) -> list[Change]:
    return [Change(ROOM.sql.counted, (e.member,), together=True)]


@MARKS.on(Marked)
def marked(e: Marked, fact: Fact) -> list[Change]:
    arguments = (e.originator_id, fact.position, e.legal_date, e.member, e.criterion, e.score, e.note)
    return [Change(ROOM.sql.marked, arguments, together=True)]


def payload(n: int) -> dict[str, Any]:
    return {
        "dossier_id": f"D-{n:012d}", "producer": f"producer-{n % 9345:05d}", "criterion": n % 26, "option": n % 104,
        "score": n % 41 / 2, "member": f"council-member-{n % MEMBERS:02d}",
        "at": f"2026-05-{n % 28 + 1:02d}T08:{n % 60:02d}:00Z", "note": NOTE,
    }  # fmt: skip


@asynccontextmanager
async def with_marks(events: int) -> AsyncIterator[tuple[HouseDatabase, EventStore]]:
    """A store of so many marks on a durable server of its own."""
    async with durable_server() as server, marks_on(server, events) as found:
        yield found


@asynccontextmanager
async def marks_on(server: Server, events: int) -> AsyncIterator[tuple[HouseDatabase, EventStore]]:
    async with fresh_database(server, HOUSE) as database:
        await migrate(database.owner_dsn, database.server_role, ROOM)
        await fill(database, events)
        store = EventStore(HOUSE, database.server_dsn)
        await store.open()
        gc.collect()
        gc.freeze()  # as a house's process does once it is open
        try:
            yield database, store
        finally:
            await store.close()


async def fill(database: HouseDatabase, events: int) -> None:
    """Dossiers of a hundred marks each."""
    appender = Appender(database.server_dsn, HOUSE)
    await appender.start()
    waiting = iter(range(-(-events // PER_COMMAND)))

    async def one_after_another() -> None:
        for number in waiting:
            size = min(PER_COMMAND, events - number * PER_COMMAND)
            await appender.append(f"bench {number}", b"", "{}", list(rows_of(number, size)))

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(one_after_another())
    finally:
        await appender.stop()
    connection = await asyncpg.connect(database.owner_dsn)
    try:
        await connection.execute("VACUUM (ANALYZE) events")  # as a store that has been at work for a while
    finally:
        await connection.close()


def rows_of(number: int, size: int) -> Iterator[Row]:
    when, dossier = on("2026-06-01"), an_id(f"bench {number}")
    for version in range(1, size + 1):
        facts = {"timestamp": when.at, "legal_date": when.on, **payload(number * PER_COMMAND + version)}
        yield Row(dossier, version, Marked.TOPIC, orjson.dumps(facts), when.at, when.on, METADATA)


async def projected(store: EventStore, database: HouseDatabase, view: View, events: int) -> float:
    """Events a second of the program's own projection, from an empty view until it has everything."""
    owner = await asyncpg.connect(database.owner_dsn)
    try:
        await owner.execute(f"TRUNCATE views.{view.name}")
        await owner.execute("DELETE FROM positions WHERE reader = $1", view.reader)
    finally:
        await owner.close()
    head = await store.head()
    projection, begun = Projection(store, [view]), time.perf_counter()
    while await projection.step():
        pass
    seconds = time.perf_counter() - begun
    told = "SELECT sum(n) FROM counts" if view is COUNTS else "SELECT count(*) FROM marks"
    if await store.pool.fetchval(told) != head or await store.position(view.reader, HOUSE) != head or head < events:
        raise AssertionError("the view has not each event exactly once")
    return head / seconds


async def rebuilt(database: HouseDatabase) -> dict[str, Any]:
    """Of `marks`, by a process of its own as `ocop rebuild` is one: `seconds`, `peak` (MiB), `rows`, `upto`."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.rebuilding", database.owner_dsn, database.server_dsn, database.server_role,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"the rebuild ended with {process.returncode}")
    return orjson.loads(said)
