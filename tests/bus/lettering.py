"""A made-up house that hears another and cannot take everything: what tests of dead letters share."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import httpx
from fastapi import APIRouter
from joserfc.jwk import OKPKey

from ocop.databases import HouseDatabase
from shared.auth.actors import Actor, Role
from shared.auth.tokens import ALGORITHM, sign
from shared.bus.reactions import Policy
from shared.clock import Clock
from shared.contracts.envelope import Contract, Envelope
from shared.eventstore.commands import Command
from shared.eventstore.migrate import migrate
from shared.eventstore.publishing import Published
from shared.eventstore.views import Change, Room, View
from shared.house import House, Rooms, running
from tests.given import an_id
from tests.store.counter import COMMANDS, COUNTERS, HOUSE, Add, Counter, OpenCounter

SOURCE = "evaluation"
KEY = OKPKey.generate_key(ALGORITHM)
SQL = Path(__file__).with_name("two_houses.sql")
PLACES: dict[str, str] = {"commune": "21548", "district_chairman": "535", "producer": str(an_id("producer"))}
NATIONAL = {"ops", "ministry", "minister", "public", "clock"}
WHY = "thử nghiệm / a test of dead letters"


class _Opened(Contract):
    HOUSE: ClassVar[str] = SOURCE
    name: str


class _Counted(Contract):
    HOUSE: ClassVar[str] = SOURCE
    name: str
    number: int


class _Noted(Contract):
    """Read by a view only."""

    HOUSE: ClassVar[str] = SOURCE
    name: str
    number: int


Opened, Counted, Noted = _Opened, _Counted, _Noted  # the underscore keeps them out of what the house really says

HEARD = View("heard", ["heard"], SOURCE)
ROOM = Room(HOUSE, SQL, [COUNTERS, HEARD])


@HEARD.on(Noted)
def noted(fact: Noted, at: Any) -> list[Change]:
    return [Change(ROOM.sql.heard, (an_id(fact.name), at.position, fact.number))]


@dataclass
class Faults:
    """What goes wrong, in a test's hand: the names that cannot be counted now."""

    names: set[str] = field(default_factory=set)


def policy_of(faults: Faults) -> Policy:
    policy = Policy(HOUSE)

    @policy.on(Opened)
    def on_opened(fact: Opened, _: Envelope) -> Command:
        return OpenCounter(id=an_id(fact.name), name=fact.name)

    @policy.on(Counted)
    def on_counted(fact: Counted, _: Envelope) -> Command:
        if fact.name in faults.names:
            raise OSError("line down")
        return Add(counter_id=an_id(fact.name), number=fact.number)

    return policy


def rooms_of(faults: Faults) -> Rooms:
    return Rooms(HOUSE, COMMANDS, policy_of(faults), Published(HOUSE), ROOM, APIRouter())


@dataclass
class Post:
    """The house at work with a client at its doors, and the messages that it hears."""

    house: House
    client: httpx.AsyncClient
    faults: Faults

    async def hear(self, *envelopes: Envelope) -> None:
        await self.house.reactions.send(SOURCE, list(envelopes), max(envelope.position for envelope in envelopes))

    async def total(self, name: str) -> int | None:
        counter = await self.house.store.load(Counter, an_id(name))
        return counter.total if counter else None

    async def numbers(self, name: str) -> list[int]:
        """What was added to a counter, in order."""
        events = [r.event for r in await self.house.store.feed(0, 10_000)]
        return [e.number for e in events if isinstance(e, Counter.Added) and e.originator_id == an_id(name)]

    async def held(self) -> list[tuple[str, str]]:
        rows = await self.house.store.pool.fetch("SELECT id, next_at IS NULL AS dead FROM held ORDER BY ordinal")
        return [(row["id"], "dead" if row["dead"] else "waiting") for row in rows]

    async def decisions(self) -> list[dict[str, Any]]:
        return [
            dict(row) for row in await self.house.store.pool.fetch("SELECT * FROM letter_decisions ORDER BY number")
        ]

    async def get(self, path: str, role: Role | None = "ops", **query: Any) -> httpx.Response:
        return await self.client.get(path, params=query, headers=bearer(role))

    async def decide(
        self, id: str, what: str, role: Role | None = "ops", key: str | None = None, **body: Any
    ) -> httpx.Response:
        headers = bearer(role) | ({"idempotency-key": key} if key else {})
        return await self.client.post(f"/dead-letters/{id}/{what}", json=body, headers=headers)

    async def emptied(self) -> None:
        """Nothing is held any more."""
        async with asyncio.timeout(20):
            while await self.held():
                await asyncio.sleep(0.02)


def bearer(role: Role | None) -> dict[str, str]:
    if role is None:
        return {}
    return {"authorization": f"Bearer {sign(actor_of(role), KEY, datetime.now(UTC) + timedelta(hours=1))}"}


def actor_of(role: Role) -> Actor:
    return Actor(f"someone of {role}", role, "TW" if role in NATIONAL else PLACES.get(role, "51"))


@asynccontextmanager
async def posted(database: HouseDatabase, *, working: bool = True) -> AsyncIterator[Post]:
    """`working`: whether its tasks run, that is whether anything is retried."""
    faults = Faults()
    rooms = rooms_of(faults)
    await migrate(database.owner_dsn, database.server_role, rooms.room)
    house = House(rooms, database.server_dsn, Clock(), KEY)
    await house.store.open()
    client = httpx.AsyncClient(transport=httpx.ASGITransport(house.app()), base_url="http://house")
    try:
        async with running(*(house.tasks() if working else ())), client:
            yield Post(house, client, faults)
    finally:
        await house.store.close()


def said(position: int, kind: type[Contract], **facts: Any) -> Envelope:
    return Envelope(
        id=f"{SOURCE}:{position}", type=kind.type_name(), source=f"/ocop/{SOURCE}", subject="x",
        time=datetime(2026, 6, 1, tzinfo=UTC), dataschema="x", key=facts["name"],
        data={"legal_date": date(2026, 6, 1).isoformat(), **facts},
    )  # fmt: skip


@dataclass(frozen=True)
class Record:
    """A message on a topic that no program of ours wrote."""

    offset: int
    value: bytes | None
    key: bytes | None = b"a"
    headers: tuple[tuple[str, bytes], ...] = (("ce_id", b"evaluation:1"), ("odd", b"\xff"))
    topic: str = f"ocop.{SOURCE}"
    partition: int = 3


# --- what a test begins with, and what it is answered ---

PLACE = "ocop.evaluation/3/17"  # of the record that cannot be read
TOO_MUCH = said(3, Counted, name="a", number=5000)
DATA = TOO_MUCH.data | {"number": 50}


async def one_dead(post: Post) -> None:
    """Counter a stands open; 5000 was refused; 1 and 2 queue behind; b goes on."""
    await post.hear(said(1, Opened, name="a"), said(2, Opened, name="b"))
    await post.hear(
        TOO_MUCH, said(4, Counted, name="a", number=1), said(5, Counted, name="b", number=7),
        said(6, Counted, name="a", number=2),
    )  # fmt: skip
    assert await post.held() == [("evaluation:3", "dead"), ("evaluation:4", "waiting"), ("evaluation:6", "waiting")]


def done(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["ocop-position"] == answer.json()["position"]
    return answer.json()


def refused(answer: httpx.Response) -> tuple[int, str, list[str]]:
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert all(error["message_vi"] and error["message_en"] for error in body["errors"])
    return answer.status_code, body["rule"], [error["field"] for error in body["errors"]]
