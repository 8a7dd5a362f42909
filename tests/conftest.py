"""What every test may ask for."""

from collections.abc import AsyncIterator

import pytest

from ocop.databases import HouseDatabase
from ocop.postgres import Server
from shared.memory import settled
from tests.kafka import running_broker
from tests.postgres import fresh_database, running_server
from tests.roomy import stay_in_memory


def pytest_configure() -> None:
    stay_in_memory()


def pytest_collection_finish() -> None:
    """What was loaded is not searched for garbage again: thousands of tests would each pay for it."""
    settled()


@pytest.fixture(scope="session")
async def postgres() -> AsyncIterator[Server]:
    """The one PostgreSQL of the test session."""
    async with running_server() as server:
        yield server


@pytest.fixture(scope="session")
async def kafka() -> AsyncIterator[str]:
    """The address of the one Kafka of the test session, `host:port`."""
    async with running_broker() as bootstrap:
        yield bootstrap


@pytest.fixture
async def database(postgres: Server) -> AsyncIterator[HouseDatabase]:
    """A new database of the registration house, with its two roles and nothing in it."""
    async with fresh_database(postgres) as fresh:
        yield fresh
