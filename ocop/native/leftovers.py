"""Ends what a killed `ocop native` left at work: found by the mark in its environment, never by a name alone."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

MARK = "OCOP_NATIVE"  # in the environment of everything that runs under `ocop native`: the folder it runs for
SUPERVISORD, POSTGRES = "supervisord", "postgres"
POLL_SECONDS = 0.05
ORDERLY_SECONDS = 30
DATABASE_SECONDS = 75
KILLED_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Left:
    """A process of ours and the program it is."""

    pid: int
    program: str


def processes_of(folder: Path) -> list[Left]:
    """Everything at work that was started for this folder; nothing where the system has no /proc."""
    mark, found = f"{MARK}={folder}".encode(), []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # ended meanwhile, or another user's
            environment = (process / "environ").read_bytes().split(b"\0")  # empty for one that only waits to be reaped
            if mark in environment:
                found.append(Left(int(process.name), _program(environment)))
    return found


def _program(environment: list[bytes]) -> str:
    prefix = b"SUPERVISOR_PROCESS_NAME="
    return next((line.removeprefix(prefix).decode() for line in environment if line.startswith(prefix)), SUPERVISORD)


async def end(folder: Path) -> list[str]:
    """Ends all of it, the database last. Returns the names of the programs that were there."""
    left = processes_of(folder)
    if not left:
        return []
    # supervisord first, or it would start the others again; where it lives it ends them itself, in its own order.
    if [one for one in left if one.program == SUPERVISORD]:
        await _gone(folder, {SUPERVISORD}, ORDERLY_SECONDS + DATABASE_SECONDS)
    others = {one.program for one in processes_of(folder)} - {POSTGRES}
    await _gone(folder, others, ORDERLY_SECONDS)
    await _gone(folder, {POSTGRES}, DATABASE_SECONDS)
    return sorted({one.program for one in left})


async def _gone(folder: Path, programs: Iterable[str], seconds: float) -> None:
    """Asked to end, then made to."""
    wanted = set(programs)
    for how, patience in ((signal.SIGTERM, seconds), (signal.SIGKILL, KILLED_SECONDS)):
        _tell(folder, wanted, how)
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if not [one for one in processes_of(folder) if one.program in wanted]:
                return
            await asyncio.sleep(POLL_SECONDS)
    raise RuntimeError(f"cannot be ended: {[one for one in processes_of(folder) if one.program in wanted]}")


def _tell(folder: Path, programs: set[str], how: signal.Signals) -> None:
    for one in processes_of(folder):
        if one.program in programs:
            with contextlib.suppress(ProcessLookupError):
                os.kill(one.pid, how)
