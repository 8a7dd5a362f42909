"""Removes a demo's data, ending what a killed program left at work on them: `python -m ocop.erase DIR`."""

import asyncio
import shutil
import sys
from pathlib import Path

from ocop.native import leftovers
from ocop.native.claiming import claimed
from ocop.postgres import DataInUse, EmbeddedPostgres


class NotOurs(RuntimeError):
    """The folder holds no data of this program."""


def erase(folder: Path) -> None:
    """Removes the folder. Raises DataInUse while a program works on it, NotOurs where no program ever did."""
    if not folder.exists():
        return
    if any(folder.iterdir()) and not any(lock.is_file() for lock in (folder / "lock", folder / "native" / "lock")):
        raise NotOurs(f"{folder} holds no data of this program; nothing was removed")
    asyncio.run(_end_all(folder.resolve()))
    shutil.rmtree(folder)


async def _end_all(folder: Path) -> None:
    if (folder / "native").exists():
        with claimed(folder / "native"):
            await leftovers.end(folder / "native")
            await _end_server(folder)
    else:
        await _end_server(folder)


async def _end_server(folder: Path) -> None:
    embedded = EmbeddedPostgres(folder)
    embedded.claim()
    await embedded.stop()


if __name__ == "__main__":
    try:
        erase(Path(sys.argv[1]))
    except (DataInUse, NotOurs) as error:
        sys.exit(str(error))
