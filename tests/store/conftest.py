"""What tests of limits and of the clock share, and those of the library's recorders."""

from collections.abc import AsyncIterator, Iterator

import pytest

from ocop.databases import HouseDatabase
from shared.clock import Clock
from shared.eventstore.bridge import Bridge
from shared.eventstore.migrate import migrate
from shared.eventstore.store import EventStore
from shared.eventstore.timer import Ticking, Timer
from tests.store import counter
from tests.store.counter import COMMANDS, HOUSE
from tests.store.timed import ROOM, Machine, timer_of


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
    return timer_of(machine)


@pytest.fixture
def ticking(timer: Timer, store: EventStore, clock: Clock) -> Ticking:
    return Ticking(timer, COMMANDS, store, clock)


@pytest.fixture
async def migrated(database: HouseDatabase) -> HouseDatabase:
    """The database of a house of counters."""
    await migrate(database.owner_dsn, database.server_role, counter.ROOM)
    return database


@pytest.fixture
def bridge(migrated: HouseDatabase) -> Iterator[Bridge]:
    """The store of the counters, as the role that serves, for tests that are not asynchronous."""
    with Bridge(HOUSE, migrated.server_dsn) as opened:
        yield opened
