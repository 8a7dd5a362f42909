"""Says whether a house's store is whole: versions, the hash chain, requests; snapshots and views against a replay from zero."""

from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field

import asyncpg

from shared.eventstore.mapper import EventMapper
from shared.eventstore.migrate import SQL, make_tables
from shared.eventstore.proving import Tell, prove
from shared.eventstore.rebuilding import SQL as REBUILDING
from shared.eventstore.snapshots import SQL as SNAPSHOTS
from shared.eventstore.snapshots import folded, wrong_with
from shared.eventstore.sources import Source, pages
from shared.eventstore.sql import PROOF, STORE
from shared.eventstore.views import Room, View, apply

PAGE = 20_000  # positions of one look at requests
SNAPSHOTS_PAGE = 20
SHADOW = "shadow"
MOST_FINDINGS = 20
SourceOf = Callable[[View], Source]


def nobody(_: int) -> None:
    """Progress that nobody looks at."""


@dataclass
class Findings:
    """What is wrong, in words with names and positions, and how much was looked at."""

    findings: list[str] = field(default_factory=list)
    checked: dict[str, int] = field(default_factory=dict)

    def found(self, text: str) -> None:
        self.findings.append(text)

    def count(self, what: str, number: int) -> None:
        self.checked[what] = self.checked.get(what, 0) + number


async def check_events(
    connection: asyncpg.Connection, house: str, result: Findings, tell: Tell = nobody, begins: Tell = nobody
) -> None:
    """Versions contiguous; positions gapless, chain whole and as its checkpoints say: names the first bad event."""
    for row in await connection.fetch(PROOF.broken_versions):
        result.found(f"{house}: versions of aggregate {row['originator_id']} are {row['first']}–{row['last']}, "
                     f"{row['events']} events")  # fmt: skip
    proof = await prove(connection, house, tell=tell, begins=begins)
    for finding in [*([proof.bad] if proof.bad else []), *proof.findings]:
        result.found(f"{house}: {finding}")
    result.count("events", proof.events)
    result.count("checkpoints", proof.stored)


async def check_requests(connection: asyncpg.Connection, house: str, result: Findings, tell: Tell = nobody) -> None:
    """Every event's request is known with the position of its last event, and none points behind the head."""
    for row in await connection.fetch(PROOF.requests_past_head, MOST_FINDINGS):
        result.found(f"{house}: request {row['id']} points to {row['position']}, the head is at {row['head']}")
    result.count("requests", await connection.fetchval(PROOF.count_requests))
    head = await connection.fetchval(STORE.head)
    for after in range(0, head, PAGE):
        upto = min(after + PAGE, head)
        for row in await connection.fetch(PROOF.events_without_request, after, upto, MOST_FINDINGS):
            known = "is not known" if row["answered"] is None else f"is known as of {row['answered']}"
            result.found(f"{house}: the request {row['request']} of the event at {row['position']} {known}")
        tell(upto - after)


async def check_snapshots(connection: asyncpg.Connection, house: str, result: Findings) -> None:
    """Each is what the events up to its version make now; one that another program took counts for nobody here."""
    mapper, after = EventMapper(), None
    while rows := await connection.fetch(SNAPSHOTS.taken, after, SNAPSHOTS_PAGE):
        for row in rows:
            id, number = row["originator_id"], row["version"]
            events = await connection.fetch(SNAPSHOTS.events_after_version, id, 0, number)
            if wrong := wrong_with(row, folded(mapper, id, events)):
                result.found(f"{house}: the snapshot of aggregate {id} at version {number} {wrong}")
        result.count("snapshots", len(rows))
        after = rows[-1]["originator_id"]


async def check_views(
    connection: asyncpg.Connection, room: Room, source_of: SourceOf, result: Findings, tell: Tell = nobody
) -> None:
    """Makes every view again in a shadow, up to where the serving one is, and compares; leaves nothing behind."""
    transaction = connection.transaction(isolation="repeatable_read")
    await transaction.start()
    try:
        views = ", ".join(f"views.{table}" for view in room.views for table in view.tables)
        await connection.execute(REBUILDING.hold_views.format(tables=views))
        at = {(r["reader"], r["source"]): r["position"] for r in await connection.fetch(PROOF.view_positions)}
        await connection.execute(PROOF.make_shadow)
        await make_tables(connection, room, SHADOW)
        await connection.execute(SQL.work_in.format(schema=SHADOW))
        for view in room.views:
            async with aclosing(pages(source_of(view), 0, at.get((view.reader, view.source), 0))) as found:
                async for page in found:
                    await apply(connection, view, page.facts)
                    tell(page.steps)
            await _compare(connection, room.house, view, result)
    finally:
        await transaction.rollback()


async def _compare(connection: asyncpg.Connection, house: str, view: View, result: Findings) -> None:
    for table in view.tables:
        count = await connection.fetchval(PROOF.difference.format(table=table))
        result.count("view rows", await connection.fetchval(PROOF.count_rows.format(table=table)))
        if count:
            result.found(f"{house}: view {view.name} differs from a replay in {count} rows of {table}")
