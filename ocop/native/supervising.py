"""supervisord as a child of ours: started, asked over its Unix socket, and ended with everything it started."""

import asyncio
import contextlib
import ctypes
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any
from xmlrpc.client import Fault, ProtocolError, ServerProxy

from supervisor.xmlrpc import Faults, SupervisorTransport

from ocop.native.leftovers import MARK
from ocop.native.programs import MODE, Run, configuration

LIBC = ctypes.CDLL(None)  # loaded before anything is forked
PR_SET_PDEATHSIG = 1
POLL_SECONDS = 0.05
START_SECONDS = 20
END_SECONDS = 180  # longer than all programs one after the other are given
LOG_TAIL_LINES = 15
SECRET = re.compile(r"OCOP_DATABASE_URL|OCOP_\w+_PASSWORD")
NOT_RUNNING = frozenset({"BACKOFF", "EXITED", "FATAL", "UNKNOWN"})


class SupervisorFailed(RuntimeError):
    """supervisord did not start, or does not do what it was asked."""


@dataclass(frozen=True, slots=True)
class State:
    """What supervisor knows of one program: `state` as supervisor names it, `pid` 0 where no process is there."""

    name: str
    state: str
    pid: int
    why: str


class Supervisor:
    """Calls to a supervisord; each blocks for milliseconds, those that wait for a program for up to a minute."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket

    def ask(self, method: str, *arguments: Any) -> Any:
        """Raises SupervisorFailed where nobody answers, Fault where the answer is no."""
        # The address is not used: the transport knows the socket.
        transport = SupervisorTransport(None, None, f"unix://{self._socket}")
        try:
            proxy = ServerProxy("http://127.0.0.1", transport)
            return getattr(proxy.supervisor, method)(*arguments)
        except (OSError, HTTPException, ProtocolError) as error:
            raise SupervisorFailed(f"supervisord không trả lời / does not answer: {error!r}") from error
        finally:
            transport.close()

    def answers(self) -> bool:
        try:
            return self.ask("getState")["statename"] == "RUNNING"
        except SupervisorFailed:
            return False

    def states(self) -> dict[str, State]:
        """By the program's name."""
        return {
            info["name"]: State(info["name"], info["statename"], info["pid"], info["spawnerr"] or info["description"])
            for info in self.ask("getAllProcessInfo")
        }

    def full_name(self, name: str) -> str:
        """As supervisor wants it: a program's group and name."""
        (found,) = (info for info in self.ask("getAllProcessInfo") if info["name"] == name)
        return f"{found['group']}:{found['name']}"

    def pid(self, name: str) -> int:
        """0 where no process of that program is there now."""
        return self.states()[name].pid

    def start(self, name: str) -> None:
        """Returns when it has been up for a second; nothing where it is up already."""
        self._done("startProcess", name, Faults.ALREADY_STARTED)

    def stop(self, name: str) -> None:
        """Returns when its process is gone; it stays away until `start`."""
        self._done("stopProcess", name, Faults.NOT_RUNNING)

    def restart(self, name: str) -> None:
        self.stop(name)
        self.start(name)

    def _done(self, method: str, name: str, already: int) -> None:
        try:
            self.ask(method, self.full_name(name), True)
        except Fault as fault:
            if fault.faultCode != already:
                raise


class Supervised:
    """supervisord over a folder, in a session of its own: Ctrl-C reaches it through us alone."""

    def __init__(self, folder: Path, socket: Path) -> None:
        self.folder = folder
        self.rpc = Supervisor(socket)
        self._socket = socket
        self._runs: list[Run] = []
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def config(self) -> Path:
        return self.folder / "supervisord.conf"

    async def start(self, runs: list[Run]) -> None:
        """Returns when it takes calls; its programs have been begun. Raises SupervisorFailed."""
        (self.folder / "log").mkdir(parents=True, exist_ok=True)
        self._write(runs)
        self._socket.unlink(missing_ok=True)
        self._process = self._spawn()
        deadline = time.monotonic() + START_SECONDS
        while not await asyncio.to_thread(self.rpc.answers):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise SupervisorFailed(f"supervisord did not start:\n{tail(self.folder / 'supervisord.out')}")
            await asyncio.sleep(POLL_SECONDS)

    def _spawn(self) -> subprocess.Popen[bytes]:
        with (self.folder / "supervisord.out").open("wb") as output:
            return subprocess.Popen(
                [sys.executable, "-m", "supervisor.supervisord", "-c", str(self.config)],
                env=handed_on(os.environ) | {MARK: str(self.folder)}, start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, preexec_fn=ends_with_its_parent,
            )  # fmt: skip

    async def add(self, runs: list[Run]) -> None:
        """More programs, begun at once in their order."""
        self._write([*self._runs, *runs])
        await asyncio.to_thread(self.rpc.ask, "reloadConfig")
        for group in dict.fromkeys(run.group_name for run in sorted(runs, key=lambda run: run.order)):
            await asyncio.to_thread(self.rpc.ask, "addProcessGroup", group)

    def _write(self, runs: list[Run]) -> None:
        text = configuration(self.folder, self._socket, runs)
        draft = self.config.with_suffix(".new")
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE), "w", encoding="utf-8") as opened:
            opened.write(text)
        draft.rename(self.config)
        self._runs = runs

    async def gone(self) -> None:
        """Returns when supervisord has ended."""
        while self._process is not None and self._process.poll() is None:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(POLL_SECONDS)

    async def end(self) -> None:
        """Has everything stopped in order; returns when supervisord is gone. Whoever calls looks for what it left."""
        if self._process is None:
            return
        with contextlib.suppress(SupervisorFailed, Fault):  # it may be ending already
            await asyncio.to_thread(self.rpc.ask, "shutdown")
        try:
            async with asyncio.timeout(END_SECONDS):
                await self.gone()
        except TimeoutError:
            self._process.kill()
            self._process.wait()

    def failed(self, name: str) -> str | None:
        """Why a program is not there, with the end of its log; None while it starts or runs."""
        state = self.rpc.states()[name]
        if state.state not in NOT_RUNNING:
            return None
        return f"{name}: {state.state} ({state.why})\n{tail(self.folder / 'log' / f'{name}.log')}"


def handed_on(environment: Mapping[str, str]) -> dict[str, str]:
    """What programs take over from our environment: no access of the administrator's, which each house has in part only."""
    return {name: value for name, value in environment.items() if not SECRET.fullmatch(name)}


def tail(log: Path) -> str:
    """The last lines of a program's log."""
    if not log.exists():
        return ""
    return "\n".join(log.read_text(errors="replace").splitlines()[-LOG_TAIL_LINES:])


def ends_with_its_parent() -> None:
    """For a child between fork and exec: it is told to end when its parent dies, however the parent dies (Linux only)."""
    if sys.platform == "linux":
        LIBC.prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
