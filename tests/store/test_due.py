"""Limits on a real PostgreSQL: how they stand on a day, and how their view is kept."""

from datetime import date
from typing import Any

import asyncpg
import pytest

from ocop.databases import HouseDatabase
from shared.clock import Clock
from shared.eventstore import due
from shared.eventstore.fsck import Findings, check_views
from shared.eventstore.rebuilding import Rebuild
from shared.eventstore.sources import OwnFacts
from shared.eventstore.store import EventStore
from shared.eventstore.timer import Ticking, Timer
from shared.eventstore.views import DUE, Change, Room
from shared.placed import meaning
from tests.given import about, an_id
from tests.store.counter import COMMANDS, COUNTERS, HOUSE
from tests.store.timed import DEADLINES, ROOM, SQL_FILE, a_counter, added, play, seen

BEGUN, TODAY = date(2026, 6, 1), date(2026, 12, 1)


# --- the view ---


async def test_the_view_is_proved_and_made_again_like_any_other_and_the_clock_stays_quiet(
    store: EventStore, database: HouseDatabase, clock: Clock, timer: Timer, ticking: Ticking
) -> None:
    await a_counter(store, clock, "tick 2026-06-05")
    await a_counter(store, clock, "tock 2026-06-06")
    play(clock, "2026-06-10")
    await ticking.act()
    await seen(store)
    connection = await asyncpg.connect(database.owner_dsn)
    try:
        result = Findings()
        await check_views(connection, ROOM, lambda view: OwnFacts(store, view), result)
        assert result.findings == []
        await store.pool.execute("UPDATE due SET closed_on = NULL, due_on = due_on + 1")
        await check_views(connection, ROOM, lambda view: OwnFacts(store, view), result)
        assert [f for f in result.findings if "view due differs" in f]
        again = Rebuild(database.owner_dsn, ROOM, DEADLINES, OwnFacts(store, DEADLINES), database.server_role)
        assert (await again.run()).rows == 2
    finally:
        await connection.close()
    assert await Ticking(timer, COMMANDS, store, clock).act() == 0
    assert len(await added(store)) == 2


def test_a_room_makes_the_table_only_where_a_view_names_it() -> None:
    assert "CREATE TABLE due" in ROOM.tables
    assert "CREATE TABLE due" not in Room(HOUSE, SQL_FILE, [COUNTERS]).tables


async def change(store: EventStore, *changes: Change) -> None:
    for one in changes:
        await store.pool.execute(one.statement, *one.arguments)


def people(name: str, last: str, begun_on: date = BEGUN, **more: Any) -> Change:
    """A limit of the agency about the product of this name."""
    return due.opened(
        "addition", an_id(name), begun_on=begun_on, due_on=date.fromisoformat(last), owner="agency", ref="Quy chế",
        about=about(name), **more,
    )  # fmt: skip


async def states(store: EventStore, on: str, **wanted: Any) -> list[tuple[str, str]]:
    """`map`, `known_on`: how the codes of the place are meant."""
    by = (TODAY, wanted.get("map", "today"), wanted.get("known_on"))
    place = [*meaning("province", wanted.get("province"), *by), *meaning("commune", wanted.get("commune"), *by)]
    asked = (wanted.get(name) for name in ("state", "product"))
    rows = await store.pool.fetch(DUE.on_a_day, date.fromisoformat(on), *asked, 100, 0, *place)
    return [(row["product"] or row["limit"], row["state"]) for row in rows]


async def test_how_a_limit_stands_follows_from_the_row_and_the_day(store: EventStore) -> None:
    """Last day Monday 15 June, reminders on 8 and 12 June."""
    await change(
        store, people("in time", "2026-06-15"), people("late", "2026-06-15"), people("never", "2026-06-15"),
        due.closed("addition", an_id("in time"), date(2026, 6, 15)),
        due.closed("addition", an_id("late"), date(2026, 6, 18)),
    )  # fmt: skip
    told = {
        day: dict(await states(store, day))
        for day in ("2026-06-01", "2026-06-07", "2026-06-08", "2026-06-15", "2026-06-16", "2026-06-18")
    }
    assert await states(store, "2026-05-31") == []
    assert [told[day]["never"] for day in told] == ["open", "open", "remind", "remind", "overdue", "overdue"]
    assert [told[day]["in time"] for day in told] == ["open", "open", "remind", "met", "met", "met"]
    assert [told[day]["late"] for day in told] == ["open", "open", "remind", "remind", "overdue", "met-late"]


