"""Whether anything has changed: how far every house and each of its views has come, asked all the time."""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from services.portal.views.houses import Houses, HouseSaid, HouseSilent
from shared.logs import log

ASK_SECONDS = 0.4
SURE_SECONDS = 1.0
SILENT_SECONDS = 2.0
REST_SECONDS = 30.0  # after the last visitor nobody is asked any more


class Changes:
    """Counts the changes of what the houses show: day, events, how far each view is. `since` is the count as it was a second
    ago at most; None where they did not say.

    While nobody wants to know, no house is asked: who comes first after that has to make what he wants to see.

    What was made after the question of one count and is given under the same count is true as of the last question.
    """

    def __init__(
        self, clients: Mapping[str, httpx.AsyncClient], *, clock: Callable[[], float] = time.monotonic
    ) -> None:  # fmt: skip
        self._houses, self._names, self._clock = Houses(clients), tuple(clients), clock
        self._stood: Any = None
        self._count = 0
        self._sure_until = self._wanted_until = float("-inf")
        self._wanted = asyncio.Event()

    def since(self) -> int | None:
        self._wanted_until = self._clock() + REST_SECONDS
        self._wanted.set()
        return self._count if self._clock() < self._sure_until else None

    async def follow(self) -> None:
        """Asks until cancelled."""
        silent = False
        while True:
            if self._clock() >= self._wanted_until:
                self._wanted.clear()
            await self._wanted.wait()
            try:
                async with asyncio.timeout(SILENT_SECONDS):
                    await self.look()
                silent = False
            except (HouseSilent, HouseSaid, TimeoutError) as error:
                if not silent:
                    log.warning("changes-unknown", error=repr(error))
                silent = True
            await asyncio.sleep(ASK_SECONDS)

    async def look(self) -> None:
        """Asks every house once."""
        asked = self._clock()
        stands = await asyncio.gather(*(self._houses.get(house, "standing") for house in self._names))
        if stands != self._stood:
            self._stood, self._count = stands, self._count + 1
        self._sure_until = asked + SURE_SECONDS
