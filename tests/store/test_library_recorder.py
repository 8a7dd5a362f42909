"""The recorder test cases that the eventsourcing library publishes, run against our store; what cannot hold, with its reason."""

import asyncio
import threading
import unittest
from collections.abc import Callable
from datetime import date
from typing import Any, ClassVar
from uuid import UUID, uuid4

import asyncpg
import pytest
from eventsourcing.application import Repository
from eventsourcing.persistence import (
    DataError,
    EventStore,
    InfrastructureFactory,
    InfrastructureFactoryError,
    IntegrityError,
    InterfaceError,
    StoredEvent,
    Tracking,
)
from eventsourcing.utils import Environment

from ocop.databases import HouseDatabase
from shared.eventstore import library
from shared.eventstore.appender import StoreUnavailable
from shared.eventstore.bridge import Bridge
from shared.eventstore.fsck import Findings, check_events
from shared.eventstore.library import (
    StoreAggregateRecorder,
    StoreApplicationRecorder,
    StoreProcessRecorder,
    StoreTrackingRecorder,
)
from shared.eventstore.mapper import EventMapper
from shared.values import Moment
from tests.given import an_id
from tests.store.counter import HOUSE, Counter
from tests.store.published import persistence as published
from tests.store.timed import Machine

# What users of the library may expect and do not find: by the name of its published test case, or in words.
CANNOT_HOLD = {
    "InfrastructureFactoryTestCase": "A factory makes tables, takes ciphers and compressors from the environment, and gives "
    "each application a table of its own. Here tables come with migrations, states are JSON that anyone can read, and a house "
    "has one table: a recorder is made from a bridge.",
    "TranscoderTestCase": "The bytes of an event are made and validated by pydantic (`EventMapper`); the library's transcoder "
    "knows exact types only and validates nothing.",
    "a gap in the versions of an aggregate": "The library's table takes any version that is not there yet; ours also asks for "
    "the one before, so that an aggregate is whole.",
    "an id that is text": "The library can keep ids of type text; all of ours are UUIDs.",
}


class OnOurStore(unittest.TestCase):
    """Each test has a database of its own, and works as the role that serves."""

    bridge: Bridge
    recorder: ClassVar[Any]

    @pytest.fixture(autouse=True)
    def _on_a_new_database(self, bridge: Bridge) -> None:
        self.bridge = bridge

    def create_recorder(self) -> Any:
        return self.recorder(self.bridge)


class TestAggregates(OnOurStore, published.AggregateRecorderTestCase):
    recorder = StoreAggregateRecorder


class TestApplications(OnOurStore, published.ApplicationRecorderTestCase[StoreApplicationRecorder]):
    recorder = StoreApplicationRecorder

    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class TestProcesses(OnOurStore, published.ProcessRecorderTestCase):
    recorder = StoreProcessRecorder


class TestTracking(OnOurStore, published.TrackingRecorderTestCase):
    recorder = StoreTrackingRecorder


class TestPositionsDoNotInterleave(OnOurStore, published.NonInterleavingNotificationIDsBaseCase):
    recorder = StoreApplicationRecorder


RUN = {TestAggregates, TestApplications, TestProcesses, TestTracking, TestPositionsDoNotInterleave}


def stored(id: UUID | str, version: int, state: bytes = b"{}") -> StoredEvent:
    return StoredEvent(id, version, "test.Said", state)  # type: ignore[arg-type]


# --- what cannot hold ---


def no_factory(_: Bridge) -> None:
    with pytest.raises(InfrastructureFactoryError):
        InfrastructureFactory.construct(Environment(env={"PERSISTENCE_MODULE": library.__name__}))


def no_transcoder(_: Bridge) -> None:
    with pytest.raises(TypeError):
        EventMapper(published.JSONTranscoder())  # type: ignore[call-arg]


def no_gap(bridge: Bridge) -> None:
    recorder, id = StoreApplicationRecorder(bridge), uuid4()
    recorder.insert_events([stored(id, 1)])
    with pytest.raises(IntegrityError):
        recorder.insert_events([stored(id, 3)])
    assert recorder.insert_events([stored(id, 2), stored(id, 3)]) == [2, 3]


def no_text(bridge: Bridge) -> None:
    recorder = StoreApplicationRecorder(bridge)
    with pytest.raises(DataError):
        recorder.insert_events([stored("one", 1)])
    assert recorder.select_events("one") == []
    assert recorder.max_notification_id() is None


PROOFS: dict[str, Callable[[Bridge], None]] = {
    "InfrastructureFactoryTestCase": no_factory,
    "TranscoderTestCase": no_transcoder,
    "a gap in the versions of an aggregate": no_gap,
    "an id that is text": no_text,
}


def test_every_published_test_case_is_run_or_listed_with_its_reason() -> None:
    cases = {name for name, case in vars(published).items() if isinstance(case, type) and has_tests(case)}
    run = {base.__name__ for case in RUN for base in case.__mro__ if base.__module__ == published.__name__}
    assert run & cases == cases - CANNOT_HOLD.keys()
    assert len(run & cases) == len(RUN)
    assert {name for name in CANNOT_HOLD if name.isidentifier()} <= cases


def has_tests(case: type) -> bool:
    return issubclass(case, unittest.TestCase) and any(name.startswith("test") for name in dir(case))


def test_of_a_test_case_that_is_run_nothing_is_left_out() -> None:
    for case in RUN:
        own = {name for name in vars(case) if name.startswith("test")} - {"test_insert_subscribe"}
        assert own == set(), case


@pytest.mark.parametrize("what", CANNOT_HOLD)
def test_what_is_listed_does_not_hold(what: str, bridge: Bridge) -> None:
    PROOFS[what](bridge)


