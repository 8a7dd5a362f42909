"""A process that starts while a season is played: no door opens before it knows the day."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from ocop.databases import HouseDatabase
from services.registration.main import HOUSE
from shared.eventstore.migrate import migrate
from shared.eventstore.played import play_day
from shared.eventstore.store import EventStore
from shared.process import HouseProcess
from shared.settings import Settings

DAY = date(2026, 6, 2)


@pytest.fixture
async def process(database: HouseDatabase, tmp_path: Path) -> HouseProcess:
    await migrate(database.owner_dsn, database.server_role, HOUSE.room)
    settings = replace(Settings(data=tmp_path, database_url=database.server_dsn), simulated=True)
    return HouseProcess(HOUSE, "api", settings)


async def test_the_day_is_known_before_the_store_is_open(
    database: HouseDatabase, process: HouseProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    await play_day(database.owner_dsn, DAY, playing=True)
    opening, days = EventStore.open, []

    async def noting(store: EventStore) -> None:
        days.append(process.clock.today())
        await opening(store)

    monkeypatch.setattr(EventStore, "open", noting)
    await process._opened()
    await process.house.store.close()
    assert days == [DAY]
