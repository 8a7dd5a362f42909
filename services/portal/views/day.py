"""The day of the houses: in a season that is played it is not the machine's."""

import asyncio
import time
from collections.abc import Callable
from datetime import date

import httpx

from services.portal.views.houses import Houses, HouseSaid, HouseSilent
from shared.clock import Clock
from shared.logs import log

HOUSE = "certification"  # whose answers hang on the day
ASK_SECONDS = 0.4
SURE_SECONDS = 1.0
SILENT_SECONDS = 2.0


class HousesDay:
    """Asks a house for its day all the time. `today` is the last one said, the machine's before there was any."""

    def __init__(
        self, line: httpx.AsyncClient, machine: Clock, *, clock: Callable[[], float] = time.monotonic
    ) -> None:  # fmt: skip
        self._house, self._machine, self._clock = Houses({HOUSE: line}), machine, clock
        self._said: date | None = None
        self._sure_until = float("-inf")

    def today(self) -> date:
        return self._said or self._machine.today()

    def sure(self) -> date | None:
        """The houses' day as it was at most a second ago; None where they did not say."""
        return self._said if self._clock() < self._sure_until else None

    async def follow(self) -> None:
        """Asks until cancelled."""
        silent = False
        while True:
            asked = self._clock()
            try:
                async with asyncio.timeout(SILENT_SECONDS):
                    self._said = date.fromisoformat((await self._house.get(HOUSE, "standing"))["today"])
                self._sure_until, silent = asked + SURE_SECONDS, False
            except (HouseSilent, HouseSaid, TimeoutError) as error:
                if not silent:
                    log.warning("day-unknown", error=repr(error))
                silent = True
            await asyncio.sleep(ASK_SECONDS)
