"""Limits on a real PostgreSQL: how they stand on a day, and what a house's clock does about them, once."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from ocop.databases import HouseDatabase
from shared.auth.actors import Actor
from shared.clock import Clock
from shared.eventstore import due
from shared.eventstore.commands import Command, Request
from shared.eventstore.due import DueRow
from shared.eventstore.fsck import Findings, check_views, rebuild
from shared.eventstore.migrate import migrate
from shared.eventstore.projector import Wake, project
from shared.eventstore.store import EventStore
from shared.eventstore.timer import MOST_ATTEMPTS, Ticking, Timer
from shared.eventstore.views import DUE, Change, Fact, Room, View, advance
from shared.house import running
from tests.given import about, an_id
from tests.store.counter import COMMANDS, COUNTERS, HOUSE, Add, Counter, OpenCounter

ACTOR = Actor("someone", "agency", "51")
DEADLINES = View("due", ["due"], HOUSE)
ROOM = Room(HOUSE, Path(__file__).with_name("counter.sql"), [COUNTERS, DEADLINES])
BEGUN = date(2026, 6, 1)


class Line(OSError):
    """The database's line is down."""


class Machine:
    """The machine's time and faults, in a test's hand."""

    def __init__(self) -> None:
        self.at = datetime(2026, 6, 1, 2, tzinfo=UTC)
        self.faults: set[UUID] = set()


# A counter named "tick 2026-06-05" has something added by the clock on that day; one without a name of that form has not.


@DEADLINES.on(Counter.Opened)
def counter_opened(e: Counter.Opened) -> Iterator[Change]:
    for words in (part.split() for part in e.name.split(", ")):
        if len(words) > 1:
            yield due.opened(
                words[0], e.originator_id, begun_on=e.legal_date, due_on=date.fromisoformat(words[1]), acts=True,
                owner="clock", ref="Điều 1", province="51", commune="21548", what={"number": int([*words, "1"][2])},
            )  # fmt: skip


@DEADLINES.on(Counter.Added)
def counter_added(e: Counter.Added) -> Iterator[Change]:
    """Whatever is added, by whomever, the clock need not add any more."""
    yield due.closed("tick", e.originator_id, e.legal_date)


@pytest.fixture
async def store(database: HouseDatabase) -> AsyncIterator[EventStore]:
    await migrate(database.owner_dsn, database.server_role, ROOM)
    opened = EventStore(HOUSE, database.server_dsn)
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture
def clock(machine: Machine) -> Clock:
    return Clock(lambda: machine.at)


@pytest.fixture
def timer(machine: Machine) -> Timer:
    timer = Timer(HOUSE)

    @timer.on("tick", "tock")
    def count(row: DueRow) -> Command | None:
        if row.subject in machine.faults:
            raise Line("line down")
        number = row.what["number"]
        return Add(counter_id=row.subject, number=number) if number else None

    return timer


@pytest.fixture
def ticking(timer: Timer, store: EventStore, clock: Clock) -> Ticking:
    return Ticking(timer, COMMANDS, store, clock)


async def ask(store: EventStore, clock: Clock, command: Command, key: str) -> None:
    asked = Request(id=key, actor=ACTOR, action="registration:accept-idea", correlation=key)
    await COMMANDS.execute(command, asked, store, clock)


async def a_counter(store: EventStore, clock: Clock, name: str) -> UUID:
    await ask(store, clock, OpenCounter(id=an_id(name), name=name), f"open {name}")
    await seen(store)
    return an_id(name)


async def seen(store: EventStore) -> None:
    """The views have every event."""
    for view in ROOM.views:
        at = await store.position(view.reader, HOUSE)
        recorded = await store.feed(at, 1000)
        facts = [Fact(r.position, r.event, HOUSE) for r in recorded]
        await advance(store.pool, view, facts, await store.head())


async def added(store: EventStore) -> list[tuple[str, str, int]]:
    """(whose, legal date, number) of what was added, in order."""
    events = [r.event for r in await store.feed(0, 1000)]
    names = {e.originator_id: e.name for e in events if isinstance(e, Counter.Opened)}
    return [
        (names[e.originator_id].split()[0], e.legal_date.isoformat(), e.number)
        for e in events
        if isinstance(e, Counter.Added)
    ]


def play(clock: Clock, day: str) -> None:
    clock.play(date.fromisoformat(day))


# --- what the clock does ---


async def test_a_limit_that_has_come_due_is_acted_on_once(store: EventStore, clock: Clock, ticking: Ticking) -> None:
    await a_counter(store, clock, "tick 2026-06-05")
    play(clock, "2026-06-04")
    assert await ticking.act() == 0
    assert not await ticking.waiting()
    play(clock, "2026-06-05")
    assert await ticking.waiting()
    assert await ticking.act() == 1
    assert await added(store) == [("tick", "2026-06-05", 1)]
    assert not await ticking.waiting()


