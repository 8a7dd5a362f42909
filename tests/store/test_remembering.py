"""A view that remembers says of any instant what a view filled with the facts of that time would say, now and when made again."""

import itertools
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ocop.databases import HouseDatabase
from ocop.postgres import Server
from shared.eventstore.fsck import Findings, check_views
from shared.eventstore.rebuilding import Rebuild
from shared.eventstore.store import EventStore
from shared.eventstore.views import Change, Fact, Room, Stretch, View, advance, apply
from shared.values import Moment
from tests.given import an_id
from tests.given_facts import Given
from tests.opened import opened, owned
from tests.postgres import fresh_database
from tests.store.counter import HOUSE, Counter

TOTALS = View("totals", ["totals"], HOUSE, remembers={"totals": ["id"]})
ROOM = Room(HOUSE, Path(__file__).with_name("remembered.sql"), [TOTALS])
EXAMPLES = itertools.count()
BEGAN = datetime(2026, 6, 1, 2, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)


@TOTALS.on(Counter.Opened)
def begun(e: Counter.Opened, fact: Fact) -> Iterator[Change]:
    yield Change(ROOM.sql.opened, (e.originator_id, e.name, fact.at))


@TOTALS.on(Counter.Added)
def added(e: Counter.Added, fact: Fact) -> Iterator[Change]:
    yield Change(ROOM.sql.added, (e.originator_id, e.number, fact.at))


class Add(NamedTuple):
    """Something is added to a counter, `later` seconds after what was recorded before; clocks of machines also go back."""

    counter: str
    number: int
    later: int


forward = st.builds(Add, st.sampled_from("abc"), st.integers(1, 99), st.integers(0, 3))
any_way = st.builds(Add, st.sampled_from("abc"), st.integers(1, 99), st.integers(-3, 3))


class Two:
    """Where a view is filled as life goes, and where it is filled anew for each question."""

    def __init__(self, living: EventStore, anew: EventStore, database: HouseDatabase) -> None:
        self.living, self.anew, self.database = living, anew, database
        self.heard: list[Fact] = []

    def __repr__(self) -> str:
        """Short: it stands in the report of every example."""
        return "two stores"


@pytest.fixture(scope="module")
async def two(postgres: Server) -> AsyncIterator[Two]:
    async with (
        fresh_database(postgres) as first,
        fresh_database(postgres) as second,
        opened(first, ROOM) as living,
        opened(second, ROOM) as anew,
    ):
        yield Two(living, anew, first)


def facts_of(example: int, adds: Sequence[Add], first: int) -> list[Fact]:
    """In the order of their positions, counters opened when they are first added to."""
    at, found, counters = BEGAN, [], dict[str, Counter]()
    for one in adds:
        at += timedelta(seconds=one.later)
        name, when = f"{example:04}/{one.counter}", Moment(at.date(), at)
        counter = counters.setdefault(name, Counter.open(an_id(name), name, when))
        counter.add(one.number, when)
        found += counter.collect_events()
    return [Fact(position, event, HOUSE) for position, event in enumerate(found, first)]


def known(facts: Sequence[Fact], at: datetime) -> list[Fact]:
    """Those recorded by then; none of a counter after one that was not."""
    late, found = set[UUID](), []
    for fact in facts:
        counter = fact.body.originator_id
        if fact.at > at:
            late.add(counter)
        if counter not in late:
            found.append(fact)
    return found


async def live(two: Two, facts: Sequence[Fact], batch: int) -> None:
    """Applied as they come, some at a time."""
    for begin in range(0, len(facts), batch):
        some = facts[begin : begin + batch]
        await advance(two.living.pool, TOTALS, [Stretch(HOUSE, some, some[-1].position)])
    two.heard.extend(facts)


async def filled(two: Two, facts: Sequence[Fact], example: int) -> list[tuple[str, int]]:
    """What a view says that nothing but these facts was told."""
    async with two.anew.pool.acquire() as connection, connection.transaction():
        for table in TOTALS.tables:
            await connection.execute(f"DELETE FROM {table}")
        await apply(connection, TOTALS, facts)
        return [tuple(row) for row in await connection.fetch(ROOM.sql.all, f"{example:04}/%")]


