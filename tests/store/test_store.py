"""The event store on a real PostgreSQL: outcomes, order, chain, privileges, the library's own reader, views."""

import asyncio
from datetime import UTC, datetime
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import UUID

import asyncpg
import pytest
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore

from ocop.databases import HouseDatabase
from shared.auth.actors import Actor
from shared.clock import Clock
from shared.eventstore.appender import Row
from shared.eventstore.commands import Answer, Command, KeyReused, Request
from shared.eventstore.fsck import Findings, check_events, check_views
from shared.eventstore.mapper import EventMapper
from shared.eventstore.projector import Wake, project
from shared.eventstore.rebuilding import Rebuild
from shared.eventstore.sources import OwnFacts
from shared.eventstore.store import EventStore
from shared.house import running
from shared.values import NotFound
from tests.given import an_id
from tests.opened import owned, store_on
from tests.store.counter import COMMANDS, COUNTERS, HOUSE, Add, Counter, OpenCounter, TooMuch
from tests.store.timed import ROOM

ACTOR = Actor("someone", "agency", "51")
CLOCK = Clock(lambda: datetime(2026, 6, 1, 2, tzinfo=UTC))


async def ask(store: EventStore, command: Command, key: str) -> Answer:
    request = Request(id=key, actor=ACTOR, action="registration:accept-idea", correlation=key)
    return await COMMANDS.execute(command, request, store, CLOCK)


async def a_counter(store: EventStore, name: str = "one") -> UUID:
    await ask(store, OpenCounter(id=an_id(name), name=name), f"open {name}")
    return an_id(name)


async def fsck(store: EventStore, database: HouseDatabase) -> list[str]:
    result = Findings()
    async with owned(database) as owner:
        await check_events(owner, HOUSE, result)
        await check_views(owner, ROOM, lambda view: OwnFacts(store, view), result)
    return result.findings


async def projected(store: EventStore, database: HouseDatabase) -> None:
    """Runs the projector until the view has everything."""
    wake = Wake(database.server_dsn)
    async with running(wake.listen, lambda: project(store, [COUNTERS], wake)), asyncio.timeout(10):
        while await store.position(COUNTERS.reader, HOUSE) < await store.head():
            await asyncio.sleep(0.005)


# --- commands ---


async def test_a_saved_aggregate_loads_as_its_events_made_it(store: EventStore) -> None:
    counter = await a_counter(store)
    answer = await ask(store, Add(counter_id=counter, number=7), "add")
    loaded = await store.load(Counter, counter)
    assert loaded is not None
    assert (loaded.total, loaded.version, answer.facts["total"], answer.position) == (7, 2, 7, "registration:2")


async def test_a_repeated_request_is_answered_as_the_first_time_and_changes_nothing(store: EventStore) -> None:
    counter = await a_counter(store)
    first = await ask(store, Add(counter_id=counter, number=7), "add")
    await ask(store, Add(counter_id=counter, number=1), "add more")
    again = await ask(store, Add(counter_id=counter, number=7), "add")
    assert (again.position, again.facts, again.repeated) == (first.position, first.facts, True)
    assert await store.head() == 3


async def test_the_same_request_id_with_another_body_is_refused(store: EventStore) -> None:
    counter = await a_counter(store)
    await ask(store, Add(counter_id=counter, number=7), "add")
    with pytest.raises(KeyReused):
        await ask(store, Add(counter_id=counter, number=8), "add")


async def test_concurrent_commands_on_one_aggregate_are_decided_one_after_another(store: EventStore) -> None:
    counter = await a_counter(store)
    answers = await asyncio.gather(*(ask(store, Add(counter_id=counter, number=1), f"add {n}") for n in range(12)))
    loaded = await store.load(Counter, counter)
    assert loaded is not None
    assert loaded.total == 12 == loaded.version - 1
    assert sorted(a.facts["total"] for a in answers) == list(range(1, 13))


async def test_whoever_is_overtaken_by_others_who_keep_coming_gets_through_all_the_same(store: EventStore) -> None:
    counter = await a_counter(store)

    async def one_after_another(caller: int) -> None:
        for turn in range(20):
            await ask(store, Add(counter_id=counter, number=1), f"add {caller} {turn}")

    async with asyncio.TaskGroup() as callers:
        for caller in range(8):
            callers.create_task(one_after_another(caller))
    loaded = await store.load(Counter, counter)
    assert loaded is not None
    assert loaded.total == 8 * 20


async def test_concurrent_copies_of_one_request_have_one_effect(store: EventStore) -> None:
    counter = await a_counter(store)
    answers = await asyncio.gather(*(ask(store, Add(counter_id=counter, number=5), "once") for _ in range(10)))
    assert {a.position for a in answers} == {"registration:2"}
    assert await store.head() == 2


async def test_a_refused_command_leaves_nothing_behind(store: EventStore) -> None:
    counter = await a_counter(store)
    with pytest.raises(TooMuch):
        await ask(store, Add(counter_id=counter, number=1001), "too much")
    assert await store.head() == 1
    assert (await ask(store, Add(counter_id=counter, number=1), "too much")).facts["total"] == 1


