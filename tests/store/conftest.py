"""What tests of the store share: a database of counters with deadlines, the store on it, a clock in the test's hand."""

from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest

from ocop.databases import HouseDatabase
from shared.clock import Clock
from shared.eventstore.bridge import Bridge
from shared.eventstore.migrate import migrate
from shared.eventstore.store import EventStore
from shared.eventstore.timer import Ticking, Timer
from shared.eventstore.views import Room
from tests.opened import owned, store_on
from tests.store.counter import COMMANDS, HOUSE
from tests.store.timed import ROOM, Machine, timer_of


@pytest.fixture
def room() -> Room:
    """What the database of a test has tables for."""
    return ROOM


@pytest.fixture
async def migrated(database: HouseDatabase, room: Room) -> HouseDatabase:
    await migrate(database.owner_dsn, database.server_role, room)
    return database


@pytest.fixture
async def store(migrated: HouseDatabase) -> AsyncIterator[EventStore]:
    async with store_on(HOUSE, migrated.server_dsn) as store:
        yield store


@pytest.fixture
async def owner(migrated: HouseDatabase) -> AsyncIterator[asyncpg.Connection]:
    """As someone who may do everything in the database of the store."""
    async with owned(migrated) as connection:
        yield connection


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture
def clock(machine: Machine) -> Clock:
    return Clock(lambda: machine.at)


@pytest.fixture
def timer(machine: Machine) -> Timer:
    return timer_of(machine)


@pytest.fixture
def ticking(timer: Timer, store: EventStore, clock: Clock) -> Ticking:
    return Ticking(timer, COMMANDS, store, clock)


@pytest.fixture
def bridge(migrated: HouseDatabase) -> Iterator[Bridge]:
    """The store of the counters, as the role that serves, for tests that are not asynchronous."""
    with Bridge(HOUSE, migrated.server_dsn) as opened:
        yield opened
