"""kill -9 in mid-season: of the program, of PostgreSQL, of both. The next start goes on, nothing lost or doubled."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import orjson
import pytest

from ocop.postgres import EmbeddedPostgres

OCOP = [sys.executable, "-m", "ocop.cli"]
ROOT = Path(__file__).parents[2]
PLAYED = "registration/counts"


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


async def reached(process: subprocess.Popen[bytes], data: Path, port: int, what: str, number: int) -> None:
    """Returns when the season has come this far; fails when the program ends before."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=10) as client, asyncio.timeout(90):
        while True:
            assert process.poll() is None, log_of(data).read_text()[-2000:]
            try:
                answer = await client.get(f"/{PLAYED}")
                if answer.status_code == 200 and answer.json()[what] >= number:
                    return
            except httpx.TransportError:
                pass  # it does not listen yet
            await asyncio.sleep(0.02)


def kill_postgres(data: Path) -> None:
    server = EmbeddedPostgres(data)._postmaster()
    assert server is not None
    os.kill(server.pid, signal.SIGKILL)


def ocop(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*OCOP, *arguments], cwd=ROOT, capture_output=True, check=False, timeout=120)


@pytest.mark.timeout(240)
async def test_a_season_cut_off_three_times_ends_whole_and_as_told(tmp_path: Path) -> None:
    data, port = tmp_path / "data", free_port()

    process = start(data, port)
    await reached(process, data, port, "ideas", 20)
    process.kill()  # the program alone: PostgreSQL runs on and is adopted
    await asyncio.to_thread(process.wait)

    process = start(data, port)
    await reached(process, data, port, "dossiers", 12)
    kill_postgres(data)  # PostgreSQL alone: the program says so and ends
    assert await asyncio.to_thread(process.wait, 60) == 1

    process = start(data, port)
    await reached(process, data, port, "dossiers_forwarded", 35)
    kill_postgres(data)
    process.kill()  # both
    await asyncio.to_thread(process.wait)

    summary = tmp_path / "summary.json"
    process = start(data, port, "--exit", "--json", str(summary))
    assert await asyncio.to_thread(process.wait, 90) == 0, log_of(data).read_text()[-2000:]
    told = orjson.loads(summary.read_bytes())
    assert told["as_told"] is True
    assert told["counts"] == {"certificates": 46, "stars": {"5": 1, "4": 16, "3": 29}}

    checked = ocop("fsck", "--data", str(data), "--json")
    assert checked.returncode == 0, checked.stdout.decode()
    assert orjson.loads(checked.stdout)["whole"] is True
    said = [orjson.loads(line) for line in ocop("events", "--data", str(data)).stdout.splitlines()]
    registered = [e["data"]["product"]["name"] for e in said if e["type"] == "vn.ocop.IdeaRegistered.v1"]
    assert len(registered) == len(set(registered)) == 49


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