async def test_an_unknown_aggregate_is_not_found(store: EventStore) -> None:
    with pytest.raises(NotFound):
        await ask(store, Add(counter_id=an_id("nobody"), number=1), "add")


# --- append ---


def row(store: EventStore, counter: Counter, event_number: int = 0) -> Row:
    stored = store.mapper.to_stored_event(counter.pending_events[event_number])
    return Row(stored.originator_id, stored.originator_version, stored.topic, stored.state, CLOCK.now().at,
               CLOCK.now().on, "{}")  # fmt: skip


async def test_each_command_of_a_group_succeeds_or_fails_alone(store: EventStore) -> None:
    """One round trip carries a new command, a repeat, a taken version and a version with a gap before it."""
    await a_counter(store, "taken")
    taken, fresh, gap = (Counter.open(an_id(n), n, CLOCK.now()) for n in ("taken", "fresh", "gap"))
    gap.add(1, CLOCK.now())
    append = store._appender.append
    outcomes = await asyncio.gather(
        append("open taken", b"x", "null", [row(store, taken)]),
        append("clash", b"x", "null", [row(store, taken)]),
        append("new", b"x", '{"a": 1}', [row(store, fresh)]),
        append("gap", b"x", "null", [row(store, gap, 1)]),
    )
    assert [o.kind for o in outcomes] == ["repeat", "conflict", "ok", "conflict"]
    assert await store.head() == 2
    answered = await store.answered("new")
    assert answered is not None
    assert (answered.position, answered.answer) == (2, {"a": 1})
    assert await store.answered("clash") is None


async def test_positions_are_gapless_and_in_commit_order_over_several_stores(
    store: EventStore, database: HouseDatabase
) -> None:
    names = [f"counter {n}" for n in range(60)]
    async with store_on(HOUSE, database.server_dsn) as other:
        await asyncio.gather(*(a_counter((store, other)[n % 2], name) for n, name in enumerate(names)))
    feed = await store.feed(0, 1000)
    assert [r.position for r in feed] == list(range(1, 61))
    assert {r.event.originator_id for r in feed} == {an_id(name) for name in names}
    assert await fsck(store, database) == []


async def test_the_serving_role_can_add_events_but_not_change_or_remove_them(
    store: EventStore, database: HouseDatabase
) -> None:
    await a_counter(store)
    for statement in ("UPDATE events SET topic = 'x'", "DELETE FROM events", "TRUNCATE events", "DELETE FROM requests"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await store.pool.execute(statement)


# --- proof ---


async def test_an_event_edited_by_a_superuser_is_found_at_its_position(
    store: EventStore, database: HouseDatabase
) -> None:
    for name in ("a", "b", "c"):
        await a_counter(store, name)
    await projected(store, database)
    connection = await asyncpg.connect(database.owner_dsn)
    await connection.execute("UPDATE events SET legal_date = '2020-01-01' WHERE notification_id = 2")
    await connection.close()
    assert [f for f in await fsck(store, database) if "position 2 " in f]


async def test_a_view_row_that_no_event_made_is_found(store: EventStore, database: HouseDatabase) -> None:
    counter = await a_counter(store)
    await projected(store, database)
    assert await fsck(store, database) == []
    await store.pool.execute("UPDATE counters SET total = 99 WHERE id = $1", counter)
    assert any("view counters differs" in finding for finding in await fsck(store, database))


async def test_a_rebuilt_view_equals_what_its_events_say(store: EventStore, database: HouseDatabase) -> None:
    counter = await a_counter(store)
    await ask(store, Add(counter_id=counter, number=7), "add")
    await projected(store, database)
    await store.pool.execute("UPDATE counters SET total = 99")
    await Rebuild(database.owner_dsn, ROOM, COUNTERS, OwnFacts(store, COUNTERS), database.server_role).run()
    assert await store.pool.fetchval(ROOM.sql.total, counter) == 7
    assert await fsck(store, database) == []


# --- the library ---


async def test_the_librarys_recorder_reads_the_table(store: EventStore, database: HouseDatabase) -> None:
    """Its own PostgreSQL recorder selects events and notifications, and its mapper rebuilds the aggregate."""
    counter = await a_counter(store)
    await ask(store, Add(counter_id=counter, number=7), "add")
    dsn = urlsplit(database.owner_dsn)
    place = parse_qs(dsn.query)
    datastore = PostgresDatastore(
        dbname=dsn.path[1:], host=place["host"][0], port=place["port"][0], user=unquote(dsn.username or ""), password=""
    )
    try:
        recorder = PostgresApplicationRecorder(datastore, events_table_name="events")
        notifications = await asyncio.to_thread(recorder.select_notifications, start=1, limit=10)
        events = await asyncio.to_thread(recorder.select_events, counter)
    finally:
        datastore.close()
    assert [n.id for n in notifications] == [1, 2]
    rebuilt = None
    for stored in events:
        rebuilt = EventMapper().to_domain_event(stored).mutate(rebuilt)
    assert isinstance(rebuilt, Counter)
    assert (rebuilt.total, rebuilt.version) == (7, 2)
