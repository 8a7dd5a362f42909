"""Views that stand before an event which they cannot take: kept as rows, so that every process and every person sees them.

An event parks its view, never the process and never another view. Whoever applies the view tries again by itself.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg

from shared.eventstore.appender import CONNECTION_LOST
from shared.eventstore.sql import Statements
from shared.eventstore.views import Fact, Unreadable, View
from shared.logs import log

PARKED = Statements(Path(__file__).with_name("parked.sql"))
FIRST_PAUSE = 1.0  # seconds; doubles with each try
LONGEST_PAUSE = 60.0
LONGEST_ERROR = 2000  # characters
PASSING = ("08", "40", "53", "55", "57", "58")  # classes of SQLSTATE that tell of the server, not of what it was given


class StandsBefore(Exception):
    """A view cannot take a fact and is parked before it; `pause`: seconds until it should be tried again."""

    def __init__(self, pause: float) -> None:
        super().__init__(pause)
        self.pause = pause


@dataclass(frozen=True, slots=True)
class Parked:
    """A view and the event before which it stands. `seconds`: since it was parked."""

    view: str
    source: str
    position: int
    kind: str
    error: str
    since: datetime
    attempts: int
    seconds: float

    def __str__(self) -> str:
        """For operators; without the error's words, which may hold what someone sent."""
        return (f"view {self.view} stands before {self.source}:{self.position} ({self.kind}): {self.error.partition(':')[0]}, "
                f"tried {self.attempts} times")  # fmt: skip


async def parked_views(pool: asyncpg.Pool | asyncpg.Connection) -> list[Parked]:
    """Those of a house, the longest parked first; of each the event before which it has stood longest."""
    return [Parked(**row) for row in await pool.fetch(PARKED.parked)]


async def park(
    pool: asyncpg.Pool, house: str, view: View, fact: Fact, error: Exception, row: str | None = None
) -> float:  # fmt: skip
    """Notes that a view could not take a fact. Returns the seconds until it should be tried again.

    `row`: which of its positions stands before the fact, where it has one for each partition.
    """
    kind, text = kind_of(fact.body), f"{type(error).__name__}: {error}"[:LONGEST_ERROR].replace("\0", "")
    attempts: int = await pool.fetchval(PARKED.park, view.reader, row or view.source, fact.position, kind, text)
    log.warning(
        "view-parked", house=house, view=view.name, position=f"{fact.source}:{fact.position}", type=kind,
        attempts=attempts, error=error,
    )  # fmt: skip
    return min(FIRST_PAUSE * 2 ** (attempts - 1), LONGEST_PAUSE)


def kind_of(body: Any) -> str:
    """What an event is called where it is told of."""
    cls = body.kind if isinstance(body, Unreadable) else type(body)
    return getattr(cls, "TOPIC", "") or cls.__name__


def is_passing(error: Exception) -> bool:
    """Whether it is about the database or the way to it: then no event is to blame, and everything is tried again."""
    state = getattr(error, "sqlstate", None) or ""
    return isinstance(error, (asyncpg.InterfaceError, *CONNECTION_LOST)) or state[:2] in PASSING
