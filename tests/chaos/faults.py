"""The kinds of fault, each a function over the running program: it does harm, and returns once that harm is over.

Nobody helps the program to recover: what is stopped is started again by whoever watches it, or by the one who stopped it.
"""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

from ocop.native.kafka import free_port
from ocop.native.supervising import ends_with_its_parent
from ocop.postgres import EmbeddedPostgres
from shared.bus.topics import answers
from shared.contracts.topics import HOUSES, TOPICS
from tests.chaos.cutting import cable_to
from tests.chaos.scene import Scene
from tests.native.running import HOUSE_PROGRAMS

PAUSED_SECONDS = 13.0  # past a consumer's session (10 s) and a leader's silence (3 s)
CUT_SECONDS = 15.0
MINUTE = 60.0
TAKEN_OVER_SECONDS = 5.0
FLOOD = 10_000
BESIDE = 50
READY_SECONDS = 120
END_SECONDS = 40
WORKERS = tuple(f"{house}-worker" for house in HOUSES)
KILLED = (*HOUSE_PROGRAMS, "portal", "kafka", "postgres")  # `postgres` is who watches the server

Do = Callable[[Scene], Awaitable[None]]


@dataclass(frozen=True)
class Fault:
    """`kind` as counted; `what` happens to whom."""

    kind: str
    what: str
    do: Do


# --- kill -9 ---


def killed(program: str) -> Fault:
    """kill -9; supervisor starts it again."""

    async def do(scene: Scene) -> None:
        await at_work(scene, program)
        await scene.native.replaced(program, scene.native.kill(program))

    role = program.rpartition("-")[2]
    return Fault(f"kill -9: {'watcher of PostgreSQL' if role == 'postgres' else role}", program, do)


def killed_server() -> Fault:
    """kill -9 of PostgreSQL's first process; its watcher ends and is started again, or was only just beginning."""

    async def do(scene: Scene) -> None:
        await server_at_work(scene)
        await scene.native.server_replaced(scene.native.kill_server())

    return Fault("kill -9: PostgreSQL", "the server", do)


def killed_at_once(*programs: str) -> Fault:
    """Several in the same moment."""

    async def do(scene: Scene) -> None:
        for program in programs:
            await at_work(scene, program)
        old = {program: scene.native.kill(program) for program in programs}
        for program, pid in old.items():
            await scene.native.replaced(program, pid)

    return Fault("kill -9: several at once", ", ".join(programs), do)


def killed_everything() -> Fault:
    """As when the machine loses its power; then the program is begun again."""

    async def do(scene: Scene) -> None:
        scene.native.kill_everything()
        scene.native.begin()
        await scene.native.ready()

    return Fault("kill -9: everything", "all processes of the machine", do)


# --- stopped and started in order ---


def restarted(program: str) -> Fault:
    async def do(scene: Scene) -> None:
        await at_work(scene, program)
        await scene.native.restart(program)

    return Fault(f"restart: {program.rpartition('-')[2]}", program, do)


def away(program: str, seconds: float) -> Fault:
    """Stopped, and started so much later."""

    async def do(scene: Scene) -> None:
        await at_work(scene, program)
        await scene.native.stop(program)
        await asyncio.sleep(seconds)
        await scene.native.start(program)

    return Fault(f"away: {program}", f"{program} for {seconds:.0f} s", do)


# --- frozen ---


def paused(program: str, seconds: float = PAUSED_SECONDS) -> Fault:
    """Frozen past its session; then it goes on as if no time had passed."""

    async def do(scene: Scene) -> None:
        pid = await at_work(scene, program)
        with frozen(pid):
            await asyncio.sleep(seconds)

    return Fault(f"paused: {program.rpartition('-')[2]}", f"{program} for {seconds:.0f} s", do)


def paused_server(seconds: float = PAUSED_SECONDS) -> Fault:
    """PostgreSQL takes connections (the kernel does) and answers nothing."""

    async def do(scene: Scene) -> None:
        await server_at_work(scene)
        master = EmbeddedPostgres(scene.native.data)._postmaster()
        assert master
        children = Path(f"/proc/{master.pid}/task/{master.pid}/children").read_text().split()
        with frozen(master.pid, *map(int, children)):
            await asyncio.sleep(seconds)

    return Fault("paused: PostgreSQL", f"the server for {seconds:.0f} s", do)


def one_of_two_paused(house: str) -> Fault:
    """Two workers of one house, one of which is frozen: the other has the lead within 5 s and does the work of both."""

    async def do(scene: Scene) -> None:
        async with second_worker(scene, house) as second:
            first = scene.native.pid(f"{house}-worker")
            victim, other = scene.dice.choice(
                [(first, second.port), (second.pid, scene.native.addresses.worker(house))]
            )
            with frozen(victim):
                await leads(other, house)
                await asyncio.sleep(PAUSED_SECONDS)
            await until_ready(second.port)

    return Fault("paused: one of two workers", f"{house}-worker for {PAUSED_SECONDS:.0f} s", do)


# --- cut off ---


