"""The lock on a folder of separate processes, light enough for whoever only wants to know whether they run."""

import fcntl
import os
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ocop.postgres import DataInUse


@contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """One `ocop native` over a folder at a time; the kernel lets go of it also when we are killed. Raises DataInUse."""
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 1000).decode(errors="replace").strip() or "a program that has just begun"
            raise DataInUse(f"{folder.parent} đang được dùng / is in use by {holder}") from None
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"process {os.getpid()}: {shlex.join(sys.argv)}\n".encode())
        yield
    finally:
        os.close(descriptor)
