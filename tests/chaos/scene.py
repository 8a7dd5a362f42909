"""A season on the stage of separate processes, with everything that a verdict will ask for written down while it is played.

`Scene` holds the running program; a player plays before its doors, guests come through the portal, every command twice.
"""

import asyncio
import contextlib
import random
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID, uuid5

import httpx

from ocop.company import Company
from ocop.databases import HouseDatabase, prepare
from ocop.native.stage import NOT_NOW, Far, far
from ocop.postgres import EmbeddedPostgres, Server
from ocop.season.people import representative
from ocop.season.play import play
from ocop.season.script import Season
from ocop.standalone import ROOMS
from shared.auth.actors import Actor
from shared.auth.tokens import DEV_TOKEN_LASTS, sign
from shared.eventstore.store import Standing
from shared.settings import Settings
from tests.chaos.flood import STRANGE_KEY, Flood
from tests.native.running import NativeProgram

GUEST = UUID("5ea50000-0000-5000-8000-00000000c4a0")
GUEST_NAME = "Khách của thử thách / a guest of the trial"
GUEST_PAUSE = 1.5  # seconds: a company that is never quiet for a moment never ends its day
GUEST_PATIENCE = 240
CLASHED = 409
SETTLED_SECONDS = 300


class Enough(Exception):
    """The season has come as far as it was to come."""


@dataclass
class Ledger:
    """What was acknowledged to whoever asked: (house, key) -> position; and what was answered otherwise than before."""

    acknowledged: dict[tuple[str, str], str] = field(default_factory=dict)
    answers: int = 0
    wrong: list[str] = field(default_factory=list)

    def heard(self, house: str, key: str, position: str) -> None:
        self.answers += 1
        before = self.acknowledged.setdefault((house, key), position)
        if before != position:
            self.wrong.append(f"{house}: {key} was answered {before}, then {position}")

    def listen(self, house: str, client: httpx.AsyncClient) -> None:
        """Writes down every command that this client is told was carried out."""

        async def hook(response: httpx.Response) -> None:
            key = response.request.headers.get("idempotency-key")
            if key and response.is_success:
                self.heard(house, key, response.headers["ocop-position"])

        client.event_hooks = {"response": [hook], "request": []}


@dataclass
class Scene:
    """One `ocop native` under trial."""

    native: NativeProgram
    dice: random.Random
    season: Season
    until: date
    ledger: Ledger = field(default_factory=Ledger)
    flood: Flood = field(default_factory=Flood)
    survived: Counter[str] = field(default_factory=Counter)
    told: list[str] = field(default_factory=list)  # what was done when, for who reads a failed run
    progress: float = 0.0
    company: Far | None = None
    databases: dict[str, HouseDatabase] = field(default_factory=dict)
    begun: float = field(default_factory=time.monotonic)

    def tell(self, text: str) -> None:
        self.told.append(f"{time.monotonic() - self.begun:7.1f} s, {self.progress:4.0%} of the season: {text}")

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self.native.kafka_port}"

    @property
    def server(self) -> Server:
        found = EmbeddedPostgres(self.native.data).running()
        assert found, "PostgreSQL does not run"
        return found

    # --- playing ---

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Far]:
        """The player's access: doors that are asked again, stores that are read."""
        self.databases = await prepare(self.server, ROOMS)
        settings = Settings(
            data=self.native.data, database_url=self.server.admin_dsn, houses=self.native.addresses.houses,
            kafka=self.bootstrap, simulated=True,
        )  # fmt: skip
        async with far(settings, self.databases) as company:
            for house, client in company.clients.items():
                self.ledger.listen(house, client)
            look_over(company)
            self.company = company
            yield company

    async def play(self) -> None:
        """The season up to its last day here, beside it guests; returns when everything is delivered."""
        assert self.company
        guests = [asyncio.create_task(self._guests(number)) for number in range(2)]
        try:
            await played(self.company, self.season, self.until, self._went_on)
        finally:
            for task in guests:
                task.cancel()
            ended = await asyncio.gather(*guests, return_exceptions=True)
        self.ledger.wrong += [f"a guest: {error!r}" for error in ended if isinstance(error, Exception)]

    def _went_on(self, progress: float) -> None:
        self.progress = progress

    async def come_to(self, progress: float) -> None:
        while self.progress < progress:
            await asyncio.sleep(0.05)

    # --- guests ---

    async def _guests(self, number: int) -> None:
        """Producers register one after another, each by two hands at once with the same key; nobody gives up."""
        dice = random.Random(self.dice.random())
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.native.port}", timeout=30) as client:
            self.ledger.listen("registration", client)
            await self.come_to(sys.float_info.epsilon)  # before its first day the clock is the machine's, and later
            for visit in range(10**6):
                await self._visit(client, f"guest:{number}:{visit}")
                await asyncio.sleep(dice.uniform(0.5, 1.5) * GUEST_PAUSE)

    async def _visit(self, client: httpx.AsyncClient, key: str) -> None:
        assert self.company
        id = str(uuid5(GUEST, key))
        expires = self.company.clock.machine() + DEV_TOKEN_LASTS
        token = sign(Actor(key, "producer", id), self.company.key, expires)
        headers = {"idempotency-key": key, "authorization": f"Bearer {token}"}
        product = self.season.lines[0].product
        body = {
            "id": id, "name": GUEST_NAME, "kind": product.producer_kind, "province": product.province,
            "commune": product.commune, "registration_number": key, "representative": representative(key),
        }  # fmt: skip
        both = [
            asyncio.create_task(asked_until_answered(client, "/registration/producers", body, headers)) for _ in "12"
        ]
        try:
            await asyncio.gather(*both)
        finally:
            for task in both:
                task.cancel()
            await asyncio.gather(*both, return_exceptions=True)


async def asked_until_answered(
    client: httpx.AsyncClient, path: str, body: dict[str, Any], headers: dict[str, str]
) -> None:
    """Raises AssertionError where a command is refused, TimeoutError where nobody answers for minutes."""
    async with asyncio.timeout(GUEST_PATIENCE):
        while True:
            with contextlib.suppress(httpx.TransportError):
                answer = await client.post(path, json=body, headers=headers)
                if answer.is_success:
                    return
                assert answer.status_code in {*NOT_NOW, CLASHED}, f"{headers['idempotency-key']}: {answer.text}"
            await asyncio.sleep(0.2)


async def played(company: Company, season: Season, until: date, told: Callable[[float], None]) -> None:
    """The season through a day; the houses' day stays the last one played."""

    def tell(day: date, done: int, total: int) -> None:
        told(done / total)
        if day >= until:
            raise Enough

    with contextlib.suppress(Enough):
        await play(company, season, tell)


def look_over(company: Far) -> None:
    """What was thrown on the topics waits for a person, and the season does not wait with it."""
    look = company._standing

    async def without_what_was_thrown() -> dict[str, Standing]:
        found = await look()
        for name, standing in found.items():
            if standing.held:
                strange = await company.houses[name].store.pool.fetchval(
                    "SELECT count(*) FROM held WHERE kind <> 'unreadable' AND starts_with(key, $1)", STRANGE_KEY
                )
                found[name] = replace(
                    standing, held=max(0, standing.held - strange), dead=max(0, standing.dead - strange)
                )
        return found

    company._standing = without_what_was_thrown  # type: ignore[method-assign]
