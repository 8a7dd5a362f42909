"""Two houses on a server that archives its log, whose machine is lost and made again: what tests of backup and restore share."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg

from ocop.databases import HouseDatabase, make
from ocop.postgres import EmbeddedPostgres, Server, _binaries
from shared.bus.onkafka import OnKafka
from shared.bus.reactions import Policy
from shared.bus.restored import as_settler
from shared.eventstore.fsck import Findings, check_events
from shared.eventstore.migrate import migrate
from shared.eventstore.store import EventStore
from shared.house import House, running
from tests.bus.two_houses import HEARER, TELLER, Faults, house_on, policy_of, rooms_of, until
from tests.opened import owned, store_on

SCRIPTS = Path(__file__).parents[2] / "deploy" / "backup"
RUN_SECONDS = 120
ARCHIVED = "SELECT last_archived_wal >= $1 FROM pg_stat_archiver"


@dataclass
class Machine:
    """A server with its data, and the place where its backups go."""

    folder: Path
    embedded: EmbeddedPostgres
    server: Server
    databases: dict[str, HouseDatabase]

    @property
    def archive(self) -> Path:
        return self.folder / "wal"

    async def base_backup(self) -> Path:
        check = f"{sys.executable} {SCRIPTS / 'check.py'}"  # the wheel's pg_verifybackup does not run
        return Path(await script("base.sh", connection_of(self.server), self.folder / "base", CHECK=check))

    async def now(self) -> str:
        """A time between what was committed and what will be."""
        return str(await self._asked("SELECT clock_timestamp()::text"))

    async def archived(self) -> None:
        """Everything that was written is in the archive."""
        last = await self._asked("SELECT pg_walfile_name(pg_switch_wal())")

        async def there() -> bool:
            return bool(await self._asked(ARCHIVED, last))

        await until(there)

    def lose(self) -> None:
        """The machine is gone, in the middle of whatever it did."""
        master = self.embedded._postmaster()
        assert master is not None
        os.kill(master.pid, signal.SIGKILL)

    async def _asked(self, question: str, *arguments: object) -> object:
        connection = await asyncpg.connect(self.server.admin_dsn)
        try:
            return await connection.fetchval(question, *arguments)
        finally:
            await connection.close()


def connection_of(server: Server) -> str:
    """As keywords, which the scripts add to."""
    parts = urlsplit(server.admin_dsn)
    asked = parse_qs(parts.query)
    return f"host={asked['host'][0]} port={asked['port'][0]} user={parts.username}"


async def script(name: str, *arguments: object, **environment: str) -> str:
    """Runs one of the scripts of deploy/backup; returns what it prints. Raises AssertionError with what it says otherwise."""
    run = await asyncio.to_thread(
        subprocess.run, [str(SCRIPTS / name), *map(str, arguments)], capture_output=True, text=True, check=False,
        timeout=RUN_SECONDS, env={"PATH": os.environ["PATH"], "PG_BIN": str(_binaries()), "LC_ALL": "C", **environment},
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()


def archiving(archive: Path) -> dict[str, str]:
    return {
        "wal_level": "replica", "max_wal_senders": "4", "archive_mode": "on", "fsync": "off",
        "archive_command": f'{SCRIPTS / "archive.sh"} "%p" "%f" {archive}',
    }  # fmt: skip


@asynccontextmanager
async def machine(folder: Path) -> AsyncIterator[Machine]:
    """A new server that archives, with the databases of both houses."""
    embedded = EmbeddedPostgres(folder / "first", archiving(folder / "wal"))
    (folder / "wal").mkdir()
    try:
        server = await embedded.start()
        owned_as(embedded.data, folder / "wal")
        yield Machine(folder, embedded, server, await databases_on(server))
    finally:
        await embedded.stop()


def owned_as(like: Path, path: Path) -> None:
    facts = like.stat()
    if os.geteuid() == 0:
        shutil.chown(path, facts.st_uid, facts.st_gid)


async def databases_on(server: Server, *, migrated: bool = True) -> dict[str, HouseDatabase]:
    found = {}
    connection = await asyncpg.connect(server.admin_dsn)
    try:
        for house in (TELLER, HEARER):
            found[house] = await make(connection, server, house, f"ocop_{house}")
    finally:
        await connection.close()
    for house, database in found.items() if migrated else ():
        await migrate(database.owner_dsn, database.server_role, rooms_of(house, Policy(house)).room)
    return found


@asynccontextmanager
async def restored(lost: Machine, backup: Path, until_time: str) -> AsyncIterator[Machine]:
    """A new machine with the data of another as they were at a time."""
    folder = lost.folder / "second"
    embedded = EmbeddedPostgres(folder, archiving(lost.archive))
    facts = lost.embedded.data.stat()
    await script("restore.sh", backup, lost.archive, embedded.data, until_time, OWNER=f"{facts.st_uid}:{facts.st_gid}")
    try:
        server = await embedded.start()
        yield Machine(lost.folder, embedded, server, await databases_on(server))
    finally:
        await embedded.stop()


@asynccontextmanager
async def at_work(databases: dict[str, HouseDatabase], bootstrap: str) -> AsyncIterator[tuple[House, House]]:
    """Teller and hearer, each with its relay, consumers and views."""
    async with (
        house_on(databases[TELLER], TELLER, Policy(TELLER)) as teller,
        house_on(databases[HEARER], HEARER, policy_of(Faults())) as hearer,
        running(*(task for house in (teller, hearer) for task in (*house.tasks(), *OnKafka(house, bootstrap).tasks()))),
    ):
        yield teller, hearer


@asynccontextmanager
async def settling(database: HouseDatabase, house: str) -> AsyncIterator[EventStore]:
    async with store_on(house, as_settler(database.server_dsn)) as store:
        yield store


async def not_whole(databases: dict[str, HouseDatabase]) -> list[str]:
    """What is wrong with versions, positions and chains."""
    result = Findings()
    for house, database in databases.items():
        async with owned(database) as owner:
            await check_events(owner, house, result)
    return result.findings
