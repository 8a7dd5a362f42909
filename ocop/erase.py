"""Removes a demo's data, ending a PostgreSQL that a killed program left at work on them: `python -m ocop.erase DIR`."""

import asyncio
import shutil
import sys
from pathlib import Path

from ocop.postgres import DataInUse, EmbeddedPostgres


class NotOurs(RuntimeError):
    """The folder holds no data of this program."""


async def erase(folder: Path) -> None:
    """Removes the folder. Raises DataInUse while a program works on it, NotOurs where no program ever did."""
    if not folder.exists():
        return
    if any(folder.iterdir()) and not (folder / "lock").is_file():
        raise NotOurs(f"{folder} holds no data of this program; nothing was removed")
    embedded = EmbeddedPostgres(folder)
    embedded.claim()
    await embedded.stop()
    shutil.rmtree(folder)


if __name__ == "__main__":
    try:
        asyncio.run(erase(Path(sys.argv[1])))
    except (DataInUse, NotOurs) as error:
        sys.exit(str(error))
