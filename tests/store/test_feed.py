"""Whoever follows a store reads every event once, in the order of commits: whoever writes, whatever is cut, hint or no hint."""

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest
from eventsourcing.utils import get_topic

from ocop.databases import HouseDatabase
from ocop.postgres import Server
from shared.bus.relay import Outbox
from shared.eventstore import projector
from shared.eventstore.projector import Projection, Wake, project
from shared.eventstore.store import EventStore
from shared.eventstore.views import Fact, View
from shared.house import running
from tests.bus.two_houses import PUBLISHED
from tests.opened import owned, store_on
from tests.store.counter import COUNTERS, HOUSE, Counter
from tests.store.test_snapshots import until
from tests.store.test_store import a_counter
from tests.store.test_together import listener

PATIENCE = 60
WRITERS, COMMANDS = 3, 150  # of each
CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1"
# Idle: one that is still at its LISTEN would miss what is told now.
LISTENERS = "SELECT pid FROM pg_stat_activity WHERE datname = $1 AND query LIKE 'LISTEN%' AND state = 'idle'"


@asynccontextmanager
async def writers(database: HouseDatabase) -> AsyncIterator[asyncio.Future[Any]]:
    """Processes at work; the future is done when all have ended well."""
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.store.writing", database.server_dsn, f"writer {number}", str(COMMANDS)
        )
        for number in range(WRITERS)
    ]
    ended = asyncio.gather(*(process.wait() for process in processes))
    try:
        yield ended
        assert await ended == [0] * WRITERS
    finally:
        for process in processes:
            if process.returncode is None:
                process.kill()
                await process.wait()


async def followed(
    store: EventStore, ended: asyncio.Future[Any], topics: Sequence[str] | None, limit: int
) -> list[tuple[int, str]]:
    """(position, kind) of what a follower reads page by page until the writers have ended and nothing more comes."""
    found: list[tuple[int, str]] = []
    after = 0
    while True:
        over = ended.done()
        page = await store.feed(after, limit, topics)
        found += [(one.position, get_topic(type(one.event))) for one in page]
        after = page[-1].position if page else after
        if over and not page:
            return found
        if not page:
            await asyncio.sleep(0)


async def test_followers_of_overlapping_transactions_of_several_processes_miss_nothing(
    store: EventStore, database: HouseDatabase
) -> None:
    opened, added = get_topic(Counter.Opened), get_topic(Counter.Added)
    async with asyncio.timeout(PATIENCE), writers(database) as ended:
        everything, only_opened, only_added, both = await asyncio.gather(
            followed(store, ended, None, 7), followed(store, ended, [opened], 3), followed(store, ended, [added], 100),
            followed(store, ended, [added, opened], 1),
        )  # fmt: skip
    rows = await store.pool.fetch("SELECT notification_id, topic FROM events ORDER BY notification_id")
    stored = [tuple(row) for row in rows]
    assert [position for position, _ in stored] == list(range(1, await store.head() + 1))
    assert everything == both == stored
    assert only_opened == [one for one in stored if one[1] == opened]
    assert only_added == [one for one in stored if one[1] == added]
    undone = WRITERS * sum(number % 15 == 0 for number in range(COMMANDS))
    assert len(only_opened) == WRITERS * COMMANDS - undone


async def test_what_is_not_committed_is_not_read_and_nothing_is_read_past_it(
    store: EventStore, owner: asyncpg.Connection
) -> None:
    """The position that it would have is not given to another before it has ended."""
    await a_counter(store, "first")
    transaction = owner.transaction()
    await transaction.start()
    await owner.execute("SELECT * FROM head FOR UPDATE")  # as an append that has not ended
    later = asyncio.create_task(a_counter(store, "later"))
    for _ in range(20):
        assert [one.position for one in await store.feed(0)] == [1]
        await asyncio.sleep(0.005)
    assert not later.done()
    await transaction.rollback()
    await later
    assert [one.position for one in await store.feed(0)] == [1, 2]


# --- hints ---


@pytest.fixture
async def admin(postgres: Server) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(postgres.admin_dsn)
    try:
        yield connection
    finally:
        await connection.close()


@pytest.fixture
def heard() -> list[int]:
    return []


@pytest.fixture
def view(heard: list[int]) -> View:
    return listener("heard", heard)


