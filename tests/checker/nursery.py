"""Makes workers quickly: one process has loaded all there is to load, and divides itself for each of them.

`python -m tests.checker.nursery` reads a task a line and answers with the number of the worker's process. Workers die with it.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import orjson

from ocop.native.supervising import ends_with_its_parent
from tests.checker.port import named
from tests.checker.workers import Task, work

ROOT = Path(__file__).parents[2]
KEPT = ROOT / "var" / "checker"
POLL_SECONDS = 0.003


class Nursery:
    """The other end, for who plays histories."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    async def born(self, task: Task) -> int:
        """The process number of a new worker. Raises RuntimeError where the nursery has died."""
        return await asyncio.to_thread(self._born, task)

    def _born(self, task: Task) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(orjson.dumps(asdict(task)) + b"\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("nobody makes workers any more")
        return int(line)


@contextlib.contextmanager
def nursery(*openings: str) -> Iterator[Nursery]:
    """With the modules of these stores loaded. Its workers end with it; what they log is in var/checker."""
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / "workers.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.checker.nursery", *openings], cwd=ROOT, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=log, preexec_fn=ends_with_its_parent,
        )  # fmt: skip
    try:
        yield Nursery(process)
    finally:
        process.kill()
        process.communicate()


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def gone(pid: int) -> None:
    """Returns once a worker is no more."""
    while alive(pid):
        await asyncio.sleep(POLL_SECONDS)


def divide(task: Task) -> int:
    pid = os.fork()
    if pid:
        return pid
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    ends_with_its_parent()
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    try:
        asyncio.run(work(task))
    except Exception:  # written into its log, where whoever plays the history finds it
        os._exit(1)
    os._exit(0)


def main() -> None:
    for opening in sys.argv[1:]:
        named(opening)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the dead
    for line in sys.stdin.buffer:
        pid = divide(Task(**orjson.loads(line)))
        sys.stdout.buffer.write(b"%d\n" % pid)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
