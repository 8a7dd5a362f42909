"""The whole program with the season played, once for all journeys that only look."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser

from ocop.postgres import Server
from ocop.season.play import play
from ocop.season.script import Season
from ocop.standalone import Program
from ocop.standalone import program as whole_program
from shared.serving import listening
from shared.settings import Settings
from tests import chromium
from tests.journeys.elder import Elder
from tests.journeys.places import places
from tests.served import a_port, answering, client_at
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


# --- in a browser ---


@pytest.fixture(scope="session")
async def origin(played: Program) -> AsyncIterator[str]:
    """The program served over HTTP: `http://127.0.0.1:PORT`."""
    port = a_port()
    async with listening(played.app, "127.0.0.1", port), client_at(port) as client:
        await answering(client, "/livez")
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with chromium.running() as running:
        yield running


@pytest.fixture(scope="session")
async def paths(program: httpx.AsyncClient) -> dict[str, str]:
    """Every page by its name."""
    return await places(program)
