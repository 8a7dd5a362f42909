"""The feed for those who cannot speak Kafka: a house's contracts as structured CloudEvents, after a cursor."""

import asyncio
import time
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from shared.bus.saying import envelope_of
from shared.contracts.envelope import Envelope, contracts_of
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
        self._types = {t.strip() for t in types.split(",") if t.strip()} if types else None
        self._province = province
        self._product = product

    def __contains__(self, envelope: Envelope) -> bool:
        if self._types is not None and not {envelope.name, envelope.type} & self._types:
            return False
        if self._product is not None and envelope.key != self._product:
            return False
        return self._province is None or envelope.province == self._province


async def read(
    store: EventStore, to_contract: Callable[..., Any], after: int, wanted: Wanted, limit: int
) -> tuple[list[Envelope], int]:
    """Up to `limit` wanted envelopes after a position, and the position up to which everything was looked at."""
    found: list[Envelope] = []
    while True:
        recorded = await store.feed(after, PAGE)
        for r in recorded:
            envelope = envelope_of(store.house, r, to_contract)
            if envelope and envelope in wanted:
                if len(found) == limit:
                    return found, after
                found.append(envelope)
            after = r.position
        if len(recorded) < PAGE:
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
    ) -> dict[str, Any]:  # fmt: skip
        """Contracts in the order in which the house said them. `next` is always given; unchanged when nothing is new."""
        house = request.app.state.house
        position, until = number(after or "0"), time.monotonic() + wait
        wanted = Wanted(types, province, product)
        while True:
            found, upto = await read(house.store, house.rooms.to_contract, position, wanted, limit)
            if found or time.monotonic() >= until:
                return {"events": [e.structured() for e in found], "next": str(upto)}
            await asyncio.sleep(POLL_SECONDS)

    @routes.get("/schemas/{name}.json")
    async def schema(request: Request, name: str) -> dict[str, Any]:
        """The JSON Schema of a contract of this house, as `ce_dataschema` names it."""
        kind = contracts_of(request.app.state.house.name).get(name)
        if kind is None:
            raise NotFound(what="schema", id=name)
        return {"$schema": "https://json-schema.org/draft/2020-12/schema", **kind.model_json_schema()}

    return routes
