"""The recorder test cases that the eventsourcing library publishes, run against our store; and what cannot hold, with its reason."""

import threading
import unittest
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any, ClassVar
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import asyncpg
import pytest
from eventsourcing.persistence import (
    DataError,
    InfrastructureFactory,
    InfrastructureFactoryError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    ProgrammingError,
    StoredEvent,
    Tracking,
)


from ocop.databases import HouseDatabase
from shared.eventstore.bridge import Bridge
from shared.eventstore.fsck import Findings, check_events
from shared.eventstore.library import (
    StoreAggregateRecorder,
    StoreApplicationRecorder,
    StoreProcessRecorder,
    StoreTrackingRecorder,
)
from shared.eventstore.mapper import EventMapper
from shared.eventstore.migrate import migrate
from tests.store.counter import HOUSE, ROOM
from tests.store.published import persistence as published

PASSED = {
    "AggregateRecorderTestCase", "ApplicationRecorderTestCase", "NonInterleavingNotificationIDsBaseCase",
    "ProcessRecorderTestCase", "TrackingRecorderTestCase",
}  # fmt: skip
FOR_ALL = "RecorderTestCase"  # what they have in common; no test in it

# What the library's users may expect and do not find, by the name of its published test case or in words.
CANNOT_HOLD = {
    "InfrastructureFactoryTestCase": "A factory makes tables, takes ciphers and compressors from the environment, and gives each "
    "application a table of its own; here tables come with migrations, state is JSON that anyone can read, and a house has one "
    "table. A recorder is made from a bridge.",
    "TranscoderTestCase": "The bytes of an event are made and validated by pydantic (`EventMapper`); a transcoder of the library "
    "knows exact types only and validates nothing.",
    "versions with a gap": "The library's table takes any version that is not there yet; ours also asks for the one before, so that "
    "an aggregate is whole or not there.",
    "ids that are text": "The library also keeps ids of type text; all of ours are UUIDs.",
}  # fmt: skip


@pytest.fixture
async def migrated(database: HouseDatabase) -> HouseDatabase:
    await migrate(database.owner_dsn, database.server_role, ROOM)
    return database


@pytest.fixture
def bridge(migrated: HouseDatabase) -> Iterator[Bridge]:
    with Bridge(HOUSE, migrated.server_dsn) as opened:
        yield opened


class OnOurStore(unittest.TestCase):
    """Each test has a database of its own, as the role that serves."""

    bridge: Bridge
    recorder: ClassVar[Any]

    @pytest.fixture(autouse=True)
    def _on_a_new_database(self, bridge: Bridge) -> None:
        self.bridge = bridge

    def create_recorder(self) -> Any:
        return type(self).recorder(self.bridge)


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
