"""`rebuild_memory`: the peak memory of the process that makes a view again, at a million events over a tenth of them."""

from bench.figures import Figure, Peer, alternately, figure
from bench.on_bus import durable_server
from bench.projecting import EVENTS
from bench.register import rebuilt, register_on

ROUNDS = 5


async def measure(rounds: int = ROUNDS, events: int = EVENTS) -> Figure:
    few = events // 10
    async with (
        durable_server() as server,
        register_on(server, events) as (many, _),
        register_on(server, few) as (fewer, _),
    ):

        async def ours() -> float:
            return (await rebuilt(many))["peak"]

        async def theirs() -> float:
            return (await rebuilt(fewer))["peak"]

        found = await alternately(ours, theirs, rounds)
    peer = Peer(f"itself at {few:,} events", "this program")
    return figure("rebuild_memory", "MiB", peer, found, better="lower") | {"events": events}
