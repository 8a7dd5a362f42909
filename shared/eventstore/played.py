"""The day of a season that separate processes share: a row in each house's database, written by whoever plays it."""

import asyncio
from datetime import date

import asyncpg

from shared.clock import Clock
from shared.eventstore.appender import ANSWER_SECONDS, CONNECTION_LOST
from shared.eventstore.projector import RETRY_SECONDS, woken
from shared.eventstore.sql import STORE
from shared.eventstore.store import EventStore
from shared.logs import log


async def day_of(database: asyncpg.Pool | asyncpg.Connection, clock: Clock) -> None:
    """Sets a clock to the day that is played, or that was the last one played; nothing where no season was."""
    row = await database.fetchrow(STORE.played_day)
    if row:
        (clock.play if row["playing"] else clock.rest)(row["day"])


async def learn_the_time(dsn: str, clock: Clock, *, simulated: bool) -> None:
    """Sets a clock to the day of a season and behind what was recorded, by a connection of its own."""
    connection = await asyncpg.connect(dsn, command_timeout=ANSWER_SECONDS)
    try:
        if simulated:
            await day_of(connection, clock)
        if at := await connection.fetchval(STORE.last_instant):
            clock.goes_on_after(at)
    finally:
        await connection.close()


async def follow_day(store: EventStore, clock: Clock, hint: asyncio.Event) -> None:
    """Keeps a clock on the day that is played, until cancelled."""
    while True:
        try:
            await day_of(store.pool, clock)
        except (asyncpg.PostgresError, *CONNECTION_LOST) as error:
            log.warning("day-unknown", house=store.house, error=error)
            await asyncio.sleep(RETRY_SECONDS)
        await woken(hint)


async def play_day(owner_dsn: str, day: date, *, playing: bool) -> None:
    """Sets the day of one house as its owner; its processes hear of it."""
    connection = await asyncpg.connect(owner_dsn)
    try:
        await connection.execute(STORE.play_day, day, playing)
        await connection.execute("NOTIFY played")
    finally:
        await connection.close()
