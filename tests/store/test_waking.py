"""Each who waits is woken by what it waits for, and by nothing else: asking the database in vain costs as much as asking."""

import asyncio
from datetime import date

from ocop.databases import HouseDatabase
from shared.eventstore.played import play_day
from shared.eventstore.projector import PLAYED, Wake
from shared.eventstore.store import EventStore
from shared.house import running
from tests.store.test_store import a_counter

A_DAY = date(2026, 5, 25)


async def listens(store: EventStore, wake: Wake, database: HouseDatabase) -> None:
    """Returns once both channels are heard and nothing that was said here is still on its way: hints come in order."""
    appended, played, last = wake.reader(), wake.reader(PLAYED), wake.reader()
    while not appended.is_set():
        await a_counter(store)
        await asyncio.sleep(0.02)
    while not played.is_set():
        await play_day(database.owner_dsn, A_DAY, playing=True)
        await asyncio.sleep(0.02)
    last.clear()
    await a_counter(store)
    await last.wait()


async def test_another_day_and_what_is_appended_wake_each_their_own(store: EventStore, database: HouseDatabase) -> None:
    wake = Wake(database.server_dsn)
    async with running(wake.listen), asyncio.timeout(10):
        await listens(store, wake, database)
        appended, played = wake.reader(), wake.reader(PLAYED)
        await a_counter(store, "one more")
        await appended.wait()
        assert not played.is_set()
        appended.clear()
        await play_day(database.owner_dsn, A_DAY, playing=False)
        await played.wait()
        assert not appended.is_set()


async def test_doors_hear_only_of_another_day(store: EventStore, database: HouseDatabase) -> None:
    wake = Wake(database.server_dsn)
    appended, played = wake.reader(), wake.reader(PLAYED)
    async with running(lambda: wake.listen(PLAYED)), asyncio.timeout(10):
        while not played.is_set():
            await a_counter(store, f"before {A_DAY}")
            await play_day(database.owner_dsn, A_DAY, playing=True)
            await asyncio.sleep(0.02)
        assert not appended.is_set()
