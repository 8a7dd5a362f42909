"""`season`: a national year through separate processes and Kafka, in seconds; what it costs, by process and by step.

9,000 dossiers of 34 provinces and all their communes, each from its producer to its certificate, through the doors of the
houses by the people concerned. What was recognised before the year is in the register when it begins. The clock runs from
the first act of the year until everything that follows from the last is done.
"""

import asyncio
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import click
import orjson
import uvloop
from rich.console import Console

from bench.figures import Figure, alone
from bench.national import costs
from bench.national.client import Client
from bench.national.playing import NationalPlayer, Pace, days_of, play
from bench.national.year import Year
from ocop.native.stage import Far, far
from ocop.postgres import EmbeddedPostgres
from ocop.prepare import prepare_all
from ocop.season.acts.hands import ballots_of
from shared import settings as environment
from shared.memory import settled
from tests.native.running import NativeProgram

DOSSIERS = 9_000
SEED = "2026"
CONNECTIONS = 32  # to each house
FSCK_SECONDS = 1800
console = Console(stderr=True)


class NotAsExpected(RuntimeError):
    """The year did not end as its lines say: its time means nothing."""


async def measure(dossiers: int = DOSSIERS, seed: str = SEED, *, whole: bool = True) -> list[Figure]:
    """`whole`: the stores are proved whole afterwards (`ocop fsck`); its time is not counted."""
    year = Year(dossiers, seed)
    with tempfile.TemporaryDirectory(prefix="ocop-season-") as folder:
        async with NativeProgram(Path(folder) / "data", environment={"OCOP_SIMULATED": "1"}) as native:
            await native.ready()
            async with company(native) as program, clients_of(native) as clients:
                player = NationalPlayer(program, year, clients)
                prepare(player, year)
                found = await timed(native, player, year)
                await check(program, clients, year, found)
            if whole:
                found["fsck"] = await asyncio.to_thread(fsck, native.data)
    return [alone("season", "s", [found["seconds"]], better="lower") | {"found": found}]


@asynccontextmanager
async def company(native: NativeProgram) -> AsyncIterator[Far]:
    server = EmbeddedPostgres(native.data).running()
    assert server
    settings = replace(
        environment.read(native.data), database_url=server.admin_dsn, kafka=None, houses=native.addresses.houses
    )
    async with far(settings, await prepare_all(settings)) as program:
        yield program


@asynccontextmanager
async def clients_of(native: NativeProgram) -> AsyncIterator[dict[str, Client]]:
    clients = {house: Client(address, CONNECTIONS) for house, address in native.addresses.houses.items()}
    try:
        yield clients
    finally:
        for client in clients.values():
            client.close()


def prepare(player: NationalPlayer, year: Year) -> None:
    """What the load needs and others would have made: ballots, and the tokens that a person brings along."""
    for line in year.lines:
        p = line.product
        player.token("producer", "producer", player.id_of(p.owner))
        player.token("commune", "commune", p.commune)
        for step in line.steps:
            if step.score:
                ballots_of(line, step, step.score)
    settled()


async def timed(native: NativeProgram, player: NationalPlayer, year: Year) -> dict[str, Any]:
    earlier, steps = days_of(year)
    with console.status("") as status:

        def tell(day: date, done: int, total: int) -> None:
            status.update(f"{day}  {done}/{total}")

        await play(player, earlier, tell)
        known = await heads(player.program)
        programs = {name: state.pid for name, state in native.states().items()}
        programs["postgres"] = EmbeddedPostgres(native.data)._postmaster().pid
        before, own, begun = costs.seconds_of(programs), own_seconds(), time.perf_counter()
        pace = await play(player, steps, tell)
        seconds = time.perf_counter() - begun
        used = costs.between(before, costs.seconds_of(programs)) | {"load": round(own_seconds() - own, 2)}
    await player.program.rest(year.last)
    events = {house: head - known[house] for house, head in (await heads(player.program)).items()}
    return {
        "seconds": round(seconds, 1), "events_in_all": sum(events.values()), "events": events,
        "events_before": sum(known.values()), "processor_seconds_in_all": round(sum(used.values()), 1),
        "processor_seconds": used, **told(pace),
    }  # fmt: skip


async def heads(program: Far) -> dict[str, int]:
    return {house: look.head for house, look in (await program._standing()).items()}


def own_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def told(pace: Pace) -> dict[str, Any]:
    return {
        "acting_seconds": round(pace.acting, 1), "settling_seconds": round(pace.settling, 1),
        "steps": {
            do: {"number": number, "mean_ms": round(pace.seconds[do] / number * 1000, 1)}
            for do, number in pace.steps.most_common()
        },
        "load_average": os.getloadavg()[0],
    }  # fmt: skip


# --- whether it went as it should ---


async def check(program: Far, clients: dict[str, Client], year: Year, found: dict[str, Any]) -> None:
    """Nothing is left to do, and there are as many dossiers and certificates as the year tells. Raises NotAsExpected."""
    standing = await program._standing()
    found["requests"] = {house: client.asked for house, client in clients.items()}
    found["requests_in_all"] = sum(client.asked for client in clients.values())
    counted = (await clients["registration"].get("/counts")).json()
    issued = await program.houses["certification"].store.pool.fetchval(
        "SELECT count(*) FROM views.certificates WHERE kind <> 'recorded'"
    )
    found["dossiers"], found["certificates"] = counted["dossiers_forwarded"], issued
    expected = (year.dossiers, year.certificates, 0)
    held = sum(look.held for look in standing.values())
    if (counted["dossiers_forwarded"], issued, held) != expected:
        raise NotAsExpected(
            f"dossiers, certificates, held: {counted['dossiers_forwarded'], issued, held}, not {expected}"
        )


def fsck(data: Path) -> dict[str, Any]:
    """Raises NotAsExpected where it finds anything."""
    run = subprocess.run(
        [sys.executable, "-m", "ocop.cli", "fsck", "--data", str(data), "--json"], capture_output=True,
        timeout=FSCK_SECONDS, check=False,
    )  # fmt: skip
    if run.returncode:
        raise NotAsExpected(f"fsck: {(run.stdout + run.stderr).decode()[-4000:]}")
    return orjson.loads(run.stdout)["checked"]


@click.command(help=__doc__)
@click.option("--dossiers", type=click.IntRange(min=1), default=DOSSIERS, show_default=True)
@click.option("--seed", default=SEED, show_default=True)
@click.option("--fsck/--no-fsck", "whole", default=True, show_default=True)
def run(dossiers: int, seed: str, *, whole: bool) -> None:
    result = uvloop.run(measure(dossiers, seed, whole=whole))
    click.echo(orjson.dumps(result, option=orjson.OPT_INDENT_2))


if __name__ == "__main__":
    run()
