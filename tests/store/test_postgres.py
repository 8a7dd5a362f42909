"""The embedded PostgreSQL through everything that may happen to it, with real processes."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import asyncpg
import pytest

from ocop import postgres as module
from ocop.postgres import DataInUse, EmbeddedPostgres, PostgresFailed, Server, serving

PROGRAM = """
import asyncio, sys
from pathlib import Path
from ocop.postgres import EmbeddedPostgres

async def main():
    print((await EmbeddedPostgres(Path(sys.argv[1])).start()).admin_dsn, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


def first_process(folder: Path) -> int:
    return int((folder / "postgres" / "postmaster.pid").read_text().splitlines()[0])


async def ask(server: Server, question: str) -> object:
    connection = await asyncpg.connect(server.admin_dsn)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


async def remember(server: Server, word: str) -> None:
    await ask(server, "CREATE TABLE IF NOT EXISTS remembered (word text)")
    await ask(server, f"INSERT INTO remembered VALUES ('{word}')")


@contextlib.asynccontextmanager
async def started(folder: Path, **settings: str) -> AsyncIterator[Server]:
    embedded = EmbeddedPostgres(folder, settings)
    server = await embedded.start()
    try:
        yield server
    finally:
        await embedded.stop()


@pytest.fixture
async def program(tmp_path: Path) -> AsyncIterator[Callable[[], None]]:
    """Another program that has begun on the data and keeps running; the call kills it as `kill -9` does."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    server = Server((await process.stdout.readline()).decode().strip())
    await remember(server, "kept")
    yield process.kill
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    await process.wait()
    async with started(tmp_path):
        """Adopted, then stopped: nothing of the test runs on."""


async def claimed(embedded: EmbeddedPostgres) -> Server:
    """The kernel releases a killed program's lock a moment after the kill."""
    async with asyncio.timeout(5):
        while True:
            try:
                return await embedded.start()
            except DataInUse:
                await asyncio.sleep(0)


async def test_what_was_written_is_there_after_stop_and_start(tmp_path: Path) -> None:
    async with started(tmp_path) as server:
        await remember(server, "kept")
    assert not (tmp_path / "postgres" / "postmaster.pid").exists()
    async with started(tmp_path) as server:
        assert await ask(server, "TABLE remembered") == "kept"


async def test_only_the_private_socket_listens_and_data_are_durable(tmp_path: Path) -> None:
    async with started(tmp_path) as server:
        assert await ask(server, "SHOW listen_addresses") == ""
        for durable in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums"):
            assert await ask(server, f"SHOW {durable}") == "on"
        assert (tmp_path / "socket").stat().st_mode & 0o777 == 0o700
        assert os.getsid(first_process(tmp_path)) != os.getsid(0)


async def test_a_server_that_outlived_its_program_is_adopted(tmp_path: Path, program: Callable[[], None]) -> None:
    left = first_process(tmp_path)
    program()
    embedded = EmbeddedPostgres(tmp_path)
    server = await claimed(embedded)
    try:
        assert first_process(tmp_path) == left
        assert await ask(server, "TABLE remembered") == "kept"
    finally:
        await embedded.stop()
    assert not (tmp_path / "postgres" / "postmaster.pid").exists()


async def test_data_survive_the_kill_of_program_and_server(tmp_path: Path, program: Callable[[], None]) -> None:
    os.kill(first_process(tmp_path), signal.SIGKILL)
    program()
    embedded = EmbeddedPostgres(tmp_path)
    try:
        assert await ask(await claimed(embedded), "TABLE remembered") == "kept"
    finally:
        await embedded.stop()


async def test_the_death_of_the_server_is_noticed_and_the_next_start_recovers(tmp_path: Path) -> None:
    embedded = EmbeddedPostgres(tmp_path)
    await remember(await embedded.start(), "kept")
    os.kill(first_process(tmp_path), signal.SIGKILL)
    await asyncio.wait_for(embedded.gone(), 5)
    await embedded.stop()
    async with started(tmp_path) as server:
        assert await ask(server, "TABLE remembered") == "kept"


async def test_a_busy_session_of_a_killed_server_does_not_hold_up_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ORPHAN_SECONDS", 0.1)
    embedded = EmbeddedPostgres(tmp_path)
    server = await embedded.start()
    busy = await asyncpg.connect(server.admin_dsn)
    work = asyncio.ensure_future(busy.fetchval("SELECT sum(n) FROM generate_series(1, 100000000) AS s(n)"))
    while await ask(server, "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT sum%'") == 0:
        await asyncio.sleep(0)
    os.kill(first_process(tmp_path), signal.SIGKILL)
    await embedded.stop()
    async with started(tmp_path) as server:
        assert await ask(server, "SELECT 1") == 1
    with pytest.raises((asyncpg.PostgresConnectionError, ConnectionError)):
        await work
    busy.terminate()


async def test_a_second_program_is_refused_and_told_who_works_there(tmp_path: Path) -> None:
    async with started(tmp_path) as server:
        with pytest.raises(DataInUse, match=f"process {os.getpid()}: "):
            await EmbeddedPostgres(tmp_path).start()
        assert EmbeddedPostgres(tmp_path).running() == server
        async with serving(tmp_path) as borrowed:
            assert borrowed == server
        assert await ask(server, "SELECT 1") == 1
    async with serving(tmp_path) as own:
        assert await ask(own, "SELECT 1") == 1
    assert EmbeddedPostgres(tmp_path).running() is None


async def test_a_process_number_given_to_another_program_is_no_server(tmp_path: Path) -> None:
    async with started(tmp_path):
        stale = (tmp_path / "postgres" / "postmaster.pid").read_text()
    (tmp_path / "postgres" / "postmaster.pid").write_text(stale.replace(stale.splitlines()[0], str(os.getpid()), 1))
    assert EmbeddedPostgres(tmp_path).running() is None
    async with started(tmp_path) as server:
        assert await ask(server, "SELECT 1") == 1


async def test_a_path_too_long_for_a_socket_gets_one_elsewhere(tmp_path: Path) -> None:
    folder = tmp_path / ("a" * 100)
    async with started(folder) as server:
        assert await ask(server, "SELECT 1") == 1
        socket = Path((folder / "postgres" / "postmaster.pid").read_text().splitlines()[4])
        assert socket.stat().st_mode & 0o777 == 0o700
    assert not socket.exists()


async def test_a_making_cut_short_leaves_nothing_that_counts(tmp_path: Path) -> None:
    (tmp_path / "new-cut-short").mkdir()
    async with started(tmp_path):
        assert not list(tmp_path.glob("new-*"))


async def test_a_failing_start_shows_the_end_of_the_log(tmp_path: Path) -> None:
    with pytest.raises(PostgresFailed, match='invalid value for parameter "shared_buffers"'):
        await EmbeddedPostgres(tmp_path, {"shared_buffers": "little"}).start()
    async with started(tmp_path) as server:
        assert await ask(server, "SELECT 1") == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's PostgreSQL runs as another user")
async def test_roots_server_is_another_user_and_reaches_a_closed_folder_without_opening_it(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    async with started(closed / "data") as server:
        assert await ask(server, "SELECT 1") == 1
        assert Path(f"/proc/{first_process(closed / 'data')}").stat().st_uid != 0
    assert closed.stat().st_mode & 0o777 == 0o700
