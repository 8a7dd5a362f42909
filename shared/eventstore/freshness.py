"""`after=POSITION`: waits, bounded, until a view has what a position stands for."""

import asyncio
import re
import time

from shared.eventstore.store import EventStore
from shared.eventstore.views import View
from shared.values import Refusal

MOST_SECONDS = 5.0
POSITION = re.compile(r"^([a-z]+):(\d{1,18})$")


class MalformedPosition(Refusal):
    rule = "position-malformed"
    vi = "Vị trí {after} không đúng dạng <nhà>:<số>."
    en = "The position {after} is not of the form <house>:<number>."


class ViewBehind(Refusal):
    rule = "view-behind"
    vi = "Dữ liệu chưa cập nhật đến vị trí {after}; xin hỏi lại."
    en = "The view has not reached position {after} yet; please ask again."


class Freshness:
    """Knows how a house's views come to know of positions of the own and of other houses."""

    def __init__(self, store: EventStore, hears: set[str], houses: set[str]) -> None:
        self._store = store
        self._hears = hears  # the houses whose contracts the policies of this house react to
        self._houses = houses

    async def wait(self, view: View, after: str | None, most: float = MOST_SECONDS) -> None:
        """Raises MalformedPosition at once, ViewBehind after `most` seconds."""
        if after is None:
            return
        house, number = self._read(after)
        until = time.monotonic() + most
        own = self._store.house
        if house != own and house in self._hears and view.source != house:
            await self._reach("reactions", house, number, until, after)
            house, number = own, await self._store.head()
        if view.source == house:
            await self._reach(view.reader, house, number, until, after)

    async def wait_for_reactions(self, after: str | None, most: float = MOST_SECONDS) -> None:
        """Waits until the house has reacted to a position of a house that it hears; of any other there is nothing to wait for.

        Raises as `wait`.
        """
        if after is None:
            return
        house, number = self._read(after)
        if house in self._hears:
            await self._reach("reactions", house, number, time.monotonic() + most, after)

    def _read(self, after: str) -> tuple[str, int]:
        match = POSITION.match(after)
        if not match or match[1] not in self._houses:
            raise MalformedPosition(field="after", after=after)
        return match[1], int(match[2])

    async def _reach(self, reader: str, source: str, number: int, until: float, after: str) -> None:
        pause = 0.002
        while await self._store.position(reader, source) < number:
            if time.monotonic() > until:
                raise ViewBehind(field="after", after=after)
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, 0.05)
