"""The whole program with the season played, once for all journeys that only look."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import httpx
import pytest

from ocop.postgres import Server
from ocop.season.play import play
from ocop.season.script import Season
from ocop.standalone import Program
from ocop.standalone import program as whole_program
from shared.settings import Settings
from tests.journeys.elder import Elder
from tests.whole import browser_on, on_new_databases


@pytest.fixture(scope="session")
def season() -> Season:
    return Season()


@pytest.fixture(scope="session")
async def played(postgres: Server, season: Season, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Program]:
    """Five houses and the portal, after the season's last day."""
    folder: Path = tmp_path_factory.mktemp("program")
    settings = Settings(data=folder, database_url=postgres.admin_dsn, dev=True)
    async with whole_program(settings, season=True) as opened:
        await play(opened, season, lambda day, done, total: None)
        opened.ready = True
        yield opened


@pytest.fixture(scope="session")
async def program(played: Program) -> AsyncIterator[httpx.AsyncClient]:
    """A client on the one origin, as a browser would have."""
    transport = httpx.ASGITransport(played.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://ocop.example") as client:
        yield client


@pytest.fixture(scope="module")
async def elder(postgres: Server, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Elder]:
    """The program on new databases, for plans that are played on legal dates of their own time; today is a day of 2027."""
    async with (
        on_new_databases(postgres, tmp_path_factory.mktemp("evidence")) as opened, browser_on(opened) as client,
    ):  # fmt: skip
        opened.clock.play(date(2027, 1, 4))
        yield Elder(opened, client)
