"""The group append: a bounded queue, callers that give up, an orderly stop, plans that use indexes."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from ocop.databases import HouseDatabase
from shared.eventstore import appender as module
from shared.eventstore.appender import LEAST_BESIDE, Appender, Outcome, Row
from shared.eventstore.proving import prove
from tests.given import an_id, on
from tests.observed.series import value
from tests.store.counter import HOUSE

WHEN = on("2026-06-01")
COMMANDS = 20
WAIT_FOR_THE_HEAD = "FROM pg_locks WHERE NOT granted"
CONNECTIONS = "SELECT count(*) FROM pg_stat_activity WHERE usename = $1 AND datname = current_database()"


@pytest.fixture
async def appender(migrated: HouseDatabase) -> AsyncIterator[Appender]:
    opened = Appender(migrated.server_dsn, HOUSE)
    await opened.start()
    yield opened
    await opened.stop()


def rows(name: str, *versions: int) -> list[Row]:
    return [Row(an_id(name), version, "test.CounterAdded", b"{}", WHEN.at, WHEN.on, "{}") for version in versions]


def appended(appender: Appender, name: str, version: int = 1) -> asyncio.Task[Outcome]:
    return asyncio.create_task(appender.append(f"{name} {version}", b"", None, rows(name, version)))


async def stored(owner: asyncpg.Connection) -> int:
    return await owner.fetchval("SELECT count(*) FROM events")


async def test_a_caller_that_gives_up_neither_loses_nor_doubles_its_command(
    appender: Appender, owner: asyncpg.Connection
) -> None:
    async with owner.transaction():
        await owner.execute("SELECT FROM head FOR UPDATE")
        given_up = appended(appender, "given up")
        await asyncio.sleep(0)  # it is in the queue now
        given_up.cancel()
        await asyncio.wait([given_up])
    assert given_up.cancelled()
    again = await appended(appender, "given up")
    assert (again.kind, again.position) == ("repeat", 1)
    assert await stored(owner) == 1


async def test_stop_flushes_what_waits_and_takes_no_more(migrated: HouseDatabase, owner: asyncpg.Connection) -> None:
    appender = Appender(migrated.server_dsn, HOUSE)
    await appender.start()
    waiting = [appended(appender, f"waits {n}") for n in range(300)]  # more than one group
    await asyncio.sleep(0)
    await appender.stop()
    assert [(await one).kind for one in waiting] == ["ok"] * 300
    assert await stored(owner) == 300
    with pytest.raises(ConnectionError):
        await appended(appender, "too late")


async def test_beyond_a_full_queue_callers_wait_and_are_served_in_the_end(
    migrated: HouseDatabase, owner: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_WAITING", 8)
    appender = Appender(migrated.server_dsn, HOUSE)
    await appender.start()
    try:
        async with owner.transaction():
            await owner.execute("SELECT FROM head FOR UPDATE")
            flushing = appended(appender, "first")
            await until(owner, "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
            waiting = [appended(appender, f"many {n}") for n in range(50)]
            await asyncio.sleep(0)  # each has asked for room; nobody makes any while the flush is held up
            assert value("ocop_append_queue", house=HOUSE) == 8 - 1
        assert {(await one).kind for one in (flushing, *waiting)} == {"ok"}
    finally:
        await appender.stop()
    assert await stored(owner) == 51


async def test_commands_of_one_aggregate_that_do_not_wait_for_each_other_keep_their_order(appender: Appender) -> None:
    outcomes = await asyncio.gather(*(appended(appender, "one", version) for version in range(1, 40)))
    assert [outcome.position for outcome in outcomes] == list(range(1, 40))


async def test_versions_that_are_taken_or_missing_are_conflicts_and_change_nothing(
    appender: Appender, owner: asyncpg.Connection
) -> None:
    await appended(appender, "there")
    row = Row(an_id("there"), 1, "test.CounterAdded", b"{}", WHEN.at, WHEN.on, "{}")
    taken = await appender.append("taken", b"", None, [row])
    missing = await appender.append("missing", b"", None, [row._replace(originator_version=3)])
    torn = await appender.append(
        "torn", b"", None, [row._replace(originator_version=2), row._replace(originator_version=4)]
    )
    assert (taken.kind, missing.kind, torn.kind) == ("conflict",) * 3
    assert await stored(owner) == 1
    assert (await appended(appender, "there", 2)).position == 2


async def test_what_a_group_cannot_have_is_left_out_and_the_rest_stands_behind_one_another(
    appender: Appender, owner: asyncpg.Connection
) -> None:
    """In one flush: commands of several events and of none, a known one, and such as miss or repeat a version."""
    await appended(appender, "there")
    flushes = value("ocop_append_seconds_count")
    asked = {
        "two": (rows("two", 1, 2), "ok", 3),
        "there 1": (rows("else", 1), "repeat", 1),
        "torn": ([*rows("torn", 1, 3), *rows("whole", 1)], "conflict", None),
        "none": ([], "ok", 3),
        "taken": (rows("there", 1), "conflict", None),
        "begins at 0": (rows("zero", 0, 1), "ok", 5),
        "missing": (rows("missing", 2, 3), "conflict", None),
        "three": ([*rows("one", 1), *rows("other", 1, 2)], "ok", 8),
    }  # fmt: skip
    outcomes = await asyncio.gather(
        *(appender.append(request, request.encode(), '{"n": 1}', wanted) for request, (wanted, *_) in asked.items())
    )
    assert value("ocop_append_seconds_count") == flushes + 1
    assert [(outcome.kind, outcome.position) for outcome in outcomes] == [(kind, at) for _, kind, at in asked.values()]
    assert [outcome.fingerprint for outcome in outcomes[:2]] == [b"two", b""], "of a repeat what came the first time"
    known = await owner.fetch("SELECT id, position, fingerprint, answer::text FROM requests WHERE id <> 'there 1'")
    assert {tuple(one) for one in known} == {
        (request, at, request.encode(), '{"n": 1}') for request, (_, kind, at) in asked.items() if kind == "ok"
    }
    found = await owner.fetch("SELECT originator_id, originator_version FROM events ORDER BY notification_id OFFSET 1")
    assert [tuple(one) for one in found] == [
        row[:2] for wanted, kind, _ in asked.values() if kind == "ok" for row in wanted
    ]
    proof = await prove(owner, HOUSE)
    assert (proof.whole, proof.events) == (True, 8)


async def test_many_commands_go_in_two_groups_at_once_and_a_lone_one_goes_alone(
    appender: Appender, migrated: HouseDatabase, owner: asyncpg.Connection
) -> None:
    async with owner.transaction():
        await owner.execute("SELECT FROM head FOR UPDATE")
        lone = appended(appender, "lone")
        await until(owner, f"SELECT count(*) = 1 {WAIT_FOR_THE_HEAD}")
        few = [appended(appender, f"few {n}") for n in range(LEAST_BESIDE - 1)]
        await asyncio.sleep(0)
        assert await owner.fetchval(CONNECTIONS, migrated.server_role) == 1, "not worth a commit beside the first"
        enough = appended(appender, "enough")
        await until(owner, f"SELECT count(*) = 2 {WAIT_FOR_THE_HEAD}")
    outcomes = await asyncio.gather(lone, enough, *few)
    assert sorted(outcome.position or 0 for outcome in outcomes) == list(range(1, LEAST_BESIDE + 2))


async def test_commands_of_an_aggregate_that_is_on_its_way_wait_for_it_however_many_they_are(
    appender: Appender, owner: asyncpg.Connection
) -> None:
    async with owner.transaction():
        await owner.execute("SELECT FROM head FOR UPDATE")
        first = appended(appender, "one")
        await until(owner, f"SELECT count(*) = 1 {WAIT_FOR_THE_HEAD}")
        others = [appended(appender, f"other {n}") for n in range(LEAST_BESIDE)]
        later = [appended(appender, "one", version) for version in range(2, 5)]
        await until(owner, f"SELECT count(*) = 2 {WAIT_FOR_THE_HEAD}")
    outcomes = await asyncio.gather(first, *later, *others)
    assert {outcome.kind for outcome in outcomes} == {"ok"}
    positions = [outcome.position or 0 for outcome in outcomes[:4]]
    assert positions == sorted(positions)


async def test_where_no_second_connection_is_to_be_had_the_first_carries_all(
    appender: Appender, migrated: HouseDatabase, owner: asyncpg.Connection
) -> None:
    await owner.execute(f'ALTER DATABASE "{migrated.name}" CONNECTION LIMIT 2')  # the first one's and this one
    outcomes = await asyncio.gather(*(appended(appender, f"many {n}") for n in range(10 * LEAST_BESIDE)))
    assert {outcome.kind for outcome in outcomes} == {"ok"}
    assert await owner.fetchval(CONNECTIONS, migrated.server_role) == 1
    assert await stored(owner) == 10 * LEAST_BESIDE


MANY = """
INSERT INTO events SELECT gen_random_uuid(), 1, 'x', '', n, now(), '2026-06-01', '{{}}', '' FROM generate_series(1, {0}) n;
INSERT INTO requests SELECT n::text, '', n, NULL FROM generate_series(1, {0}) n;
UPDATE head SET position = {0};
ANALYZE events, requests;
"""
STATISTICS = """
SELECT pg_restore_relation_stats(
    'schemaname', 'public', 'relname', relname::text, 'relpages', relpages, 'reltuples', $1::real
) FROM pg_class WHERE oid IN ('events'::regclass, 'requests'::regclass)
"""
ROWS_READ = """
SELECT (SELECT sum(seq_tup_read) FROM pg_stat_user_tables WHERE relname IN ('events', 'requests'))
     + (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE relname IN ('events', 'requests'))
