"""One trace from a request over HTTP, through Kafka, to what another house does on hearing of it."""

from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import httpx
import orjson
import pytest
from fastapi import APIRouter
from joserfc.jwk import OKPKey

from ocop.databases import HouseDatabase
from shared import tracing
from shared.auth.actors import Actor
from shared.auth.tokens import ALGORITHM, DEV_TOKEN_LASTS, sign
from shared.bus.onkafka import OnKafka
from shared.bus.reactions import Policy
from shared.clock import Clock, machine_time
from shared.house import House, running
from shared.web import takes
from tests.bus.two_houses import HEARER, TELLER, Faults, house_on, policy_of, rooms_of, total, until
from tests.given import an_id
from tests.observed.collector import Collector, collecting
from tests.store.counter import OpenCounter

TRACE = "0af7651916cd43dd8448eb211c80319c"
CALLER = "b7ad6b7169203331"
ACTION = "registration:register-producer"  # any that a role may do
KEY = OKPKey.generate_key(ALGORITHM)


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as collector:
        tracing.start("ocop-test", collector.address)
        yield collector
        tracing.stop()


def teller_on(database: HouseDatabase) -> House:
    """The teller with a door: a counter is opened over HTTP."""
    routes = APIRouter()
    takes(routes, "/counters", OpenCounter, ACTION, status=201)
    return House(replace(rooms_of(TELLER, Policy(TELLER)), routes=routes), database.server_dsn, Clock(), KEY)


async def ask(house: House, name: str, **headers: str) -> None:
    token = sign(Actor("x", "producer", str(an_id("p"))), KEY, machine_time() + DEV_TOKEN_LASTS)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(house.app()), base_url="http://house") as client:
        answer = await client.post(
            "/counters", json={"id": str(an_id(name)), "name": name},
            headers={"authorization": f"Bearer {token}", **headers},
        )  # fmt: skip
    assert answer.status_code == 201, answer.text


async def metadata(house: House) -> dict[str, Any]:
    """Of the house's only event."""
    return orjson.loads(await house.store.pool.fetchval("SELECT metadata::text FROM events"))


async def carried(two: dict[str, HouseDatabase], kafka: str, **headers: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """A counter opened over HTTP and heard of through Kafka; returns what stands with both events."""
    async with AsyncExitStack() as stack:
        teller = teller_on(two[TELLER])
        await teller.store.open()
        stack.push_async_callback(teller.store.close)
        hearer = await stack.enter_async_context(house_on(two[HEARER], HEARER, policy_of(Faults())))
        for house in (teller, hearer):
            await stack.enter_async_context(running(*house.tasks(), *OnKafka(house, kafka).tasks()))
        await ask(teller, "a", **headers)

        async def counts_along() -> bool:
            return await total(hearer, "a") is not None

        await until(counts_along)
        return await metadata(teller), await metadata(hearer)


async def test_one_trace_leads_from_http_through_kafka_to_the_other_houses_reaction(
    two: dict[str, HouseDatabase], topics: str, collector: Collector
) -> None:
    told, heard = await carried(two, topics, traceparent=f"00-{TRACE}-{CALLER}-01")
    tracing.stop()
    asked, reacted = collector.named("POST /counters"), collector.named("on_opened")
    assert asked.parent_span_id.hex() == CALLER
    assert reacted.parent_span_id == asked.span_id
    assert asked.trace_id.hex() == reacted.trace_id.hex() == TRACE
    assert told["traceparent"] == f"00-{TRACE}-{asked.span_id.hex()}-01"
    assert heard["traceparent"] == f"00-{TRACE}-{reacted.span_id.hex()}-01"
    assert told["correlation"] == heard["correlation"]


async def test_where_traces_are_off_the_callers_trace_still_reaches_the_other_house(
    two: dict[str, HouseDatabase], topics: str
) -> None:
    given = f"00-{TRACE}-{CALLER}-01"
    told, heard = await carried(two, topics, traceparent=given)
    assert told["traceparent"] == heard["traceparent"] == given
