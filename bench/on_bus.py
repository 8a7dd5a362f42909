"""What the figures of the bus share: a real broker, a PostgreSQL that keeps what it acknowledges, topics without anything."""

import gc
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from ocop.postgres import EmbeddedPostgres, Server
from tests.bus.two_houses import fresh_topics
from tests.kafka import running_broker


@asynccontextmanager
async def durable_server() -> AsyncIterator[Server]:
    """PostgreSQL with its durable settings, in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="ocop-bench-") as folder:
        embedded = EmbeddedPostgres(Path(folder), {"max_connections": "100", "shared_buffers": "256MB"})
        server = await embedded.start()
        try:
            yield server
        finally:
            await embedded.stop()


@asynccontextmanager
async def broker_with_topics() -> AsyncIterator[str]:
    async with running_broker() as bootstrap:
        await fresh_topics(bootstrap)
        yield bootstrap


def settled() -> None:
    """As each process of the program does when it begins to work; the peers in this one have it too."""
    gc.collect()
    gc.freeze()