"""
NOBODY_SERVES = "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE usename = $1 AND datname = current_database())"


@pytest.mark.parametrize(("rows", "by_statistics"), [(0, 0), (2_000, 5_000_000), (100_000, 100_000)])
async def test_the_append_reads_by_index_whatever_the_size_and_whatever_the_statistics_say(
    rows: int, by_statistics: int, migrated: HouseDatabase, owner: asyncpg.Connection
) -> None:
    """`make bench-long` (`curve_append`) has five million rows in truth."""
    await owner.execute(MANY.format(rows))
    await owner.execute(STATISTICS, by_statistics)
    assert await read_for(migrated, owner, version=1) == 0
    assert await read_for(migrated, owner, version=2) == COMMANDS  # of each aggregate its last event
    await owner.execute("ALTER FUNCTION append RESET enable_seqscan")
    for way in ("indexscan", "indexonlyscan", "bitmapscan"):
        await owner.execute(f"ALTER FUNCTION append SET enable_{way} = off")
    assert await read_for(migrated, owner, version=3) > COMMANDS * (rows + 1), "whoever reads it all would not be seen"


async def read_for(migrated: HouseDatabase, owner: asyncpg.Connection, version: int) -> int:
    """How many rows a session that has no plans yet reads for some commands; counted for certain once it has ended."""
    before = await owner.fetchval(ROWS_READ)
    appender = Appender(migrated.server_dsn, HOUSE)
    await appender.start()
    outcomes = await asyncio.gather(*(appended(appender, f"next {n}", version) for n in range(COMMANDS)))
    await appender.stop()
    assert {outcome.kind for outcome in outcomes} == {"ok"}
    await until(owner, NOBODY_SERVES, migrated.server_role)
    return await owner.fetchval(ROWS_READ) - before


async def until(owner: asyncpg.Connection, question: str, *arguments: str) -> None:
    async with asyncio.timeout(10):
        while not await owner.fetchval(question, *arguments):
            await asyncio.sleep(0.02)
