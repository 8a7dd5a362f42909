"""Looks at the data of a stopped or running program: what was said, whether it is whole, a token."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg
import orjson

from ocop.databases import HouseDatabase, looked_into
from ocop.progress import Bar, bars, console
from ocop.standalone import ROOMS, looked_at, migrate_all
from shared import settings
from shared.auth.actors import Actor
from shared.auth.tokens import DEV_TOKEN_LASTS, load_key, sign
from shared.bus.feed import Feed, Wanted
from shared.bus.letters import headers_of
from shared.bus.listening import Listening, ToldFacts
from shared.bus.reactions import READER, request_id
from shared.bus.saying import envelope_of
from shared.bus.wire import header
from shared.clock import Clock, machine_time
from shared.contracts.envelope import Envelope
from shared.eventstore import due
from shared.eventstore.fsck import Findings, check_events, check_requests, check_snapshots, check_views
from shared.eventstore.migrate import VERSION
from shared.eventstore.sources import OwnFacts, Source
from shared.eventstore.sql import PROOF
from shared.eventstore.store import EventStore
from shared.eventstore.views import DUE, View

PAGE = 1000
ALL = 10**18
MOST_FINDINGS = 20
LOOKS = 3  # at what may be on its way
BETWEEN_LOOKS_SECONDS = 1.0
OTHER_VERSION = (
    "Dữ liệu chưa ở phiên bản {version} ({other}): chạy `ocop up` hoặc `ocop prepare` một lần / "
    "the data are not of version {version} yet: run `ocop up` or `ocop prepare` once"
)


@dataclass
class Opened:
    """The databases of the houses, for looking: stores to read, owner's access to make shadows."""

    databases: dict[str, HouseDatabase]
    stores: dict[str, EventStore]
    at_work: frozenset[str] = frozenset()  # the houses of which a process runs

    async def said(self, house: str, upto: int = ALL) -> list[Envelope]:
        """Everything a house has said up to a position."""
        return [envelope async for page in self.pages(house, upto) for envelope in page]

    async def pages(self, house: str, upto: int = ALL) -> AsyncIterator[list[Envelope]]:
        """The same in pieces."""
        after = 0
        while after < upto and (recorded := await self.stores[house].feed(after, PAGE)):
            after = recorded[-1].position
            yield [e for r in recorded if r.position <= upto and (e := self._envelope(house, r))]

    async def clock(self) -> Clock:
        """As the program reckons: the machine's time, but no day before the last on which anything was recorded."""
        clock, last = Clock(), await self.last_day()
        if last:
            clock.rest(last)
        for store in self.stores.values():
            if at := await store.last_instant():
                clock.goes_on_after(at)
        return clock

    async def last_day(self) -> date | None:
        """The last day on which any house recorded anything."""
        return max([day for store in self.stores.values() if (day := await store.last_day())], default=None)

    def _envelope(self, house: str, recorded: Any) -> Envelope | None:
        return envelope_of(house, recorded, ROOMS[house].published)

    def source_of(self, house: str, view: View) -> Source:
        """What a view of a house is made of: own events, or another house's contracts."""
        if view.source == house:
            return OwnFacts(self.stores[house], view)
        listening = Listening(view, self.stores[house])
        return ToldFacts(self.stores[view.source], ROOMS[view.source].published, listening)


def looking(data: Path, work: Callable[[Opened], Awaitable[int]], *, begins: bool = False) -> int:
    """Opens the data, starting its database if nothing runs on it, and does the work.

    `begins`: the work puts something in, so that a register which is not there yet is begun.
    """

    async def main() -> int:
        async with looked_at(settings.read(data)) as found:
            if begins:
                await begin(found)
            looks = {name: await looked_into(database) for name, database in found.items()}
            if other := {name: version for name, (version, _) in looks.items() if version != VERSION}:
                console.print(OTHER_VERSION.format(other=other, version=VERSION))
                return 1
            stores = {name: EventStore(name, database.server_dsn) for name, database in found.items()}
            for store in stores.values():
                await store.open()
            try:
                at_work = frozenset(name for name, (_, works) in looks.items() if works)
                return await work(Opened(found, stores, at_work))
            finally:
                for store in stores.values():
                    await store.close()

    return asyncio.run(main())


async def begin(databases: Mapping[str, HouseDatabase]) -> None:
    """Makes the schemas of a register of which no house has one; one of an older version is for `ocop up` to bring on."""
    looks = [await looked_into(database) for database in databases.values()]
    if all(version is None for version, _ in looks):
        await migrate_all(databases)


def print_events(
    data: Path, *, house: str | None, types: str | None, product: str | None, after: int, limit: int | None
) -> int:
    """Contracts as JSON lines, house after house, each in the order in which it said them."""
    if house is not None and house not in ROOMS:
        console.print(f"--house: {', '.join(ROOMS)}")
        return 2

    async def work(opened: Opened) -> int:
        left, wanted = ALL if limit is None else limit, Wanted(types, None, product)
        for name in [house] if house else ROOMS:
            at, before, feed = after, -1, Feed(opened.stores[name], ROOMS[name].published)
            while left > 0 and at > before:  # page after page, until a page leads no further
                before = at
                found, at = await feed.read(at, wanted, min(left, PAGE))
                for told in found:
                    sys.stdout.buffer.write(told.json + b"\n")
                left -= len(found)
        return 0

    return looking(data, work)


