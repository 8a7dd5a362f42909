"""All houses together, in one process or in many: how far they have come, and whether anything is left to do."""

import asyncio
from collections.abc import Mapping
from datetime import date
from typing import Any

import httpx

from shared.clock import Clock
from shared.eventstore.store import Standing
from shared.house import House

PAUSE_SECONDS = 0.003
LONGEST_PAUSE = 0.1  # where it takes long, those who do the work need the machine


class DeadLetters(RuntimeError):
    """A delivery cannot be made without a person."""


class Company:
    """The houses with their stores open. A season is played before them: `play` and `rest` set everybody's day."""

    clients: Mapping[str, httpx.AsyncClient]

    def __init__(self, houses: dict[str, House], clock: Clock) -> None:
        self.houses = houses
        self.clock = clock

    # --- time ---

    async def play(self, day: date) -> None:
        """It is this day for every house until the next one."""
        self.clock.play(day)

    async def rest(self, day: date) -> None:
        """The season is over after this day."""
        self.clock.rest(day)

    # --- what is done ---

    @property
    def key(self) -> Any:
        """The local key that signs tokens."""
        return next(iter(self.houses.values())).key

    async def done(self, beginning: str) -> tuple[set[str], date]:
        """The requests carried out whose ids begin so, and the last day on which anything was recorded."""
        found: set[str] = set()
        days = [date.min]
        for house in self.houses.values():
            found |= await house.store.requests(beginning)
            days += [day for day in [await house.store.last_day()] if day]
        return found, max(days)

    # --- what is left ---

    def readers(self) -> list[tuple[House, str, str]]:
        """Everything that reads a feed: (the house that keeps the position, reader, source house)."""
        return [(house, reader, source) for house in self.houses.values() for reader, source in house.readers()]

    async def behind(self) -> list[str]:
        """The readers that have not reached the end of what they read; where all have, the timers that have something to do."""
        return await self._behind(await self._standing())

    async def _behind(self, standing: dict[str, Standing]) -> list[str]:
        late = [
            f"{house.name}.{reader}<{source}"
            for house, reader, source in self.readers()
            if standing[house.name].positions.get((reader, source), 0) < standing[source].head
        ]
        if late:
            return late
        waiting = await asyncio.gather(*(house.ticking.waiting() for house in self.houses.values()))
        return [f"{name}.timer" for name, waits in zip(self.houses, waiting, strict=True) if waits] + [
            f"{house.name}.checkpoint" for house in self.signing() if await house.checkpointing.due()
        ]

    def signing(self) -> list[House]:
        """The houses of which a checkpoint is expected when a day has begun."""
        return [house for house in self.houses.values() if house.checkpointing.key]

    async def _standing(self) -> dict[str, Standing]:
        looks = await asyncio.gather(*(house.store.standing() for house in self.houses.values()))
        return dict(zip(self.houses, looks, strict=True))

    async def held(self) -> dict[str, tuple[int, int]]:
        """(held, of these dead) of each house that holds messages."""
        return held_of(await self._standing())

    async def settled(self) -> None:
        """Returns when every reader has read all there is and the clock has done all that is due, twice in a row.

        A reaction or a timer may have said something new. Raises DeadLetters where a message or a limit waits for a person.
        """
        quiet, pause = 0, PAUSE_SECONDS
        while quiet < 2:
            standing = await self._standing()
            held = held_of(standing)
            if any(dead for _, dead in held.values()):
                raise DeadLetters(f"messages that no reaction could take: {held}; see `ocop dlq list`")
            stuck = [reason for house in self.houses.values() for reason in house.ticking.stuck()]
            if stuck:
                raise DeadLetters(f"limits that the clock could not carry out: {stuck}")
            quiet = 0 if held or await self._behind(standing) else quiet + 1
            pause = PAUSE_SECONDS if quiet else min(pause * 1.2, LONGEST_PAUSE)
            await asyncio.sleep(pause)


def held_of(standing: dict[str, Standing]) -> dict[str, tuple[int, int]]:
    return {name: (look.held, look.dead) for name, look in standing.items() if look.held}
