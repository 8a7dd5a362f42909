"""`skipped`: events that a follower never saw while several processes wrote and it was killed and went on, again and again."""

import asyncio
import os
import random
import signal
import tempfile
import time
from collections import Counter
from contextlib import AsyncExitStack
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from bench.figures import Figure, alone
from tests.checker.flooding import PAGE, SEEN, mark, seen_path, watched
from tests.checker.nursery import Nursery, gone, nursery
from tests.checker.ours import postgres_in
from tests.checker.port import Ground, Store, named
from tests.checker.workers import Task

EVENTS = 500_000
WRITERS = 3
LIVES_SECONDS = (0.2, 2.0)  # how long a follower lives
LONGEST_SECONDS = 900
POLL_SECONDS = 0.02
OPENING = "tests.checker.ours:open_bare"
SETTINGS = {"shared_buffers": "256MB"}


class Followed(NamedTuple):
    """Of `events` that are there in the end: never seen, seen more than once or elsewhere; the lives of the follower."""

    events: int
    skipped: int
    twice: int
    elsewhere: int
    lives: int
    seconds: float


async def measure(rounds: int = 1, events: int = EVENTS) -> Figure:
    """The figure has no peer: what is right is nought."""
    found = []
    for number in range(rounds):
        async with AsyncExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ocop-skipped-")))
            ground = await stack.enter_async_context(postgres_in(folder / "server", SETTINGS, OPENING))
            workers = stack.enter_context(nursery(ground.opening))
            found.append(await followed(ground, workers, events, seed=number + 1))
    return alone("skipped", "events", [one.skipped + one.twice + one.elsewhere for one in found], better="lower") | {
        "of": min(one.events for one in found), "lives": min(one.lives for one in found),
    }  # fmt: skip


async def followed(ground: Ground, workers: Nursery, events: int, seed: int) -> Followed:
    """Returns once so many events are written and the follower, which dies at random, has come to the end."""
    dice, begun = random.Random(seed), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="ocop-followed-") as name:
        folder = Path(name)
        async with ground.new() as address, asyncio.timeout(LONGEST_SECONDS):
            pids = [
                await workers.born(Task("flooder", f"flooder{n}", seed, ground.opening, address, name))
                for n in range(1, WRITERS + 1)
            ]
            watcher = Task("watcher", "watcher", seed, ground.opening, address, name)
            lives = await watch_over(workers, watcher, dice, folder, events)
            for pid in pids:
                await gone(pid)
            store = await named(ground.opening)(address)
            there = await everything(store)
            (folder / "end.new").write_text(str(last_position(there)))
            (folder / "end.new").rename(folder / "end")
            await gone(await workers.born(watcher))
            await store.close()
            return compared(there, seen_path(folder).read_bytes(), lives + 1, time.monotonic() - begun)


async def watch_over(workers: Nursery, watcher: Task, dice: random.Random, folder: Path, events: int) -> int:
    """One life of the follower after the other, until it has seen so many events. Returns how many lives."""
    lives = 0
    while watched(folder) < events:
        pid, lives = await workers.born(watcher), lives + 1
        dies = time.monotonic() + dice.uniform(*LIVES_SECONDS)
        while time.monotonic() < dies and watched(folder) < events:  # noqa: ASYNC110 - a file, which other processes write
            await asyncio.sleep(POLL_SECONDS)
        os.kill(pid, signal.SIGKILL)
        await gone(pid)
    (folder / "stop").touch()
    return lives


async def everything(store: Store) -> bytes:
    """The store in its final order, written down as the follower does."""
    found, after = [], 0
    while entries := await store.feed(after, 10 * PAGE):
        found.append(b"".join(map(mark, entries)))
        after = entries[-1].position
    return b"".join(found)


def last_position(seen: bytes) -> int:
    return SEEN.unpack(seen[-SEEN.size :])[0]


def compared(there: bytes, seen: bytes, lives: int, seconds: float) -> Followed:
    """`elsewhere`: what was seen in another order than it has in the end, or is not there."""
    wanted, had = list(SEEN.iter_unpack(there)), list(SEEN.iter_unpack(seen))
    times, known = Counter(had), set(wanted)
    positions = [position for position, _ in had]
    disordered = sum(later < earlier for earlier, later in pairwise(positions))
    return Followed(
        events=len(wanted), skipped=sum(one not in times for one in wanted),
        twice=sum(number - 1 for number in times.values()),
        elsewhere=disordered + sum(one not in known for one in times), lives=lives, seconds=seconds,
    )  # fmt: skip
