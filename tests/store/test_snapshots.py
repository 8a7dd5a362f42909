"""A long aggregate loads from its snapshot and what came after, and nobody can tell: not from its answers, nor from its pace."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from ocop.databases import HouseDatabase
from services.certification.domain.numbers import CertificateNumbers, NumberTaken
from shared.eventstore import snapshots
from shared.eventstore.aggregate import Aggregate, Changed
from shared.eventstore.fsck import Findings, check_events, check_snapshots
from shared.eventstore.snapshots import EVERY, SQL, folded, mark_of
from shared.eventstore.sql import STORE
from shared.eventstore.state import NoValue
from shared.eventstore.store import EventStore
from shared.values import Moment
from tests.given import an_id
from tests.observed.series import value
from tests.opened import store_on
from tests.store.counter import HOUSE, Add, Counter, OpenCounter
from tests.store.test_store import ask

PATIENCE = 20
LONG = 2 * EVERY + 30  # events
ID = an_id("a long one")


def moment(number: int) -> Moment:
    at = datetime(2026, 6, 1, 2, number // 60 % 60, number % 60, tzinfo=UTC)
    return Moment(at.date(), at)


async def lengthened(store: EventStore, events: int, id: UUID = ID) -> Counter:
    """A counter that has so many events more, as one command wrote them."""
    counter = await plain_fold(store, id) or Counter.open(id, "long", moment(0))
    begins, have = counter.version, len(counter.pending_events)
    for number in range(events - have):
        counter.add(number % 3, moment(begins + number))
    pending: list[Changed] = list(counter.collect_events())  # type: ignore[arg-type]
    outcome = await store.append(pending, request=f"{id} {begins}", fingerprint=b"", answer=None, metadata="{}")
    assert outcome.kind == "ok"
    return counter


async def plain_fold(store: EventStore, id: UUID = ID, upto: int = snapshots.LAST) -> Any:
    """What all its events make of an aggregate, without any snapshot."""
    rows = await store.pool.fetch(STORE.load, id, upto, snapshots.LAST)
    return folded(store.mapper, id, rows)


async def taken(store: EventStore, id: UUID = ID) -> asyncpg.Record | None:
    return await store.pool.fetchrow("SELECT * FROM snapshots WHERE originator_id = $1", id)


async def until(holds: Callable[[], Awaitable[Any]]) -> Any:
    async with asyncio.timeout(PATIENCE):
        while not (found := await holds()):
            await asyncio.sleep(0.005)
    return found


async def with_snapshot(store: EventStore, events: int = LONG) -> None:
    await lengthened(store, events)
    await store.load(Counter, ID)
    await until(lambda: taken(store))


async def fsck(owner: asyncpg.Connection) -> list[str]:
    result = Findings()
    await check_snapshots(owner, HOUSE, result)
    assert result.checked["snapshots"] == 1
    return result.findings


@pytest.fixture
def decoded(store: EventStore, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The versions of the events that are read from here on."""
    versions: list[int] = []
    decode = store.mapper.decode

    def noted(topic: str, state: bytes, id: Any, version: int) -> Any:
        versions.append(version)
        return decode(topic, state, id, version)

    monkeypatch.setattr(store.mapper, "decode", noted)
    return versions


# --- loading ---


async def test_a_long_one_is_made_of_its_snapshot_and_the_events_after(store: EventStore, decoded: list[int]) -> None:
    await with_snapshot(store)
    await lengthened(store, 7)
    whole = await plain_fold(store)
    decoded.clear()
    found = await store.load(Counter, ID)
    assert vars(found) == vars(whole)
    assert decoded == list(range(LONG + 1, LONG + 8))


