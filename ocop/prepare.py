"""Makes what the houses need before they start: roles, databases, schemas, topics. Safe to repeat, also by several at once."""

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path

import asyncpg
from rich.console import Console

from ocop.databases import HouseDatabase, prepare
from ocop.postgres import Server
from ocop.standalone import ROOMS, migrate_all
from shared import settings as environment
from shared.bus.topics import answers, make_topics
from shared.eventstore.appender import CONNECTION_LOST
from shared.logs import log
from shared.settings import BadSetting, Settings

WAIT_SECONDS = 120
AGAIN_SECONDS = 0.5


async def prepare_all(settings: Settings) -> Mapping[str, HouseDatabase]:
    """The databases by house. Raises BadSetting where no server is named; asyncpg's and Kafka's errors."""
    if not settings.database_url:
        raise BadSetting("OCOP_DATABASE_URL: the administrator's access to PostgreSQL is not named")
    found = await prepare(Server(settings.database_url), ROOMS, settings.house_passwords)
    await migrate_all(found)
    if settings.kafka:
        log.info("topics", made=await make_topics(settings.kafka))
    return found


def run_prepare(data: Path) -> int:
    """Waits for database and broker, then makes what is missing; says what is wrong otherwise."""
    console = Console(stderr=True)
    try:
        settings = environment.read(data)
        asyncio.run(_waited(settings))
    except (BadSetting, TimeoutError, asyncpg.PostgresError) as error:
        console.print(f"[red]{error}[/]")
        return 1
    console.print(f"Đã sẵn sàng / ready: {', '.join(ROOMS)}")
    return 0


async def _waited(settings: Settings) -> None:
    until = time.monotonic() + WAIT_SECONDS
    while settings.kafka and not await answers(settings.kafka):
        if time.monotonic() > until:
            raise TimeoutError(f"Kafka {settings.kafka} không trả lời / does not answer")
        await asyncio.sleep(AGAIN_SECONDS)
    while True:
        try:
            await prepare_all(settings)
            return
        except CONNECTION_LOST as error:
            if time.monotonic() > until:
                raise TimeoutError(f"PostgreSQL không trả lời / does not answer: {error}") from error
            await asyncio.sleep(AGAIN_SECONDS)
