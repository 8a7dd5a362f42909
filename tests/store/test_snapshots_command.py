"""`ocop snapshots`, as it is called, and what `ocop fsck` makes of a snapshot."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import orjson
import pytest
from click.testing import CliRunner, Result

from ocop.cli import cli
from ocop.databases import HouseDatabase
from ocop.inspect import Opened, check_house
from ocop.progress import Bar, bars
from shared.eventstore.fsck import Findings
from shared.eventstore.store import EventStore
from tests.store.counter import HOUSE, Counter
from tests.store.test_rebuild_command import ROOMS
from tests.store.test_snapshots import DAMAGES, ID, LONG, taken, with_snapshot

Run = Callable[..., Awaitable[Result]]


@pytest.fixture
async def run(store: EventStore, database: HouseDatabase, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command line over one house with a long counter."""

    @asynccontextmanager
    async def looked_at(_: Any) -> AsyncIterator[dict[str, HouseDatabase]]:
        yield {HOUSE: database}

    monkeypatch.setattr("ocop.inspect.looked_at", looked_at)
    for module in ("asked", "inspect"):
        monkeypatch.setattr(f"ocop.{module}.ROOMS", ROOMS)
    await with_snapshot(store)
    return lambda *arguments: asyncio.to_thread(CliRunner().invoke, cli, list(arguments))


async def test_they_are_counted(run: Run, store: EventStore) -> None:
    result = await run("snapshots", "--json")
    assert result.exit_code == 0, result.output
    [row] = orjson.loads(result.stdout)
    assert (row["house"], row["snapshots"], row["longest"], row["dropped"]) == (HOUSE, 1, LONG, False)
    assert row["bytes"] > 100
    assert await taken(store) is not None


async def test_they_are_dropped_and_nobody_can_tell(run: Run, store: EventStore) -> None:
    before = await store.load(Counter, ID)
    result = await run("snapshots", "--house", HOUSE, "--drop")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith(f"{HOUSE}: 1 ảnh chụp / snapshots, ≤ {LONG} sự kiện / events")
    assert "dropped" in result.stdout
    assert await taken(store) is None
    assert vars(await store.load(Counter, ID)) == vars(before)


async def test_a_house_that_is_none_is_status_2(run: Run) -> None:
    result = await run("snapshots", "--house", "nowhere")
    assert result.exit_code == 2
    assert HOUSE in result.stderr


async def test_fsck_looks_at_each_and_names_one_that_is_damaged(
    run: Run, store: EventStore, database: HouseDatabase, owner: asyncpg.Connection
) -> None:
    async def found() -> Findings:
        result = Findings()
        with bars() as progress:
            await check_house(Opened({HOUSE: database}, {HOUSE: store}), HOUSE, result, Bar(progress, HOUSE))
        return result

    whole = await found()
    assert (whole.findings, whole.checked["snapshots"]) == ([], 1)
    await owner.execute(DAMAGES["state"])
    assert (await found()).findings == [f"{HOUSE}: the snapshot of aggregate {ID} at version {LONG} is damaged"]