async def test_of_a_short_one_none_is_taken_nor_looked_for(store: EventStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(store._snapshots.__class__, "load")
    await lengthened(store, EVERY - 1)
    found = await store.load(Counter, ID)
    assert found is not None
    assert found.version == EVERY - 1
    assert store._snapshots._due == {}


async def test_whoever_meets_a_long_one_does_not_wait_for_its_snapshot(
    store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes_on, begun = asyncio.Event(), asyncio.Event()
    take = store._snapshots.take

    async def slow(*what: Any) -> None:
        begun.set()
        await goes_on.wait()
        await take(*what)

    monkeypatch.setattr(store._snapshots, "take", slow)
    await lengthened(store, LONG)
    assert (await ask(store, Add(counter_id=ID, number=1), "while none is there")).facts["total"] > 0
    assert not begun.is_set()
    async with asyncio.timeout(PATIENCE):
        await begun.wait()
    for number in range(5):
        await ask(store, Add(counter_id=ID, number=1), f"while one is taken {number}")
    assert await taken(store) is None
    goes_on.set()
    assert (await until(lambda: taken(store)))["version"] == LONG + 6


async def test_it_is_taken_anew_only_when_many_events_have_come(store: EventStore) -> None:
    await with_snapshot(store)
    await lengthened(store, EVERY - 1)
    await store.load(Counter, ID)
    assert store._snapshots._due == {}
    await lengthened(store, 1)
    await store.load(Counter, ID)

    async def newer() -> bool:
        found = await taken(store)
        return found is not None and found["version"] == LONG + EVERY

    await until(newer)
    assert vars(await store.load(Counter, ID)) == vars(await plain_fold(store))


async def test_up_to_a_position_nothing_of_later_is_used(store: EventStore) -> None:
    await with_snapshot(store)
    await lengthened(store, 5)
    for upto in (0, 1, 2, EVERY - 1, EVERY, EVERY + 1, LONG - 1, LONG, LONG + 1, LONG + 5):
        found, expected = await store.load(Counter, ID, upto), await plain_fold(store, upto=upto)
        assert (found and vars(found)) == (expected and vars(expected)), upto
    early = await store.load(Counter, ID, LONG - 1)
    assert early is not None
    assert early.version == LONG - 1


async def test_an_aggregate_of_another_kind_is_none_of_this(store: EventStore) -> None:
    class Other(Aggregate):
        TOPIC = "test.OtherThanACounter"

    await with_snapshot(store)
    assert await store.load(Other, ID) is None
    assert store._snapshots._due == {}
    assert await store.load(Counter, ID) is not None


async def test_two_processes_that_take_one_at_once_leave_one_that_counts(
    store: EventStore, database: HouseDatabase, owner: asyncpg.Connection
) -> None:
    await lengthened(store, LONG)
    async with store_on(HOUSE, database.server_dsn) as other:
        await asyncio.gather(*(one._snapshots.take(Counter, ID) for one in (store, other) for _ in range(3)))
    assert await fsck(owner) == []


async def test_a_store_that_closes_does_not_wait_for_those_to_be_taken(
    store: EventStore, database: HouseDatabase
) -> None:
    await lengthened(store, LONG)
    async with store_on(HOUSE, database.server_dsn) as other, asyncio.timeout(PATIENCE):
        await other.load(Counter, ID)
        assert ID in other._snapshots._due
    assert await taken(store) is None


async def test_one_that_cannot_be_kept_is_told_of_once_and_loads_as_ever(
    store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unwritable(_: object) -> bytes:
        raise NoValue("something of another kind")

    monkeypatch.setattr(snapshots, "written", unwritable)
    before = value("ocop_snapshots_total", house=HOUSE, outcome="failed")
    await lengthened(store, LONG)
    await store.load(Counter, ID)

    async def told() -> bool:
        return value("ocop_snapshots_total", house=HOUSE, outcome="failed") == before + 1

    await until(told)
    assert vars(await store.load(Counter, ID)) == vars(await plain_fold(store))
    assert store._snapshots._due == {}
    assert await taken(store) is None


# --- not believed ---

DAMAGES = {
    "state": "UPDATE snapshots SET state = set_byte(state, 40, get_byte(state, 40) # 1)",
    "state cut off": "UPDATE snapshots SET state = substr(state, 1, 20)",
    "digest": "UPDATE snapshots SET digest = set_byte(digest, 3, get_byte(digest, 3) # 1)",
    "mark": "UPDATE snapshots SET mark = set_byte(mark, 3, get_byte(mark, 3) # 1)",
    "version": "UPDATE snapshots s SET version = s.version - 1, hash = e.hash FROM events e "
    "WHERE e.originator_id = s.originator_id AND e.originator_version = s.version - 1",
}


@pytest.mark.parametrize("damage", DAMAGES)
async def test_a_damaged_one_is_told_of_passed_over_and_taken_anew(
    damage: str, store: EventStore, owner: asyncpg.Connection
) -> None:
    await with_snapshot(store)
    await lengthened(store, 3)
    await owner.execute(DAMAGES[damage])
    assert [f"the snapshot of aggregate {ID}" in f and "is damaged" in f for f in await fsck(owner)] == [True]
    before = value("ocop_snapshots_total", house=HOUSE, outcome="damaged") or 0
    assert vars(await store.load(Counter, ID)) == vars(await plain_fold(store))
    assert value("ocop_snapshots_total", house=HOUSE, outcome="damaged") == before + 1

    async def whole() -> bool:
        return await fsck(owner) == []

    await until(whole)
    assert vars(await store.load(Counter, ID)) == vars(await plain_fold(store))


async def test_one_whose_event_is_not_in_the_chain_any_more_does_not_count(
    store: EventStore, owner: asyncpg.Connection, decoded: list[int]
) -> None:
    await with_snapshot(store)
    await owner.execute("UPDATE events SET hash = sha256(hash) WHERE notification_id = $1", LONG)
    [finding] = await fsck(owner)
    assert "is of another history" in finding
    decoded.clear()
    assert await store.load(Counter, ID) is not None
    assert decoded == list(range(1, LONG + 1))


async def test_one_that_says_something_else_than_its_events_is_found(
    store: EventStore, owner: asyncpg.Connection
) -> None:
    await with_snapshot(store)
    forged = await plain_fold(store)
    forged.total += 1
    mark, state = mark_of(Counter), snapshots.written(forged)
    number = forged.version
    await owner.execute("DELETE FROM snapshots")
    await owner.execute(SQL.save, ID, number, mark, snapshots.digest(ID, number, mark, state), state)
    [finding] = await fsck(owner)
    assert finding == f"{HOUSE}: the snapshot of aggregate {ID} at version {LONG} is not what its events make"


async def test_one_of_another_program_counts_for_nobody_and_gives_way(
    store: EventStore, owner: asyncpg.Connection, decoded: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    await with_snapshot(store)
    monkeypatch.setattr(snapshots, "SHARED", b"a file was changed")
    mark_of.cache_clear()
    try:
        assert await fsck(owner) == []
        decoded.clear()
        assert await store.load(Counter, ID) is not None
        assert decoded[:LONG] == list(range(1, LONG + 1))

        async def replaced() -> bool:
            found = await taken(store)
            return found is not None and found["mark"] == mark_of(Counter)

        await until(replaced)
        decoded.clear()
        await store.load(Counter, ID)
        assert decoded == []
    finally:
        monkeypatch.undo()
        mark_of.cache_clear()


def test_whatever_changes_in_the_files_of_a_program_changes_its_mark(tmp_path: Path) -> None:
    (tmp_path / "domain.py").write_text("x = 1")
    before = snapshots.digest_of(tmp_path.rglob("*.py"))
    (tmp_path / "domain.py").write_text("x = 2")
    assert snapshots.digest_of(tmp_path.rglob("*.py")) != before


# --- thrown away ---


async def test_thrown_away_it_is_taken_again_and_nobody_can_tell(store: EventStore, owner: asyncpg.Connection) -> None:
    await with_snapshot(store)
    await owner.execute(SQL.drop)
    assert vars(await store.load(Counter, ID)) == vars(await plain_fold(store))
    await until(lambda: taken(store))
    assert await fsck(owner) == []


async def test_what_proves_the_store_does_not_need_them(store: EventStore, owner: asyncpg.Connection) -> None:
    await with_snapshot(store)
    for statement in ("SELECT 1", SQL.drop):
        await owner.execute(statement)
        result = Findings()
        await check_events(owner, HOUSE, result)
        assert result.findings == []


@pytest.fixture
async def two_lengths(store: EventStore) -> EventStore:
    await with_snapshot(store)
    await ask(store, OpenCounter(id=an_id("short"), name="short"), "open short")
    return store


async def test_commands_of_long_and_short_ones_go_on_alike(two_lengths: EventStore) -> None:
    long, short = await asyncio.gather(
        ask(two_lengths, Add(counter_id=ID, number=2), "long"),
        ask(two_lengths, Add(counter_id=an_id("short"), number=2), "short"),
    )
    assert (long.facts["total"], short.facts["total"]) == ((await plain_fold(two_lengths)).total, 2)


# --- the longest that the houses have ---


async def test_a_provinces_numbers_run_on_from_a_snapshot_and_none_is_given_twice(store: EventStore) -> None:
    numbers = CertificateNumbers.open("51", 2026, moment(0))
    for number in range(LONG):
        numbers.allocate(an_id(f"product {number}"), moment(number))
    numbers.take(LONG + 100, an_id("on paper"), moment(0))
    pending: list[Changed] = list(numbers.collect_events())  # type: ignore[arg-type]
    await store.append(pending, request="numbers", fingerprint=b"", answer=None, metadata="{}")
    await store._snapshots.take(CertificateNumbers, numbers.id)
    again = await store.load(CertificateNumbers, numbers.id)
    assert again is not None
    assert vars(again) == vars(await plain_fold(store, numbers.id))
    assert again.allocate(an_id("next"), moment(1)) == f"GCN-51-2026-{LONG + 101:05d}"
    for taken_already in (1, LONG, LONG + 100, LONG + 101):
        with pytest.raises(NumberTaken):
            again.take(taken_already, an_id("another"), moment(1))