# --- what is written through the recorders ---


def test_what_is_written_is_in_the_chain(bridge: Bridge, migrated: HouseDatabase) -> None:
    id = uuid4()
    StoreProcessRecorder(bridge).insert_events([stored(id, 1), stored(id, 2)], tracking=Tracking("upstream", 7))
    StoreApplicationRecorder(bridge).insert_events([stored(id, 3, b"\x00 no JSON")])
    result = asyncio.run(checked(migrated.owner_dsn))
    assert (result.findings, result.checked["events"]) == ([], 3)


async def checked(dsn: str) -> Findings:
    result, connection = Findings(), await asyncpg.connect(dsn)
    try:
        await check_events(connection, HOUSE, result)
    finally:
        await connection.close()
    return result


def test_an_aggregate_of_ours_is_kept_by_the_librarys_event_store_with_its_own_times(
    bridge: Bridge, machine: Machine
) -> None:
    when = Moment(date(2026, 3, 1), machine.at)
    made = Counter.open(an_id("one"), "one", when)
    made.add(7, when)
    kept = EventStore(EventMapper(), StoreApplicationRecorder(bridge))
    kept.put(made.collect_events())
    found = Repository(kept).get(made.id)
    assert isinstance(found, Counter)
    assert (found.total, found.version) == (7, 2)
    rows = bridge.wait(
        bridge.store.pool.fetch("SELECT recorded_at, legal_date, metadata->>'actor' AS actor FROM events")
    )
    assert {tuple(row) for row in rows} == {(when.at, when.on, "library")}


@pytest.mark.parametrize(
    ("version", "tracked"), [(1, 8), (2, 7)], ids=["the version is taken", "the position was tracked already"]
)
def test_events_and_what_they_follow_from_are_recorded_together_or_not_at_all(
    version: int, tracked: int, bridge: Bridge
) -> None:
    recorder, id = StoreProcessRecorder(bridge), uuid4()
    recorder.insert_events([stored(id, 1)], tracking=Tracking("upstream", 7))
    with pytest.raises(IntegrityError):
        recorder.insert_events([stored(id, version)], tracking=Tracking("upstream", tracked))
    assert (recorder.max_notification_id(), recorder.max_tracking_id("upstream")) == (1, 7)
    assert recorder.insert_events([stored(id, 2)], tracking=Tracking("upstream", 8)) == [2]


def test_two_readers_track_each_for_itself(bridge: Bridge) -> None:
    one, other = (StoreTrackingRecorder(bridge, reader=reader) for reader in ("one", "other"))
    one.insert_tracking(Tracking("upstream", 7))
    assert (one.max_tracking_id("upstream"), other.max_tracking_id("upstream")) == (7, None)


# --- when the database is away ---


@pytest.mark.parametrize("tracking", [None, Tracking("upstream", 7)], ids=["alone", "with tracking"])
def test_an_insert_whose_answer_was_lost_is_asked_again_and_not_doubled(
    tracking: Tracking | None, bridge: Bridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = StoreProcessRecorder(bridge)
    lost: list[int] = []
    object_, name = (recorder, "_append_and_track") if tracking else (bridge.store, "append_rows")
    append = getattr(object_, name)

    async def loses_the_first_answer(*arguments: Any, **named: Any) -> Any:
        answer = await append(*arguments, **named)
        if not lost:
            lost.append(1)
            raise StoreUnavailable("lost")
        return answer

    monkeypatch.setattr(object_, name, loses_the_first_answer)
    assert recorder.insert_events([stored(uuid4(), 1)], tracking=tracking) == [1]
    assert lost
    assert recorder.max_notification_id() == 1


def test_recorders_go_on_when_every_connection_was_cut(bridge: Bridge, migrated: HouseDatabase) -> None:
    recorder, id = StoreProcessRecorder(bridge), uuid4()
    for version in range(1, 4):
        asyncio.run(cut(migrated))
        assert recorder.insert_events([stored(id, version)], tracking=Tracking("upstream", version)) == [version]
        asyncio.run(cut(migrated))
        assert recorder.max_notification_id() == version


async def cut(database: HouseDatabase) -> None:
    connection = await asyncpg.connect(database.server_dsn)
    try:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE usename = current_user AND datname = current_database() AND pid <> pg_backend_pid()"
        )
    finally:
        await connection.close()


def test_a_subscription_hears_what_others_append_also_after_its_connections_were_cut(
    bridge: Bridge, migrated: HouseDatabase
) -> None:
    with (
        Bridge(HOUSE, migrated.server_dsn) as another,
        StoreApplicationRecorder(bridge).subscribe(topics=["test.Said"]) as subscription,
    ):
        writer = StoreApplicationRecorder(another)
        for position in range(1, 4):
            writer.insert_events([stored(uuid4(), 1)])
            assert next(subscription).id == position
            asyncio.run(cut(migrated))


# --- the bridge ---


def test_a_bridge_that_is_closed_says_so(migrated: HouseDatabase) -> None:
    with Bridge(HOUSE, migrated.server_dsn) as bridge:
        recorder = StoreApplicationRecorder(bridge)
        recorder.insert_events([stored(uuid4(), 1)])
    with pytest.raises(InterfaceError):
        recorder.max_notification_id()
    with pytest.raises(InterfaceError):
        recorder.insert_events([stored(uuid4(), 1)])


def test_a_bridge_to_a_database_that_is_not_there_leaves_no_thread(migrated: HouseDatabase) -> None:
    bridge = Bridge("nowhere", migrated.server_dsn.replace(migrated.name, "nowhere"))
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        bridge.open()
    assert "store of nowhere" not in {thread.name for thread in threading.enumerate()}
