"""Where tests put what dies with them: in memory where there is room, as disks may be slow to make databases."""

import os
import shutil
from pathlib import Path

MEMORY = Path("/dev/shm")  # of Linux; a container may have little of it
KNOWN = Path("/proc/meminfo")
ROOM_BYTES = 6 * 2**30  # four times what two workers with their servers, brokers and browsers were seen to take


def stay_in_memory() -> None:
    """From now on temporary files of this process and of its children go there; not where the caller names a TMPDIR."""
    if (
        "TMPDIR" not in os.environ
        and MEMORY.is_dir()
        and min(shutil.disk_usage(MEMORY).free, free_memory()) >= ROOM_BYTES
    ):
        os.environ["TMPDIR"] = str(MEMORY)


def free_memory() -> int:
    """Bytes that programs may still take; 0 where the system does not say."""
    lines = KNOWN.read_text().splitlines() if KNOWN.exists() else []
    found = (line.split()[1] for line in lines if line.startswith("MemAvailable:"))
    return int(next(found, 0)) * 1024
