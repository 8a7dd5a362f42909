"""Plays the national year through the doors of the separate processes: the season's acts, many at the same time."""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

import orjson

from bench.national.client import Answer, Client
from bench.national.year import Year
from ocop.native.stage import Far
from ocop.season.acts.every import ACTS
from ocop.season.play import NUMBERED, Planned, Player, SeasonStuck, steps_of
from ocop.season.script import Line, Step
from shared.eventstore.store import Standing

AT_ONCE = 96  # products that act at the same time
LOOK_SECONDS = 0.02
STILL_SECONDS = 300


class NotSettled(RuntimeError):
    """Something is left to do, and nothing has moved for long."""


@dataclass
class Pace:
    """Where the time went: by day of the year, acting and waiting for what follows from it."""

    acting: float = 0.0
    settling: float = 0.0
    steps: Counter[str] = field(default_factory=Counter)
    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))  # by step, of all who did it


class NationalPlayer(Player):
    """The season's player over the small client; what an office looks up once it does not look up again."""

    def __init__(self, program: Far, year: Year, clients: dict[str, Client]) -> None:
        super().__init__(program, year, frozenset(), date.min, {})
        self._clients = clients
        self._known: dict[tuple[str, ...], Any] = {}
        self._proposals: dict[str, asyncio.Task[Any]] = {}

    def new_day(self) -> None:
        self._proposals.clear()

    async def _send(
        self, house: str, path: str, role: str | None, place: str, key: str, body: dict[str, Any], actor: str | None
    ) -> Answer:
        headers = f"idempotency-key: {key}\r\n"
        if role:
            headers += f"authorization: Bearer {self.token(actor or role, role, place)}\r\n"
        return await self._clients[house].post(path, orjson.dumps(body), headers.encode())

    async def send_file(self, content: bytes, *, place: str) -> dict[str, Any]:
        headers = f"authorization: Bearer {self.token('producer', 'producer', place)}\r\n"
        answer = await self._clients["registration"].post("/evidence", content, headers.encode())
        if answer.is_error:
            raise SeasonStuck(f"evidence: {answer.status_code} {answer.text}")
        return answer.json()

    async def get(self, house: str, path: str, **query: str) -> Any:
        if path == "/proposals":
            return await self._list(house, path, query)
        asked = (house, path, *query.values())
        if asked not in self._known:
            self._known[asked] = await self._read(house, path, query)
        return self._known[asked]

    async def _list(self, house: str, path: str, query: dict[str, str]) -> Any:
        """One list for a province and a day: the office works through it."""
        place = query["province"]
        if place not in self._proposals:
            self._proposals[place] = asyncio.create_task(self._read(house, path, query))
        return await asyncio.shield(self._proposals[place])

    async def _read(self, house: str, path: str, query: dict[str, str]) -> Any:
        answer = await self._clients[house].get(f"{path}?{urlencode(query)}")
        if answer.is_error:
            raise SeasonStuck(f"GET {house}{path} {query}: {answer.status_code} {answer.text}")
        return answer.json()


def days_of(year: Year) -> tuple[list[Planned], list[Planned]]:
    """What the register has to know before the year begins, and the year itself; each in order of its days."""
    steps = sorted(steps_of(year), key=lambda planned: planned[1].day)
    return [t for t in steps if t[1].day < year.first], [t for t in steps if t[1].day >= year.first]


async def play(player: NationalPlayer, steps: list[Planned], tell: Callable[[date, int, int], None]) -> Pace:
    """Day by day; each ends when everything that follows from it is done."""
    pace, past = Pace(), 0
    for day, todays in groupby(steps, key=lambda planned: planned[1].day):
        today = list(todays)
        begun = time.perf_counter()
        await player.program.play(day)
        player.new_day()
        await settled(player.program)
        acted = time.perf_counter()
        await play_day(player, today, pace)
        done = time.perf_counter()
        await settled(player.program)
        pace.acting += done - acted
        pace.settling += time.perf_counter() - done + acted - begun
        past += len(today)
        tell(day, past, len(steps))
    return pace


async def play_day(player: NationalPlayer, steps: list[Planned], pace: Pace) -> None:
    """Councils and rounds, then side by side what has nothing to do with each other, each in its own order."""
    by_desk: dict[str, list[Planned]] = defaultdict(list)
    for line, step in steps:
        if line is None:
            await ACTS[step.do](player, line, step)
        else:
            by_desk[desk_of(line, step)].append((line, step))
    waiting = iter(by_desk.values())

    async def work() -> None:
        for mine in waiting:
            for line, step in mine:
                begun = time.perf_counter()
                await ACTS[step.do](player, line, step)
                pace.steps[step.do] += 1
                pace.seconds[step.do] += time.perf_counter() - begun

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(work())


def desk_of(line: Line, step: Step) -> str:
    """What waits for one another: the papers that one authority numbers, otherwise the steps of one product."""
    if step.do in NUMBERED:
        return step.by + (line.product.commune if step.by == "commune" else line.product.province)
    return line.product.key


async def settled(program: Far) -> None:
    """As the company says it, looking less often: looking takes from what is looked at. Raises NotSettled, DeadLetters."""
    quiet, moved, before = 0, time.monotonic(), None
    while quiet < 2:
        standing = await program._standing()
        held = sum(look.held for look in standing.values())
        behind = await program._behind(standing)
        quiet = 0 if held or behind else quiet + 1
        if (now := positions(standing)) != before:
            before, moved = now, time.monotonic()
        if time.monotonic() - moved > STILL_SECONDS and not quiet:
            raise NotSettled(f"held {held}, behind: {behind}")
        await asyncio.sleep(LOOK_SECONDS)


def positions(standing: dict[str, Standing]) -> list[Any]:
    return [(look.head, look.held, sorted(look.positions.items())) for look in standing.values()]