def cut_off(house: str, *, alone: bool) -> Fault:
    """The network of one worker is cut: beside another one of its house, or as the only one."""

    async def do(scene: Scene) -> None:
        worker = f"{house}-worker"
        await at_work(scene, worker)
        async with cable_to(scene.native.kafka_port) as cable, second_worker(scene, house, cable.enter) as second:
            if alone:
                await scene.native.stop(worker)
            cable.pull()
            await asyncio.sleep(CUT_SECONDS)
            cable.plug()
            await until_ready(second.port, cable.enter)
            if alone:
                await scene.native.start(worker)

    return Fault("network cut", f"{house}-worker for {CUT_SECONDS:.0f} s{', alone' if alone else ', one of two'}", do)


# --- flooded ---


def flooded(house: str, number: int = FLOOD) -> Fault:
    """A topic is filled with what does not belong there, and the compacted ones get some of it too."""

    async def do(scene: Scene) -> None:
        assert scene.company
        await server_at_work(scene)
        await scene.native.until(lambda: answers(scene.bootstrap), "Kafka does not answer")
        teller = scene.company.houses[house]
        types = sorted({name for names in teller.rooms.published._topics.values() for name in names if "." in name})
        keys = await keys_of(scene, house)
        await scene.flood.throw(scene.bootstrap, house, number, types, keys, scene.dice)
        await scene.flood.throw_beside(scene.bootstrap, BESIDE, scene.dice)

    return Fault("flood of malformed and unknown messages", f"{number:,} on {TOPICS[house].name}", do)


async def keys_of(scene: Scene, house: str) -> list[str]:
    """Some keys under which the house's own messages stand."""
    assert scene.company
    rows = await scene.company.houses[house].store.pool.fetch("SELECT DISTINCT originator_id FROM events LIMIT 500")
    return [str(row["originator_id"]) for row in rows] or ["nobody"]


# --- processes ---


async def at_work(scene: Scene, program: str) -> int:
    """The number of a program's process, once there is one."""
    await scene.native.until(lambda: scene.native.pid(program) != 0, f"{program} is not at work")
    return scene.native.pid(program)


async def server_at_work(scene: Scene) -> None:
    embedded = EmbeddedPostgres(scene.native.data)
    await scene.native.until(lambda: embedded.running() is not None, "PostgreSQL is not at work")


class frozen:
    """SIGSTOP to processes, SIGCONT in the end."""

    def __init__(self, *pids: int) -> None:
        self._pids = pids

    def __enter__(self) -> None:
        self._tell(signal.SIGSTOP)

    def __exit__(self, *_: object) -> None:
        self._tell(signal.SIGCONT)

    def _tell(self, how: signal.Signals) -> None:
        for pid in self._pids:
            with suppress(ProcessLookupError):
                os.kill(pid, how)


@dataclass(frozen=True)
class Second:
    """A worker that supervisor knows nothing of."""

    pid: int
    port: int


@asynccontextmanager
async def second_worker(scene: Scene, house: str, enter: tuple[str, ...] = ()) -> AsyncIterator[Second]:
    """Begun as the first was, on a port of its own, ready; ended in order afterwards."""
    first = await at_work(scene, f"{house}-worker")
    command = Path(f"/proc/{first}/cmdline").read_text().rstrip("\0").split("\0")
    environment = dict(
        line.split("=", 1) for line in Path(f"/proc/{first}/environ").read_text().split("\0") if "=" in line
    )
    port = free_port()
    command[command.index("--port") + 1] = str(port)
    with (scene.native.folder / "log" / f"{house}-second.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *enter, *command, env=environment, cwd=f"/proc/{first}/cwd", stdin=asyncio.subprocess.DEVNULL,
            stdout=log, stderr=log, preexec_fn=ends_with_its_parent,
        )  # fmt: skip
    try:
        await until_ready(port, enter)
        yield Second(process.pid, port)
        process.terminate()
        async with asyncio.timeout(END_SECONDS):
            status = await process.wait()
        assert status == 0, f"the second worker of {house} ended with {status}"
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def until_ready(port: int, enter: tuple[str, ...] = ()) -> None:
    """Returns when a process says that it is ready; `enter` where it listens in a namespace of its own."""
    deadline, said = time.monotonic() + READY_SECONDS, ""
    while time.monotonic() < deadline:
        said = await asked(port, "/readyz", enter)
        if '"ready":true' in said:
            return
        await asyncio.sleep(0.2)
    raise AssertionError(f"port {port} is not ready after {READY_SECONDS} s: {said}")


async def asked(port: int, path: str, enter: tuple[str, ...] = ()) -> str:
    """What a process answers; empty where nobody does."""
    if not enter:
        async with httpx.AsyncClient(timeout=5) as client:
            with suppress(httpx.TransportError):
                return (await client.get(f"http://127.0.0.1:{port}{path}")).text
        return ""
    ask = "import sys, urllib.request as u; sys.stdout.buffer.write(u.urlopen(sys.argv[1], timeout=5).read())"
    process = await asyncio.create_subprocess_exec(
        *enter, sys.executable, "-c", ask, f"http://127.0.0.1:{port}{path}",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    answer, _ = await process.communicate()
    return answer.decode()


async def leads(port: int, house: str) -> None:
    """Returns when this worker has the lead; it has it within five seconds of the other's silence."""
    deadline = time.monotonic() + TAKEN_OVER_SECONDS
    while f'ocop_relay_leader{{house="{house}"}} 1.0' not in await asked(port, "/metrics"):
        assert time.monotonic() < deadline, f"{house}: nobody took over the lead in {TAKEN_OVER_SECONDS:.0f} s"
        await asyncio.sleep(0.1)
