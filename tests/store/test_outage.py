"""A database that dies and comes back: doors say so with 503, and nothing else is ever the matter."""

import asyncio
import os
import signal
from collections import Counter
from pathlib import Path

import httpx

from ocop.databases import prepare
from ocop.postgres import EmbeddedPostgres
from ocop.standalone import ROOMS
from tests.houses import at_work

HOUSE = "registration"
ASKERS = 12
ALIVE_SECONDS = 0.4
WAYS = (signal.SIGKILL, signal.SIGINT, signal.SIGKILL, signal.SIGQUIT)


async def ask(client: httpx.AsyncClient, statuses: Counter[int], stop: asyncio.Event) -> None:
    while not stop.is_set():
        statuses[(await client.get("/counts")).status_code] += 1
        await asyncio.sleep(0.005)


async def ended_and_begun_again(embedded: EmbeddedPostgres, how: signal.Signals) -> None:
    master = embedded._postmaster()
    assert master
    os.kill(master.pid, how)
    while embedded._postmaster():
        await asyncio.sleep(0.01)
    await embedded.stop()
    await embedded.start()


async def test_while_the_database_dies_and_comes_back_doors_say_that_it_does_not_answer(tmp_path: Path) -> None:
    embedded, statuses, stop = EmbeddedPostgres(tmp_path), Counter[int](), asyncio.Event()
    server = await embedded.start()
    try:
        databases = await prepare(server, [HOUSE])
        async with at_work(ROOMS[HOUSE], databases[HOUSE], None) as (_, client):
            askers = [asyncio.create_task(ask(client, statuses, stop)) for _ in range(ASKERS)]
            for how in WAYS:
                await asyncio.sleep(ALIVE_SECONDS)
                await ended_and_begun_again(embedded, how)
            await asyncio.sleep(ALIVE_SECONDS)
            stop.set()
            await asyncio.gather(*askers)
            assert set(statuses) == {200, 503}, statuses
            assert (await client.get("/counts")).status_code == 200
    finally:
        await embedded.stop()
