"""Whatever is asked, in whatever order and at once: each request has one effect, and the log is what the answers say."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ocop.databases import HouseDatabase
from ocop.postgres import Server
from shared.auth.actors import Actor
from shared.clock import Clock
from shared.eventstore.commands import Answer, Busy, KeyReused, Request
from shared.eventstore.fsck import Findings, check_events
from shared.eventstore.migrate import migrate
from shared.eventstore.store import EventStore
from shared.values import NotFound
from tests.given import an_id
from tests.postgres import fresh_database
from tests.store.counter import COMMANDS, HOUSE, ROOM, Add, Counter, OpenCounter, TooMuch

ACTOR = Actor("someone", "agency", "51")
CLOCK = Clock()
EXAMPLES = itertools.count()


@dataclass(frozen=True)
class Ask:
    """One request: `key` may come again, with the same or another number."""

    counter: str
    number: int
    key: int


asks = st.builds(Ask, st.sampled_from("abc"), st.integers(0, 400), st.integers(0, 12))


@pytest.fixture(scope="module")
async def stores(postgres: Server) -> AsyncIterator[tuple[list[EventStore], HouseDatabase]]:
    """Two stores on one database, as two processes would have."""
    async with fresh_database(postgres) as database:
        await migrate(database.owner_dsn, database.server_role, ROOM)
        both = [EventStore(HOUSE, database.server_dsn) for _ in range(2)]
        for store in both:
            await store.open()
        yield both, database
        for store in both:
            await store.close()


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(asks, max_size=24))
async def test_requests_at_once_from_two_processes_have_one_effect_each(
    stores: tuple[list[EventStore], HouseDatabase], asked: list[Ask]
) -> None:
    both, _ = stores
    example = next(EXAMPLES)

    async def ask(n: int, one: Ask) -> Answer | Exception:
        request = Request(id=f"{example}/{one.key}", actor=ACTOR, action="registration:accept-idea", correlation="x")
        command = Add(counter_id=an_id(f"{example}/{one.counter}"), number=one.number)
        try:
            return await COMMANDS.execute(command, request, both[n % 2], CLOCK)
        except (TooMuch, KeyReused, Busy, NotFound) as refusal:
            return refusal

    for name in "abc":
        request = Request(id=f"{example}/open/{name}", actor=ACTOR, action="registration:accept-idea", correlation="x")
        await COMMANDS.execute(OpenCounter(id=an_id(f"{example}/{name}"), name=name), request, both[0], CLOCK)
    before = await both[0].head()
    answers = await asyncio.gather(*(ask(n, one) for n, one in enumerate(asked)))

    effects: dict[int, tuple[Ask, Answer]] = {}
    for one, answer in zip(asked, answers, strict=True):
        if isinstance(answer, Answer):
            known, first = effects.setdefault(one.key, (one, answer))
            assert (known, first.position, first.facts) == (one, answer.position, answer.facts)
    for name in "abc":
        counter = await both[1].load(Counter, an_id(f"{example}/{name}"))
        assert counter is not None
        assert counter.total == sum(one.number for one, _ in effects.values() if one.counter == name) <= 1000
    assert await both[1].head() == before + len(effects)
    assert sorted(answer.number for _, answer in effects.values()) == list(range(before + 1, before + 1 + len(effects)))
    assert not any(isinstance(answer, NotFound) for answer in answers)


async def test_the_chain_over_all_examples_is_whole(stores: tuple[list[EventStore], HouseDatabase]) -> None:
    both, database = stores
    result = Findings()
    connection = await asyncpg.connect(database.owner_dsn)
    await check_events(connection, HOUSE, result)
    await connection.close()
    assert result.findings == []
    assert result.checked.get("events", 0) == await both[0].head()
