"""`append_*` and `lone`: ours beside event stores and limits, each with the same work (bench/peers/work.py), fsync on.

Each round of each has an empty database and a checkpoint behind it, one second to warm up, and `SECONDS` that count. Ours
also checks request ids, keeps answers and extends the chain. Peers run as programs of their own, with the number of threads
or connections that was best on two cores.
"""

import asyncio
import itertools
import json
import os
import socket
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import asyncpg

from bench.figures import Figure, Peer, alternately, figure, missing, peer, spread
from bench.marks import row_of
from bench.on_bus import durable_server
from bench.peers import getting
from bench.peers.getting import NotToBeHad
from bench.peers.work import AT_ONCE, COMMANDS_PER_STREAM, NOTE, Slot, driven
from ocop.databases import HouseDatabase
from ocop.postgres import Server
from shared.eventstore.migrate import migrate
from shared.eventstore.store import EventStore
from tests.postgres import fresh_database
from tests.store.counter import HOUSE, ROOM

SECONDS = 5.0
PEERS = Path(__file__).with_name("peers")
LIBRARY_THREADS, LIBRARY_FUNCTION_THREADS = 8, 4  # each the best of 1 to 16
Figures = dict[str, float]
Measured = Callable[[Server], Awaitable[Figures]]


async def append_library(rounds: int) -> Figure:
    return await beside("append_library", peer("PostgresApplicationRecorder", "eventsourcing", "psycopg"),
                        program("library", threads=LIBRARY_THREADS, functions=False), rounds)  # fmt: skip


async def append_library_functions(rounds: int) -> Figure:
    of = peer("PostgresApplicationRecorder with its database functions", "eventsourcing", "psycopg")
    return await beside("append_library_functions", of,
                        program("library", threads=LIBRARY_FUNCTION_THREADS, functions=True), rounds)  # fmt: skip


async def append_sql(rounds: int) -> list[Figure]:
    """Of both peers; the better one is what ours is held against."""
    emmett = await getting.from_npm(getting.EMMETT)
    message_db = await getting.from_npm(getting.EMMETT | getting.MESSAGE_DB)
    sql = message_db / "node_modules/@eventide/message-db/database"
    facts = {"home": str(emmett), "note": NOTE, "at_once": AT_ONCE, "commands_per_stream": COMMANDS_PER_STREAM}
    found = [
        await beside("append_sql", Peer("emmett-postgresql", getting.EMMETT["@event-driven-io/emmett-postgresql"]),
                     program("emmett", pool=8, **facts), rounds),
        await beside("append_sql", Peer("message-db, 64 categories", getting.MESSAGE_DB["@eventide/message-db"]),
                     program("message_db", pool=16, sql=str(sql)), rounds),
    ]  # fmt: skip
    return sorted(found, key=lambda one: one["ratio"] or 0)


async def append_native(rounds: int) -> Figure:
    python = await getting.from_pypi(f"umadb=={getting.UMADB}")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return await beside("append_native", Peer("UmaDB", getting.UMADB),
                        program("uma", python=python, threads=64, port=port), rounds)  # fmt: skip


async def append_ceiling(rounds: int) -> Figure:
    return await beside("append_ceiling", peer("unchecked coalesced INSERT", "asyncpg"), program("coalesced"), rounds)


async def lone(rounds: int) -> Figure:
    """Milliseconds of one command at a time; the 99th percentiles stand beside."""
    return await beside("lone", peer("bare INSERT … RETURNING and commit", "asyncpg"), program("bare"), rounds,
                        at_once=1, what="p50_ms")  # fmt: skip


# --- what they are made of ---


async def beside(
    name: str, of: Peer, theirs: Measured, rounds: int, *, at_once: int = AT_ONCE, what: str = "events_s"
) -> Figure:
    """A figure of ours and a peer; where the peer fails, it is missing with what the peer said."""
    ends: dict[str, list[float]] = {"ours": [], "peer": []}

    async with durable_server() as server:

        async def of_ours() -> float:
            return kept("ours", await ours(server, at_once))

        async def of_theirs() -> float:
            return kept("peer", await theirs(server))

        def kept(whose: str, found: Figures) -> float:
            ends[whose].append(found["p99_ms"])
            return found[what]

        unit, better = ("ms", "lower") if what == "p50_ms" else ("events/s", "higher")
        try:
            found = await alternately(of_ours, of_theirs, rounds)
        except NotToBeHad as reason:
            return missing(name, str(reason))
    return figure(name, unit, of, found, better=better) | {
        "p99_ms": {whose: spread(values) for whose, values in ends.items()}
    }


async def ours(server: Server, at_once: int, seconds: float = SECONDS) -> Figures:
    async with fresh_database(server, HOUSE) as database:
        await migrate(database.owner_dsn, database.server_role, ROOM)
        await checkpoint(server)
        return await appended(database, at_once, seconds)


async def appended(database: HouseDatabase, at_once: int, seconds: float) -> Figures:
    """The store's own append of a house, as its commands call it."""
    store, requests = EventStore(HOUSE, database.server_dsn), itertools.count(1)
    await store.open()

    async def append(slot: Slot, events: list[dict[str, Any]]) -> None:
        rows = [row_of(slot.stream, slot.version + n, facts) for n, facts in enumerate(events, 1)]
        request = f"{slot.stream} {next(requests)}"
        outcome = await store.append_rows(rows, request=request, fingerprint=slot.stream.bytes, answer="{}")
        if outcome.kind != "ok":
            raise AssertionError(f"{outcome}")

    try:
        return await driven(append, at_once, seconds)
    finally:
        await store.close()


def program(name: str, python: Path | str = sys.executable, **settings: Any) -> Measured:
    """A peer's program, given an empty database; it writes its figures as one line of JSON."""

    async def measure(server: Server) -> Figures:
        async with fresh_database(server, HOUSE) as database:
            await checkpoint(server)
            given = json.dumps({"dsn": database.owner_dsn, "seconds": SECONDS, **settings})
            theirs = ["node", PEERS / "emmett.mjs"] if name == "emmett" else [python, "-m", f"bench.peers.{name}"]
            return json.loads((await getting.run(*theirs, given)).splitlines()[-1])

    return measure


async def checkpoint(server: Server) -> None:
    """So that nobody pays for what another wrote."""
    connection = await asyncpg.connect(server.admin_dsn)
    try:
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()
    await asyncio.to_thread(os.sync)
