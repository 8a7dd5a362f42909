"""Plays the season through the doors of the houses, as the people concerned would, one day after another.

Every act carries an Idempotency-Key `season:<step>`. What is already done is read from the stores, so a season that was
cut off anywhere goes on from there, with no step lost or doubled.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any
from uuid import UUID, uuid5

import httpx

from ocop.season.acts import ACTS, opening
from ocop.season.script import Season, Step
from ocop.standalone import Program
from services.registration.domain.idea import product_of
from shared.auth.actors import Actor
from shared.auth.tokens import DEV_TOKEN_LASTS, sign

SEASON = UUID("5ea50000-0000-5000-8000-000000002026")
AT_ONCE = 16  # products that act at the same time


class SeasonStuck(RuntimeError):
    """A step of the season was refused: the script and the rules disagree, which is a fault of the program."""


@dataclass
class Player:
    """Speaks for every role of the season, each with its own token."""

    program: Program
    season: Season
    done: frozenset[str]
    tokens: dict[tuple[str, str, str], str]

    async def post(
        self, house: str, path: str, *, role: str, place: str, key: str, body: dict[str, Any], actor: str | None = None
    ) -> dict[str, Any]:
        """One command; an act that is done already answers as the first time. Raises SeasonStuck."""
        headers = {"authorization": f"Bearer {self.token(actor or role, role, place)}", "idempotency-key": key}
        response = await self.program.clients[house].post(path, json=body, headers=headers)
        if response.is_error:
            raise SeasonStuck(f"{key}: {response.status_code} {response.text}")
        return response.json()

    async def send_file(self, content: bytes, *, place: str) -> dict[str, Any]:
        headers = {"authorization": f"Bearer {self.token('producer', 'producer', place)}"}
        response = await self.program.clients["registration"].post("/evidence", content=content, headers=headers)
        response.raise_for_status()
        return response.json()

    async def get(self, house: str, path: str, **query: str) -> Any:
        response: httpx.Response = await self.program.clients[house].get(path, params=query)
        if response.is_error:
            raise SeasonStuck(f"GET {house}{path} {query}: {response.status_code} {response.text}")
        return response.json()

    def token(self, actor: str, role: str, place: str) -> str:
        wanted = (actor, role, place)
        if wanted not in self.tokens:
            key = next(iter(self.program.houses.values())).key
            expires = self.program.clock.machine() + DEV_TOKEN_LASTS
            self.tokens[wanted] = sign(Actor(actor, role, place), key, expires)
        return self.tokens[wanted]

    def id_of(self, what: str) -> str:
        """The id of something that the season begins: the same at every run."""
        return str(uuid5(SEASON, what))

    def product(self, key: str) -> str:
        return product_id(key)


def product_id(key: str) -> str:
    """The register's id of a product of the season."""
    return str(product_of(uuid5(SEASON, f"{key}/idea")))


async def done_steps(program: Program) -> frozenset[str]:
    """The keys of all acts of the season that the stores know."""
    found: set[str] = set()
    for house in program.houses.values():
        found |= await house.store.requests("season:")
    return frozenset(found)


async def play(program: Program, season: Season, tell: Callable[[date, int, int], None]) -> int:
    """Plays what is not yet done; `tell(day, steps done, steps in all)` after each day. Returns the steps played now."""
    await program.settled()  # a program cut off left deliveries of its last day to make
    player = Player(program, season, await done_steps(program), {})
    steps = sorted(steps_of(season), key=lambda step: step[1].day)
    played, past = 0, 0
    for day, todays in groupby(steps, key=lambda step: step[1].day):
        today = list(todays)
        past += len(today)
        left = [(who, step) for who, step in today if step.key not in player.done]
        if left:
            program.clock.play(day)
            await play_day(player, left)
            await program.settled()
            played += len(left)
        tell(day, past, len(steps))
    program.clock.rest(season.last)
    return played


def steps_of(season: Season) -> list[tuple[Any, Step]]:
    """Every step with the line it belongs to; rounds and councils belong to none."""
    return [(None, step) for step in opening(season)] + [(line, step) for line in season.lines for step in line.steps]


async def play_day(player: Player, steps: list[tuple[Any, Step]]) -> None:
    """Councils and rounds first; then the products side by side, each in its own order."""
    for line, step in steps:
        if line is None:
            await ACTS[step.do](player, line, step)
    room = asyncio.Semaphore(AT_ONCE)

    async def one(mine: list[tuple[Any, Step]]) -> None:
        async with room:
            for line, step in mine:
                await ACTS[step.do](player, line, step)

    by_product: dict[str, list[tuple[Any, Step]]] = {}
    for line, step in steps:
        if line is not None:
            by_product.setdefault(line.product.key, []).append((line, step))
    try:
        async with asyncio.TaskGroup() as group:
            for mine in by_product.values():
                group.create_task(one(mine))
    except* SeasonStuck as stuck:
        raise stuck.exceptions[0] from None
