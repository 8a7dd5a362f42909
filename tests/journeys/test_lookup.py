"""Whoever scans a label, with certification and the portal as processes of their own: quick, and never a second behind."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from ocop.postgres import Server
from services.certification.commands.ending import RevokeCertificate
from shared.auth.actors import Actor
from shared.eventstore.commands import Request
from shared.eventstore.played import play_day
from tests.postgres import fresh_database
from tests.served import DEADLINE_SECONDS, REVOCATION, TODAY, Served, at_work, number_of

CERTIFICATES = 120
STALE_SECONDS = 1.0
PATIENCE_SECONDS = 3.0


@pytest.fixture(scope="module")
async def owner_dsn() -> dict[str, str]:
    return {}


@pytest.fixture(scope="module")
async def served(
    postgres: Server, owner_dsn: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Served]:
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(fresh_database(postgres, "certification"))
        owner_dsn["certification"] = database.owner_dsn
        folder: Path = tmp_path_factory.mktemp("served")
        yield await stack.enter_async_context(at_work(database, folder, CERTIFICATES))


async def status_of(served: Served, number: str) -> Any:
    return (await served.lookup(number)).json()["status"]


async def revoked_elsewhere(served: Served, number: str) -> None:
    """By another process of certification; returns when the house's own view shows it."""
    command = RevokeCertificate.model_validate(REVOCATION | {"number": number})
    chairman = Actor("the chairman", "province_chairman", "51")
    asked = Request(id=f"revoke {number}", actor=chairman, action="certification:revoke", correlation=number)
    await served.house.execute(command, asked)
    await shown(served)


async def shown(served: Served) -> None:
    head = await served.house.store.head()
    for view in served.house.room.own:
        await served.house.freshness.wait(view, f"certification:{head}", DEADLINE_SECONDS)


async def test_the_portal_answers_by_itself_what_certification_would(served: Served) -> None:
    await served.by_itself(number_of(1))
    numbers = [number_of(n) for n in range(1, CERTIFICATES + 1)]
    for number in (*numbers, "GCN-51-2026-99999", "khong-co"):
        own = await served.certification.get(f"/certificates/{number}")
        answer = await served.lookup(number)
        assert (answer.status_code, answer.json()) == (own.status_code, own.json())


async def test_a_revocation_through_the_portal_shows_within_a_second(served: Served) -> None:
    number = number_of(2)
    assert await status_of(served, number) == "valid"
    await served.revoke(number)
    await shown(served)
    await asyncio.sleep(STALE_SECONDS)  # the bound itself
    assert await status_of(served, number) == "revoked"
    page = await served.portal.get(f"/c/{number}", headers={"accept": "text/html"})
    assert "Đã bị thu hồi" in page.text


async def test_while_certification_s_doors_are_frozen_no_state_is_told_that_is_over_for_a_second(
    served: Served,
) -> None:
    number = number_of(3)
    await served.by_itself(number)
    served.send("certification", signal.SIGSTOP)
    try:
        await revoked_elsewhere(served, number)
        await asyncio.sleep(STALE_SECONDS)  # the bound itself
        assert await told_in_time(served, number) in {None, "revoked"}
    finally:
        served.send("certification", signal.SIGCONT)
    async with asyncio.timeout(DEADLINE_SECONDS):
        while await told_in_time(served, number) != "revoked":
            await asyncio.sleep(0.05)
    await served.by_itself(number)
    assert await status_of(served, number) == "revoked"


async def told_in_time(served: Served, number: str) -> Any:
    """The status that somebody is told who does not wait for long; None where nothing is told."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            answer = await served.lookup(number)
    except TimeoutError:
        return None
    return answer.json()["status"] if answer.status_code == httpx.codes.OK else None


async def test_a_portal_that_was_frozen_does_not_tell_what_it_knew_before(served: Served) -> None:
    number = number_of(4)
    await served.by_itself(number)
    served.send("portal", signal.SIGSTOP)
    try:
        await revoked_elsewhere(served, number)
        await asyncio.sleep(STALE_SECONDS)  # the bound itself
    finally:
        served.send("portal", signal.SIGCONT)
    assert await status_of(served, number) == "revoked"


async def test_a_new_day_of_the_houses_is_the_portal_s_within_a_second(
    served: Served, owner_dsn: dict[str, str]
) -> None:
    await served.by_itself(number_of(5))
    tomorrow = TODAY + timedelta(days=1)
    await play_day(owner_dsn["certification"], tomorrow, playing=True)
    async with asyncio.timeout(DEADLINE_SECONDS):
        while (await served.certification.get("/standing")).json()["today"] != tomorrow.isoformat():
            await asyncio.sleep(0.01)
    await asyncio.sleep(STALE_SECONDS)  # the bound itself
    assert (await served.lookup(number_of(5))).json()["on"] == tomorrow.isoformat()


async def test_the_house_s_documentation_works_behind_the_portal(served: Served) -> None:
    page = await served.portal.get("/certification/docs")
    assert "'/certification/openapi.json'" in page.text
    schema = (await served.portal.get("/certification/openapi.json")).json()
    assert "/certificates/{number}" in schema["paths"]
    moved = await served.portal.get("/certification/certificates/")
    assert (moved.status_code, httpx.URL(moved.headers["location"]).path) == (307, "/certification/certificates")


async def test_the_portal_says_which_houses_do_not_take_commands(served: Served) -> None:
    answer = await served.portal.get("/readyz")
    others = ["registration", "evaluation", "promotion", "programme"]
    assert (answer.status_code, answer.json()["ready"]) == (503, False)
    assert [text.partition(":")[0] for text in answer.json()["behind"]] == others
    metrics = (await served.portal.get("/metrics")).text
    assert 'ocop_http_requests_total{house="portal",method="GET",route="/c/{number}",status="200"}' in metrics


async def test_the_portal_ends_in_order_when_told_to(served: Served) -> None:
    process = served.processes["portal"]
    process.terminate()
    async with asyncio.timeout(DEADLINE_SECONDS):
        assert await process.wait() == 0
