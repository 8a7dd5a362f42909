"""How long something that was made or asked for may be given to others."""

from typing import NamedTuple

FRESH_SECONDS = 1.0  # as old as what the register says of a certificate may be


class Asked(NamedTuple):
    """When somebody asked: the moment, and the count of changes (`Changes.since`), None where it is not known."""

    at: float
    since: int | None

    def holds(self, now: "Asked") -> bool:
        """Whether what was made then may still be given: it is fresh, or nothing has changed since."""
        return now.at - self.at < FRESH_SECONDS or (now.since is not None and self.since == now.since)