def run_fsck(data: Path, *, as_json: bool) -> int:
    """Proves that everything is whole, also beside a running program; prints what is not."""

    async def work(opened: Opened) -> int:
        result = Findings()
        with bars() as progress:
            for house in ROOMS:
                bar = Bar(progress, house)
                bar.begins(await steps_of(opened, house))
                await check_house(opened, house, result, bar)
                await lasting(lambda found, h=house, b=bar: check_deliveries(opened, h, found, b), result)
                await lasting(lambda found, h=house: check_timer(opened, h, found), result)
                bar.gone()
        report = {"whole": not result.findings, "findings": result.findings, "checked": result.checked}
        if as_json:
            sys.stdout.buffer.write(orjson.dumps(report, option=orjson.OPT_APPEND_NEWLINE))
        else:
            console.print("\n".join(result.findings) or f"Toàn vẹn / whole: {result.checked}")
        return 1 if result.findings else 0

    return looking(data, work)


async def steps_of(opened: Opened, house: str) -> int:
    """How many events are read: for the chain, for the requests, for each view and for what is heard of others."""
    heads = {name: await store.head() for name, store in opened.stores.items()}
    sources = [house, house, *(view.source for view in ROOMS[house].room.views), *ROOMS[house].policy.hears]
    return sum(heads[source] for source in sources)


async def lasting(check: Callable[[Findings], Awaitable[None]], result: Findings) -> None:
    """Beside a running program something is always on its way: what is found counts where it is found again and again."""
    first = Findings()
    await check(first)
    found = first.findings
    for _ in range(LOOKS - 1):
        if not found:
            break
        await asyncio.sleep(BETWEEN_LOOKS_SECONDS)
        again = Findings()
        await check(again)
        found = [finding for finding in found if finding in set(again.findings)]
    result.findings += found
    for what, number in first.checked.items():
        result.count(what, number)


async def check_house(opened: Opened, house: str, result: Findings, bar: Bar) -> None:
    connection = await asyncpg.connect(opened.databases[house].owner_dsn)
    try:
        await check_events(connection, house, result, bar.tell)
        await check_requests(connection, house, result, bar.tell)
        await check_snapshots(connection, house, result)
        await check_views(connection, ROOMS[house].room, lambda view: opened.source_of(house, view), result, bar.tell)
    finally:
        await connection.close()


async def check_deliveries(opened: Opened, house: str, result: Findings, bar: Bar | None = None) -> None:
    """Every contract that a house reacts to has its one effect: its request is known; or a person has dropped it.

    Held and dead ones are named.
    """
    store, policy = opened.stores[house], ROOMS[house].policy
    rows = await store.pool.fetch(PROOF.held, READER)
    held = {id: "is a dead letter" if row["dead"] else "is held" for row in rows for id in ids_of(row)}
    dropped = {id for row in await store.pool.fetch(PROOF.dropped, READER) for id in ids_of(row)}
    result.count("dead letters", sum(row["dead"] for row in rows))
    for source in sorted(policy.hears):
        before = 0
        async for said in opened.pages(source):
            await _check_effects(opened, house, said, held, dropped, result)
            if said and bar:
                bar.tell(said[-1].position - before)
                before = said[-1].position
    for view in ROOMS[house].room.views:
        head, at = await opened.stores[view.source].head(), await store.position(view.reader, view.source)
        if at < head:
            result.found(f"{house}: view {view.name} is at {at} of {head}")


async def _check_effects(
    opened: Opened, house: str, said: list[Envelope], held: dict[str, str], dropped: set[str], result: Findings
) -> None:
    reactions = ROOMS[house].policy.reactions
    wanted = {request_id(reactions[e.type][1].__name__, e): e.id for e in said if e.type in reactions}
    known = {row["id"] for row in await opened.stores[house].pool.fetch(PROOF.known_requests, list(wanted))}
    result.count("deliveries", len(wanted))
    for request, message in wanted.items():
        if message in dropped and request not in known:
            result.count("dropped letters", 1)
        elif request not in known:
            result.found(f"{house}: {message} {held.get(message, 'has no effect')}")


def ids_of(row: Any) -> set[str]:
    """The id of a letter, and of the message that it is as far as its headers tell, where it was unreadable."""
    named = header(headers_of(row["headers"]), "ce_id") if row["headers"] else None
    return {row["id"], named or row["id"]}


async def check_timer(opened: Opened, house: str, result: Findings) -> None:
    """Everything that came due for the house's clock until the last day on which anything was recorded is done."""
    day = await opened.last_day()
    if day is None or due.VIEW not in {view.name for view in ROOMS[house].room.views}:
        return
    pool, timer = opened.stores[house].pool, ROOMS[house].timer
    result.count("timer acts", await pool.fetchval(DUE.acts_due, day))
    for row in await pool.fetch(DUE.not_done, day, MOST_FINDINGS):
        known = timer is not None and row["limit_id"] in timer.rules
        why = "is not done" if known else "has no rule"
        result.found(f"{house}: {row['limit_id']} of {row['subject']}, due on {row['due_on']}, {why}")


def print_token(data: Path, role: str, place: str, actor: str) -> int:
    """A token of the local key; refused unless OCOP_DEV=1."""
    read_settings = settings.read(data)
    if not read_settings.dev:
        console.print("Chỉ dùng để thử: đặt OCOP_DEV=1 / for trying things out only: set OCOP_DEV=1")
        return 1
    try:
        signed = sign(Actor(actor, role, place), load_key(read_settings.key_file), machine_time() + DEV_TOKEN_LASTS)  # type: ignore[arg-type]
    except ValueError as error:
        console.print(f"{error}")
        return 2
    print(signed)
    return 0
