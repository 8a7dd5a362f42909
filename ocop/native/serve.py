"""`ocop native`: Kafka, PostgreSQL, the houses and the portal as separate processes, begun, watched and ended as one."""

from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg
import uvloop

from ocop.native import leftovers
from ocop.native.bringing_up import Native, NotStarted, Wanted, console
from ocop.native.claiming import claimed
from ocop.native.kafka import KafkaFailed, KafkaMissing, free
from ocop.native.programs import LAST_PORT, Addresses, CannotBeTold
from ocop.native.supervising import Supervised, SupervisorFailed
from ocop.postgres import DataInUse, EmbeddedPostgres, PostgresFailed
from ocop.season.play import OtherSeason
from ocop.sockets import NotPrivate, socket_folder
from shared import settings as environment
from shared.bus.topics import OtherTopics
from shared.eventstore.appender import CONNECTION_LOST
from shared.logs import to_standard_error
from shared.serving import first_of, stopped_by_signal
from shared.settings import BadSetting, Settings

SOCKET = "supervisor.sock"
LONGEST_SOCKET_NAME = f"{SOCKET}.4194304"  # supervisor makes it with its process number behind it first
STOPPED, DIED = object(), object()
REFUSALS = (
    asyncpg.PostgresError, BadSetting, CannotBeTold, DataInUse, KafkaFailed, KafkaMissing, NotPrivate, NotStarted,
    OtherSeason, OtherTopics, PostgresFailed, SupervisorFailed,
)  # fmt: skip


def serve_native(wanted: Wanted) -> int:
    """Runs until SIGINT or SIGTERM. Returns the exit status: 0 ended by a person, 1 refused or broken."""
    try:
        settings = environment.read(wanted.data.resolve())
        to_standard_error(settings.log_level)
        return uvloop.run(_native(replace(wanted, data=settings.data), settings))
    except REFUSALS as error:
        console.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        return 1
    except CONNECTION_LOST as error:
        lost = f"Mất kết nối khi khởi động / a connection was lost while coming up: {error!r}"
        console.print(lost, style="red", markup=False, highlight=False, soft_wrap=True)
        return 1


async def _native(wanted: Wanted, settings: Settings) -> int:
    stop = stopped_by_signal()
    with claimed(wanted.folder):
        await _clear(wanted, settings)
        async with _supervised(wanted, own_postgres=settings.database_url is None) as running:
            native = Native(wanted, settings, running)
            outcome = await first_of(native.serve(), _after(stop.wait(), STOPPED), _after(running.gone(), DIED))
            if outcome is DIED and not stop.is_set():
                console.print(
                    "[red]supervisord đã dừng; mọi tiến trình cũng được dừng / it has ended, and all with it[/]"
                )
        return 0 if stop.is_set() or outcome is True else 1


async def _after(event: Coroutine[Any, Any, Any], outcome: object) -> object:
    await event
    return outcome


async def _clear(wanted: Wanted, settings: Settings) -> None:
    """Ends what a killed program left, and refuses where another has what we need. Raises DataInUse, NotStarted."""
    if wanted.port + LAST_PORT > 65535:
        raise NotStarted(
            f"PORT={wanted.port}: các nhà dùng cổng đến / the houses listen on ports up to PORT+{LAST_PORT}"
        )
    if left := await leftovers.end(wanted.folder):
        console.print(f"Đã dừng phần còn lại của lần trước / ended what the last run left: {', '.join(left)}")
    if settings.database_url is None:
        embedded = EmbeddedPostgres(wanted.data)
        embedded.claim()  # the program that runs it will do so again; here it is found out in time to say so
        embedded.release()
    needed = [*Addresses(wanted.port).all_ports, *([] if settings.kafka else [wanted.kafka_port])]
    if taken := [str(port) for port in needed if not free(port)]:
        raise NotStarted(
            f"Cổng đã có chương trình khác dùng / ports in use by other programs: {', '.join(taken)}. "
            "Chọn cổng khác / choose others: PORT=…, OCOP_KAFKA_PORT=…"
        )


@asynccontextmanager
async def _supervised(wanted: Wanted, *, own_postgres: bool) -> AsyncIterator[Supervised]:
    """A supervisord to be started; in the end nothing of what it ran is left, whatever became of it."""
    socket = socket_folder(wanted.folder / "socket", LONGEST_SOCKET_NAME) / SOCKET
    running = Supervised(wanted.folder, socket)
    try:
        yield running
    finally:
        # The end is not cut short: what is cancelled here is the work above, never this.
        await running.end()
        await leftovers.end(wanted.folder)
        if own_postgres:
            await _end_server(wanted.data)


async def _end_server(data: Path) -> None:
    """Nothing where the program that ran PostgreSQL has ended it; that program may have been killed."""
    embedded = EmbeddedPostgres(data)
    embedded.claim()
    await embedded.stop()
