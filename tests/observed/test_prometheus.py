"""A real Prometheus over all processes: every panel and every alert finds what it asks for, and a healthy system is calm."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import yaml

from deploy.grafana.boards import boards
from deploy.prometheus.scrape import EVERY, HEAD, Target, config, in_compose, processes
from shared.contracts.topics import HOUSES
from tests.native.running import NativeProgram
from tests.observed.declared import ROOT, alerts, rules
from tests.observed.prometheus import Watching, as_grafana_asks, watching
from tests.observed.promql import asked

pytestmark = pytest.mark.timeout(400)

SECONDS = 90  # for what takes some; most of it where the machine has other work
SPAN = "10s"  # of scrapes each second
# How quick a machine is that has other work is not asked here; promtool's tests hold these rules.
OF_SPEED = frozenset({"AppendSlow", "HttpSlow"})
PAGES = ("/", "/events", "/c/GCN-51-2026-00001", *(f"/{house}/openapi.json" for house in HOUSES))


def targets(native: NativeProgram) -> list[Target]:
    """The processes of compose at the addresses of `ocop native`."""
    ports = {f"{house}-api": native.addresses.api(house) for house in HOUSES}
    ports |= {f"{house}-worker": native.addresses.worker(house) for house in HOUSES} | {"portal": native.port}
    return [Target(f"127.0.0.1:{ports[process]}", process, role) for process, role in processes()]


async def empty(found: Callable[[], Awaitable[Any]]) -> Any:
    """What is still found when the time is over; nothing, as soon as nothing is found."""
    deadline = time.monotonic() + SECONDS
    while (left := await found()) and time.monotonic() < deadline:
        await asyncio.sleep(0.5)
    return left


@pytest.fixture(scope="module")
async def native(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[NativeProgram]:
    async with NativeProgram(tmp_path_factory.mktemp("observed") / "data") as program:
        await program.ready()
        async with program.client() as client:
            for page in PAGES:
                await client.get(page)
        yield program


@pytest.fixture(scope="module")
async def watched(native: NativeProgram, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Watching]:
    async with watching(tmp_path_factory.mktemp("prometheus"), targets(native)) as prometheus:
        yield prometheus


def test_the_file_of_compose_is_what_the_code_makes() -> None:
    kept = (ROOT / "deploy" / "prometheus" / "prometheus.yml").read_text(encoding="utf-8")
    assert kept == HEAD + config(in_compose()), "run `python -m deploy.prometheus`"


def test_grafana_knows_how_often_is_scraped() -> None:
    sources = ROOT / "deploy" / "grafana" / "provisioning" / "datasources" / "prometheus.yml"
    (source,) = yaml.safe_load(sources.read_text(encoding="utf-8"))["datasources"]
    assert source["jsonData"]["timeInterval"] == EVERY


async def test_every_process_is_scraped(watched: Watching) -> None:
    names = [process for process, _ in processes()]
    assert len(names) == 2 * len(HOUSES) + 1
    assert await empty(lambda: watched.down(names)) == {}


async def test_every_query_of_every_panel_returns_data(watched: Watching) -> None:
    panels = [panel for board in boards() for section in board.sections for panel in section.panels]
    exprs = {as_grafana_asks(query.expr, SPAN) for panel in panels for query in panel.queries}
    assert len(exprs) > len(panels) / 2
    assert await empty(lambda: watched.silent(sorted(exprs))) == []


async def test_every_alert_and_recording_finds_what_it_watches(watched: Watching) -> None:
    selectors = {selector.text for rule in rules() for selector in asked(rule["expr"]).selectors}
    assert len(selectors) > len(alerts())
    assert await empty(lambda: watched.silent(sorted(selectors))) == []


async def test_nobody_is_called_while_all_is_well(watched: Watching) -> None:
    async def called() -> list[str]:
        return [alert for alert in await watched.calling() if alert.split()[0] not in OF_SPEED]

    assert await empty(called) == []


async def test_a_process_that_is_gone_is_noticed(native: NativeProgram, watched: Watching) -> None:
    await native.stop("promotion-worker")

    async def unnoticed() -> bool:
        return not any(alert.startswith("ProcessDown promotion-worker") for alert in await watched.calling())

    try:
        assert not await empty(unnoticed)
    finally:
        await native.start("promotion-worker")
