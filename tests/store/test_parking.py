"""A view that cannot take an event stands before it, and nothing else does; it goes on by itself once the cause is gone."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from ocop.databases import HouseDatabase
from shared.eventstore import parking
from shared.eventstore.parking import Parked, parked_views
from shared.eventstore.projector import Projection, Wake, project
from shared.eventstore.store import EventStore
from shared.eventstore.views import Change, Room, View
from shared.eventstore.watching import Watching
from shared.house import running
from tests.given import an_id
from tests.observed.series import value
from tests.store.counter import COUNTERS, HOUSE, Add, Counter, OpenCounter
from tests.store.test_rebuilding import PATIENCE, ask

SQL_FILE = Path(__file__).with_name("counter.sql")
SUMS = View("sums", ["sums"], HOUSE)


@SUMS.on(Counter.Added)
def summed(e: Counter.Added) -> list[Change]:
    return [Change("INSERT INTO sums VALUES ($1)", (e.number,))]


class TwoViews(Room):
    """The counters, and a second view whose table takes no number above 100."""

    @property
    def tables(self) -> str:
        return super().tables + ";\nCREATE TABLE sums (number int CONSTRAINT not_so_much CHECK (number <= 100))"


ROOM = TwoViews(HOUSE, SQL_FILE, [COUNTERS, SUMS])


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> Room:
    monkeypatch.setattr(parking, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(parking, "LONGEST_PAUSE", 0.1)
    return ROOM


async def until(holds: Callable[[], Any]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await holds():
            await asyncio.sleep(0.005)


async def added(store: EventStore, *numbers: int) -> None:
    if not await store.head():
        await ask(store, OpenCounter(id=an_id("c"), name="c"), "open")
    for number in numbers:
        await ask(store, Add(counter_id=an_id("c"), number=number), f"add {await store.head()}")


async def to_the_end(projection: Projection) -> None:
    """Until every view that is not parked has everything."""
    while await projection.step():
        pass


async def sums(store: EventStore) -> list[int]:
    return [row[0] for row in await store.pool.fetch("SELECT number FROM sums")]


async def test_it_stands_before_the_event_and_the_other_view_has_everything(store: EventStore) -> None:
    await added(store, 1, 2, 500, 4)
    projection = Projection(store, ROOM.own)
    await to_the_end(projection)
    [found] = await parked_views(store.pool)
    assert (found.view, found.source, found.position, found.kind) == ("sums", HOUSE, 4, "test.CounterAdded")
    assert "not_so_much" in found.error
    assert "not_so_much" not in f"{found}"
    assert await sums(store) == [1, 2]
    assert await store.position(COUNTERS.reader, HOUSE) == await store.head()
    assert await store.position(SUMS.reader, HOUSE) == 3


async def test_it_is_tried_again_with_the_same_beginning_and_goes_on_by_itself_when_the_cause_is_gone(
    store: EventStore, database: HouseDatabase, owner: asyncpg.Connection
) -> None:
    await added(store, 1, 500, 3)
    wake = Wake(database.server_dsn)
    tries: list[Parked] = []

    async def tried_three_times() -> bool:
        tries.extend(await parked_views(store.pool))
        return bool(tries) and tries[-1].attempts >= 3

    async def goes_on() -> bool:
        return not await parked_views(store.pool)

    async with running(wake.listen, lambda: project(store, ROOM.own, wake)):
        await until(tried_three_times)
        assert len({found.since for found in tries}) == 1
        await added(store, 4)
        await owner.execute("ALTER TABLE views.sums DROP CONSTRAINT not_so_much")
        await until(goes_on)

        async def has_all() -> bool:
            return await store.position(SUMS.reader, HOUSE) == await store.head()

        await until(has_all)
    assert await sums(store) == [1, 500, 3, 4]


async def test_an_event_that_fits_its_class_no_more_parks_only_the_views_that_read_it(
    store: EventStore, owner: asyncpg.Connection
) -> None:
    await added(store, 1, 2)
    await owner.execute("""UPDATE events SET state = '{"name": 7}' WHERE notification_id = 1""")
    projection = Projection(store, ROOM.own)
    await to_the_end(projection)
    [found] = await parked_views(store.pool)
    assert (found.view, found.position, found.kind) == ("counters", 1, "test.CounterOpened")
    assert await sums(store) == [1, 2]


async def test_the_gauge_tells_since_when_and_0_once_it_goes_on(store: EventStore, database: HouseDatabase) -> None:
    await added(store, 500)
    projection = Projection(store, ROOM.own)
    await to_the_end(projection)
    watching = Watching(store, ROOM.views)
    await watching.look()
    assert value("ocop_view_parked_seconds", house=HOUSE, view="sums") > 0
    assert value("ocop_view_parked_seconds", house=HOUSE, view="counters") == 0
    await store.pool.execute("DELETE FROM parked")
    await watching.look()
    assert value("ocop_view_parked_seconds", house=HOUSE, view="sums") == 0


FAILS = """
CREATE FUNCTION fails() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no' USING ERRCODE = '{}'; END $$;
CREATE TRIGGER fails BEFORE INSERT ON views.sums FOR EACH ROW EXECUTE FUNCTION fails()
"""


@pytest.mark.parametrize("state", ["08006", "40P01", "53100", "55P03", "57P01", "58030"])
async def test_what_tells_of_the_database_and_not_of_the_event_parks_nothing(
    state: str, store: EventStore, owner: asyncpg.Connection
) -> None:
    await added(store, 1)
    await owner.execute(FAILS.format(state))
    projection = Projection(store, ROOM.own)
    with pytest.raises(asyncpg.PostgresError) as said:
        await to_the_end(projection)
    assert said.value.sqlstate == state  # type: ignore[attr-defined]
    assert await parked_views(store.pool) == []
    await owner.execute("DROP TRIGGER fails ON views.sums")
    await to_the_end(projection)
    assert await sums(store) == [1]


def test_a_lost_connection_is_nothing_that_an_event_did() -> None:
    for error in (ConnectionResetError(), asyncpg.AdminShutdownError("x"), asyncpg.DeadlockDetectedError("x")):
        assert parking.is_passing(error)
    assert not parking.is_passing(asyncpg.CheckViolationError("x"))
