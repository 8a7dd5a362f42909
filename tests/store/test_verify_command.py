"""`ocop verify`, `ocop checkpoint export` and `ocop replay` into a file, as they are called."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
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
from shared.eventstore.checkpointing import Checkpointing
from shared.eventstore.store import EventStore
from shared.house import Rooms
from tests.bus.two_houses import PUBLISHED
from tests.given import an_id
from tests.store.counter import COMMANDS, HOUSE
from tests.store.test_checkpoints import DAY, KEY
from tests.store.test_proving import CUT_WITH_HEAD, FORGE
from tests.store.timed import ROOM, Machine, a_counter

ROOMS = {HOUSE: Rooms(HOUSE, COMMANDS, Policy(HOUSE), PUBLISHED, ROOM, APIRouter())}
Run = Callable[..., Awaitable[Result]]


@pytest.fixture
async def run(
    store: EventStore, clock: Clock, machine: Machine, database: HouseDatabase, monkeypatch: pytest.MonkeyPatch
) -> Run:
    """The command line over one house: two days of three counters, a checkpoint after each: positions 1–9."""

    @asynccontextmanager
    async def looked_at(_: Any) -> AsyncIterator[dict[str, HouseDatabase]]:
        yield {HOUSE: database}

    monkeypatch.setattr("ocop.inspect.looked_at", looked_at)
    monkeypatch.delenv("OCOP_KAFKA_BOOTSTRAP", raising=False)
    for module in ("asked", "inspect", "replay", "verify"):
        monkeypatch.setattr(f"ocop.{module}.ROOMS", ROOMS)
    for day in range(2):
        for number in range(3):
            await a_counter(store, clock, f"{day}-{number}")
        machine.at += DAY
        assert await Checkpointing(store, clock, KEY).make()
    return lambda *arguments: asyncio.to_thread(CliRunner().invoke, cli, list(arguments))


async def verified(run: Run, *arguments: str, status: int) -> dict[str, Any]:
    """What `ocop verify --json` says of the house."""
    result = await run("verify", *arguments, "--json")
    assert result.exit_code == status, result.output
    said = orjson.loads(result.stdout)
    [of_house] = said["houses"]
    assert said["whole"] is of_house["whole"] is (status == 0)
    return of_house


# --- verify ---


async def test_a_whole_store_is_status_0_and_told_with_what_was_looked_at(run: Run) -> None:
    said = await verified(run, status=0)
    assert (said["house"], said["from"], said["to"], said["head"], said["events"]) == (HOUSE, 1, 9, 9, 9)
    assert (said["first_bad"], said["findings"], said["given"]) == (None, [], None)
    assert said["checkpoints"] == {"stored": 2, "copies": 0, "keys": {KEY.thumbprint(): 2}}


async def test_a_part_says_which_hash_it_took_as_given(run: Run, owner: asyncpg.Connection) -> None:
    said = await verified(run, "--house", HOUSE, "--from", "4", "--to", "6", status=0)
    given = await owner.fetchval("SELECT encode(hash, 'hex') FROM events WHERE notification_id = 3")
    assert (said["events"], said["given"]) == (3, given)
    assert f"taken as given: {given}" in (await run("verify", "--from", "4")).stderr


async def test_a_store_that_is_not_whole_is_status_1_and_names_the_first_bad_event(
    run: Run, owner: asyncpg.Connection
) -> None:
    await owner.execute("UPDATE events SET state = '{}' WHERE notification_id IN (2, 3)")
    bad = (await verified(run, status=1))["first_bad"]
    assert (bad["position"], bad["aggregate"], bad["version"]) == (2, str(an_id("0-1")), 1)
    told = await run("verify")
    assert told.exit_code == 1
    assert told.stdout == ""
    assert f"the chain breaks at position 2 (aggregate {an_id('0-1')}, version 1)" in told.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["--house", "nobody"], ["--from", "0"], ["--from", "x"], ["--to", "0"], ["--from", "5", "--to", "4"],
        ["--checkpoint", "not-there"], ["--unknown"],
    ],
    ids=" ".join,
)  # fmt: skip
async def test_a_verification_that_is_asked_for_wrongly_is_status_2(arguments: list[str], run: Run) -> None:
    assert (await run("verify", *arguments)).exit_code == 2


@pytest.mark.parametrize("text", ["", "x\n", "{}\n", '{"house": "nobody"}\n'])
async def test_a_copy_that_cannot_be_read_is_status_2(text: str, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "copy"
    file.write_text(text)
    assert (await run("verify", "--checkpoint", str(file))).exit_code == 2


# --- copies ---


async def test_the_exported_copy_catches_a_store_that_was_rewritten_or_restored(
    run: Run, owner: asyncpg.Connection, tmp_path: Path
) -> None:
    file = tmp_path / "copy.jsonl"
    assert (await run("checkpoint", "export", str(file))).exit_code == 0
    lines = [orjson.loads(line) for line in file.read_bytes().splitlines()]
    assert [(line["house"], line["day"], line["position"]) for line in lines] == [
        (HOUSE, "2026-06-02", 3), (HOUSE, "2026-06-03", 8),
    ]  # fmt: skip
    assert all(
        line.keys() == {"house", "day", "position", "hash", "signature", "key_id", "public_key"} for line in lines
    )
    copies = ("--checkpoint", str(file))
    assert (await verified(run, *copies, status=0))["checkpoints"]["copies"] == 2
    await owner.execute(CUT_WITH_HEAD.format(5))
    await verified(run, status=0)  # the store alone does not know
    [finding] = (await verified(run, *copies, status=1))["findings"]
    assert "it is of position 8, the store ends at 5" in finding
    await owner.execute("UPDATE events SET legal_date = '2020-01-01' WHERE notification_id = 1")
    await owner.execute("DELETE FROM events WHERE notification_id > 3")  # with the checkpoints that would tell
    await owner.execute(FORGE)
    await verified(run, status=0)
    findings = (await verified(run, *copies, status=1))["findings"]
    assert any("position 3 had another hash" in finding for finding in findings)


async def test_an_exported_copy_is_never_replaced_by_one_that_lacks_something_of_it(
    run: Run, owner: asyncpg.Connection, store: EventStore, clock: Clock, machine: Machine, tmp_path: Path
) -> None:
    file = tmp_path / "copy.jsonl"
    await run("checkpoint", "export", str(file))
    await a_counter(store, clock, "later")
    machine.at += DAY
    assert await Checkpointing(store, clock, KEY).make()
    assert (await run("checkpoint", "export", str(file))).exit_code == 0
    kept = file.read_bytes()
    assert len(kept.splitlines()) == 3
    await owner.execute(CUT_WITH_HEAD.format(9))
    assert (await run("checkpoint", "export", str(file))).exit_code == 1
    assert file.read_bytes() == kept


# --- replay into a file ---


async def test_a_replay_into_a_file_is_marked_and_moves_nothing(run: Run, store: EventStore, tmp_path: Path) -> None:
    file, before = tmp_path / "again.jsonl", await store.standing()
    result = await run("replay", "--to", f"file:{file}", "--from", "2026-06-02")
    assert result.exit_code == 0, result.output
    said = [orjson.loads(line) for line in file.read_bytes().splitlines()]
    assert [event["id"] for event in said] == [f"{HOUSE}:{position}" for position in (6, 7, 8)]
    assert {event["replay"] for event in said} == {"true"}
    [id] = {event["replayid"] for event in said}
    assert id in result.stderr
    assert await store.standing() == before


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--to", "evaluation", "--from", "1", "--house", HOUSE], "a part of the register itself"),
        (["--to", "Ai đó", "--from", "1", "--house", HOUSE], "expected"),
        (["--to", "somebody", "--from", "1", "--house", HOUSE], "OCOP_KAFKA_BOOTSTRAP"),
        (["--to", "file:new", "--from", "1"], "a position needs --house"),
        (["--to", "file:new", "--from", "0", "--house", HOUSE], "--from 0"),
        (["--to", "file:new", "--from", "2026-02-30"], "--from 2026-02-30"),
        (["--to", "file:new", "--from", "nobody:3"], "--from nobody:3"),
        (["--to", "file:new", "--from", f"{HOUSE}:1", "--types", "Unknown"], "--types Unknown"),
        (["--to", "file:", "--from", f"{HOUSE}:1"], "not there yet"),
        (["--to", "file:.", "--from", f"{HOUSE}:1"], "not there yet"),
    ],
)
async def test_a_replay_that_is_asked_for_wrongly_is_status_2(arguments: list[str], told: str, run: Run) -> None:
    result = await run("replay", *arguments)
    assert result.exit_code == 2
    assert told in result.stderr
