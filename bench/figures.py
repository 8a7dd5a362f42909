"""A figure of the benchmark file: ours beside a named peer, round by round in one run."""

import json
import os
import platform
import statistics
from collections.abc import Awaitable, Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

Figure = dict[str, Any]
Stage = Callable[[], Awaitable[float]]


class Peer(NamedTuple):
    """What ours stands beside."""

    name: str
    version: str


def peer(name: str, *packages: str) -> Peer:
    """With the versions of the packages that it is made of."""
    return Peer(name, ", ".join(f"{package} {version(package)}" for package in packages))


async def alternately(ours: Stage, theirs: Stage, rounds: int) -> list[tuple[float, float]]:
    """(ours, theirs) of each round, one after the other; who begins changes from round to round."""
    found = []
    for number in range(rounds):
        if number % 2:
            second = await theirs()
            found.append((await ours(), second))
        else:
            first = await ours()
            found.append((first, await theirs()))
    return found


def figure(
    name: str, unit: str, peer: Peer, rounds: Sequence[tuple[float, float]], *, better: str = "higher"
) -> Figure:
    """`ratio` is the median of the rounds' ratios, ours by the peer's."""
    return {
        "name": name, "unit": unit, "better": better, "ours": spread([ours for ours, _ in rounds]),
        "peer": {**peer._asdict(), **spread([theirs for _, theirs in rounds])},
        "ratio": round(statistics.median(ours / theirs for ours, theirs in rounds), 3), "rounds": len(rounds),
    }  # fmt: skip


def alone(name: str, unit: str, values: Sequence[float], *, better: str) -> Figure:
    """A figure without a peer."""
    return {
        "name": name, "unit": unit, "better": better, "ours": spread(values), "peer": None, "ratio": None,
        "rounds": len(values),
    }  # fmt: skip


def missing(name: str, reason: str) -> Figure:
    """A figure whose peer cannot be had here; nothing stands in its place."""
    return {"name": name, "unit": None, "ours": None, "peer": None, "ratio": None, "rounds": 0, "missing": reason}


def spread(values: Sequence[float]) -> dict[str, float]:
    return {"min": min(values), "median": statistics.median(values), "max": max(values)}


def machine() -> dict[str, Any]:
    names = [line.partition(":")[2].strip() for line in cpu_lines() if line.startswith("model name")]
    return {
        "cores": os.cpu_count(), "processor": names[0] if names else platform.processor(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": platform.platform(), "python": platform.python_version(),
    }  # fmt: skip


def cpu_lines() -> list[str]:
    try:
        return Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return []


def write(file: Path, settings: dict[str, Any], figures: Sequence[Figure]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"machine": machine(), "settings": settings, "figures": list(figures)}, indent=2) + "\n")
