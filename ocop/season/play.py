"""Plays the season through the doors of the houses, as the people concerned would, one day after another.

Every act carries an Idempotency-Key `season:<step>`. What is already done is read from the stores, so a season that was
cut off anywhere goes on from there, with no step lost or doubled. On each day the clocks of the houses come first, then
rounds and councils, then the products, then what belongs to no product.
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any
from uuid import UUID, uuid5

import httpx

from ocop.company import Company
from ocop.season.acts.evaluation import opening
from ocop.season.acts.every import ACTS
from ocop.season.script import Line, Season, Step
from services.registration.domain.idea import product_of
from shared.auth.actors import Actor
from shared.auth.tokens import DEV_TOKEN_LASTS, sign

SEASON = UUID("5ea50000-0000-5000-8000-000000002026")
AT_ONCE = 16  # products that act at the same time
# Steps from which running numbers follow: one after another, so that each product always gets the same number.
NUMBERED = frozenset({"dossier_forwarded", "certificate_issued", "certificate_replaced", "appeal_lodged"})
NUMBERED_BY_OTHERS = frozenset({"recognition_recorded"})  # another house, on hearing of it, gives the number
REFUSED = 422

Planned = tuple[Line | None, Step]


class SeasonStuck(RuntimeError):
    """A step of the season was refused: the script and the rules disagree, which is a fault of the program."""


class OtherSeason(RuntimeError):
    """The data hold a season that was played by another script."""


@dataclass
class Player:
    """Speaks for every role of the season, each with its own token."""

    program: Company
    season: Season
    done: frozenset[str]
    reached: date  # the last day of which the stores know something
    tokens: dict[tuple[str, str, str], str]

    def has_done(self, step: Step) -> bool:
        """A step without a mark of its own was done if anything of a later day was."""
        return step.key in self.done if step.leaves_a_mark else step.day < self.reached

    async def post(
        self, house: str, path: str, *, role: str | None, place: str, key: str, body: dict[str, Any],
        actor: str | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """One command, without a token where no role is named; an act that is done already answers as the first time.

        Raises SeasonStuck.
        """
        response = await self._send(house, path, role, place, key, body, actor)
        if response.is_error:
            raise SeasonStuck(f"{key}: {response.status_code} {response.text}")
        return response.json()

    async def refused(
        self, house: str, path: str, *, role: str, place: str, key: str, body: dict[str, Any],
        rule: str | None = None, article: str | None = None,
    ) -> None:  # fmt: skip
        """One command that the house must refuse by this rule or article. Raises SeasonStuck for any other answer."""
        response = await self._send(house, path, role, place, key, body, None)
        problem = response.json()
        if response.status_code != REFUSED or (rule or article) not in (problem.get("rule"), problem.get("article")):
            raise SeasonStuck(f"{key}: not refused by {rule or article}: {response.status_code} {response.text}")

    async def _send(
        self, house: str, path: str, role: str | None, place: str, key: str, body: dict[str, Any], actor: str | None
    ) -> httpx.Response:
        headers = {"idempotency-key": key}
        if role:
            headers["authorization"] = f"Bearer {self.token(actor or role, role, place)}"
        return await self.program.clients[house].post(path, json=body, headers=headers)

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
            key = self.program.key
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


async def player_of(program: Company, season: Season) -> Player:
    """With the keys of all acts that the stores know, and the last day on which anything was recorded."""
    done, last = await program.done("season:")
    return Player(program, season, frozenset(done), last, {})


async def play(program: Company, season: Season, tell: Callable[[date, int, int], None]) -> int:
    """Plays what is not yet done; `tell(day, steps done, steps in all)` after each day. Returns the acts played now.

    Raises SeasonStuck, OtherSeason.
    """
    await program.settled()  # a program cut off left deliveries of its last day to make
    player = await player_of(program, season)
    steps = sorted(steps_of(season), key=lambda planned: planned[1].day)
    check_goes_on(player, steps)
    played, past = 0, 0
    for day, todays in groupby(steps, key=lambda planned: planned[1].day):
        today = list(todays)
        past += len(today)
        left = [(line, step) for line, step in today if not player.has_done(step)]
        if left:
            await program.play(day)
            await program.settled()
            await play_day(player, [(line, step) for line, step in left if step.acted])
            await program.settled()
            played += sum(step.leaves_a_mark for _, step in left)
        tell(day, past, len(steps))
    await program.rest(season.last)
    await program.settled()
    return played


def check_goes_on(player: Player, steps: list[Planned]) -> None:
    """Everything of a day is done before the next day begins: what lacks further back was never asked. Raises OtherSeason."""
    lacking = [step for _, step in steps if step.acted and step.day < player.reached and not player.has_done(step)]
    if lacking:
        raise OtherSeason(
            f"Dữ liệu này là của một mùa khác (thiếu {len(lacking)} bước, bước đầu: {lacking[0].key}); dùng thư mục khác, "
            "hoặc xóa bằng make clean-demo / these data are of another season; use another folder, or make clean-demo"
        )


def steps_of(season: Season) -> list[Planned]:
    """Every step with the line it belongs to; rounds and councils, and what no product does, belong to none."""
    lines = [(line, step) for line in season.lines for step in line.steps]
    return [*((None, step) for step in opening(season)), *lines, *((None, step) for step in season.events)]


async def play_day(player: Player, steps: list[Planned]) -> None:
    """Councils and rounds; products side by side, each in its own order; those that get numbers; then the rest."""
    events = {step.key for step in player.season.events}
    by_product: dict[str, list[Planned]] = {}
    for line, step in steps:
        if line is not None:
            by_product.setdefault(line.product.key, []).append((line, step))
        elif step.key not in events:
            await ACTS[step.do](player, line, step)
    numbered = [mine for mine in by_product.values() if gets_numbers(mine)]
    await side_by_side([play_in_order(player, mine) for mine in by_product.values() if not gets_numbers(mine)])
    for mine in numbered:
        await play_in_order(player, mine)
    last = [(line, step) for line, step in steps if step.key in events]
    if last:
        await player.program.settled()
        await play_in_order(player, last)


def gets_numbers(steps: list[Planned]) -> bool:
    return any(step.do in NUMBERED | NUMBERED_BY_OTHERS for _, step in steps)


async def play_in_order(player: Player, steps: list[Planned]) -> None:
    for line, step in steps:
        await ACTS[step.do](player, line, step)
        if step.do in NUMBERED_BY_OTHERS:
            await player.program.settled()


async def side_by_side(work: list[Coroutine[Any, Any, None]]) -> None:
    """All of it, so many at the same time; the first that gets stuck ends it."""
    room = asyncio.Semaphore(AT_ONCE)

    async def one(coroutine: Coroutine[Any, Any, None]) -> None:
        async with room:
            await coroutine

    try:
        async with asyncio.TaskGroup() as group:
            for coroutine in work:
                group.create_task(one(coroutine))
    except* SeasonStuck as stuck:
        raise stuck.exceptions[0] from None
