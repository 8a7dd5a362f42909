"""The work that ours and every peer is given: 64 commands in flight of 1 to 3 events, each to a stream at an expected version.

Only the standard library: a peer imports it from an environment of its own.
"""

import asyncio
import json
import random
import sys
import threading
import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

AT_ONCE = 64
COMMANDS_PER_STREAM = 10  # then a slot goes on with a new stream
WARM_SECONDS = 1.0
NOTE = (
    "Dossier checked against the criteria set in force; evidence complete, origin and labour confirmed "
    "by the commune, samples sealed and handed to the council secretary for scoring; see annex two of the decision."
)


def facts_of(n: int) -> dict[str, Any]:
    """About 400 bytes as JSON, different each time."""
    return {
        "dossier_id": f"D-{n:012d}", "producer": f"producer-{n % 9345:05d}", "criterion": n % 26, "option": n % 104,
        "score": n % 41 / 2, "member": f"council-member-{n % 11:02d}",
        "at": f"2026-05-{n % 28 + 1:02d}T08:{n % 60:02d}:00Z", "note": NOTE,
    }  # fmt: skip


class Slot:
    """One command in flight after the other; `state` is whatever a peer remembers of the stream."""

    def __init__(self, number: int) -> None:
        self.seconds: list[float] = []
        self.events = 0
        self._dice = random.Random(number)
        self._n = number * 1_000_000
        self._begin()

    def _begin(self) -> None:
        self.stream, self.version, self._left, self.state = uuid.uuid4(), 0, COMMANDS_PER_STREAM, None

    def next(self) -> list[dict[str, Any]]:
        if not self._left:
            self._begin()
        self._left -= 1
        size = self._dice.randint(1, 3)
        self._n += size
        return [facts_of(self._n - back) for back in range(size)]

    def done(self, size: int, seconds: float) -> None:
        self.seconds.append(seconds)
        self.version += size
        self.events += size


async def driven(append: Callable[[Slot, list[Any]], Awaitable[Any]], at_once: int, seconds: float) -> dict[str, float]:
    """Figures of an append that is awaited; it is warmed up first."""
    slots: list[Slot] = []

    async def work(slot: Slot, until: float) -> None:
        while (begun := time.perf_counter()) < until:
            events = slot.next()
            await append(slot, events)
            slot.done(len(events), time.perf_counter() - begun)

    for length in (min(WARM_SECONDS, seconds), seconds):
        slots, begun = [Slot(number) for number in range(at_once)], time.perf_counter()
        await asyncio.gather(*(work(slot, begun + length) for slot in slots))
    return figures_of(slots, time.perf_counter() - begun)


def driven_by_threads(append: Callable[[Slot, list[Any]], Any], threads: int, seconds: float) -> dict[str, float]:
    """The same for a peer that blocks: its threads serve the 64 slots in turn."""
    slots: list[Slot] = []

    def work(mine: list[Slot], until: float) -> None:
        while time.perf_counter() < until:
            for slot in mine:
                events, begun = slot.next(), time.perf_counter()
                append(slot, events)
                slot.done(len(events), time.perf_counter() - begun)

    for length in (min(WARM_SECONDS, seconds), seconds):
        slots, begun = [Slot(number) for number in range(AT_ONCE)], time.perf_counter()
        workers = [threading.Thread(target=work, args=(slots[n::threads], begun + length)) for n in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    return figures_of(slots, time.perf_counter() - begun)


def figures_of(slots: list[Slot], wall: float) -> dict[str, float]:
    taken = sorted(one for slot in slots for one in slot.seconds)
    return {
        "events_s": sum(slot.events for slot in slots) / wall,
        "p50_ms": taken[len(taken) // 2] * 1000,
        "p99_ms": taken[int(len(taken) * 0.99)] * 1000,
    }


def asked() -> dict[str, Any]:
    """What a peer's program is told: `dsn` of an empty database, `seconds`, and settings of its own."""
    return json.loads(sys.argv[1])


def tell(figures: dict[str, float]) -> None:
    print(json.dumps(figures))
