"""One rebuild of the view of marks in this process: prints its seconds, its peak memory and what it made, as JSON."""

import resource
import sys
import time

import orjson
import uvloop

from bench.register import ROOM, TIMELINE
from shared.eventstore.rebuilding import Rebuild
from shared.eventstore.sources import OwnFacts
from shared.eventstore.store import EventStore
from shared.memory import settled


async def main(owner_dsn: str, server_dsn: str, server_role: str) -> None:
    store = EventStore(ROOM.house, server_dsn)
    await store.open()
    settled()
    try:
        begun = time.perf_counter()
        found = await Rebuild(owner_dsn, ROOM, TIMELINE, OwnFacts(store, TIMELINE), server_role).run()
        seconds = time.perf_counter() - begun
    finally:
        await store.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.buffer.write(orjson.dumps({"seconds": seconds, "peak": peak, **found._asdict()}))


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:]))
