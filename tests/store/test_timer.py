"""What a house's clock does when a limit comes due, on a real PostgreSQL: once, with the dates of the limits."""

import asyncio
from datetime import date, timedelta

import pytest

from ocop.databases import HouseDatabase
from shared.clock import Clock
from shared.eventstore.projector import Wake, project
from shared.eventstore.store import EventStore
from shared.eventstore.timer import MOST_ATTEMPTS, Ticking, Timer
from shared.eventstore.views import DUE
from shared.house import running
from tests.given import an_id
from tests.store.counter import COMMANDS, HOUSE, Add, OpenCounter
from tests.store.timed import DEADLINES, ROOM, Machine, a_counter, added, ask, play, seen

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
