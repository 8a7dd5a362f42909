"""Peers that are not ours to depend on: fetched once into a folder of their own, outside of the project's lock."""

import asyncio
import contextlib
import os
import sys
from pathlib import Path

FOLDER = Path(".peers")
EMMETT = {"@event-driven-io/emmett": "0.42.0", "@event-driven-io/emmett-postgresql": "0.42.0", "pg": "8.23.1"}
MESSAGE_DB = {"@eventide/message-db": "1.3.1"}
UMADB = "0.7.8"
EVENTSOURCE = "0.15.1"
FETCH_SECONDS = 300
UV = Path(sys.executable).with_name("uv")


class NotToBeHad(Exception):
    """A peer that cannot be fetched or run here; its figure is told as missing, with this reason."""


async def run(*words: str | Path, folder: Path | None = None) -> bytes:
    """What a program wrote. Raises NotToBeHad with the end of what it complained about."""
    try:
        process = await asyncio.create_subprocess_exec(
            *words, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
    except FileNotFoundError as error:
        raise NotToBeHad(f"{words[0]} is not installed") from error
    try:
        async with asyncio.timeout(FETCH_SECONDS):
            out, complaint = await process.communicate()
    except TimeoutError as error:
        process.kill()
        await process.wait()
        raise NotToBeHad(f"{words[0]} took longer than {FETCH_SECONDS} seconds") from error
    if process.returncode:
        raise NotToBeHad(f"{words[0]}: {complaint.decode(errors='replace').strip()[-500:]}")
    return out


async def from_npm(packages: dict[str, str]) -> Path:
    """The folder in which these packages stand under `node_modules`."""
    folder = (FOLDER / "node").absolute()
    if not all((folder / "node_modules" / name).exists() for name in packages):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").touch()
        if not (folder / "package.json").stat().st_size:
            (folder / "package.json").write_text("{}\n")
        await run("npm", "install", "--silent", *(f"{n}@{v}" for n, v in packages.items()), folder=folder)
    return folder


async def from_pypi(package: str, python: str | Path = sys.executable) -> Path:
    """The interpreter of an environment with this package, such as `name[extra]==version`; `python` makes it."""
    folder = (FOLDER / package.partition("==")[0].partition("[")[0]).absolute()
    installed, interpreter = folder / "installed.txt", folder / "bin/python"
    if not installed.exists() or installed.read_text() != package:
        await run(UV, "venv", "--quiet", "--clear", "--python", python, folder)
        await run(UV, "pip", "install", "--quiet", "--python", interpreter, package)
        installed.write_text(package)
    return interpreter


async def python_of(version: str) -> Path:
    """A Python of a version such as `3.13`: one of this machine, else one that uv can fetch."""
    for wanted in (version, *of_pyenv(version)):
        with contextlib.suppress(NotToBeHad):
            return await found(wanted)
    try:
        await run(UV, "python", "install", version)
        return await found(version)
    except NotToBeHad as error:
        raise NotToBeHad(f"Python {version} is not on this machine and cannot be fetched ({error})") from error


def of_pyenv(version: str) -> list[Path]:
    """pyenv puts only its active versions on the path, and uv looks no further."""
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    return sorted(root.glob(f"versions/{version}*/bin/python{version}"))


async def found(python: str | Path) -> Path:
    """The program of a Python that is on this machine."""
    return Path((await run(UV, "python", "find", "--no-python-downloads", python)).decode().strip())
