"""What tests of the bus may ask for."""

from collections.abc import AsyncIterator

import pytest

from ocop.databases import HouseDatabase
from ocop.postgres import Server
from shared.bus import letters
from shared.bus.onkafka import OnKafka
from shared.bus.reactions import Policy
from shared.house import House, running
from tests.bus.lettering import Post, posted
from tests.bus.two_houses import TELLER, databases, fresh_topics, house_on


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


@pytest.fixture
async def teller(two: dict[str, HouseDatabase], topics: str) -> AsyncIterator[House]:
    """At work: what it stores is told."""
    async with (
        house_on(two[TELLER], TELLER, Policy(TELLER)) as house,
        running(house.wake.listen, *OnKafka(house, topics).tasks()),
    ):
        yield house


@pytest.fixture
async def post(database: HouseDatabase, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Post]:
    monkeypatch.setattr(letters, "MOST_SECONDS", 3.0)
    async with posted(database) as at_work:
        yield at_work


@pytest.fixture
async def idle(database: HouseDatabase, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Post]:
    """Nobody retries anything, as beside an api whose worker is down."""
    monkeypatch.setattr(letters, "MOST_SECONDS", 0.2)
    async with posted(database, working=False) as at_work:
        yield at_work
