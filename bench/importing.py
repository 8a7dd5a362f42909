"""An old register of 50,000 rows: `import_preview` and `import_memory` of `ocop import --dry-run` beside a library that only goes
through the cells of the same workbook; `import_commit` beside bare appends of as many events.

A preview runs as a process of its own, as a person starts it, and writes its verdicts away. Recording goes through the
commands of registration on a store of its own: rows that are staged already become products, producers, recognitions.
"""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from bench.books import AS_OF, book
from bench.figures import Figure, alternately, figure, peer
from bench.on_bus import durable_server
from services.registration.commands.intake import ACTION, AT_ONCE, Intake
from services.registration.main import HOUSE
from shared.auth.actors import Actor
from shared.clock import Clock
from shared.eventstore.appender import Row
from shared.eventstore.commands import Answer, Command, Request
from shared.eventstore.migrate import migrate
from shared.eventstore.projector import Projection
from shared.eventstore.store import EventStore
from tests.postgres import fresh_database

ROWS = 50_000
ROUNDS = 3
OURS = "import sys; from ocop.cli import main; sys.argv[0] = 'ocop'; main()"
THEIRS = """
import sys
from openpyxl import load_workbook
pages = load_workbook(sys.argv[1], read_only=True, data_only=True).worksheets
print(sum(1 for page in pages for _ in page.iter_rows(values_only=True)))
"""
MADE = """
SELECT originator_id, originator_version, topic, state, recorded_at, legal_date, metadata::text FROM public.events
WHERE notification_id > $1 AND topic NOT LIKE 'registration.Import%' ORDER BY notification_id
"""
MEASURED = """
import json, resource, subprocess, sys, time
begun = time.perf_counter()
subprocess.run([sys.executable, *sys.argv[1:]], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(json.dumps({"seconds": time.perf_counter() - begun, "peak": peak / 1024}))
"""


async def run(script: str, *arguments: str) -> dict[str, float]:
    """Seconds and peak memory (MiB) of a Python process."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", MEASURED, "-c", script, *arguments, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    if process.returncode:
        raise AssertionError(f"{script} ended with {process.returncode}")
    return json.loads(out)


async def previewed(file: Path) -> dict[str, float]:
    return await run(OURS, "import", str(file), "--dry-run", "--as-of", str(AS_OF), "--json")


async def import_preview() -> list[Figure]:
    """Rows a second, and the memory that they take."""
    with TemporaryDirectory() as folder:
        file = book(Path(folder) / "book.xlsx", ROWS)
        peaks: dict[str, list[float]] = {"ours": [], "theirs": []}

        async def ours() -> float:
            found = await previewed(file)
            peaks["ours"].append(found["peak"])
            return ROWS / found["seconds"]

        async def theirs() -> float:
            found = await run(THEIRS, str(file))
            peaks["theirs"].append(found["peak"])
            return ROWS / found["seconds"]

        found = await alternately(ours, theirs, ROUNDS)
    beside = peer("cells of the same workbook, read-only", "openpyxl")
    memory = list(zip(peaks["ours"], peaks["theirs"], strict=True))
    return [
        figure("import_preview", "rows/s", beside, found) | {"rows": ROWS},
        figure("import_memory", "MiB", beside, memory, better="lower") | {"rows": ROWS},
    ]


async def import_commit() -> Figure:
    with TemporaryDirectory() as folder:
        file, found = book(Path(folder) / "book.xlsx", ROWS), []
        for _ in range(ROUNDS):  # the peer appends what ours made: it cannot come first
            rate, made = await recorded(file)
            found.append((rate, await appended(made)))
    beside = peer(f"bare appends of the same events, {AT_ONCE} at once", "asyncpg")
    return figure("import_commit", "rows/s", beside, found) | {"rows": ROWS}


@asynccontextmanager
async def opened() -> AsyncIterator[EventStore]:
    async with durable_server() as server, fresh_database(server, HOUSE.name) as database:
        await migrate(database.owner_dsn, database.server_role, HOUSE.room)
        store = EventStore(HOUSE.name, database.server_dsn)
        await store.open()
        try:
            yield store
        finally:
            await store.close()


async def recorded(file: Path) -> tuple[float, list[Row]]:
    """Rows a second of recording what is staged, and the events that it made of products and producers."""
    async with opened() as store:
        intake, sql = Intake(saying(store), nothing_known), HOUSE.room.sql
        id, _ = await intake.stage(file, AS_OF)
        await caught_up(store)
        pages = await store.pool.fetch(sql.import_pages, id, False)
        rows = await store.pool.fetch(sql.import_names, id)
        before, begun = await store.head(), time.perf_counter()
        await intake.record(id, pages, rows)
        seconds = time.perf_counter() - begun
        if intake.committed["products"] != ROWS:
            raise AssertionError(f"{intake.committed}")
        return ROWS / seconds, [Row(*row) for row in await store.pool.fetch(MADE, before)]


async def appended(events: list[Row]) -> float:
    """Bare appends of events as they lie in the table, in rows of the book a second."""
    groups = [list(group) for _, group in groupby(events, key=lambda row: row.recorded_at)]
    async with opened() as store:
        room, begun = asyncio.Semaphore(AT_ONCE), time.perf_counter()

        async def one(number: int, group: list[Row]) -> None:
            async with room:
                outcome = await store._appender.append(f"bare {number}", b"", None, group)
                if outcome.kind != "ok":
                    raise AssertionError(outcome.kind)

        await asyncio.gather(*(one(number, group) for number, group in enumerate(groups)))
        return ROWS / (time.perf_counter() - begun)


def saying(store: EventStore) -> Any:
    clock, actor = Clock(), Actor("bench", "ministry", "TW")

    async def say(command: Command) -> Answer:
        key = f"bench {uuid4()}"
        return await HOUSE.commands.execute(command, Request(key, actor, ACTION, key), store, clock)

    return say


async def nothing_known(_: str) -> list[Any]:
    return []


async def caught_up(store: EventStore) -> None:
    projection = Projection(store, HOUSE.room.own)
    while await projection.step():
        pass
    await projection.forget()
