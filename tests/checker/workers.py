"""Who takes part in a history: writers that ask, followers that read. Each is a process of its own and may die at any moment.

A writer's next life asks again whatever its former lives were not answered. A follower's goes on where its log ends.
"""

import asyncio
import itertools
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from tests.checker.flooding import flood, watch
from tests.checker.history import Log, lines
from tests.checker.port import Answer, Command, Event, Store, Unknown, named

T = TypeVar("T")
PAUSE = 0.002
SILENT = 0.02  # between two tries while the store does not answer
TRIES = 5  # of a command that finds its versions taken
LONGEST_SECONDS = 1000  # a worker that nobody stops ends by itself
MOST_PARTS = 3
AGAIN = 0.1  # of all commands: one that was acknowledged before is asked again
GIVEN_UP = 0.1  # of all silences: nobody asks again in this life
PAGES = (3, 20, 500)


@dataclass(frozen=True, slots=True)
class Task:
    """What a worker is told. `folder` holds the logs of all, and `stop` once it is time to end."""

    role: str  # "writer" or "follower"; "flooder" or "watcher", see flooding.py
    name: str
    seed: int
    opening: str
    address: str
    folder: str
    lanes: int = 3  # commands at once
    streams: int = 4

    @property
    def log(self) -> Path:
        return Path(self.folder) / f"{self.name}.jsonl"

    @property
    def stop(self) -> Path:
        return Path(self.folder) / "stop"

    @property
    def ready(self) -> Path:
        """What is here when a follower should end with what there is: the last position."""
        return Path(self.folder) / "end"


async def work(task: Task) -> None:
    """The whole of a worker's life; whatever it should not meet is written down."""
    log = Log(task.log)
    log.began()
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            store = await until_told(lambda: named(task.opening)(task.address))
            try:
                await played_by(task, store, log)
            finally:
                await store.close()
    except Exception as error:
        log.failed(error)
        raise
    log.ended()


async def played_by(task: Task, store: Store, log: Log) -> None:
    """The part of a task's role."""
    if task.role == "writer":
        await Writer(task, store, log).run()
    elif task.role == "follower":
        await follow(task, store, log)
    elif task.role == "flooder":
        await flood(task.name, task.seed, store, Path(task.folder))
    else:
        await watch(store, Path(task.folder))


async def until_told(what: Callable[[], Awaitable[T]]) -> T:
    """Asks again for as long as no answer comes."""
    while True:
        try:
            return await what()
        except Unknown:
            await asyncio.sleep(SILENT)


class Writer:
    """Commands of chance on a few streams that all writers share."""

    def __init__(self, task: Task, store: Store, log: Log) -> None:
        self._task, self._store, self._log = task, store, log
        own = [rest for kind, _, *rest in lines(task.log) if kind == "ask"]
        self._numbers = itertools.count(max((number for number, *_ in own), default=0) + 1)
        self._answered, self._left = remembered(task)
        self._dice = random.Random(f"{task.seed} {task.name} {len(own)}")

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(self._task.lanes):
                group.create_task(self._lane())

    async def _lane(self) -> None:
        while not self._task.stop.exists():
            if self._left:
                request = self._left.pop()
            elif self._answered and self._dice.random() < AGAIN:
                request = self._dice.choice(self._answered)
            else:
                request = f"{self._task.name}/{next(self._numbers)}"
            await self._ask(request)

    async def _ask(self, request: str) -> None:
        """Until it is answered, or given up."""
        for _ in range(TRIES):
            while True:
                try:
                    answer = await self._try(request)
                    break
                except Unknown:
                    if self._task.stop.exists() or self._dice.random() < GIVEN_UP:
                        return
                    await asyncio.sleep(SILENT)
            if answer.stored:
                self._answered.append(request)
                return

    async def _try(self, request: str) -> Answer:
        """Looks, decides and asks once, as a person would who knows nothing of what was asked before."""
        chosen = random.Random(f"{self._task.seed} {request}")  # the same at every try
        parts = [f"stream {chosen.randrange(self._task.streams)}" for _ in range(chosen.randint(1, MOST_PARTS))]
        versions = {stream: len(await self._store.load(stream)) for stream in sorted(set(parts))}
        answer = f"{request} on {versions}"
        events = []
        for part, stream in enumerate(parts, 1):
            versions[stream] += 1
            events.append(Event(stream, versions[stream], request, part, len(parts)))
        number, command = next(self._numbers), Command(request, tuple(events), answer)
        self._log.asks(number, command)
        told = await self._store.append(command)
        self._log.answered(number, told)
        return told


def remembered(task: Task) -> tuple[list[str], list[str]]:
    """Requests of all writers so far: those that were acknowledged, and those that were not."""
    asked: dict[str, bool] = {}
    for path in sorted(Path(task.folder).glob("writer*.jsonl")):
        requests: dict[int, str] = {}
        for kind, _, *rest in lines(path):
            if kind == "ask":
                requests[rest[0]] = rest[1]
                asked.setdefault(rest[1], False)
            elif kind == "answer":
                asked[requests[rest[0]]] |= rest[1][0]
    return [request for request, told in asked.items() if told], [r for r, told in asked.items() if not told]


async def follow(task: Task, store: Store, log: Log) -> None:
    """Reads after what it has read, page after page, until it has reached the end."""
    dice = random.Random(f"{task.seed} {task.name}")
    after = last_position(task)
    while True:
        limit, at = dice.choice(PAGES), time.monotonic_ns()
        entries = await until_told(lambda after=after, limit=limit: store.feed(after, limit))
        log.read(after, limit, at, entries)
        if entries:
            after = entries[-1].position
        elif task.ready.exists() and after >= int(task.ready.read_text()):
            return
        else:
            await asyncio.sleep(PAUSE)


def last_position(task: Task) -> int:
    """Up to where its former lives have read."""
    read = [seen[-1][0] for kind, _, *rest in lines(task.log) if kind == "read" and (seen := rest[2])]
    return read[-1] if read else 0
