"""`page`: milliseconds that a server takes for each page, beside a route that renders a constant template of the same size.

First on the season's data, then with 20,000 products more: earlier recognitions appended to registration's store, from which
the other houses have all they show. Pages are asked for one after the other, packed as browsers want them.

`page` and `page_20000` are what visitors wait for: the portal gives a page to all who ask for it within a second, or while
nothing has changed. `page_made` and `page_made_20000` are the same pages asked for as by somebody for whom each has to be made.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx
import uvloop

from bench.figures import Figure, Peer, alternately, figure, peer
from bench.national.client import Client
from bench.recognitions import recorded
from ocop.standalone import looked_at
from shared.settings import Settings
from tests.journeys.places import MISSING, places
from tests.opened import store_on
from tests.served import a_port, answering, client_at, process

PRODUCTS = 20_000
GROUP = 250  # products in one append
ASKED = 20  # times each page, in each round
HEADERS = b"accept: text/html\r\naccept-encoding: gzip\r\naccept-language: vi\r\n"
READY_SECONDS = 900
LEFT_OUT = frozenset({"error", "nothing"})  # not what anybody comes for
Times = dict[str, list[float]]  # page -> milliseconds


async def measure(rounds: int = 3, products: int = PRODUCTS) -> list[Figure]:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ocop-page-")))
        served = await stack.enter_async_context(demo(folder))
        theirs = await stack.enter_async_context(constant(folder))
        paths = {name: path for name, path in (await places(served)).items() if name not in LEFT_OUT}
        anew = {name: unshared(path) for name, path in paths.items()}
        found = {"page": await beside(served, theirs, paths, folder, rounds)}
        found["page_made"] = await beside(served, theirs, anew, folder, rounds)
        await append(folder, products)
        await ready(served)
        found[f"page_{products}"] = await beside(served, theirs, paths, folder, rounds)
        found[f"page_made_{products}"] = await beside(served, theirs, anew, folder, rounds)
    return [figured(name, measured) for name, measured in found.items()]


# --- what is measured ---


async def beside(
    served: httpx.AsyncClient, theirs: httpx.AsyncClient, paths: Mapping[str, str], folder: Path, rounds: int
) -> tuple[list[tuple[float, float]], Times, Times]:
    """Rounds of (ours, theirs), each the median of all pages' medians; and all that was measured of both."""
    sizes = await kept(served, paths, folder)
    all_ours: Times = {name: [] for name in paths}
    all_theirs: Times = {name: [] for name in paths}
    us, them = Client(str(served.base_url), 1), Client(str(theirs.base_url), 1)

    async def ours() -> float:
        return await once(us, paths, all_ours)

    async def constants() -> float:
        return await once(them, {name: f"/{name}" for name in sizes}, all_theirs)

    await ours(), await constants()  # warm: caches, compiled templates, plans of statements
    for times in (*all_ours.values(), *all_theirs.values()):
        times.clear()
    found = await alternately(ours, constants, rounds)
    us.close(), them.close()
    return found, all_ours, all_theirs


async def once(client: Client, paths: Mapping[str, str], into: Times) -> float:
    """Asks for every page in turn, again and again, so that none is asked for twice in a row."""
    own: Times = {name: [] for name in paths}
    for _ in range(ASKED):
        for name, path in paths.items():
            begun = time.perf_counter()
            answer = await client.get(path, HEADERS)
            own[name].append((time.perf_counter() - begun) * 1000)
            if answer.status_code not in {200, 404 if name in MISSING else 200}:
                raise RuntimeError(f"{path}: {answer.status_code}")
    for name, times in own.items():
        into[name] += times
    return statistics.median(statistics.median(times) for times in own.values())


def unshared(path: str) -> str:
    """The same page for somebody who chooses a language with it: none that was made for others serves."""
    return f"{path}{'&' if '?' in path else '?'}lang=vi"


async def kept(served: httpx.AsyncClient, paths: Mapping[str, str], folder: Path) -> dict[str, int]:
    """Each page as a template that says the same whoever asks; returns their sizes in bytes."""
    sizes = {}
    for name, path in paths.items():
        text = (await served.get(path, headers={"Accept": "text/html"})).text
        (folder / f"{name}.html").write_text(f"{{% raw %}}{text}{{% endraw %}}", encoding="utf-8")
        sizes[name] = len(text.encode())
    return sizes


def figured(name: str, found: tuple[list[tuple[float, float]], Times, Times]) -> Figure:
    values, ours, theirs = found
    every = sorted(ms for times in ours.values() for ms in times)
    return figure(name, "ms", constant_peer(), values, better="lower") | {
        "p95_ms": round(percentile(every, 95), 2),
        "pages": {
            page: {
                "median_ms": round(statistics.median(times), 2), "p95_ms": round(percentile(sorted(times), 95), 2),
                "ratio": round(statistics.median(times) / statistics.median(theirs[page]), 2),
            }
            for page, times in ours.items()
        },
    }  # fmt: skip


def percentile(ordered: list[float], percent: int) -> float:
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def constant_peer() -> Peer:
    return peer("FastAPI route that renders a constant template of the same size", "fastapi", "jinja2")


# --- what is asked ---


@asynccontextmanager
async def demo(folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    """The whole program with its season played."""
    port = a_port()
    async with process("ocop.cli", "demo", "--data", folder / "data", "--port", port), client_at(port) as client:
        await ready(client)
        yield client


@asynccontextmanager
async def constant(folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    port = a_port()
    async with process("bench.constant_page", "--port", port, "--folder", folder), client_at(port) as client:
        await answering(client, "/livez")
        yield client


async def ready(client: httpx.AsyncClient) -> None:
    """Returns when the season is played and everybody has all that was said."""
    async with asyncio.timeout(READY_SECONDS):
        while True:
            try:
                if (await client.get("/readyz")).status_code == httpx.codes.OK:
                    return
            except httpx.TransportError:  # it is still starting
                await asyncio.sleep(0.2)
            await asyncio.sleep(0.3)


async def append(folder: Path, products: int) -> None:
    """Takes earlier recognitions into registration by its store's own append; the program's tasks do the rest."""
    async with (
        looked_at(Settings(folder / "data", None)) as databases,
        store_on("registration", databases["registration"].server_dsn) as store,
    ):
        for first in range(0, products, GROUP):
            said = [event for n in range(first, min(first + GROUP, products)) for event in recorded(n)]
            await store.append(said, request=f"recognitions {first}", fingerprint=b"", metadata="{}", answer="{}")


if __name__ == "__main__":
    print(uvloop.run(measure(*map(int, sys.argv[1:]))))
