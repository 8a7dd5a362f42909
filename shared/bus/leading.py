"""One leader per house: whoever holds an advisory lock of the house's database on a connection of its own.

The server ends that connection when its client dies, and also when it is silent for some seconds: a process that is
frozen or cut off is deposed without its knowing, and another takes over.
"""

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg

from shared.eventstore.appender import CONNECTION_LOST
from shared.eventstore.sql import STORE
from shared.logs import log
from shared.metrics import RELAY_LEADER

SILENT_SECONDS = 3.0  # after which the server gives the lock to another
BEAT_SECONDS = 0.75
ASK_SECONDS = 0.5
RETRY_SECONDS = 1.0

Work = Callable[[], Awaitable[None]]


async def lead(house: str, dsn: str, work: Work) -> None:
    """Runs `work` whenever this process leads, until cancelled; work that ends or fails gives the lead away."""
    while True:
        try:
            await _term(house, dsn, work)
        except (asyncpg.PostgresError, *CONNECTION_LOST) as error:
            log.warning("lead-lost", house=house, error=error)
        except Exception:
            log.exception("leader-failed", house=house)
        finally:
            RELAY_LEADER.labels(house).set(0)
        await asyncio.sleep(RETRY_SECONDS)


async def _term(house: str, dsn: str, work: Work) -> None:
    """From waiting for the lock to the end of the lead."""
    connection = await asyncpg.connect(
        dsn, command_timeout=SILENT_SECONDS,
        server_settings={"idle_session_timeout": f"{SILENT_SECONDS}s", "application_name": f"{house} relay"},
    )  # fmt: skip
    try:
        while not await connection.fetchval(STORE.take_lead):  # noqa: ASYNC110 - the server tells nobody that it is free
            await asyncio.sleep(ASK_SECONDS)
        log.info("leads", house=house)
        RELAY_LEADER.labels(house).set(1)
        task = asyncio.ensure_future(work())
        try:
            while not task.done():
                await asyncio.wait([task], timeout=BEAT_SECONDS)
                await connection.fetchval(STORE.still_lead)
            task.result()
        finally:
            task.cancel()
            await asyncio.wait([task])
    finally:
        connection.terminate()
