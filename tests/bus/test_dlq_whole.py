"""`ocop dlq` as a program of its own, on real houses whose program has ended: from a message nobody could take to its effect."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from ocop.databases import HouseDatabase, prepare, remove
from ocop.postgres import Server
from ocop.standalone import ROOMS
from services.promotion.domain.listing import Listing
from shared.auth.actors import Actor
from shared.bus.reactions import Reactions
from shared.clock import Clock
from shared.contracts.envelope import Envelope
from shared.eventstore.migrate import migrate
from shared.eventstore.store import EventStore
from tests.holding import held_and_dead

GOLDEN = Path(__file__).parents[1] / "contracts" / "golden" / "CertificateIssued.v1.json"
HOUSE = "promotion"
WHY = "thử nghiệm / a test of dead letters"


@pytest.fixture
async def store(postgres: Server) -> AsyncIterator[EventStore]:
    """The databases of all houses; the store of one. Nothing of the program runs."""
    found: dict[str, HouseDatabase] = await prepare(postgres, ROOMS)
    for name, rooms in ROOMS.items():
        await migrate(found[name].owner_dsn, found[name].server_role, rooms.room)
    store = EventStore(HOUSE, found[HOUSE].server_dsn)
    await store.open()
    yield store
    await store.close()
    connection = await asyncpg.connect(postgres.admin_dsn)
    try:
        for database in found.values():  # other tests begin with databases in which nothing was said
            await remove(connection, database.name)
    finally:
        await connection.close()


async def ocop(postgres: Server, folder: Path, *arguments: str) -> tuple[int, str, str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OCOP_")}
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "ocop.cli", "dlq", *arguments, "--data", str(folder),
        env=environment | {"OCOP_DATABASE_URL": postgres.admin_dsn},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(60):
        out, err = await program.communicate()
    assert program.returncode is not None
    return program.returncode, out.decode(), err.decode()


async def test_a_certificate_that_was_malformed_is_listed_once_it_was_edited(
    store: EventStore, postgres: Server, tmp_path: Path
) -> None:
    issued: dict[str, Any] = json.loads(GOLDEN.read_text())
    broken = {name: value for name, value in issued["data"].items() if name != "expires_on"} | {"stars": "four"}
    envelope = Envelope.model_validate(issued | {"key": issued["data"]["product"]["id"], "data": broken})
    rooms, product = ROOMS[HOUSE], UUID(issued["data"]["product"]["id"])
    reactions = Reactions(rooms.policy, rooms.commands, store, Clock(), Actor("promotion.policy", "clock", "TW"))
    await reactions.send("certification", [envelope], 0)
    assert await held_and_dead(store) == (1, 1)
    await store.close()

    status, out, _ = await ocop(postgres, tmp_path, "list", "--json")
    assert status == 0
    assert [(row["house"], row["id"], row["kind"]) for row in json.loads(out)] == [(HOUSE, envelope.id, "malformed")]
    content = tmp_path / "data.json"
    content.write_text(json.dumps(broken))
    edit = ("edit", HOUSE, envelope.id, "--file", str(content), "--reason", WHY, "--json")
    status, out, err = await ocop(postgres, tmp_path, *edit)
    assert (status, json.loads(out)[0]["outcome"]) == (1, "refused")
    assert "data.stars" in err
    assert "data.expires_on" in err
    content.write_text(json.dumps(issued["data"]))
    status, out, err = await ocop(postgres, tmp_path, *edit)
    assert (status, json.loads(out)[0]["outcome"]) == (0, "done"), err

    await store.open()
    listing = await store.load(Listing, Listing.id_of(product))
    assert listing is not None
    assert await held_and_dead(store) == (0, 0)
