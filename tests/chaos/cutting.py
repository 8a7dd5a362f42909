"""A network namespace of its own for one process, joined to the broker by a cable (a veth pair) that can be pulled out.

In the namespace the broker's address leads to a forwarder, over the cable to another forwarder, and so to the broker: the
process finds it where everybody does. PostgreSQL is reached over its socket in the file system and is not cut.
"""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from ocop.native.supervising import ends_with_its_parent
from tests.debian import NoProgram, need

HERE, THERE, MASK = "10.213.97.1", "10.213.97.2", 30
SECONDS = 10
FORWARDER = Path(__file__).with_name("forwarding.py")


class NotPossible(RuntimeError):
    """This machine has no network namespaces for us; the text says why."""


@dataclass(frozen=True, slots=True)
class Cable:
    """`enter` begins a command that runs at the other end."""

    name: str
    enter: tuple[str, ...]

    def pull(self) -> None:
        ip("link", "set", self.name, "down")

    def plug(self) -> None:
        ip("link", "set", self.name, "up")


def ip(*arguments: str) -> None:
    """Raises NotPossible."""
    try:
        done = subprocess.run([need("ip", "iproute2"), *arguments], capture_output=True, timeout=SECONDS, check=False)
    except NoProgram as error:
        raise NotPossible(str(error)) from error
    if done.returncode != 0:
        raise NotPossible(f"ip {' '.join(arguments)}: {done.stderr.decode().strip()}")


@asynccontextmanager
async def cable_to(port: int) -> AsyncIterator[Cable]:
    """A namespace in which 127.0.0.1:port is this machine's 127.0.0.1:port. Raises NotPossible; leaves nothing behind."""
    if os.geteuid() != 0:
        raise NotPossible("a network namespace needs root")
    name = f"ocop{os.getpid() % 10**6}"
    async with AsyncExitStack() as stack:
        ip("netns", "add", name)
        stack.callback(ip, "netns", "del", name)
        ip("link", "add", name, "type", "veth", "peer", "name", "broker", "netns", name)
        ip("addr", "add", f"{HERE}/{MASK}", "dev", name)
        ip("link", "set", name, "up")
        for command in (
            ("link", "set", "lo", "up"),
            ("addr", "add", f"{THERE}/{MASK}", "dev", "broker"),
            ("link", "set", "broker", "up"),
        ):
            ip("-n", name, *command)
        cable = Cable(name, (need("ip", "iproute2"), "netns", "exec", name))
        await stack.enter_async_context(forwarding((), HERE, port, "127.0.0.1"))
        await stack.enter_async_context(forwarding(cable.enter, "127.0.0.1", port, HERE))
        yield cable


@asynccontextmanager
async def forwarding(enter: tuple[str, ...], host: str, port: int, to: str) -> AsyncIterator[None]:
    process = await asyncio.create_subprocess_exec(
        *enter, sys.executable, str(FORWARDER), host, str(port), to,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, preexec_fn=ends_with_its_parent,
    )  # fmt: skip
    try:
        assert process.stdout
        async with asyncio.timeout(SECONDS):
            assert await process.stdout.readline() == b"listens\n", "the forwarder did not start"
        yield
    finally:
        process.kill()
        await process.wait()
