"""One real PostgreSQL for the whole test session, and a new database of it for whoever asks."""

import itertools
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg

from ocop.databases import HouseDatabase, make, remove
from ocop.postgres import EmbeddedPostgres, Server

NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}  # these data die with the tests
NUMBERS = itertools.count(1)


@asynccontextmanager
async def running_server() -> AsyncIterator[Server]:
    """A server in a folder of its own; both are gone afterwards, also when tests fail."""
    with tempfile.TemporaryDirectory(prefix="ocop-tests-") as folder:
        embedded = EmbeddedPostgres(Path(folder), NOT_DURABLE)
        server = await embedded.start()
        try:
            yield server
        finally:
            await embedded.stop()


@asynccontextmanager
async def fresh_database(
    server: Server, house: str = "registration", template: str = "template0"
) -> AsyncIterator[HouseDatabase]:
    """A database with the house's two roles, dropped afterwards; `template` names one to copy, which nobody may use."""
    connection = await asyncpg.connect(server.admin_dsn)
    try:
        database = await make(connection, server, house, f"test_{house}_{next(NUMBERS)}", template)
        yield database
        await remove(connection, database.name)
    finally:
        await connection.close()
