"""`lookup`: public certificates as JSON, requests a second of one portal process, against a bare FastAPI route."""

import asyncio
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click
import orjson
import uvloop

from bench.constant import PATH
from tests.postgres import fresh_database, running_server
from tests.served import Served, a_port, answering, at_work, client_at, number_of, process

CERTIFICATES = 20_000
CONNECTIONS = 64
SECONDS = 5
WARM_SECONDS = 2
ROUNDS = 5
REVOKED = 5  # certificates, to see how long a revocation takes to show
SHOWN_SECONDS = 10
SAMPLES = 50
RATE = re.compile(r"^Requests/sec:\s+([0-9.]+)", re.MULTILINE)
WRONG = re.compile(r"Non-2xx or 3xx responses: \d+|Socket errors: .*")
SCRIPT = """local paths = {{ {paths} }}
local asked, next = {{}}, 0
init = function()
  for i, path in ipairs(paths) do asked[i] = wrk.format("GET", path, {{ ["Accept"] = "application/json" }}) end
end
request = function()
  next = next % #asked + 1
  return asked[next]
end
"""


class NotAnswered(RuntimeError):
    """Some requests were not answered as they should be: their rate means nothing."""


async def measure(rounds: int = ROUNDS) -> dict[str, Any]:
    """One figure of the benchmark file; in each round ours and the peer run one after the other."""
    tool = wrk()
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(running_server())
        database = await stack.enter_async_context(fresh_database(server, "certification"))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ocop-lookup-")))
        served = await stack.enter_async_context(at_work(database, folder, CERTIFICATES))
        await served.by_itself(number_of(1))
        size = await checked(served)
        peer = await stack.enter_async_context(client_at(a_port()))
        await stack.enter_async_context(
            process("bench.constant", "--port", peer.base_url.port, "--size", size)
        )  # fmt: skip
        await answering(peer, PATH)
        ours, theirs = [
            Load(tool, str(client.base_url), script(folder, name, paths))
            for client, name, paths in ((served.portal, "ours", looked_up()), (peer, "peer", [PATH]))
        ]
        before = await served.asked()
        rates = await alternately(ours, theirs, rounds)
        return figure(rates) | {
            "asked_of_certification": await served.asked() - before,
            "revocation_shows_after_seconds": await revocations(served),
        }


def figure(rates: Sequence[tuple[float, float]]) -> dict[str, Any]:
    """`rates`: ours and the peer's, by round."""
    peer = {"name": "FastAPI route that answers a constant of the same size", "version": version("fastapi")}
    return {
        "name": "lookup", "unit": "requests/s", "better": "higher",
        "ours": spread([ours for ours, _ in rates]), "peer": peer | spread([theirs for _, theirs in rates]),
        "ratio": round(statistics.median(ours / theirs for ours, theirs in rates), 3), "rounds": len(rates),
    }  # fmt: skip


def spread(values: Sequence[float]) -> dict[str, float]:
    return {"min": min(values), "median": statistics.median(values), "max": max(values)}


# --- the load ---


class Load:
    """wrk on one address."""

    def __init__(self, tool: str, address: str, script: Path) -> None:
        self._command = [tool, "-t1", f"-c{CONNECTIONS}", "-s", str(script), address]

    async def rate(self, seconds: int) -> float:
        """Requests a second. Raises NotAnswered."""
        command = [*self._command, f"-d{seconds}s"]
        run = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=True)
        if wrong := WRONG.search(run.stdout):
            raise NotAnswered(wrong[0])
        found = RATE.search(run.stdout)
        if not found:
            raise NotAnswered(run.stdout)
        return float(found[1])


async def alternately(ours: Load, theirs: Load, rounds: int) -> list[tuple[float, float]]:
    for load in (ours, theirs):
        await load.rate(WARM_SECONDS)
    return [(await ours.rate(SECONDS), await theirs.rate(SECONDS)) for _ in range(rounds)]


def looked_up() -> list[str]:
    """Every certificate once, in an order that is the same in every run."""
    numbers = [f"/c/{number_of(n)}" for n in range(1, CERTIFICATES + 1)]
    random.Random(5).shuffle(numbers)
    return numbers


def script(folder: Path, name: str, paths: Sequence[str]) -> Path:
    file = folder / f"{name}.lua"
    file.write_text(SCRIPT.format(paths=", ".join(f'"{path}"' for path in paths)))
    return file


def wrk() -> str:
    """Where wrk is; taken from Debian's packages when it is missing and they may be installed."""
    if not shutil.which("wrk"):
        subprocess.run(["apt-get", "install", "-y", "wrk"], check=True, stdout=sys.stderr)
    return shutil.which("wrk") or "wrk"


# --- what is answered ---


async def checked(served: Served) -> int:
    """The portal answers as certification does; returns the median size of an answer in bytes."""
    sizes = []
    for n in random.Random(7).sample(range(1, CERTIFICATES + 1), SAMPLES):
        answer = await served.lookup(number_of(n))
        if answer.json() != (await served.certification.get(f"/certificates/{number_of(n)}")).json():
            raise NotAnswered(f"{number_of(n)}: {answer.text}")
        sizes.append(len(answer.content))
    return round(statistics.median(sizes))


async def revocations(served: Served) -> dict[str, float]:
    """Seconds from the answer to a revocation until the portal shows it."""
    return spread([await revocation(served, number_of(n)) for n in range(1, REVOKED + 1)])


async def revocation(served: Served, number: str) -> float:
    await served.revoke(number)
    begun = time.perf_counter()
    async with asyncio.timeout(SHOWN_SECONDS):
        while (await served.lookup(number)).json()["status"] != "revoked":  # noqa: ASYNC110 - another process's doing
            await asyncio.sleep(0.002)
    return round(time.perf_counter() - begun, 4)


@click.command(help=__doc__)
@click.option("--rounds", type=click.IntRange(min=1), default=ROUNDS, show_default=True)
def run(rounds: int) -> None:
    result = uvloop.run(measure(rounds))
    click.echo(orjson.dumps(result, option=orjson.OPT_INDENT_2))


if __name__ == "__main__":
    run()
