"""A view made again beside a program at work: whole at every moment, equal to a replay, and nothing left behind."""

import asyncio
import random
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from ocop.databases import HouseDatabase
from shared.auth.actors import Actor
from shared.clock import Clock
from shared.eventstore import rebuilding, sources
from shared.eventstore.commands import Request
from shared.eventstore.fsck import Findings, check_views
from shared.eventstore.projector import Wake, project
from shared.eventstore.rebuilding import BeingMadeAgain, OfOtherTables, Rebuild, Rebuilt, clear
from shared.eventstore.sources import OwnFacts
from shared.eventstore.store import EventStore
from shared.eventstore.views import Fact, Room, View
from shared.house import running
from tests.given import an_id
from tests.store.counter import COMMANDS, COUNTERS, HOUSE, Add, OpenCounter
from tests.store.timed import DEADLINES, ROOM

ACTOR = Actor("someone", "agency", "51")
SCHEMA = "again_counters"
PATIENCE = 30  # seconds


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "PAGE", 7)
    monkeypatch.setattr(rebuilding, "NEAR", 5)


async def ask(store: EventStore, command: OpenCounter | Add, key: str) -> None:
    request = Request(id=key, actor=ACTOR, action="registration:accept-idea", correlation=key)
    await COMMANDS.execute(command, request, store, Clock())


async def counted(store: EventStore, counters: int, adds: int) -> None:
    for n in range(counters):
        await ask(store, OpenCounter(id=an_id(f"c{n}"), name=f"c{n}"), f"open {n}")
    for n in range(adds):
        await ask(store, Add(counter_id=an_id(f"c{n % counters}"), number=1), f"add {n}")


async def projected(store: EventStore) -> None:
    async with asyncio.timeout(PATIENCE):
        while await store.position(COUNTERS.reader, HOUSE) < await store.head():
            await asyncio.sleep(0.005)


async def findings(store: EventStore, owner: asyncpg.Connection) -> list[str]:
    """Where the view differs from a replay up to its own position."""
    result = Findings()
    await check_views(owner, ROOM, lambda view: OwnFacts(store, view), result)
    return result.findings


async def shadows(owner: asyncpg.Connection) -> list[str]:
    return [row[0] for row in await owner.fetch(rebuilding.SQL.left_over)]


def again(store: EventStore, database: HouseDatabase, source: Any = None) -> Rebuild:
    return Rebuild(database.owner_dsn, ROOM, COUNTERS, source or OwnFacts(store, COUNTERS), database.server_role)


async def test_it_ends_equal_to_a_replay_while_people_read_and_write_and_no_reader_ever_sees_it_empty(
    store: EventStore, database: HouseDatabase, owner: asyncpg.Connection, small_pages: None
) -> None:
    await counted(store, 5, 40)
    wake, seen = Wake(database.server_dsn), []

    async def write() -> None:
        for number in range(10**6):
            await ask(store, Add(counter_id=an_id(f"c{number % 5}"), number=1), f"more {number}")

    async def read() -> None:
        while True:
            seen.append(await store.pool.fetchrow("SELECT count(*) AS rows, sum(total) AS total FROM counters"))

    async with running(wake.listen, lambda: project(store, [COUNTERS], wake)):
        await projected(store)
        async with running(write, read):
            for _ in range(5):
                found = await again(store, database).run()
                assert found.rows == 5
        await projected(store)
    assert {row["rows"] for row in seen} == {5}
    totals = [row["total"] for row in seen]
    assert totals == sorted(totals), "a reader saw an older state after a newer one"
    assert await store.pool.fetchval("SELECT sum(total) FROM counters") == await store.head() - 5
    assert await findings(store, owner) == []
    assert await shadows(owner) == []


@pytest.mark.parametrize("seed", range(6))
async def test_cancelled_at_a_random_moment_it_leaves_the_view_as_it_was_and_no_shadow(
    store: EventStore, database: HouseDatabase, owner: asyncpg.Connection, small_pages: None, seed: int
) -> None:
    await counted(store, 3, 60)
    wake = Wake(database.server_dsn)
    async with running(lambda: project(store, [COUNTERS], wake)):
        await projected(store)
    dice, pages = random.Random(seed), OwnFacts(store, COUNTERS)
    after = dice.randint(1, 9)

    class Cancelling:
        left = after

        async def head(self) -> int:
            return await pages.head()

        async def facts(self, begin: int, upto: int) -> Sequence[Fact]:
            self.left -= 1
            if not self.left:
                work.cancel()
            return await pages.facts(begin, upto)

    work = asyncio.ensure_future(again(store, database, Cancelling()).run())
    with pytest.raises(asyncio.CancelledError):
        await work
    assert await shadows(owner) == []
    assert await findings(store, owner) == []
    assert (await again(store, database).run()) == Rebuilt(3, 63)


