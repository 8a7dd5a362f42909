"""What goes in fewer round trips has the same effects: views of a house side by side, repeats that are not asked for first."""

import asyncio
from collections.abc import Iterator

import pytest

from ocop.databases import HouseDatabase
from shared.eventstore.commands import KeyReused, seals
from shared.eventstore.projector import Wake, project
from shared.eventstore.store import EventStore
from shared.eventstore.views import Change, Fact, Stretch, View, advance, advance_together
from shared.house import running
from tests.store.counter import COUNTERS, HOUSE, Add, Counter, OpenCounter, TooMuch
from tests.store.test_store import a_counter, ask


def listener(name: str, heard: list[int]) -> View:
    """A view that changes nothing and remembers what it was given."""
    view = View(name, [], HOUSE)

    @view.on(Counter.Opened, Counter.Added)
    def hear(_: object, fact: Fact) -> Iterator[Change]:
        heard.append(fact.position)
        yield from ()

    return view


def broken(name: str) -> View:
    view = View(name, [], HOUSE)

    @view.on(Counter.Opened)
    def fail(_: object) -> Iterator[Change]:
        raise RuntimeError("a fault of this view")
        yield

    return view


async def facts(store: EventStore) -> list[Fact]:
    return [Fact(r.position, r.event, HOUSE) for r in await store.feed(0)]


# --- views ---


async def test_views_that_go_together_get_each_fact_once_wherever_each_stood(store: EventStore) -> None:
    counter = await a_counter(store)
    early: list[int] = []
    late: list[int] = []
    first, second = listener("first", early), listener("second", late)
    await advance(store.pool, first, [Stretch(HOUSE, await facts(store), 1)])
    await ask(store, Add(counter_id=counter, number=1), "add 1")
    for _ in range(2):
        assert await advance_together(store.pool, [first, second], await facts(store), 2) == {"first": 2, "second": 2}
    assert (early, late) == ([1, 2], [1, 2])
    assert await advance_together(store.pool, [second, first], await facts(store), 1) == {"second": 2, "first": 2}


async def test_two_processes_of_a_house_apply_a_batch_once(store: EventStore) -> None:
    await a_counter(store)
    heard: list[list[int]] = [[], []]
    views = [[listener("a", heard[n]), listener("b", heard[n])] for n in range(2)]
    given = await facts(store)
    await asyncio.gather(*(advance_together(store.pool, mine, given, 1) for mine in views))
    assert sorted(map(len, heard)) == [0, 2]


async def test_a_view_that_fails_holds_up_none_before_it(store: EventStore, database: HouseDatabase) -> None:
    await a_counter(store)
    wake, views = Wake(database.server_dsn), [COUNTERS, broken("broken")]
    async with running(wake.listen, lambda: project(store, views, wake)), asyncio.timeout(10):
        while await store.position(COUNTERS.reader, HOUSE) < 1:
            await asyncio.sleep(0.005)
    assert await store.position("view:broken", HOUSE) == 0


async def test_batches_applied_at_once_by_several_processes_neither_deadlock_nor_count_twice(
    store: EventStore, database: HouseDatabase
) -> None:
    counter = await a_counter(store)
    others = [EventStore(HOUSE, database.server_dsn) for _ in range(6)]
    for other in others:
        await other.open()
    try:
        for number in range(10):
            await ask(store, Add(counter_id=counter, number=1), f"add {number}")
            given = await facts(store)
            stretch = Stretch(HOUSE, given, given[-1].position)
            await asyncio.gather(*(advance(other.pool, COUNTERS, [stretch]) for other in others))
        total = await store.pool.fetchval("SELECT total FROM counters WHERE id = $1", counter)
    finally:
        for other in others:
            await other.close()
    assert total == 10


# --- repeats ---


async def test_a_repeat_that_would_now_be_refused_is_answered_as_the_first_time(store: EventStore) -> None:
    counter = await a_counter(store)
    first = await ask(store, Add(counter_id=counter, number=600), "add 600")
    again = await ask(store, Add(counter_id=counter, number=600), "add 600")
    assert (again.position, again.facts, again.repeated) == (first.position, first.facts, True)
    with pytest.raises(TooMuch):
        await ask(store, Add(counter_id=counter, number=600), "another 600")
    with pytest.raises(KeyReused):
        await ask(store, Add(counter_id=counter, number=601), "add 600")
    with pytest.raises(KeyReused):
        await ask(store, Add(counter_id=counter, number=1), "add 600")
    assert await store.head() == 2


def test_commands_that_carry_secrets_are_known_by_what_they_carry() -> None:
    from services.registration.commands.ideas import RegisterIdea
    from services.registration.commands.producers import RegisterProducer

    assert seals(RegisterProducer)
    assert not seals(RegisterIdea)
    assert not seals(OpenCounter)
