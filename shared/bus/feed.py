"""The feed for those who cannot speak Kafka: a house's contracts as structured CloudEvents, after a cursor."""

import asyncio
import time
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request, Response

from shared.bus.saying import envelope_of
from shared.contracts.envelope import Envelope, contracts_of
from shared.eventstore.publishing import Published
from shared.eventstore.store import EventStore
from shared.values import NotFound, Refusal

PAGE = 500
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

    def __contains__(self, envelope: Envelope) -> bool:
        if self._product is not None and envelope.key != self._product:
            return False
        return self._province is None or envelope.province == self._province


async def read(
    store: EventStore, published: Published, after: int, wanted: Wanted, limit: int
) -> tuple[list[Envelope], int]:
    """Up to `limit` wanted envelopes after a position, and the position up to which everything was looked at."""
    topics, found = published.topics(wanted.types), []
    size = PAGE if wanted.is_narrow else min(PAGE, limit + 1)
    while True:
        recorded, upto = await store.feed_upto(after, size, topics)
        for r in recorded:
            envelope = envelope_of(store.house, r, published)
            if envelope and envelope in wanted:
                if len(found) == limit:
                    return found, after
                found.append(envelope)
            after = r.position
        after = max(after, upto)
        if len(recorded) < size:
            return found, after


def number(cursor: str) -> int:
    """A position in a cursor; raises MalformedCursor."""
    if not cursor.isascii() or not cursor.isdigit() or len(cursor) > 18:
        raise MalformedCursor(field="after", after=cursor)
    return int(cursor)


Limit = Annotated[int, Query(ge=1, le=1000)]
Wait = Annotated[float, Query(ge=0, le=5, description="seconds of long polling")]


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
            found, upto = await read(house.store, house.rooms.published, position, wanted, limit)
            position = upto
            if found or time.monotonic() >= until:
                page = {"events": [e.structured() for e in found], "next": str(upto)}
                return Response(orjson.dumps(page), media_type="application/json")
            await asyncio.sleep(POLL_SECONDS)

    @routes.get("/schemas/{name}.json")
    async def schema(request: Request, name: str) -> dict[str, Any]:
        """The JSON Schema of a contract of this house, as `ce_dataschema` names it."""
        kind = contracts_of(request.app.state.house.name).get(name)
        if kind is None:
            raise NotFound(what="schema", id=name)
        return {"$schema": "https://json-schema.org/draft/2020-12/schema", **kind.model_json_schema()}

    return routes
