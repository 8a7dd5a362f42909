"""`ocop native` as a test runs it: separate processes over a data folder, each of which may be killed by its name.

async with NativeProgram(tmp_path / "data") as native:
    await native.ready()
    native.kill("evaluation-worker")            # SIGKILL; supervisor starts it again
    await native.restart("kafka")               # in order, and up again
    async with native.client() as client: ...   # at the one origin
"""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from ocop.native import leftovers
from ocop.native.kafka import free
from ocop.native.programs import Addresses
from ocop.native.serve import LONGEST_SOCKET_NAME, SOCKET
from ocop.native.supervising import State, Supervisor, ends_with_its_parent
from ocop.postgres import EmbeddedPostgres
from ocop.sockets import socket_folder
from shared.contracts.topics import HOUSES

ROOT = Path(__file__).parents[2]
HOUSE_PROGRAMS = tuple(f"{house}-{role}" for house in HOUSES for role in ("api", "worker"))
PROGRAMS = ("postgres", "kafka", *HOUSE_PROGRAMS, "portal")
READY_SECONDS = 150  # on a machine with other work to do
END_SECONDS = 120
POLL_SECONDS = 0.1
# Below the ports that systems give to whoever does not ask for one.
FIRST_PORT, LAST_PORT, STEP = 20_000, 32_000, 200
KAFKA_AFTER = 150


class NativeProgram:
    """One `ocop native`. Ports are chosen where none are given; nothing of it is left after the block."""

    def __init__(
        self, data: Path, port: int | None = None, kafka_port: int | None = None, *arguments: str,
        environment: dict[str, str] | None = None,
    ) -> None:  # fmt: skip
        self.data = data.resolve()
        self.port = port or free_port_block()
        self.kafka_port = kafka_port or self.port + KAFKA_AFTER
        self.addresses = Addresses(self.port)
        self.folder = self.data / "native"
        self.output = self.data.with_suffix(".log")
        self._arguments = arguments
        self._environment = {**os.environ, "OCOP_DEV": "1", **(environment or {})}
        self._environment.pop("OCOP_DATABASE_URL", None)
        self.process: subprocess.Popen[bytes] | None = None

    # --- its life ---

    def begin(self) -> None:
        """Starts it, in a process group of its own as a shell would."""
        self.data.parent.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "ocop.cli", "native", "--data", str(self.data)]
        ports = ["--port", str(self.port), "--kafka-port", str(self.kafka_port)]
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [*command, *ports, *self._arguments], cwd=ROOT, env=self._environment, start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, preexec_fn=ends_with_its_parent,
            )  # fmt: skip

    async def ready(self) -> None:
        """Returns when the one origin and every house's worker say they are ready; fails when the program ends before."""
        ports = [self.port, *(self.addresses.worker(house) for house in HOUSES)]
        async with httpx.AsyncClient(timeout=10) as client:
            for port in ports:
                await self.until(lambda p=port: answers_ready(client, p), f"port {port} is not ready")

    async def until(
        self, condition: Callable[[], bool | Awaitable[bool]], what: str, seconds: float = READY_SECONDS
    ) -> None:
        """Returns once the condition holds; fails with what the program said when it ends before, or takes too long."""
        deadline = time.monotonic() + seconds
        while True:
            found = condition()
            if found if isinstance(found, bool) else await found:
                return
            assert self.process is not None
            assert self.process.poll() is None, f"it has ended:\n{self.said()}"
            assert time.monotonic() < deadline, f"{what}\n{self.said()}"
            await asyncio.sleep(POLL_SECONDS)

    async def terminated(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Ended in order by a signal to its process group. Returns its exit status."""
        assert self.process is not None
        os.killpg(self.process.pid, how)
        return await self.ended()

    async def ended(self) -> int:
        assert self.process is not None
        return await asyncio.to_thread(self.process.wait, END_SECONDS)

    def kill_everything(self) -> None:
        """kill -9 of the program, supervisord, PostgreSQL and all others at once: nobody has a say."""
        assert self.process is not None
        server = EmbeddedPostgres(self.data)._postmaster()
        victims = [self.process.pid, *(left.pid for left in leftovers.processes_of(self.folder))]
        for pid in [*victims, *([server.pid] if server else [])]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()

    def said(self) -> str:
        """What it wrote to whoever started it."""
        return self.output.read_text(errors="replace")[-4000:]

    def log(self, program: str) -> str:
        return (self.folder / "log" / f"{program}.log").read_text(errors="replace")

    def left(self) -> list[str]:
        """The names of whatever of it is at work."""
        server = ["the server"] if EmbeddedPostgres(self.data).running() else []
        return [one.program for one in leftovers.processes_of(self.folder)] + server

    # --- its programs ---

    @property
    def supervisor(self) -> Supervisor:
        return Supervisor(socket_folder(self.folder / "socket", LONGEST_SOCKET_NAME) / SOCKET)

    def states(self) -> dict[str, State]:
        return self.supervisor.states()

    def pid(self, program: str) -> int:
        """Of `registration-worker`, `portal`, `kafka`, `postgres` (the one that watches the server), …; 0 for none."""
        return self.supervisor.pid(program)

    def kill(self, program: str, how: signal.Signals = signal.SIGKILL) -> int:
        """Returns the number of the process that got the signal."""
        pid = self.pid(program)
        assert pid, f"{program} is not at work"
        os.kill(pid, how)
        return pid

    def kill_server(self) -> int:
        """kill -9 of PostgreSQL's first process; returns its number."""
        server = EmbeddedPostgres(self.data)._postmaster()
        assert server is not None
        os.kill(server.pid, signal.SIGKILL)
        return server.pid

    async def stop(self, program: str) -> None:
        """In order; it stays away until `start`."""
        await asyncio.to_thread(self.supervisor.stop, program)

    async def start(self, program: str) -> None:
        await asyncio.to_thread(self.supervisor.start, program)

    async def restart(self, program: str) -> None:
        await asyncio.to_thread(self.supervisor.restart, program)

    async def replaced(self, program: str, old: int) -> int:
        """The number of the process that supervisor has started in place of an old one."""
        await self.until(lambda: self.pid(program) not in (0, old), f"{program} was not started again")
        return self.pid(program)

    async def server_replaced(self, old: int) -> None:
        """Returns once another server stands in place of the one with this number."""

        def another() -> bool:
            server = EmbeddedPostgres(self.data)._postmaster()
            return server is not None and server.pid != old

        await self.until(another, "the server was not started again")

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}", timeout=10)

    async def __aenter__(self) -> Self:
        self.begin()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self.process is not None
        if self.process.poll() is None:
            await self.terminated()
        await leftovers.end(self.folder)
        embedded = EmbeddedPostgres(self.data)
        embedded.claim()
        await embedded.stop()


async def answers_ready(client: httpx.AsyncClient, port: int) -> bool:
    try:
        return (await client.get(f"http://127.0.0.1:{port}/readyz")).status_code == 200
    except httpx.TransportError:
        return False


def free_port_block() -> int:
    """A port for the portal whose neighbours, which the houses and Kafka take, are free too."""
    blocks = range(FIRST_PORT, LAST_PORT, STEP)
    first = os.getpid() % len(blocks)
    for block in [*blocks[first:], *blocks[:first]]:
        if all(free(port) for port in [*Addresses(block).all_ports, block + KAFKA_AFTER, block + KAFKA_AFTER + 1]):
            return block
    raise RuntimeError("no block of free ports")
