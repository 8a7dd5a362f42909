"""`project`: events a second into a view that counts, exactly once, against eventsource-py's own subscription runner.

Ours commits each batch with its position; the peer's position is a second transaction (at-least-once). Each has its own
events, made by its own append, on one server; the peer has fewer, for it writes slowly.
"""

from bench.figures import Figure, Peer, alternately, figure
from bench.on_bus import durable_server
from bench.peers import getting
from bench.peers.running import at_work
from bench.projecting import COUNTS, EVENTS, marks_on, projected

ROUNDS = 5
PEER_EVENTS = 100_000


async def measure(rounds: int = ROUNDS, events: int = EVENTS) -> Figure:
    package = f"eventsource-py[postgresql]=={getting.EVENTSOURCE}"
    python = await getting.from_pypi(package, await getting.python_of("3.13"))  # it asks for that
    theirs_events = min(PEER_EVENTS, events)
    async with (
        durable_server() as server,
        marks_on(server, events) as (database, store),
        at_work(server, python, "eventsource_py", theirs_events) as theirs,
    ):
        found = await alternately(lambda: projected(store, database, COUNTS, events), theirs, rounds)
    name = f"eventsource-py, subscription of batches of 1000, {theirs_events:,} events"
    peer = Peer(name, getting.EVENTSOURCE)
    return figure("project", "events/s", peer, found) | {"events": events}