async def test_a_day_played_twice_does_nothing_more(store: EventStore, clock: Clock, ticking: Ticking) -> None:
    await a_counter(store, clock, "tick 2026-06-05")
    for _ in range(2):
        play(clock, "2026-06-05")
        await ticking.act()
        await seen(store)
    assert await added(store) == [("tick", "2026-06-05", 1)]


async def test_days_that_were_skipped_are_made_up_in_order_with_their_own_dates(
    store: EventStore, clock: Clock, ticking: Ticking
) -> None:
    for name in ("tock 2026-06-09 3", "tick 2026-06-03 2", "tick 2026-06-30 5", "tick 2026-06-07, tock 2026-06-04 4"):
        await a_counter(store, clock, name)
    play(clock, "2026-06-20")
    assert await ticking.act() == 4
    assert await added(store) == [
        ("tick", "2026-06-03", 2), ("tick", "2026-06-04", 4), ("tick", "2026-06-07", 1), ("tock", "2026-06-09", 3),
    ]  # fmt: skip


async def test_what_was_cut_off_between_act_and_view_is_not_done_again(
    store: EventStore, clock: Clock, timer: Timer, ticking: Ticking
) -> None:
    """The view does not know of the act yet, neither does the next process: the inbox does."""
    await a_counter(store, clock, "tick 2026-06-05")
    play(clock, "2026-06-05")
    await ticking.act()
    assert await store.pool.fetchval("SELECT closed_on FROM due") is None
    after_the_cut = Ticking(timer, COMMANDS, store, clock)
    assert not await after_the_cut.waiting()
    assert await after_the_cut.act() == 0
    await seen(store)
    assert await store.pool.fetchval("SELECT closed_on FROM due") == date(2026, 6, 5)
    assert await added(store) == [("tick", "2026-06-05", 1)]


async def test_two_processes_that_act_at_once_have_one_effect(
    store: EventStore, clock: Clock, timer: Timer, ticking: Ticking
) -> None:
    for n in range(10):
        await a_counter(store, clock, f"tick 2026-06-05 {n + 1}")
    play(clock, "2026-06-05")
    await asyncio.gather(ticking.act(), Ticking(timer, COMMANDS, store, clock).act())
    assert sorted(number for _, _, number in await added(store)) == list(range(1, 11))


async def test_what_a_person_did_before_is_left_to_the_person(
    store: EventStore, clock: Clock, ticking: Ticking
) -> None:
    counter = await a_counter(store, clock, "tick 2026-06-05")
    play(clock, "2026-06-03")
    await ask(store, clock, Add(counter_id=counter, number=9), "by hand")
    await seen(store)
    play(clock, "2026-06-05")
    assert await ticking.act() == 0
    assert await added(store) == [("tick", "2026-06-03", 9)]


@pytest.mark.parametrize("number", [0, 1001], ids=["nothing-follows", "refused"])
async def test_an_act_without_effect_is_remembered_as_done(
    number: int, store: EventStore, clock: Clock, ticking: Ticking
) -> None:
    counter = await a_counter(store, clock, f"tick 2026-06-05 {number}")
    play(clock, "2026-06-05")
    assert await ticking.act() == 1
    assert await store.answered(f"tick:{counter}:2026-06-05") is not None
    assert not await ticking.waiting()
    assert await ticking.act() == 0
    assert await added(store) == []


async def test_a_limit_without_a_rule_is_no_business_of_the_timer(
    store: EventStore, clock: Clock, ticking: Ticking
) -> None:
    counter = await a_counter(store, clock, "tack 2026-06-05")
    play(clock, "2026-06-05")
    assert not await ticking.waiting()
    assert await ticking.act() == 0
    rows = await store.pool.fetch(DUE.not_done, date(2026, 6, 5), 10)
    assert [(row["limit_id"], row["subject"]) for row in rows] == [("tack", counter)]


async def test_an_inbox_that_knows_the_id_for_something_else_does_not_stop_the_clock(
    store: EventStore, clock: Clock, machine: Machine, ticking: Ticking
) -> None:
    """The doors refuse such keys; should the store hold one, the act counts as done and nothing waits for ever."""
    counter, other = await a_counter(store, clock, "tick 2026-06-05"), await a_counter(store, clock, "other")
    play(clock, "2026-06-05")
    await ask(store, clock, Add(counter_id=other, number=1), f"tick:{counter}:2026-06-05")
    assert not await ticking.waiting()
    assert await ticking.act() == 0


def test_a_limit_has_one_rule(timer: Timer) -> None:
    with pytest.raises(ValueError, match="tock"):
        timer.on("other", "tock")(lambda _: None)
    assert timer.rules.keys() == {"tick", "tock"}


# --- when it fails ---


