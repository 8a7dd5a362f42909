"""Says whether a house's store is whole: versions, positions, the hash chain, and each view against a replay from zero."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg

from shared.eventstore.migrate import SQL, make_tables
from shared.eventstore.sql import STORE, Statements
from shared.eventstore.views import Room, View, apply

PROOF = Statements(Path(__file__).with_name("proof.sql"))
PAGE = 2000
SHADOW = "shadow"
Facts = Callable[[View, int], Any]  # (view, upto) -> async: the facts that made the view, up to a position


@dataclass
class Findings:
    """What is wrong, in words with names and positions, and how much was looked at."""

    findings: list[str] = field(default_factory=list)
    checked: dict[str, int] = field(default_factory=dict)

    def found(self, text: str) -> None:
        self.findings.append(text)

    def count(self, what: str, number: int) -> None:
        self.checked[what] = self.checked.get(what, 0) + number


async def check_events(connection: asyncpg.Connection, house: str, result: Findings) -> None:
    """Versions contiguous, positions gapless, chain whole; names the first bad event."""
    for row in await connection.fetch(PROOF.broken_versions):
        result.found(f"{house}: versions of aggregate {row['originator_id']} are {row['first']}–{row['last']}, "
                     f"{row['events']} events")  # fmt: skip
    head = await connection.fetchrow(PROOF.heads)
    digest, at, broken = hashlib.sha256(b"").digest(), 0, False
    while rows := await connection.fetch(PROOF.links, at, PAGE):
        for row in rows:
            digest = hashlib.sha256(digest + row["body"]).digest()
            at += 1
            if row["notification_id"] != at or row["hash"] != digest:
                result.found(f"{house}: the chain breaks at position {row['notification_id']} (expected {at})")
                broken = True
                break
        if broken:
            break
        result.count("events", len(rows))
    if not broken and (head["position"] != at or head["hash"] != digest):
        result.found(f"{house}: head is at {head['position']}, the events end at {at}, or its hash differs")


async def check_views(connection: asyncpg.Connection, room: Room, facts: Facts, result: Findings) -> None:
    """Makes every view again in a shadow, up to where the serving one is, and compares; leaves nothing behind."""
    transaction = connection.transaction(isolation="repeatable_read")
    await transaction.start()
    try:
        at = {(r["reader"], r["source"]): r["position"] for r in await connection.fetch(PROOF.view_positions)}
        await connection.execute(PROOF.make_shadow)
        await make_tables(connection, room, SHADOW)
        await connection.execute(SQL.work_in.format(schema=SHADOW))
        for view in room.views:
            await apply(connection, view, await facts(view, at.get((view.reader, view.source), 0)))
            await _compare(connection, room.house, view, result)
    finally:
        await transaction.rollback()


async def _compare(connection: asyncpg.Connection, house: str, view: View, result: Findings) -> None:
    for table in view.tables:
        count = await connection.fetchval(PROOF.difference.format(table=table))
        result.count("view rows", await connection.fetchval(PROOF.count_rows.format(table=table)))
        if count:
            result.found(f"{house}: view {view.name} differs from a replay in {count} rows of {table}")


async def rebuild(connection: asyncpg.Connection, view: View, facts: Facts, head: int) -> int:
    """Makes one view again up to a position, in one transaction: readers see the old rows, then the new. Returns rows."""
    async with connection.transaction():
        await connection.execute(SQL.work_in.format(schema="views"))
        await connection.execute(STORE.begin_position, view.reader, view.source)
        at = await connection.fetchval(STORE.lock_position, view.reader, view.source)
        upto = max(at, head)
        for table in view.tables:
            await connection.execute(PROOF.empty.format(table=table))
        await apply(connection, view, await facts(view, upto))
        await connection.execute(STORE.reset_position, view.reader, view.source, upto)
        await connection.execute(STORE.advance, view.reader, f"{view.source}/*", upto)
        return sum([await connection.fetchval(PROOF.count_rows.format(table=table)) for table in view.tables])
