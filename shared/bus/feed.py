"""The feed for those who cannot speak Kafka: a house's contracts as structured CloudEvents, after a cursor."""

import asyncio
import time
from functools import cache
from typing import Annotated, Any, NamedTuple

import orjson
from fastapi import APIRouter, Query, Request, Response

from shared.bus.saying import envelope_of
from shared.contracts.asyncapi import asyncapi
from shared.contracts.schemas import said_by, schema_of
from shared.eventstore.mapper import Recorded
from shared.eventstore.publishing import Published
from shared.eventstore.store import EventStore
from shared.values import NotFound, Refusal

PAGE = 500
KEPT = 4000  # contracts of a house, about a kilobyte each
POLL_SECONDS = 0.1


class MalformedCursor(Refusal):
    rule = "cursor-malformed"
    vi = "Con trỏ {after} không hợp lệ."
    en = "The cursor {after} is not valid."


class Wanted:
    """Which envelopes an asker wants: by type (short or full name), province, product."""

    def __init__(self, types: str | None, province: str | None, product: str | None = None) -> None:
        self.types = {t.strip() for t in types.split(",") if t.strip()} if types else None
        self._province = province
        self._product = product

    @property
    def is_narrow(self) -> bool:
        """Whether much of what is read may be left out."""
        return self._province is not None or self._product is not None

    def __contains__(self, told: "Told") -> bool:
        if self._product is not None and told.key != self._product:
            return False
        return self._province is None or told.province == self._province


class Told(NamedTuple):
    """A contract as the feed tells it: its structured CloudEvent as JSON, and what it is chosen by."""

    key: str
    province: str | None
    json: bytes


class Feed:
    """What one house said. A contract never changes and many read the same ones: the last told are kept ready."""

    def __init__(self, store: EventStore, published: Published) -> None:
        self._store, self._published = store, published
        self._ready: dict[int, Told] = {}  # by position, the least lately made first

    async def read(self, after: int, wanted: Wanted, limit: int) -> tuple[list[Told], int]:
        """Up to `limit` wanted contracts after a position, and the position up to which everything was looked at."""
        topics, found = self._published.topics(wanted.types), []
        size = PAGE if wanted.is_narrow else min(PAGE, limit + 1)
        while True:
            positions, upto = await self._store.positions(after, size, topics)
            for position, told in zip(positions, await self._told(positions, topics), strict=True):
                if told in wanted:
                    if len(found) == limit:
                        return found, after
                    found.append(told)
                after = position
            after = max(after, upto)
            if len(positions) < size:
                return found, after

    async def _told(self, positions: list[int], topics: list[str]) -> list[Told]:
        """Those at these positions, which follow one another within these topics."""
        have = {position: self._ready[position] for position in positions if position in self._ready}
        missing = [position for position in positions if position not in have]
        if missing:
            rest = positions[positions.index(missing[0]) :]
            for recorded in await self._store.feed(rest[0] - 1, len(rest), topics):
                have[recorded.position] = self._ready[recorded.position] = self._tell(recorded)
            for position in list(self._ready)[: max(0, len(self._ready) - KEPT)]:
                del self._ready[position]
        return [have[position] for position in positions]

    def _tell(self, recorded: Recorded) -> Told:
        envelope = envelope_of(self._store.house, recorded, self._published)
        if envelope is None:
            raise TypeError(f"{type(recorded.event).__name__} is read as a contract and says none")
        return Told(envelope.key, envelope.province, orjson.dumps(envelope.structured()))


def number(cursor: str) -> int:
    """A position in a cursor; raises MalformedCursor."""
    if not cursor.isascii() or not cursor.isdigit() or len(cursor) > 18:
        raise MalformedCursor(field="after", after=cursor)
    return int(cursor)


Limit = Annotated[int, Query(ge=1, le=1000)]
Wait = Annotated[float, Query(ge=0, le=5, description="seconds of long polling")]


@cache
def described(house: str) -> bytes:
    """The AsyncAPI document of a house; it changes with the code alone."""
    return orjson.dumps(asyncapi([house]))


def feed_routes() -> APIRouter:
    routes = APIRouter(tags=["feed"])

    @routes.get("/events")
    async def events(
        request: Request, after: str | None = None, types: str | None = None, province: str | None = None,
        product: str | None = None, limit: Limit = 100, wait: Wait = 0,
    ) -> Response:  # fmt: skip
        """Contracts in the order in which the house said them. `next` is always given; unchanged when nothing is new."""
        house = request.app.state.house
        position, until = number(after or "0"), time.monotonic() + wait
        wanted = Wanted(types, province, product)
        while True:
            found, upto = await house.feed.read(position, wanted, limit)
            position = upto
            if found or time.monotonic() >= until:
                page = {"events": [orjson.Fragment(told.json) for told in found], "next": str(upto)}
                return Response(orjson.dumps(page), media_type="application/json")
            await asyncio.sleep(POLL_SECONDS)

    @routes.get("/schemas/{name}.json")
    async def schema(request: Request, name: str) -> dict[str, Any]:
        """The JSON Schema of a contract or state of this house, as `ce_dataschema` names it."""
        kind = said_by(request.app.state.house.name).get(name)
        if kind is None:
            raise NotFound(what="schema", id=name)
        return schema_of(kind)

    @routes.get("/asyncapi.json")
    async def topics(request: Request) -> Response:
        """AsyncAPI 3: the topics that this house writes and all that it says on them."""
        return Response(described(request.app.state.house.name), media_type="application/json")

    return routes
