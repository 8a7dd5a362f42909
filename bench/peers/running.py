"""Other stores beside ours: each in an environment and a process of its own, told by a line to begin, answering with a number."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import asyncpg

from ocop.postgres import Server

FOLDER = Path(__file__).parent
ENVIRONMENTS = Path("var/bench/peers")
UV = Path(".venv/bin/uv")
INSTALL_SECONDS = 300
ANSWER_SECONDS = 300


async def python_with(name: str, python: str, *requirements: str) -> Path:
    """The interpreter of an environment with these packages, made at the first run."""
    found = (ENVIRONMENTS / name / "bin" / "python").absolute()
    if not found.exists():
        await _run(UV, "venv", "--quiet", "--python", python, ENVIRONMENTS / name)
        await _run(UV, "pip", "install", "--quiet", "--python", found, *requirements)
    return found


async def _run(*command: str | Path) -> None:
    process = await asyncio.create_subprocess_exec(*map(str, command))
    async with asyncio.timeout(INSTALL_SECONDS):
        if await process.wait():
            raise RuntimeError(f"{' '.join(map(str, command))} ended with {process.returncode}")


@asynccontextmanager
async def at_work(
    server: Server, python: Path, script: str, events: int
) -> AsyncIterator[Callable[[], Awaitable[float]]]:
    """A peer with so many events in a database of its own; each call is one round and returns events a second."""
    database = f"peer_{script}"
    connection = await asyncpg.connect(server.admin_dsn)
    await connection.execute(f"CREATE DATABASE {database}")
    parts = urlsplit(server.admin_dsn)
    host, port = parse_qs(parts.query)["host"][0], parse_qs(parts.query)["port"][0]
    arguments = host, port, unquote(parts.username or ""), database, str(events)
    process = await asyncio.create_subprocess_exec(
        python, FOLDER / f"{script}.py", *arguments, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdin
    assert process.stdout

    async def answer() -> str:
        async with asyncio.timeout(ANSWER_SECONDS):
            line = (await process.stdout.readline()).decode().strip()
        if not line:
            raise RuntimeError(f"{script} ended")
        return line

    async def round_of_it() -> float:
        process.stdin.write(b"go\n")
        return float(await answer())

    try:
        await answer()  # its events are there
        yield round_of_it
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await connection.execute(f"DROP DATABASE {database} WITH (FORCE)")
        await connection.close()
