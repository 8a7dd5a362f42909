"""`report`: seconds until a plan's report of a year has come as JSON, for a province of 20,000 products; the limit is 2 s.

Certification's events come by the store's own append, programme hears them over the relay; the plan has a target of every
metric that is counted from events, and every product was recognised in the year, so that all stand in the report's list.
"""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

import httpx
import orjson

from bench.figures import Figure, Peer, figure
from bench.on_bus import durable_server
from ocop.postgres import Server
from services.certification.main import HOUSE as CERTIFICATION
from services.programme.main import HOUSE as PROGRAMME
from services.programme.views.plans import PLANS
from services.programme.views.recognitions import RECOGNITIONS
from shared.bus.relay import relay
from shared.house import House, running
from shared.memory import settled
from shared.plans import metrics
from tests.given import an_id
from tests.houses import at_work
from tests.postgres import fresh_database
from tests.served import DEADLINE_SECONDS, issue
from tests.whole import KEY, bearer

PRODUCTS = 20_000
LIMIT_SECONDS = 2.0
PLAN, END = str(an_id("a plan of every metric")), "2026-12-31"
TODAY = date(2027, 1, 4)


async def measure(rounds: int = 5, products: int = PRODUCTS) -> Figure:
    async with durable_server() as server, a_year(server, products) as client:
        await asked(client, products)  # what is read from files, and planned by the server, once
        found = [(await asked(client, products), LIMIT_SECONDS) for _ in range(rounds)]
    return figure("report", "s", Peer(f"limit, {products:,} products", "2 s"), found, better="lower")


@asynccontextmanager
async def a_year(server: Server, products: int) -> AsyncIterator[httpx.AsyncClient]:
    """Programme's doors, once it knows all certificates and the plan."""
    async with (
        fresh_database(server, "certification") as theirs, fresh_database(server, "programme") as own,
        at_work(CERTIFICATION, theirs, KEY) as (certification, _), at_work(PROGRAMME, own, KEY) as (house, client),
    ):  # fmt: skip
        house.clock.rest(TODAY)
        await issue(certification, 1, products + 1)
        await heard(certification, house)
        answer = await client.post("/plans", json=plan(), headers=bearer("province_chairman", "51"))
        await house.freshness.wait(PLANS, answer.raise_for_status().headers["ocop-position"])
        settled()
        yield client


async def heard(certification: House, programme: House) -> None:
    sink = next(sink for source, sink in programme.sinks() if source == "certification")
    head = f"certification:{await certification.store.head()}"
    async with running(lambda: relay(certification.store, certification.rooms.published, sink, certification.wake)):
        await programme.freshness.wait(RECOGNITIONS, head, DEADLINE_SECONDS)


def plan() -> dict[str, Any]:
    targets = [
        {"id": f"t{n}", "metric": name, "comparator": ">=", "value": 1, "by": END,
         "scope": "each_district" if "_per_" in name else "province"}
        for n, (name, metric) in enumerate(metrics().items()) if metric.computed == "events"
    ]  # fmt: skip
    return {"id": PLAN, "name": "Kế hoạch", "province": "51", "period_from": "2026-01-01", "period_to": END,
            "targets": targets}  # fmt: skip


async def asked(client: httpx.AsyncClient, products: int) -> float:
    """Seconds of one report. Raises AssertionError where it does not tell of every product."""
    begun = time.perf_counter()
    answer = await client.get(f"/plans/{PLAN}/report", params={"on": END})
    seconds = time.perf_counter() - begun
    said = orjson.loads(answer.raise_for_status().content)
    if len(said["products"]["recognised"]) != products or len(said["targets"]) != 21:
        raise AssertionError(f"{len(said['products']['recognised'])} products, {len(said['targets'])} targets")
    return seconds
