"""`ocop restored` as it is called: the answer for people and programs, and what it refuses."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner, Result
from fastapi import APIRouter

from ocop.cli import cli
from ocop.databases import HouseDatabase
from shared.bus.reactions import Policy
from shared.bus.saying import envelope_of
from shared.clock import Clock
from shared.eventstore.fsck import Findings, check_events, check_requests
from shared.eventstore.lost import LOSSES
from shared.house import Rooms
from tests.bus.two_houses import PUBLISHED
from tests.opened import owned, store_on
from tests.store.counter import COMMANDS, HOUSE
from tests.store.timed import ROOM, a_counter

ROOMS = {HOUSE: Rooms(HOUSE, COMMANDS, Policy(HOUSE), PUBLISHED, ROOM, APIRouter())}
WHY = "the disk of db-1 broke"
LATER = 3  # counters opened after the backup
Run = Callable[..., Awaitable[Result]]


@pytest.fixture
def run(migrated: HouseDatabase, monkeypatch: pytest.MonkeyPatch) -> Run:
    @asynccontextmanager
    async def looked_at(_: Any) -> AsyncIterator[dict[str, HouseDatabase]]:
        yield {HOUSE: migrated}

    monkeypatch.setattr("ocop.restored.looked_at", looked_at)
    monkeypatch.delenv("OCOP_KAFKA_BOOTSTRAP", raising=False)
    for module in ("asked", "restored"):
        monkeypatch.setattr(f"ocop.{module}.ROOMS", ROOMS)
    return lambda *arguments: asyncio.to_thread(CliRunner().invoke, cli, ["restored", *arguments])


@pytest.fixture
async def heard(migrated: HouseDatabase, clock: Clock, tmp_path: Path) -> Path:
    """What a subscriber has kept of five counters, of which the store has the first two."""
    file = tmp_path / "heard.jsonl"
    async with store_on(HOUSE, migrated.server_dsn) as store:
        for number in range(2 + LATER):
            await a_counter(store, clock, str(number))
        said = [envelope_of(HOUSE, r, PUBLISHED) for r in await store.feed(0, 100)]
    file.write_bytes(b"".join(orjson.dumps(e.structured()) + b"\n" for e in said if e))
    await lose(migrated, 2)
    return file


async def lose(database: HouseDatabase, head: int) -> None:
    """The store as it was at a position."""
    async with owned(database) as owner:
        await owner.execute(f"""
            DELETE FROM events WHERE notification_id > {head}; DELETE FROM requests WHERE position > {head};
            UPDATE head SET position = {head}, hash = (SELECT hash FROM events WHERE notification_id = {head})
        """)


async def findings(database: HouseDatabase) -> list[str]:
    result = Findings()
    async with owned(database) as owner:
        await check_events(owner, HOUSE, result)
        await check_requests(owner, HOUSE, result)
    return result.findings


async def test_what_is_lost_is_listed_and_status_1(run: Run, heard: Path) -> None:
    result = await run("--against", str(heard), "--json")
    assert result.exit_code == 1, result.output
    said = orjson.loads(result.stdout)
    [of_house] = said["houses"]
    assert (said["whole"], of_house["head"], of_house["told"], of_house["positions"]) == (False, 2, 5, LATER)
    assert [one["id"] for one in of_house["lost"]] == [f"{HOUSE}:{n}" for n in (3, 4, 5)]
    assert all(one["type"] and one["key"] and one["time"] for one in of_house["lost"])
    assert of_house["differs"] == []
    assert f"{HOUSE}:4" in (await run("--against", str(heard))).stderr


async def test_to_go_on_takes_every_lost_position_and_then_nothing_is_lost(
    run: Run, heard: Path, migrated: HouseDatabase, clock: Clock
) -> None:
    assert (await run("--against", str(heard), "--continue", WHY)).exit_code == 0
    assert (await run("--against", str(heard))).exit_code == 0
    assert (await run("--against", str(heard), "--continue", WHY)).exit_code == 0
    async with store_on(HOUSE, migrated.server_dsn) as store:
        await a_counter(store, clock, "new")
        recorded: list[Any] = await store.feed(2, 100)
    lost, [new] = recorded[:-1], recorded[-1:]
    assert [(r.position, r.event.told.id, r.event.reason) for r in lost] == [
        (n, f"{HOUSE}:{n}", WHY) for n in (3, 4, 5)
    ]
    assert isinstance(lost[0].event, LOSSES[HOUSE].FirstLost)
    assert [envelope_of(HOUSE, r, PUBLISHED) for r in lost] == [None] * LATER
    assert (new.position, new.event.name) == (6, "new")
    assert await findings(migrated) == []


async def test_a_store_that_has_gone_on_is_not_taken_further(
    run: Run, heard: Path, migrated: HouseDatabase, clock: Clock
) -> None:
    async with store_on(HOUSE, migrated.server_dsn) as store:
        await a_counter(store, clock, "other")
    result = await run("--against", str(heard), "--continue", WHY)
    assert result.exit_code == 1
    assert f"Differs: {HOUSE}: {HOUSE}:3" in result.stderr
    async with store_on(HOUSE, migrated.server_dsn) as store:
        assert await store.head() == 3


async def test_a_house_at_work_is_refused(run: Run, heard: Path, migrated: HouseDatabase) -> None:
    async with store_on(HOUSE, migrated.server_dsn):
        result = await run("--against", str(heard), "--continue", WHY)
    assert result.exit_code == 1
    assert "AtWork" in result.stderr


@pytest.mark.parametrize(
    "line", [b"nonsense", b"[]", b'{"id": "nobody:1"}', b'{"id": "registration:1", "data": {}}'], ids=str
)
async def test_a_file_that_holds_anything_else_is_named_with_its_line(run: Run, tmp_path: Path, line: bytes) -> None:
    file = tmp_path / "heard.jsonl"
    file.write_bytes(line + b"\n")
    result = await run("--against", str(file))
    assert result.exit_code == 2
    assert "heard.jsonl:1" in result.stderr


async def test_who_names_nothing_to_compare_with_or_no_reason_has_called_it_wrongly(run: Run, heard: Path) -> None:
    assert (await run()).exit_code == 2
    assert (await run("--against", str(heard.with_name("not-there")))).exit_code == 2
    assert (await run("--against", str(heard), "--continue", "because")).exit_code == 2
    assert (await run("--against", str(heard), "--house", "nobody")).exit_code == 2
