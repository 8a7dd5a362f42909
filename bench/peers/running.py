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
async def at_work(
    server: Server, python: Path, script: str, events: int
) -> AsyncIterator[Callable[[], Awaitable[float]]]:
    """A peer with so many events in a database of its own; each call is one round and returns events a second.

    Raises NotToBeHad when it ends or is silent for long; what it complains about goes where our own complaints go.
    """
    database = f"peer_{script}"
    connection = await asyncpg.connect(server.admin_dsn)
    await connection.execute(f"CREATE DATABASE {database}")
    parts = urlsplit(server.admin_dsn)
    host, port = parse_qs(parts.query)["host"][0], parse_qs(parts.query)["port"][0]
    arguments = host, port, unquote(parts.username or ""), database, str(events)
    process = await asyncio.create_subprocess_exec(
        python, "-m", f"bench.peers.{script}", *arguments, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin

    async def round_of_it() -> float:
        process.stdin.write(b"go\n")
        return float(await answer(process, script))

    try:
        await answer(process, script)  # its events are there
        yield round_of_it
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await connection.execute(f"DROP DATABASE {database} WITH (FORCE)")
        await connection.close()


async def answer(process: asyncio.subprocess.Process, script: str) -> str:
    assert process.stdout
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            line = (await process.stdout.readline()).decode().strip()
    except TimeoutError as error:
        raise NotToBeHad(f"{script} was silent for {ANSWER_SECONDS} seconds") from error
    if not line:
        raise NotToBeHad(f"{script} ended")
    return line
