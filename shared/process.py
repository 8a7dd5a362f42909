"""One house as a process of its own: its doors (`api`), its work (`worker`), or both (`all`)."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import click
import uvloop
from fastapi import FastAPI
from obstore.store import LocalStore

from shared import settings as environment
from shared import tracing, zeros
from shared.auth.tokens import load_key
from shared.bus.onkafka import OnKafka
from shared.clock import Clock
from shared.eventstore.parking import parked_views
from shared.eventstore.played import follow_day, learn_the_time
from shared.eventstore.projector import PLAYED
from shared.eventstore.store import DATABASE_SILENT
from shared.health import Health, Progress, health_routes
from shared.house import House, Rooms, running
from shared.logs import log, to_standard_error
from shared.memory import settled
from shared.serving import first_of, listening, stopped_by_signal
from shared.settings import BadSetting, Settings

RETRY_SECONDS = 0.5
Task = Callable[[], Awaitable[None]]
ROLES = ("api", "worker", "all")


def run(rooms: Rooms) -> None:
    """The command line of a house's `main.py`."""

    @click.command(help=f"OCOP: {rooms.name}", context_settings={"help_option_names": ["-h", "--help"]})
    @click.argument("role", type=click.Choice(ROLES))
    @click.option("--host", default="127.0.0.1", show_default=True)
    @click.option("--port", type=click.IntRange(1, 65535), required=True)
    @click.option("--data", type=click.Path(path_type=Path), default=Path("var"), envvar="OCOP_DATA", show_default=True)
    def command(role: str, host: str, port: int, data: Path) -> None:
        try:
            settings = environment.read(data)
        except BadSetting as error:
            raise click.UsageError(str(error)) from error
        if not settings.database_url:
            raise click.UsageError("OCOP_DATABASE_URL: the database of this house is not named")
        if not settings.kafka and role != "api":
            raise click.UsageError("OCOP_KAFKA_BOOTSTRAP: no broker is named")
        to_standard_error(settings.log_level, house=rooms.name, role=role)
        sys.exit(uvloop.run(HouseProcess(rooms, role, settings).serve(host, port)))

    command()


class HouseProcess:
    """Its house, its place on the bus, and what it says of itself."""

    def __init__(self, rooms: Rooms, role: str, settings: Settings) -> None:
        assert settings.database_url
        self.role, self.settings = role, settings
        self.health = Health()
        self.clock = Clock()
        key = load_key(settings.key_file) if role != "worker" else None
        signs = load_key(settings.checkpoint_key_file) if role != "api" else None
        settings.evidence.mkdir(parents=True, exist_ok=True)
        self.house = House(rooms, settings.database_url, self.clock, key, LocalStore(settings.evidence), signs)
        works = role != "api" and settings.kafka
        self.bus = OnKafka(self.house, settings.kafka) if works and settings.kafka else None
        self._open = False
        self._check()
        zeros.of_commands(rooms)
        if role != "api":
            zeros.of_work(rooms)

    @property
    def app(self) -> FastAPI:
        app = FastAPI(openapi_url=None) if self.role == "worker" else self.house.app()
        app.include_router(health_routes(self.health))
        return app

    async def serve(self, host: str, port: int) -> int:
        """Runs until told to stop (0), or until something that must run has ended (1)."""
        tracing.start(f"ocop-{self.house.name}-{self.role}", self.settings.traces)
        async with AsyncExitStack() as stack:
            stack.callback(tracing.stop)
            stack.push_async_callback(self.house.store.close)
            return await serve_app(self.app, host, port, [self.work], self.health)

    async def work(self) -> None:
        """Opens the store once its database answers, then does what the role asks until cancelled."""
        await self._opened()
        tasks = [*self._own_tasks(), *(self.bus.tasks() if self.bus else [])]
        async with running(*tasks) as at_work:
            self._open = True
            settled()
            await ended(at_work)

    async def _opened(self) -> None:
        while True:
            try:
                # Once the store is open, the doors carry commands out, on the day that the clock says.
                await learn_the_time(self.house.store.dsn, self.clock, simulated=self.settings.simulated)
                await self.house.store.open()
                return
            except DATABASE_SILENT as error:
                log.warning("database-silent", house=self.house.name, error=error)
                await asyncio.sleep(RETRY_SECONDS)

    def _own_tasks(self) -> list[Task]:
        house = self.house
        played = [lambda: follow_day(house.store, self.clock, house.wake.reader(PLAYED))]
        simulated = played if self.settings.simulated else []
        if self.role == "api":  # doors have nothing to do with what was appended
            return [lambda: house.wake.listen(PLAYED), *simulated] if simulated else []
        return [*house.tasks(), *simulated]

    # --- health ---

    def _check(self) -> None:
        self.health.check("database", self._database)
        if self.bus:
            self._progress = Progress()
            self.health.check("relay", self._relay)
            self.health.check("consumers", self._consumers)
            self.health.check("progress", self._moving)
            self.health.detail("views", self._parked)

    async def _database(self) -> list[str]:
        if not self._open:
            return ["database: not open yet"]
        await self.house.store.head()
        return []

    async def _relay(self) -> list[str]:
        return [] if self._open and await self.house.store.leader_known() else ["relay: no leader"]

    async def _consumers(self) -> list[str]:
        """A view that is parked may be filled anew before it joins; another process would do no better."""
        assert self.bus
        waiting = [ear for ear in self.bus.ears if not ear.joined]
        parked = {f"view:{found.view}" for found in await parked_views(self.house.store.pool)} if waiting else set()
        return [
            f"{ear.taker.name} of {ear.topic.name}: no partitions yet"
            for ear in waiting if ear.taker.reader not in parked
        ]  # fmt: skip

    async def _moving(self) -> list[str]:
        """Readers that have something to read and do not move."""
        assert self.bus
        if not self._open:
            return []
        look = await self.house.store.standing()
        parked = {f"view:{found.view}" for found in await parked_views(self.house.store.pool)}
        moving = {key: at for key, at in look.positions.items() if key[0] not in parked}
        marks = self.bus.following.marks
        heard = {reader: (at, marks.get(source, 0)) for (reader, source), at in moving.items() if source in marks}
        own = {f"{reader} of {source}": (at, look.head)
               for (reader, source), at in moving.items() if source == self.house.name}  # fmt: skip
        return self._progress.stuck(heard | own)

    async def _parked(self) -> list[str]:
        return [f"{found}" for found in await parked_views(self.house.store.pool)] if self._open else []


async def ended(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Returns never while all run; a task that ends by itself is an error that comes through."""
    if not tasks:  # an api outside of a season has doors, and nothing to do beside them
        await asyncio.Event().wait()
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        task.result()
    raise RuntimeError(f"a task ended by itself: {next(iter(done)).get_coro()}")


async def serve_app(app: FastAPI, host: str, port: int, work: Sequence[Task], health: Health) -> int:
    """Serves an app with its tasks beside until SIGINT or SIGTERM (0), or until one of them ends (1)."""
    stop = stopped_by_signal()
    async with listening(app, host, port) as server, running(*work) as at_work:
        try:
            await first_of(stop.wait(), server, *at_work)
        except Exception:
            log.exception("process-failed")
        if stop.is_set():
            return 0
        health.dead.append("a task of this process has ended")
        return 1
