"""What a killed run left at work is found by its mark, and ended before anything else is done with its data."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from ocop.erase import erase
from ocop.native import leftovers
from ocop.native.claiming import claimed
from ocop.native.leftovers import MARK
from ocop.postgres import DataInUse


async def test_what_a_killed_run_left_is_ended_with_the_database_last(tmp_path: Path) -> None:
    orders = {name: tmp_path / name for name in ("postgres", "registration-worker")}
    left = [at_work_for(tmp_path, name, told) for name, told in orders.items()]
    stranger = at_work_for(tmp_path / "another", "registration-worker", tmp_path / "stranger")
    try:
        waiting = [asyncio.to_thread(process.wait, 30) for process in left]
        ended, *_ = await asyncio.gather(leftovers.end(tmp_path), *waiting)
        assert ended == ["postgres", "registration-worker"]
        assert orders["registration-worker"].stat().st_mtime_ns < orders["postgres"].stat().st_mtime_ns
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def at_work_for(folder: Path, name: str, told: Path) -> subprocess.Popen[str]:
    """A process that looks like a program of a run; it writes a file when it is asked to end."""
    lines = [
        "import pathlib, signal, sys",
        "def end(*_): pathlib.Path(sys.argv[1]).touch(); sys.exit()",
        "signal.signal(signal.SIGTERM, end)",
        "print('ready', flush=True)",
        "signal.pause()",
    ]
    process = subprocess.Popen(
        [sys.executable, "-c", "\n".join(lines), str(told)],
        env={MARK: str(folder), "SUPERVISOR_PROCESS_NAME": name}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    with process.stdout as output:
        assert output.readline() == "ready\n"
    return process


def test_removing_the_data_ends_what_still_works_on_them(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with claimed(data / "native"), pytest.raises(DataInUse):
        erase(data)
    process = at_work_for(data / "native", "kafka", tmp_path / "told")
    erase(data)
    assert process.wait(10) == 0
    assert (tmp_path / "told").exists()
    assert not data.exists()
