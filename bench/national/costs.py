"""Processor seconds by program, as the kernel counted them."""

import os
from collections.abc import Mapping
from pathlib import Path

HERTZ = os.sysconf("SC_CLK_TCK")
PARENT, USER, CHILDREN_END = 1, 11, 15  # fields of /proc/PID/stat behind the name: ppid, then utime stime cutime cstime


def seconds_of(programs: Mapping[str, int]) -> dict[str, float]:
    """By program: its process with everything that it started and that has ended or runs. `programs`: its number."""
    stats = {
        int(entry.name): stat for entry in Path("/proc").iterdir() if entry.name.isdigit() and (stat := read(entry))
    }
    children: dict[int, list[int]] = {}
    for pid, stat in stats.items():
        children.setdefault(int(stat[PARENT]), []).append(pid)

    def ticks(pid: int) -> int:
        own = sum(map(int, stats[pid][USER:CHILDREN_END])) if pid in stats else 0
        return own + sum(map(ticks, children.get(pid, [])))

    return {name: ticks(pid) / HERTZ for name, pid in programs.items()}


def read(process: Path) -> list[str]:
    """The fields behind the name; none of a process that has ended meanwhile."""
    try:
        return (process / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def between(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    """What was used meanwhile, the most first."""
    used = {name: round(after[name] - before.get(name, 0.0), 2) for name in after}
    return dict(sorted(used.items(), key=lambda item: -item[1]))