async def asked(two: Two, example: int, at: datetime) -> list[tuple[str, int]]:
    rows = await two.living.pool.fetch(ROOM.as_known(ROOM.sql.all, 2), f"{example:04}/%", at)
    return [tuple(row) for row in rows]


async def compare(two: Two, adds: Sequence[Add], batch: int) -> list[Fact]:
    """Before, at and after every instant at which something was recorded."""
    example = next(EXAMPLES)
    facts = facts_of(example, adds, len(two.heard) + 1)
    await live(two, facts, batch)
    instants = {fact.at + shift for fact in facts for shift in (-INSTANT, 0 * INSTANT, INSTANT)}
    for at in sorted(instants):
        assert await asked(two, example, at) == await filled(two, known(facts, at), example)
    now = [tuple(row) for row in await two.living.pool.fetch(ROOM.sql.all, f"{example:04}/%")]
    assert now == await asked(two, example, max(instants))
    return facts


COMMON = settings(
    max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@COMMON
@given(st.lists(forward, min_size=1, max_size=12), st.integers(1, 5))
async def test_what_was_known_at_an_instant_is_what_a_store_says_that_was_replayed_up_to_its_position(
    two: Two, adds: list[Add], batch: int
) -> None:
    facts = await compare(two, adds, batch)
    for at in {fact.at for fact in facts}:
        upto = max(fact.position for fact in facts if fact.at <= at)
        assert known(facts, at) == [fact for fact in facts if fact.position <= upto]


@COMMON
@given(st.lists(any_way, min_size=1, max_size=12), st.integers(1, 5))
async def test_where_clocks_went_back_nothing_is_known_before_what_it_was_decided_on(
    two: Two, adds: list[Add], batch: int
) -> None:
    await compare(two, adds, batch)


async def test_all_of_it_is_the_same_when_the_view_is_made_again_and_fsck_compares_it(two: Two) -> None:
    """After the examples above: their rows, those that were, and what can be asked of any instant."""
    before = await rows(two)
    assert all(before.values())
    source = Given(two.heard)
    await Rebuild(two.database.owner_dsn, ROOM, TOTALS, source, two.database.server_role).run()
    assert await rows(two) == before
    assert await findings(two, source) == []
    await two.living.pool.execute("DELETE FROM totals_was WHERE ctid = (SELECT min(ctid) FROM totals_was)")
    assert await findings(two, source) == [f"{HOUSE}: view totals differs from a replay in 1 rows of totals_was"]


async def rows(two: Two) -> dict[str, list[str]]:
    return {
        table: [r["row"] for r in await two.living.pool.fetch(f"SELECT t::text AS row FROM views.{table} t ORDER BY 1")]
        for table in TOTALS.tables
    }


async def findings(two: Two, source: Given) -> list[str]:
    result = Findings()
    async with owned(two.database) as owner:
        await check_views(owner, ROOM, lambda _: source, result)
    return result.findings


def test_a_table_that_remembers_is_made_with_what_keeps_its_past_and_is_the_views_own() -> None:
    assert TOTALS.tables == ("totals", "totals_was")
    assert ROOM.tables.count("CREATE TABLE totals_was") == ROOM.tables.count("CREATE TRIGGER") == 1


async def test_a_row_that_is_changed_twice_at_one_instant_was_never_known_between(two: Two) -> None:
    adds = [Add("a", 1, 0), Add("a", 2, 0), Add("b", 4, 0)]
    example = next(EXAMPLES)
    facts = facts_of(example, adds, len(two.heard) + 1)
    await live(two, facts, 1)
    assert await asked(two, example, BEGAN) == [(f"{example:04}/a", 3), (f"{example:04}/b", 4)]
    assert await asked(two, example, BEGAN - INSTANT) == []
