"""Plays one history: workers at work on a new store, faults among them, and the questions when all is over."""

import asyncio
import os
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.checker import checks, history
from tests.checker.faults import FAULTS, HEAVY, LIGHT, Scene
from tests.checker.history import Final, History
from tests.checker.nursery import KEPT, Nursery
from tests.checker.port import Entry, Ground, Store, named
from tests.checker.workers import Task, until_told

PAGE = 1000
POLL_SECONDS = 0.02
LONGEST_SECONDS = 90


@dataclass(frozen=True, slots=True)
class Size:
    """How much happens in a history. `gap`: at most so many seconds between two faults."""

    writers: int
    followers: int
    lanes: int
    acknowledged: int  # commands at least, before it ends
    light: int
    heavy: int
    gap: float


QUICK = Size(writers=2, followers=1, lanes=3, acknowledged=60, light=2, heavy=0, gap=0.1)
QUICK_HEAVY = Size(writers=2, followers=1, lanes=3, acknowledged=60, light=1, heavy=1, gap=0.1)
LONG = Size(writers=3, followers=2, lanes=4, acknowledged=250, light=5, heavy=2, gap=0.4)


@dataclass(slots=True)
class Verdict:
    """`wrong`: findings by question, see checks.py. `counted`: how much this history is worth."""

    seed: int
    faults: Sequence[str]
    wrong: dict[str, list[str]]
    counted: Counter[str] = field(default_factory=Counter)


def a_seed() -> int:
    """OCOP_SEED, or one by chance."""
    return int(os.environ.get("OCOP_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)


async def played(
    ground: Ground, nursery: Nursery, seed: int, size: Size,
    promised: Collection[checks.Question] = checks.QUESTIONS, *, keep: bool = True,
) -> Verdict:  # fmt: skip
    """The logs of a history in which something was wrong stay under var/checker, if they are to be kept."""
    dice = random.Random(seed)
    plan = [*dice.choices(list(LIGHT), k=size.light), *dice.choices(list(HEAVY), k=size.heavy)]
    dice.shuffle(plan)
    with tempfile.TemporaryDirectory(prefix="ocop-history-") as folder:
        async with ground.new() as address, asyncio.timeout(LONGEST_SECONDS):
            tasks = tasks_of(size, seed, ground.opening, address, folder)
            scene = Scene(ground, address, nursery, dice, tasks)
            final = await lived(scene, plan, size, Path(folder))
        told = told_in(tasks.values())
        verdict = Verdict(seed, plan, checks.wrong(told, final, promised), counted(told, final, plan))
        if verdict.wrong and keep:
            kept = KEPT / f"{ground.opening.partition(':')[2]}-{seed}"
            shutil.rmtree(kept, ignore_errors=True)
            shutil.copytree(folder, kept)
    return verdict


def tasks_of(size: Size, seed: int, opening: str, address: str, folder: str) -> dict[str, Task]:
    roles = [("writer", size.writers), ("follower", size.followers)]
    return {
        f"{role}{n}": Task(role, f"{role}{n}", seed, opening, address, folder, size.lanes)
        for role, number in roles
        for n in range(1, number + 1)
    }


async def lived(scene: Scene, plan: Sequence[str], size: Size, folder: Path) -> Final:
    """Everyone at work until all faults are over and enough was acknowledged; then readers to the end."""
    for name in scene.tasks:
        await scene.begin(name)
    for what in plan:
        await asyncio.sleep(scene.dice.uniform(0, size.gap))
        await FAULTS[what](scene)
    logs = [task.log for task in scene.tasks.values() if task.role == "writer"]
    while sum(map(history.answers_in, logs)) < size.acknowledged:
        await asyncio.sleep(POLL_SECONDS)
    (folder / "stop").touch()
    await scene.ended("writer")
    store = await until_told(lambda: named(scene.ground.opening)(scene.address))
    entries = await everything(store)
    draft = folder / "end.new"
    draft.write_text(str(entries[-1].position))
    draft.rename(folder / "end")
    await scene.ended("follower")
    streams = {stream: await store.load(stream) for stream in sorted({entry.event.stream for entry in entries})}
    await store.close()
    return Final(entries, streams, await scene.ground.proof(scene.address))


async def everything(store: Store) -> list[Entry]:
    """The store from its beginning to its end."""
    found: list[Entry] = []
    while page := await store.feed(found[-1].position if found else 0, PAGE):
        found += page
    return found


def told_in(tasks: Collection[Task]) -> History:
    by_role = {role: [task.log for task in tasks if task.role == role] for role in ("writer", "follower")}
    return history.read(by_role["writer"], by_role["follower"])


def counted(told: History, final: Final, plan: Sequence[str]) -> Counter[str]:
    return Counter(
        histories=1, faults=len(plan), events=len(final.entries), commands=len(told.acknowledged),
        repeats=sum(ask.answer.repeated for ask in told.answers if ask.answer),
        unanswered=sum(ask.answer is None for ask in told.asks),
        reads=sum(map(len, told.followers.values())), lives=told.lives,
    )  # fmt: skip
