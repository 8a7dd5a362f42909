"""A register of so many events, as registration stores them: those of products, copied from the golden samples of a season.

Each copy is a product of its own: every id in it is another. What a house's real views make of it is real.
"""

import asyncio
import re
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from bench.marks import METADATA, stored
from ocop.databases import HouseDatabase
from ocop.postgres import Server
from services.registration.main import HOUSE
from services.registration.views.register import TIMELINE
from shared.eventstore.appender import Row
from shared.eventstore.migrate import migrate
from shared.eventstore.projector import topics_of
from shared.eventstore.store import EventStore
from shared.memory import settled
from tests.golden import STORED
from tests.opened import store_on
from tests.postgres import fresh_database

ROOM = HOUSE.room
AT_ONCE = 5  # products in one command
IN_A_TEXT = re.compile(rb'(?<=")[0-9a-f]{8}(?=-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")')


class Sample(NamedTuple):
    """A stored event that can be copied: its ids begin with the number of the copy."""

    stream: str  # its aggregate's id without the beginning
    version: int
    topic: str
    pieces: list[bytes]  # of its state, between the beginnings of ids
    at: datetime
    on: date


@cache
def samples() -> list[Sample]:
    """The steps of a product, aggregate after aggregate, each from its first version on."""
    found: dict[str, list[Sample]] = defaultdict(list)
    for topic in topics_of(TIMELINE):
        sample = orjson.loads((STORED / f"{topic}.v1.json").read_bytes())
        state, stream = sample["state"], sample["originator_id"][8:]
        at, on = datetime.fromisoformat(state["timestamp"]), date.fromisoformat(state["legal_date"])
        pieces = IN_A_TEXT.split(orjson.dumps(state))
        found[stream].append(Sample(stream, sample["originator_version"], topic, pieces, at, on))
    return [
        one._replace(version=version)
        for stream in found.values()
        for version, one in enumerate(sorted(stream, key=lambda one: one.version), 1)
    ]


def product(number: int) -> list[Row]:
    """The steps of one product; numbers up to 2**32."""
    beginning = f"{number:08x}"
    return [
        Row(UUID(beginning + one.stream), one.version, one.topic, beginning.encode().join(one.pieces), one.at, one.on, METADATA)
        for one in samples()
    ]  # fmt: skip


def commands(events: int) -> Iterator[list[Row]]:
    products = -(-events // len(samples()))
    for begin in range(0, products, AT_ONCE):
        yield [row for number in range(begin, min(begin + AT_ONCE, products)) for row in product(number)]


@asynccontextmanager
async def register_on(server: Server, events: int) -> AsyncIterator[tuple[HouseDatabase, EventStore]]:
    """Registration's store with at least so many events."""
    async with fresh_database(server, HOUSE.name) as database:
        await migrate(database.owner_dsn, database.server_role, ROOM)
        await stored(database, commands(events))
        async with store_on(HOUSE.name, database.server_dsn) as store:
            settled()  # as a house's process does once it is open
            yield database, store


async def rebuilt(database: HouseDatabase) -> dict[str, Any]:
    """Of `timeline`, by a process of its own as `ocop rebuild` is one: `seconds`, `peak` (MiB), `rows`, `upto`."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.rebuilding", database.owner_dsn, database.server_dsn, database.server_role,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"the rebuild ended with {process.returncode}")
    return orjson.loads(said)
