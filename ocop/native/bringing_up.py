"""What comes up after what: PostgreSQL and Kafka, databases and topics, the houses, the portal; then the season if asked."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import asyncpg
import httpx
from rich.console import Console

from ocop.databases import HouseDatabase
from ocop.native.kafka import Broker, controller_port, wait_until_it_answers
from ocop.native.postgres import as_wanted
from ocop.native.programs import Addresses, house_programs, kafka_program, postgres_program
from ocop.native.supervising import Supervised
from ocop.postgres import EmbeddedPostgres
from ocop.prepare import prepare_all
from shared.eventstore.sql import STORE
from shared.settings import Settings

POLL_SECONDS = 0.1
READY_POLL_SECONDS = 0.3  # each question costs time that the programs need to come up
DATABASE_SECONDS = 90  # a recovery after a power cut included
READY_SECONDS = 180
console = Console(stderr=True)


class NotStarted(RuntimeError):
    """Something that others need is not there; the text says what and why."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asked for."""

    data: Path
    port: int
    kafka_port: int
    demo: bool = False
    leave: bool = False  # end after the season's summary
    summary: Path | None = None

    @property
    def folder(self) -> Path:
        """Settings, logs and locks of what runs; Kafka's data lie below it too."""
        return self.data / "native"


class Native:
    """The programs of one `ocop native`, over the server and broker of the operator where there are any."""

    def __init__(self, wanted: Wanted, settings: Settings, running: Supervised) -> None:
        self.wanted, self.settings, self.running = wanted, settings, running
        self.addresses = Addresses(wanted.port)
        self.own_postgres, self.own_kafka = settings.database_url is None, settings.kafka is None

    async def serve(self) -> bool:
        """Returns only where it is to end by itself: whether the season went as told. Raises NotStarted, KafkaFailed."""
        settings = await self._foundation()
        databases = await prepare_all(settings)
        settings = replace(settings, simulated=settings.simulated or self.wanted.demo or await season_played(databases))
        await self.running.add(house_programs(self.wanted.data, self.addresses, databases, settings))
        await self._ready()
        if self.wanted.demo:
            from ocop.native.stage import play_demo  # a season is not loaded where none is played

            at_doors = replace(settings, houses=self.addresses.houses)
            as_told = await play_demo(at_doors, databases, self.wanted.summary)
            if self.wanted.leave:
                return as_told
        self._show_addresses()
        await asyncio.Event().wait()
        return True

    async def _foundation(self) -> Settings:
        """PostgreSQL and Kafka answer. Returns the settings with the administrator's access to both."""
        settings = self.settings
        await self.running.start([postgres_program(self.wanted.data)] if self.own_postgres else [])
        if self.own_kafka:
            settings = replace(settings, kafka=await self._begin_kafka())
        if self.own_postgres:
            settings = replace(settings, database_url=await self._postgres_dsn())
        assert settings.kafka
        await wait_until_it_answers(settings.kafka, lambda: self.running.failed("kafka") if self.own_kafka else None)
        return settings

    async def _begin_kafka(self) -> str:
        port = self.wanted.kafka_port
        broker = Broker(self.wanted.folder / "kafka", port, controller_port(port))
        await broker.prepare()
        await self.running.add([kafka_program(broker.command())])
        return broker.bootstrap

    async def _postgres_dsn(self) -> str:
        embedded, deadline = EmbeddedPostgres(self.wanted.data), time.monotonic() + DATABASE_SECONDS
        while True:
            # A server left over from a program with other settings is about to be started again.
            if (server := embedded.running()) and as_wanted(embedded.data):
                return server.admin_dsn
            if why := await asyncio.to_thread(self.running.failed, "postgres"):
                raise NotStarted(why)
            if time.monotonic() > deadline:
                raise NotStarted(f"PostgreSQL is not ready after {DATABASE_SECONDS} s; see {embedded.log}")
            await asyncio.sleep(POLL_SECONDS)

    async def _ready(self) -> None:
        """Returns when the one origin says that every house takes commands. Raises NotStarted."""
        deadline, told, behind = time.monotonic() + READY_SECONDS, set[str](), "nothing was answered"
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.wanted.port}", timeout=10) as client:
            while time.monotonic() < deadline:
                try:
                    answer = await client.get("/readyz")
                    if answer.status_code == 200:
                        return
                    behind = answer.text
                except httpx.TransportError as error:
                    behind = repr(error)
                await asyncio.to_thread(self._tell_of_failures, told)
                await asyncio.sleep(READY_POLL_SECONDS)
        raise NotStarted(f"Chưa sẵn sàng sau / not ready after {READY_SECONDS} s: {behind}")

    def _tell_of_failures(self, told: set[str]) -> None:
        """A program that does not stay up is told of once; supervisor goes on trying."""
        for name in self.running.rpc.states():
            if name not in told and (why := self.running.failed(name)):
                told.add(name)
                console.print(why, style="yellow", markup=False, highlight=False, soft_wrap=True)

    def _show_addresses(self) -> None:
        base = f"http://127.0.0.1:{self.wanted.port}"
        console.print(f"Trang chủ / home: {base}/   ·   Số liệu / dashboard: {base}/dashboard", soft_wrap=True)
        console.print(f"API: {base}/registration/docs   ·   {base}/events", soft_wrap=True)
        console.print(
            f"Nhật ký từng tiến trình / the log of each process: {self.wanted.folder / 'log'}", soft_wrap=True
        )
        console.print("Ctrl-C dừng tất cả / Ctrl-C ends everything")


async def season_played(databases: Mapping[str, HouseDatabase]) -> bool:
    """Whether these data were made by a season: then its last day is still the program's day, and pages say so."""
    for database in databases.values():
        connection = await asyncpg.connect(database.server_dsn)
        try:
            if await connection.fetchrow(STORE.played_day):
                return True
        finally:
            await connection.close()
    return False