async def test_what_fails_is_tried_again_and_only_its_own_queue_waits(
    store: EventStore, clock: Clock, machine: Machine, ticking: Ticking
) -> None:
    broken = await a_counter(store, clock, "tick 2026-06-03 2, tock 2026-06-04 3")
    await a_counter(store, clock, "tick 2026-06-05 4")
    machine.faults = {broken}
    play(clock, "2026-06-05")
    assert await ticking.act() == 1
    assert await added(store) == [("tick", "2026-06-05", 4)]
    machine.faults = set()
    assert await ticking.act() == 0, "its pause is not over"
    assert await ticking.waiting()
    machine.at += timedelta(seconds=1)
    assert await ticking.act() == 2
    assert await added(store) == [("tick", "2026-06-05", 4), ("tick", "2026-06-03", 2), ("tick", "2026-06-04", 3)]
    assert ticking.failures == {}


async def test_whoever_waits_is_told_of_what_fails_again_and_again(
    store: EventStore, clock: Clock, machine: Machine, ticking: Ticking
) -> None:
    broken = await a_counter(store, clock, "tick 2026-06-03")
    machine.faults = {broken}
    play(clock, "2026-06-05")
    for _ in range(MOST_ATTEMPTS):
        assert ticking.stuck() == []
        await ticking.act()
        machine.at += timedelta(minutes=2)
    assert ticking.stuck() == [f"tick:{broken}:2026-06-03: Line: line down"]
    machine.faults = set()
    await ticking.act()
    assert ticking.stuck() == []
    assert await added(store) == [("tick", "2026-06-03", 1)]


# --- as a task ---


async def until_added(store: EventStore, number: int) -> None:
    async with asyncio.timeout(5):
        while len(await added(store)) < number:
            await asyncio.sleep(0.002)


async def test_the_task_wakes_when_a_day_is_played_and_when_the_view_moves(
    store: EventStore, database: HouseDatabase, clock: Clock, ticking: Ticking, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without waiting for the next second: that would make a season of two hundred days minutes longer."""
    monkeypatch.setattr("shared.eventstore.projector.POLL_SECONDS", 60)
    wake = Wake(database.server_dsn)
    tasks = (wake.listen, lambda: project(store, ROOM.own, wake, ticking.hint.set), ticking.run)
    async with running(*tasks):
        await asyncio.sleep(0.1)
        await ask(store, clock, OpenCounter(id=an_id("a"), name="tick 2026-06-05"), "a")
        async with asyncio.timeout(5):
            while await store.position(DEADLINES.reader, HOUSE) < 1:
                await asyncio.sleep(0.002)
        play(clock, "2026-06-05")
        await until_added(store, 1)
        await ask(store, clock, OpenCounter(id=an_id("b"), name="tick 2026-06-05"), "b")
        await until_added(store, 2)
    assert await added(store) == [("tick", "2026-06-05", 1)] * 2


async def test_nothing_is_done_while_the_view_is_made_anew(
    store: EventStore, database: HouseDatabase, clock: Clock, ticking: Ticking
) -> None:
    """Halfway through its events a view holds limits that a later event has closed."""
    counter = await a_counter(store, clock, "tick 2026-06-05")
    play(clock, "2026-06-03")
    await ask(store, clock, Add(counter_id=counter, number=9), "by hand")
    play(clock, "2026-06-20")
    assert await store.position(DEADLINES.reader, HOUSE) < await store.head()
    async with running(ticking.run):
        for _ in range(20):
            ticking.hint.set()
            await asyncio.sleep(0.005)
        assert await store.answered(f"tick:{counter}:2026-06-05") is None
        await seen(store)
        await a_counter(store, clock, "tick 2026-06-19")
        ticking.hint.set()
        await until_added(store, 2)
    assert await added(store) == [("tick", "2026-06-03", 9), ("tick", "2026-06-19", 1)]


# --- the view ---


async def facts(store: EventStore, _: View, upto: int) -> list[Fact]:
    return [Fact(r.position, r.event, HOUSE) for r in await store.feed(0, 10_000) if r.position <= upto]


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
        await check_views(connection, ROOM, lambda view, upto: facts(store, view, upto), result)
        assert result.findings == []
        await store.pool.execute("UPDATE due SET closed_on = NULL, due_on = due_on + 1")
        await check_views(connection, ROOM, lambda view, upto: facts(store, view, upto), result)
        assert [f for f in result.findings if "view due differs" in f]
        rows = await rebuild(connection, DEADLINES, lambda view, upto: facts(store, view, upto), await store.head())
        assert rows == 2
    finally:
        await connection.close()
    assert await Ticking(timer, COMMANDS, store, clock).act() == 0
    assert len(await added(store)) == 2


def test_a_room_makes_the_table_only_where_a_view_names_it() -> None:
    assert "CREATE TABLE due" in ROOM.tables
    assert "CREATE TABLE due" not in Room(HOUSE, Path(__file__).with_name("counter.sql"), [COUNTERS]).tables


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
    asked = (wanted.get(name) for name in ("province", "commune", "state", "product"))
    rows = await store.pool.fetch(DUE.on_a_day, date.fromisoformat(on), *asked, 100, 0)
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
            "'', '51', '', NULL, NULL, NULL, '{}', '{}', CASE WHEN g % 100 > 0 THEN '2026-06-01'::date END "
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