async def test_a_limit_may_begin_again(store: EventStore) -> None:
    """A dossier that was returned and completed: the term is counted anew, also on the same day."""
    begin = people("twice", "2026-06-15")
    close = due.closed("addition", an_id("twice"), date(2026, 6, 3))
    await change(store, begin, close, people("twice", "2026-06-20", date(2026, 6, 4)))
    assert await states(store, "2026-06-05") == [("twice", "met"), ("twice", "open")]
    await change(store, due.closed("addition", an_id("twice"), date(2026, 6, 4)), people("twice", "2026-06-22", BEGUN))
    assert await states(store, "2026-06-05") == [("twice", "met"), ("twice", "open")]


async def test_limits_are_listed_by_place_state_and_product(store: EventStore) -> None:
    await change(
        store, people("here", "2026-06-15"), people("there", "2026-06-10"),
        due.opened("x", an_id("elsewhere"), begun_on=BEGUN, due_on=BEGUN, owner="agency", ref="y", province="42"),
    )  # fmt: skip
    assert await states(store, "2026-06-12", province="51") == [("there", "overdue"), ("here", "remind")]
    assert await states(store, "2026-06-12", province="42") == [("x", "overdue")]
    assert await states(store, "2026-06-12", commune="21548", state="remind") == [("here", "remind")]
    assert await states(store, "2026-06-12", product=about("there").product.id) == [("there", "overdue")]


COFFEE = about("Cà phê").model_copy(update={"province": "45", "commune": "19441"})  # Quảng Trị of the old map, now 44


@pytest.mark.parametrize("begun_on", [date(2025, 6, 2), date(2025, 9, 1)])  # a dossier keeps the codes of its filing
async def test_limits_are_found_by_todays_map_and_by_that_of_their_day(begun_on: date, store: EventStore) -> None:
    await change(
        store,
        due.opened("tick", an_id("x"), begun_on=begun_on, due_on=TODAY, owner="agency", ref="y", about=COFFEE),
        due.opened("kept", an_id("y"), begun_on=begun_on, due_on=TODAY, owner="agency", ref="y", province="45", map_on=BEGUN),
    )  # fmt: skip
    day, old = "2026-06-01", {"map": "day", "known_on": date(2025, 6, 2)}
    assert await states(store, day, province="44") == await states(store, day, commune="19441") == [("Cà phê", "open")]
    assert await states(store, day, province="45") == await states(store, day, province="44", map="day") == []
    assert await states(store, day, province="45", **old) == [("Cà phê", "open")]
    assert await states(store, day, province="44", **old) == []


async def test_what_the_clock_did_is_met_also_where_nothing_followed(
    store: EventStore, clock: Clock, ticking: Ticking
) -> None:
    await a_counter(store, clock, "tick 2026-06-05 0")
    play(clock, "2026-06-10")
    assert await states(store, "2026-06-10") == [("tick", "overdue")]
    await ticking.act()
    assert await states(store, "2026-06-10") == [("tick", "met")]
    assert await states(store, "2026-06-04") == [("tick", "open")]


@pytest.mark.parametrize("statement", ["acting", "waiting"])
async def test_the_timer_asks_by_index_whatever_the_size(
    statement: str, store: EventStore, database: HouseDatabase
) -> None:
    connection = await asyncpg.connect(database.owner_dsn, server_settings={"search_path": "views,public"})
    try:
        await connection.execute(
            "INSERT INTO due SELECT 'tick', gen_random_uuid(), '2026-06-01', '2026-06-01'::date + g / 20, true, 'clock', "
            "'', '51', '', NULL, NULL, NULL, '{}', '{}', CASE WHEN g % 100 > 0 THEN '2026-06-01'::date END, '2026-06-01' "
            "FROM generate_series(1, 20000) g"
        )
        await connection.execute("INSERT INTO requests SELECT gen_random_uuid(), '', 1 FROM generate_series(1, 20000)")
        await connection.execute("ANALYZE")
        arguments = [date(2026, 6, 20), ["tick"], *([[], 500] if statement == "acting" else [])]
        plan = "\n".join(
            row[0] for row in await connection.fetch(f"EXPLAIN (ANALYZE) {getattr(DUE, statement)}", *arguments)
        )
    finally:
        await connection.close()
    assert "due_acting" in plan
    assert "requests_pkey" in plan
    assert "Seq Scan" not in plan
