"""What goes wrong in a history, by chance: each fault does its harm and returns once that harm is over."""

import asyncio
import os
import random
import signal
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from tests.checker.nursery import Nursery, gone
from tests.checker.port import Ground
from tests.checker.workers import Task

PAUSED_SECONDS = (0.02, 0.2)


@dataclass
class Scene:
    """A history while it is played. `pids`: who is at work, by name."""

    ground: Ground
    address: str
    nursery: Nursery
    dice: random.Random
    tasks: Mapping[str, Task]
    pids: dict[str, int] = field(default_factory=dict)

    async def begin(self, name: str) -> None:
        self.pids[name] = await self.nursery.born(self.tasks[name])

    async def ended(self, role: str) -> None:
        """Returns once no worker of a role is at work."""
        for name, pid in self.pids.items():
            if self.tasks[name].role == role:
                await gone(pid)

    def some(self, role: str) -> str:
        return self.dice.choice(sorted(name for name, task in self.tasks.items() if task.role == role))


Fault = Callable[[Scene], Awaitable[None]]


def killed(role: str) -> Fault:
    async def fault(scene: Scene) -> None:
        """kill -9 of a worker; another takes its place."""
        name = scene.some(role)
        with suppress(ProcessLookupError):  # it has just ended
            os.kill(scene.pids[name], signal.SIGKILL)
        await gone(scene.pids[name])
        await scene.begin(name)

    return fault


def paused(role: str) -> Fault:
    async def fault(scene: Scene) -> None:
        """A worker stands still in the middle of whatever it does."""
        pid = scene.pids[scene.some(role)]
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
            await asyncio.sleep(scene.dice.uniform(*PAUSED_SECONDS))
            os.kill(pid, signal.SIGCONT)

    return fault


async def cut(scene: Scene) -> None:
    await scene.ground.cut(scene.address, scene.dice)


async def crashed(scene: Scene) -> None:
    await scene.ground.crash(scene.address, scene.dice)


async def restarted(scene: Scene) -> None:
    await scene.ground.restart()


LIGHT: Mapping[str, Fault] = {
    "kill -9 of a writer": killed("writer"),
    "kill -9 of a follower": killed("follower"),
    "a writer paused": paused("writer"),
    "a follower paused": paused("follower"),
    "connections cut": cut,
}
HEAVY: Mapping[str, Fault] = {"the server killed": crashed, "the server restarted": restarted}
FAULTS = LIGHT | HEAVY
