"""`ocop rebuild` and `ocop views`, as they are called."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import orjson
import pytest
from click.testing import CliRunner, Result
from fastapi import APIRouter

from ocop.cli import cli
from ocop.databases import HouseDatabase
from shared.bus.reactions import Policy
from shared.clock import Clock
from shared.eventstore.rebuilding import SQL
from shared.eventstore.store import EventStore
from shared.house import Rooms
from tests.bus.two_houses import PUBLISHED
from tests.store.counter import COMMANDS, HOUSE
from tests.store.timed import ROOM, a_counter

ROOMS = {HOUSE: Rooms(HOUSE, COMMANDS, Policy(HOUSE), PUBLISHED, ROOM, APIRouter())}
Run = Callable[..., Awaitable[Result]]


@pytest.fixture
async def run(store: EventStore, clock: Clock, database: HouseDatabase, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command line over one house with three counters."""

    @asynccontextmanager
    async def looked_at(_: Any) -> AsyncIterator[dict[str, HouseDatabase]]:
        yield {HOUSE: database}

    monkeypatch.setattr("ocop.inspect.looked_at", looked_at)
    monkeypatch.delenv("OCOP_KAFKA_BOOTSTRAP", raising=False)
    for module in ("asked", "inspect", "rebuild"):
        monkeypatch.setattr(f"ocop.{module}.ROOMS", ROOMS)
    for number in range(3):
        await a_counter(store, clock, f"{number}")
    return lambda *arguments: asyncio.to_thread(CliRunner().invoke, cli, list(arguments))


async def test_a_view_is_made_again_and_its_rows_and_position_are_told(run: Run, store: EventStore) -> None:
    result = await run("rebuild", HOUSE, "counters")
    assert result.exit_code == 0, result.output
    assert f"{HOUSE}.counters: 3 dòng / rows, {HOUSE}:{await store.head()}" in result.stderr
    assert await store.pool.fetchval("SELECT count(*) FROM counters") == 3
    assert await store.position("view:counters", HOUSE) == await store.head()


async def test_while_another_makes_it_again_it_is_refused_in_words(run: Run, owner: asyncpg.Connection) -> None:
    assert await owner.fetchval(SQL.take_turn, "counters")
    result = await run("rebuild", HOUSE, "counters")
    assert result.exit_code == 1
    assert "is being made again by another process" in result.stderr


@pytest.mark.parametrize(("house", "view"), [("nowhere", "counters"), (HOUSE, "nothing")])
async def test_what_is_not_there_is_refused_with_what_is(run: Run, house: str, view: str) -> None:
    result = await run("rebuild", house, view)
    assert result.exit_code == 2
    assert (HOUSE if house == "nowhere" else "counters") in result.stderr


async def test_the_views_are_listed_and_one_that_is_parked_is_named_with_its_event_and_error(
    run: Run, store: EventStore
) -> None:
    whole = await run("views", "--json")
    assert whole.exit_code == 0, whole.output
    assert {row["view"]: row["parked"] for row in orjson.loads(whole.stdout)}["counters"] is None
    await store.pool.execute(
        "INSERT INTO parked (reader, source, position, kind, error) VALUES ('view:counters', $1, 2, 'test.Added', 'E: no')",
        HOUSE,
    )
    said = await run("views", "--json")
    assert said.exit_code == 1
    found = {row["view"]: row for row in orjson.loads(said.stdout)}["counters"]
    assert found["position"] + found["behind"] == await store.head() == 3
    assert {name: found["parked"][name] for name in ("position", "kind", "error", "attempts")} == {
        "position": 2, "kind": "test.Added", "error": "E: no", "attempts": 1,
    }  # fmt: skip
    shown = await run("views")
    assert "test.Added: E: no" in shown.stdout
    again = await run("rebuild", HOUSE, "counters")
    assert again.exit_code == 0
    assert (await run("views")).exit_code == 0
