"""Other stores beside ours: each in a process of its own, told by a line to begin a round, answering with a number."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import asyncpg

from bench.peers.getting import NotToBeHad
from ocop.postgres import Server

ANSWER_SECONDS = 300


@asynccontextmanager
async def database_of(server: Server, script: str) -> AsyncIterator[tuple[str, str, str, str]]:
    """A peer's own, empty: host, port, user and name."""
    name = f"peer_{script}"
    connection = await asyncpg.connect(server.admin_dsn)
    await connection.execute(f"CREATE DATABASE {name}")
    parts = urlsplit(server.admin_dsn)
    host, port = parse_qs(parts.query)["host"][0], parse_qs(parts.query)["port"][0]
    try:
        yield host, port, unquote(parts.username or ""), name
    finally:
        await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await connection.close()


@asynccontextmanager
async def at_work(
    server: Server, python: Path, script: str, events: int
) -> AsyncIterator[Callable[[], Awaitable[float]]]:
    """A peer with so many events in a database of its own; each call is one round and returns events a second.

    Raises NotToBeHad when it ends or is silent for long; what it complains about goes where our own complaints go.
    """
    async with database_of(server, script) as place:
        process = await asyncio.create_subprocess_exec(
            python, "-m", f"bench.peers.{script}", *place, str(events), stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            await answer_of(process, script)  # its events are there

            async def one_round() -> float:
                assert process.stdin
                process.stdin.write(b"go\n")
                return float(await answer_of(process, script))

            yield one_round
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()


async def answer_of(process: asyncio.subprocess.Process, script: str) -> str:
    assert process.stdout
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            line = (await process.stdout.readline()).decode().strip()
    except TimeoutError as error:
        raise NotToBeHad(f"{script} was silent for {ANSWER_SECONDS} seconds") from error
    if not line:
        raise NotToBeHad(f"{script} ended")
    return line
