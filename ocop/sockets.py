"""Folders for Unix sockets: private, and with a path that is short enough."""

import hashlib
import os
import stat
import tempfile
from collections.abc import Collection
from pathlib import Path

PATH_BYTES = 103  # macOS; Linux has 107


class NotPrivate(RuntimeError):
    """Another user has made the folder in which our socket would be."""


def socket_folder(wanted: Path, name: str, owners: Collection[int | None] = ()) -> Path:
    """The folder `wanted`, or where its path is too long for a socket `name`, always the same short one instead of it.

    Made with mode 700; one that is there belongs to us or to one of the users `owners`. Raises NotPrivate.
    """
    if len(os.fsencode(wanted / name)) > PATH_BYTES:
        wanted = Path(tempfile.gettempdir()) / f"ocop-{hashlib.sha256(os.fsencode(wanted)).hexdigest()[:16]}"
    wanted.mkdir(mode=0o700, parents=True, exist_ok=True)
    facts = wanted.lstat()
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid not in {os.geteuid(), *owners}:
        raise NotPrivate(f"{wanted} belongs to another user; remove it, or choose a folder with a shorter path")
    return wanted
