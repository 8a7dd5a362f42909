"""Marks, about 400 bytes each (bench/peers/work.py), as a house stores them, and what goes through all of them.

They stand for any event: any house's name and any room of views will do.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

import asyncpg
import orjson
from eventsourcing.utils import register_topic

from bench.peers.work import facts_of
from ocop.databases import HouseDatabase
from shared.eventstore.aggregate import Changed
from shared.eventstore.appender import Appender, Row
from tests.given import an_id, on
from tests.store.counter import HOUSE

PER_COMMAND = 100
AT_ONCE = 32  # commands
METADATA = '{"request":"bench","actor":"51-officer","role":"agency","place":"51","correlation":"bench"}'
WHEN = on("2026-06-01")
FETCH = "SELECT * FROM events WHERE notification_id > $1 ORDER BY notification_id LIMIT $2"


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


register_topic(Marked.TOPIC, Marked)


def row_of(dossier: UUID, version: int, facts: dict[str, Any]) -> Row:
    return Row(dossier, version, Marked.TOPIC, orjson.dumps(facts), WHEN.at, WHEN.on, METADATA)


def rows_of(number: int, size: int) -> Iterator[Row]:
    """The marks of one dossier, which decode as `Marked`."""
    dossier = an_id(f"bench {number}")
    for version in range(1, size + 1):
        facts = {"timestamp": WHEN.at, "legal_date": WHEN.on, **facts_of(number * PER_COMMAND + version)}
        yield row_of(dossier, version, facts)


async def fill(database: HouseDatabase, events: int) -> None:
    """Dossiers of a hundred marks each; a million takes about a minute."""
    sizes = (min(PER_COMMAND, events - begin) for begin in range(0, events, PER_COMMAND))
    await stored(database, (list(rows_of(number, size)) for number, size in enumerate(sizes)))


async def stored(database: HouseDatabase, commands: Iterable[Sequence[Row]]) -> None:
    """Appends the events of many commands by the store's own append."""
    appender = Appender(database.server_dsn, HOUSE)
    await appender.start()
    waiting = iter(enumerate(commands))

    async def one_after_another() -> None:
        for number, rows in waiting:
            await appender.append(f"bench {number}", b"", "{}", rows)

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


async def fetched(
    database: HouseDatabase, events: int, page: int, look: Callable[[list[asyncpg.Record]], object] = len
) -> float:
    """Seconds of a bare fetch of whole rows in the order of positions, with a look at the rows of each page."""
    connection = await asyncpg.connect(database.server_dsn)
    try:
        begun, after, count = time.perf_counter(), 0, 0
        while rows := await connection.fetch(FETCH, after, page):
            after = rows[-1]["notification_id"]
            look(rows)
            count += len(rows)
        seconds = time.perf_counter() - begun
    finally:
        await connection.close()
    if count != events:
        raise AssertionError(f"{count} of {events}")
    return seconds