KILLED = """
import asyncio, sys
from shared.eventstore.rebuilding import Rebuild
from shared.eventstore.sources import OwnFacts
from shared.eventstore.store import EventStore
from shared.eventstore import sources
from tests.store.counter import COUNTERS, HOUSE
from tests.store.timed import ROOM

sources.PAGE = 7

async def main():
    owner, server, role, dies = sys.argv[1:]
    store = EventStore(HOUSE, server)
    await store.open()

    def tell(_):
        tell.pages += 1
        if tell.pages == int(dies):
            print("now", flush=True)
            import os, signal
            os.kill(os.getpid(), signal.SIGKILL)
    tell.pages = 0
    await Rebuild(owner, ROOM, COUNTERS, OwnFacts(store, COUNTERS), role, tell=tell).run()

asyncio.run(main())
"""


async def test_killed_in_the_middle_its_shadow_is_known_and_removed_by_the_next(
    store: EventStore, database: HouseDatabase, owner: asyncpg.Connection
) -> None:
    await counted(store, 3, 60)
    wake = Wake(database.server_dsn)
    async with running(lambda: project(store, [COUNTERS], wake)):
        await projected(store)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", KILLED, database.owner_dsn, database.server_dsn, database.server_role, "4"
    )
    assert await process.wait() == -signal.SIGKILL
    assert await shadows(owner) == [SCHEMA]
    assert await findings(store, owner) == []
    async with asyncio.timeout(PATIENCE):
        while await clear(owner) != [SCHEMA]:  # the server may not know yet that the process is dead
            await asyncio.sleep(0.01)
    assert await shadows(owner) == []
    assert (await again(store, database).run()).rows == 3
    assert await findings(store, owner) == []


async def test_a_second_rebuild_of_the_same_view_is_refused_and_leaves_the_first_alone(
    store: EventStore, database: HouseDatabase, owner: asyncpg.Connection, small_pages: None
) -> None:
    await counted(store, 3, 20)
    refused: list[type[Exception]] = []

    class Meeting(OwnFacts):
        async def facts(self, after: int, upto: int) -> Sequence[Fact]:
            if not refused:
                with pytest.raises(BeingMadeAgain, match="counters") as said:
                    await again(store, database).run()
                refused.append(said.type)
                assert await clear(owner) == []
            return await super().facts(after, upto)

    assert await again(store, database, Meeting(store, COUNTERS)).run() == Rebuilt(3, 23)
    assert refused == [BeingMadeAgain]


async def test_a_long_reader_of_the_old_table_holds_up_the_swap_and_nobody_else(
    store: EventStore, database: HouseDatabase, owner: asyncpg.Connection, small_pages: None
) -> None:
    await counted(store, 3, 20)
    reader = await asyncpg.connect(database.server_dsn)
    reading = reader.transaction()
    await reading.start()
    await reader.fetchval("SELECT count(*) FROM views.counters")
    work = asyncio.ensure_future(again(store, database).run())
    async with asyncio.timeout(PATIENCE):
        while not await store.pool.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
            await asyncio.sleep(0.005)
        for _ in range(20):
            await store.pool.fetchval("SELECT count(*) FROM counters")
    assert not work.done()
    await reading.rollback()
    await reader.close()
    assert await work == Rebuilt(3, 23)
    assert await store.pool.fetchval("SELECT count(*) FROM counters") == 3


async def test_a_view_of_another_text_is_not_made_again_by_this_program(
    store: EventStore, database: HouseDatabase, owner: asyncpg.Connection
) -> None:
    await owner.execute("UPDATE schema_version SET views = 'of another release'")
    with pytest.raises(OfOtherTables):
        await again(store, database).run()
    assert await shadows(owner) == []


async def test_a_fact_that_it_cannot_take_ends_it_and_the_view_serves_as_before(
    store: EventStore, database: HouseDatabase, owner: asyncpg.Connection
) -> None:
    await counted(store, 2, 4)
    await again(store, database).run()
    broken = View("counters", ["counters"], HOUSE)
    kinds: dict[type, Callable[..., Any]] = dict(COUNTERS.handlers)
    broken.handlers = kinds | {next(reversed(kinds)): lambda *_: [rebuilding_fails()]}
    room = Room(HOUSE, Path(__file__).with_name("counter.sql"), [broken, DEADLINES])
    with pytest.raises(ArithmeticError):
        await Rebuild(database.owner_dsn, room, broken, OwnFacts(store, broken), database.server_role).run()
    assert await shadows(owner) == []
    assert await findings(store, owner) == []
    assert await store.pool.fetchval("SELECT sum(total) FROM counters") == 4


def rebuilding_fails() -> None:
    raise ArithmeticError("no")
