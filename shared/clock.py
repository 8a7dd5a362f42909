"""The one clock of a process: recorded times, today's date, and the season's days while it is played."""

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

from shared.calendar import HANOI, utc_instant
from shared.values import Moment


def machine_time() -> datetime:
    return datetime.now(UTC)


class Clock:
    """The machine's time, or a day set by a season; afterwards the later of the two."""

    def __init__(self, machine: Callable[[], datetime] = machine_time) -> None:
        self._machine = machine
        self._day: date | None = None
        self._playing = False
        self._ticks = 0
        self._recorded = datetime.min.replace(tzinfo=UTC)
        self._wakes: set[asyncio.Event] = set()

    def play(self, day: date) -> None:
        """Time stands on this day until `rest` is called; days never go back."""
        if self._day is None or day > self._day:
            self._day, self._ticks = day, 0
        self._playing = True
        for event in self._wakes:
            event.set()

    @property
    def playing(self) -> bool:
        """Whether a season's day stands until the next one is set."""
        return self._playing

    def wakes(self, event: asyncio.Event) -> None:
        """Sets the event whenever a day is played; the machine's own midnight is for who waits to notice."""
        self._wakes.add(event)

    def rest(self, day: date) -> None:
        """The season is over: from now on the machine's time, but never before the season's last day."""
        self.play(day)
        self._playing = False

    def goes_on_after(self, recorded: datetime) -> None:
        """No instant from now on is one up to this, at which something was recorded: by another process, on a day that stands.

        What was known at an instant then stays what it was, also when a program that rests on a day starts again.
        """
        if recorded > self._recorded:
            self._recorded, self._ticks = recorded, 0

    def machine(self) -> datetime:
        """The machine's own time (UTC), for pauses and retries; facts take `now`."""
        return self._machine()

    def now(self) -> Moment:
        at = self._machine()
        stands = self._day is not None and (self._playing or at < utc_instant(self._day))
        since = utc_instant(self._day) if stands and self._day else at
        if stands or since <= self._recorded:
            self._ticks += 1  # distinct instants in the order of asking
            at = max(since, self._recorded) + timedelta(microseconds=self._ticks)
        return Moment(at.astimezone(HANOI).date(), at)

    def latest(self) -> datetime:
        """The last instant (UTC) at which anything may be recorded by now.

        Of a day that is set, its end: each process counts the instants of such a day for itself.
        """
        at = self._machine()
        if self._day is None or not (self._playing or at < utc_instant(self._day)):
            return at
        return datetime.combine(self._day, time.max, HANOI).astimezone(UTC)

    def today(self) -> date:
        return self.now().on
