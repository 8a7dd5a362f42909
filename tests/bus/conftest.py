"""What tests of the bus may ask for."""

from collections.abc import AsyncIterator

import pytest

from ocop.databases import HouseDatabase
from ocop.postgres import Server
from tests.bus.two_houses import databases, fresh_topics


@pytest.fixture
async def topics(kafka: str) -> str:
    """The broker's address; the topics of the bus are there and empty."""
    await fresh_topics(kafka)
    return kafka


@pytest.fixture
async def two(postgres: Server) -> AsyncIterator[dict[str, HouseDatabase]]:
    """New databases of the two houses of tests/bus/two_houses.py."""
    async with databases(postgres) as made:
        yield made
