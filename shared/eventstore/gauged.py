"""What a house knows of the programme, as gauges: filled from its views by one cheap statement each, every some seconds."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import asyncpg

from shared.clock import Clock
from shared.eventstore.store import EventStore
from shared.eventstore.views import DUE
from shared.logs import log
from shared.measures import Measure
from shared.metrics import OVERDUE
from shared.regulation import limits

EVERY_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Gauged:
    """A gauge and the statement that fills it.

    The statement takes the day ($1, a date) and answers rows of the labels that follow `first`, in their order, and a
    number. `first`: the values of the labels before these. `always`: rows that are 0 where nothing is said of them.
    With `as_it_stands` it takes no day.
    """

    measure: Measure
    statement: str
    first: tuple[str, ...] = ()
    always: tuple[tuple[str, ...], ...] = ()
    as_it_stands: bool = False

    async def fill(self, pool: asyncpg.Pool, today: date) -> None:
        """Sets every series anew; one of which nothing is said any more goes to 0. Raises what the database raises."""
        counted: Counter[tuple[str, ...]] = Counter()
        for values in self.always:
            counted[self.measure.bounded(*self.first, *values)] = 0
        for *values, number in await pool.fetch(self.statement, *([] if self.as_it_stands else [today])):
            counted[self.measure.bounded(*self.first, *values)] += number
        for series in self.measure.series() - counted.keys():
            if series[: len(self.first)] == self.first:
                self.measure.labels(*series).set(0)
        for series, number in counted.items():
            self.measure.labels(*series).set(number)


def overdue(house: str) -> Gauged:
    """The deadlines that persons of a house have missed, of a house that has the view `due`."""
    return Gauged(OVERDUE, DUE.overdue, first=(house,), always=tuple((limit,) for limit in limits.NAMES))


async def keep_gauged(store: EventStore, clock: Clock, gauges: Sequence[Gauged]) -> None:
    """Runs until cancelled; a failure is logged and tried again."""
    while True:
        try:
            for gauged in gauges:
                await gauged.fill(store.pool, clock.today())
        except Exception:
            log.exception("gauges-not-filled", house=store.house)
        await asyncio.sleep(EVERY_SECONDS)
