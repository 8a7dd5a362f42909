"""kill -9 at random moments of the season: of the program, of PostgreSQL, of both. It ends the same as undisturbed.

What is compared is everything that was said: the same contracts about the same products on the same days, with the same
numbers. `OCOP_SEED=n` repeats a run; `make chaos` kills many more times.
"""

import asyncio
import itertools
import os
import random
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import httpx
import orjson
import pytest

from ocop.postgres import EmbeddedPostgres
from shared.plans import plan_files, plan_id_of
from tests.journeys.told import SEASON, Row, essence, everything_said

OCOP = [sys.executable, "-m", "ocop.cli"]
ROOT = Path(__file__).parents[2]
PLAYED = "registration/counts"
FIVE = {str(plan_id_of(path.stem)) for path in plan_files()}
NOT_THERE = -1  # less than the nothing that a season begins with
LONGEST_LIFE = 8.0  # seconds of serving before a kill: three of them are shorter than the season
SHORTEST_LIVES = 1.5  # seconds, where many kills have to fit into one season
STARTED = 90  # seconds that a start may take on a busy machine
ENDED = 150  # seconds that the rest of the season may take there


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def start(data: Path, port: int, *more: str) -> subprocess.Popen[bytes]:
    """A demo of its own; what it complains of goes to a file beside its data."""
    with log_of(data).open("wb") as log:
        return subprocess.Popen(
            [*OCOP, "demo", "--data", str(data), "--port", str(port), *more],
            cwd=ROOT, stdout=subprocess.DEVNULL, stderr=log, start_new_session=True,
        )  # fmt: skip


def log_of(data: Path) -> Path:
    return data.with_suffix(".log")


def complaint(data: Path) -> str:
    return log_of(data).read_text()[-2000:]


async def reached(process: subprocess.Popen[bytes], data: Path, port: int, what: str, number: int) -> None:
    """Returns when the season has come this far; fails when the program ends before."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=10) as client, asyncio.timeout(STARTED):
        while await come_to(client, what) < number:
            assert process.poll() is None, complaint(data)
            await asyncio.sleep(0.02)


async def come_to(client: httpx.AsyncClient, what: str) -> int:
    """How far the season has come by its own counts; NOT_THERE while nobody listens or has an answer."""
    try:
        answer = await client.get(f"/{PLAYED}")
    except httpx.TransportError:
        return NOT_THERE
    return answer.json()[what] if answer.status_code == 200 else NOT_THERE


# --- three ways to be cut off ---


def kill_program(process: subprocess.Popen[bytes], _: Path) -> None:
    """The program alone: PostgreSQL runs on and is adopted by the next start."""
    process.kill()
    process.wait()


def kill_database(process: subprocess.Popen[bytes], data: Path) -> None:
    """PostgreSQL alone: the program says so and ends."""
    kill_postgres(data)
    assert process.wait(60) == 1, complaint(data)


def kill_both(process: subprocess.Popen[bytes], data: Path) -> None:
    kill_postgres(data)
    process.kill()
    process.wait()


def kill_postgres(data: Path) -> None:
    server = EmbeddedPostgres(data)._postmaster()
    assert server is not None
    os.kill(server.pid, signal.SIGKILL)


WAYS: tuple[Callable[[subprocess.Popen[bytes], Path], None], ...] = (kill_program, kill_database, kill_both)


async def cut_off(data: Path, port: int, times: int, longest: float, dice: random.Random) -> None:
    """Starts the season and kills it after some seconds of life, again and again."""
    for kill in itertools.islice(itertools.cycle(WAYS), times):
        process = start(data, port)
        await reached(process, data, port, "ideas", 0)
        life = dice.uniform(0, longest)
        await asyncio.sleep(life)
        print(f"{kill.__name__} after {life:.2f} s of serving")
        await asyncio.to_thread(kill, process, data)


# --- what it comes to in the end ---


async def played_to_the_end(data: Path, port: int) -> Row:
    """The summary of the last start, which is left alone."""
    summary = data.with_name("summary.json")
    process = start(data, port, "--exit", "--json", str(summary))
    assert await asyncio.to_thread(process.wait, ENDED) == 0, complaint(data)
    return orjson.loads(summary.read_bytes())


def ocop(*arguments: str) -> bytes:
    done = subprocess.run([*OCOP, *arguments], cwd=ROOT, capture_output=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
    return done.stdout


def of_the_season(events: list[Row]) -> Counter[tuple[str, ...]]:
    return Counter(essence(e) for e in events if e["data"]["legal_date"] <= str(SEASON.last))


def without_the_five_plans(events: list[Row]) -> list[Row]:
    """A demonstration publishes those after its season."""
    return [e for e in events if e["data"].get("plan_id") not in FIVE]


def without_guests(events: list[Row]) -> list[Row]:
    """Other journeys register producers of their own with the undisturbed program."""
    names = {product.producer for product in SEASON.products.values()}
    return [e for e in events if "producer" not in e["data"] or e["data"]["producer"]["name"] in names]


async def assert_the_same(data: Path, told: Row, undisturbed: httpx.AsyncClient) -> None:
    assert told["as_told"] is True
    assert told["counts"]["stars"] == {"5": 6, "4": 27, "3": 32}
    said = [orjson.loads(line) for line in ocop("events", "--data", str(data)).splitlines()]
    wanted = of_the_season(without_guests(await everything_said(undisturbed)))
    found = of_the_season(without_the_five_plans(said))
    assert found - wanted == Counter()
    assert wanted - found == Counter()
    assert orjson.loads(ocop("fsck", "--data", str(data), "--json"))["whole"] is True


async def killed(times: int, longest: float, tmp_path: Path, undisturbed: httpx.AsyncClient) -> None:
    seed = int(os.environ.get("OCOP_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
    print(f"OCOP_SEED={seed}")
    data, port = tmp_path / "data", free_port()
    await cut_off(data, port, times, longest, random.Random(seed))
    await assert_the_same(data, await played_to_the_end(data, port), undisturbed)


@pytest.mark.timeout(600)
async def test_a_season_cut_off_three_times_ends_the_same_as_undisturbed(
    tmp_path: Path, program: httpx.AsyncClient
) -> None:
    await killed(3, LONGEST_LIFE, tmp_path, program)


@pytest.mark.chaos
@pytest.mark.timeout(1800)
async def test_a_season_cut_off_thirty_times_ends_the_same_as_undisturbed(
    tmp_path: Path, program: httpx.AsyncClient
) -> None:
    await killed(30, SHORTEST_LIVES, tmp_path, program)


@pytest.mark.timeout(120)
async def test_sigterm_in_the_middle_ends_everything_in_order_and_the_next_start_goes_on(tmp_path: Path) -> None:
    data, port = tmp_path / "data", free_port()
    process = start(data, port)
    await reached(process, data, port, "ideas", 20)
    os.killpg(process.pid, signal.SIGTERM)
    assert await asyncio.to_thread(process.wait, 30) == 0
    assert EmbeddedPostgres(data).running() is None

    process = start(data, port)
    await reached(process, data, port, "ideas", 49)
    os.killpg(process.pid, signal.SIGINT)
    assert await asyncio.to_thread(process.wait, 30) == 0
    assert EmbeddedPostgres(data).running() is None
