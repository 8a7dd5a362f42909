"""`project_library`: the same view against the `eventsourcing` library's projection runner, which commits event by event.

The peer goes on for some seconds of each round from where it was; it has as many events as it can take in all rounds.
"""

import sys
from pathlib import Path

from bench.figures import Figure, alternately, figure, peer
from bench.on_bus import durable_server
from bench.peers.running import at_work
from bench.projecting import COUNTS, EVENTS, marks_on, projected

ROUNDS = 5
PEER_EVENTS = 100_000


async def measure(rounds: int = ROUNDS, events: int = EVENTS) -> Figure:
    python = Path(sys.executable)
    async with (
        durable_server() as server,
        marks_on(server, events) as (database, store),
        at_work(server, python, "library_projected", PEER_EVENTS) as theirs,
    ):
        found = await alternately(lambda: projected(store, database, COUNTS, events), theirs, rounds)
    return figure("project_library", "events/s", peer("ProjectionRunner", "eventsourcing", "psycopg"), found) | {
        "events": events
    }