async def test_where_no_hint_ever_comes_asking_again_finds_everything(
    store: EventStore, database: HouseDatabase, view: View, heard: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projector, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(projector.woken, "__defaults__", (0.01,))
    deaf = Wake(database.server_dsn)  # nobody lets it listen
    async with running(lambda: project(store, [view], deaf)), asyncio.timeout(PATIENCE):
        for number in range(3):
            await a_counter(store, f"{number}")
            await until(lambda n=number: got(heard, n + 1))
    assert heard == [1, 2, 3]


async def got(heard: list[int], number: int) -> bool:
    return len(heard) >= number


async def test_a_listener_whose_connection_was_cut_listens_again(
    store: EventStore, database: HouseDatabase, admin: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projector, "RETRY_SECONDS", 0.01)
    wake = Wake(database.server_dsn)
    hint = wake.reader()
    async with running(wake.listen), asyncio.timeout(PATIENCE):
        for cut in range(3):
            [pid] = await until(lambda: pids(admin, database.name))
            hint.clear()
            await a_counter(store, f"whole {cut}")
            await hint.wait()
            assert await admin.fetchval("SELECT pg_terminate_backend($1)", pid)
            await until(lambda p=pid: another(admin, database.name, p))
    assert hint.is_set()


async def pids(admin: asyncpg.Connection, database: str) -> list[int]:
    return [row["pid"] for row in await admin.fetch(LISTENERS, database)]


async def another(admin: asyncpg.Connection, database: str, gone: int) -> bool:
    now = await pids(admin, database)
    return bool(now) and gone not in now


async def test_a_view_whose_connections_are_cut_again_and_again_has_everything_once(
    store: EventStore, database: HouseDatabase, admin: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projector, "RETRY_SECONDS", 0.01)
    wake = Wake(database.server_dsn)
    async with running(wake.listen, lambda: project(store, [COUNTERS], wake)), asyncio.timeout(PATIENCE):
        for number in range(6):
            async with store_on(HOUSE, database.server_dsn) as writing:
                for one in range(5):
                    await a_counter(writing, f"{number} {one}")
            await admin.fetch(CUT, database.name)
        async with owned(database) as owner:
            await until(lambda: all_there(owner, 30))
            assert await owner.fetchval("SELECT count(*) FROM views.counters") == 30


async def all_there(owner: asyncpg.Connection, events: int) -> bool:
    return await owner.fetchval("SELECT position FROM positions WHERE reader = $1", COUNTERS.reader) == events


# --- back-pressure ---


async def test_a_slow_view_lets_one_batch_be_read_ahead_and_no_more(
    store: EventStore, view: View, heard: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projector, "BATCH", 2)
    for number in range(12):
        await a_counter(store, f"{number}")
    read, facts = [0], store.facts

    async def noted(after: int, upto: int, topics: Sequence[str]) -> list[Fact]:
        read.append(upto)
        return await facts(after, upto, topics)

    monkeypatch.setattr(store, "facts", noted)
    projection = Projection(store, [view])
    ahead = []
    while await projection.step():
        await asyncio.sleep(0.05)  # a slow view: whoever reads as it likes would be far ahead
        ahead.append(read[-1] - heard[-1])
    assert heard == list(range(1, 13))
    assert max(ahead) == 2
    assert read[1:] == [2, 4, 6, 8, 10, 12]


async def pages_asked(store: EventStore, monkeypatch: pytest.MonkeyPatch, of: int) -> list[int]:
    """Of a store of six events: the positions after which the outbox asks for pages of so many, as it asks."""
    for number in range(6):
        await a_counter(store, f"{number}")
    asked: list[int] = []
    read = store.feed_upto

    async def noted(after: int, limit: int, topics: Sequence[str]) -> Any:
        asked.append(after)
        return await read(after, limit, topics)

    monkeypatch.setattr("shared.bus.relay.PAGE", of)
    monkeypatch.setattr(store, "feed_upto", noted)
    return asked


async def test_a_slow_sink_lets_one_batch_be_read_ahead_and_no_more(
    store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = await pages_asked(store, monkeypatch, of=1)
    outbox = Outbox(store, PUBLISHED, lambda _house, one, _published: one.position, 1)
    after, said = 0, []
    try:
        while after < 6:
            batch = await outbox.after(after)
            said += batch.said
            after = batch.upto.position
            await asyncio.sleep(0.02)  # a slow sink
            assert asked[-1] <= after
    finally:
        await outbox.forget()
    assert said == [1, 2, 3, 4, 5, 6]


async def test_the_next_page_is_asked_for_before_one_is_said_and_none_behind_the_batch(
    store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = await pages_asked(store, monkeypatch, of=2)
    known: dict[int, list[int]] = {}  # by position, what was asked for when it was said
    outbox = Outbox(store, PUBLISHED, lambda _house, one, _published: known.update({one.position: [*asked]}), 4)
    try:
        batch = await outbox.after(0)
    finally:
        await outbox.forget()
    assert (batch.upto.position, batch.more) == (4, True)
    assert known == {1: [0, 2], 2: [0, 2], 3: [0, 2], 4: [0, 2]}
