"""What an append costs does not grow with the store, whatever the first groups were like."""

from datetime import UTC, date, datetime

import asyncpg

from shared.eventstore.appender import Row
from shared.eventstore.sql import STORE
from shared.eventstore.store import EventStore
from tests.given import an_id

GROUPS, SIZE, ADDED = 30, 20, 50  # a plan for groups of about this size read all of a table that was small then
WHEN = datetime(2026, 6, 1, tzinfo=UTC)


async def append(connection: asyncpg.Connection, version: int, *numbers: int) -> None:
    """A group of commands, each with one event of an aggregate of its own."""
    rows = [Row(an_id(f"c{n}"), version, "t", b"{}", WHEN, date(2026, 6, 1), "{}") for n in numbers]
    commands = [(f"{row.originator_id} {version}", b"", None, upto) for upto, row in enumerate(rows, 1)]
    outcomes = await connection.fetch(STORE.append, rows, commands)
    assert [row["outcome"] for row in outcomes] == ["ok"]  # of the last row; each that is refused has one before it


async def entries_read(connection: asyncpg.Connection) -> int:
    """Of the index by which an append finds its aggregates."""
    await connection.execute("SELECT pg_stat_force_next_flush()")
    return await connection.fetchval("SELECT idx_tup_read FROM pg_stat_user_indexes WHERE indexrelname = 'events_pkey'")


async def test_an_append_after_large_groups_still_looks_its_events_up_one_by_one(store: EventStore) -> None:
    connection = await asyncpg.connect(store.dsn)
    try:
        for begin in range(0, GROUPS * SIZE, SIZE):
            await append(connection, 1, *range(begin, begin + SIZE))
        before = await entries_read(connection)
        for number in range(ADDED):
            await append(connection, 2, number)
        assert await entries_read(connection) - before < 10 * ADDED
    finally:
        await connection.close()
