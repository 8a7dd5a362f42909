"""Prometheus' own programs: those of the machine, or else Debian's package unpacked under `var/`, with no service started."""

import shutil
import subprocess
from functools import cache
from pathlib import Path

PACKAGE = "prometheus"
UNPACKED = Path(__file__).parent.parent / "var" / "tools" / PACKAGE
SECONDS = 180


class NoPrometheus(RuntimeError):
    """The programs are not here and could not be fetched; the text says what to do."""


def promtool() -> str:
    """The checker of metrics, rules and configurations. Raises NoPrometheus."""
    return program("promtool")


def prometheus() -> str:
    """The server itself. Raises NoPrometheus."""
    return program("prometheus")


@cache
def program(name: str) -> str:
    unpacked = UNPACKED / "usr" / "bin" / name
    found = shutil.which(name) or (str(unpacked) if unpacked.exists() else None)
    if found is None:
        unpack()
    return found or str(unpacked)


def unpack() -> None:
    """Asks Debian's or Ubuntu's package sources, without installing anything."""
    UNPACKED.mkdir(parents=True, exist_ok=True)
    if not fetched() and not (run("apt-get", "update", "-qq") and fetched()):
        raise NoPrometheus(
            "These tests need Prometheus' own programs (promtool, prometheus), which are not on the PATH and which "
            "apt-get could not fetch. On Debian or Ubuntu: sudo apt-get install prometheus"
        )
    for package in UNPACKED.glob("*.deb"):
        subprocess.run(["dpkg-deb", "--extract", package, UNPACKED], check=True, timeout=SECONDS)


def fetched() -> bool:
    return run("apt-get", "download", "-qq", PACKAGE)


def run(*command: str) -> bool:
    """Whether it is there and went well; what it says is shown by pytest when the test fails."""
    if shutil.which(command[0]) is None:
        return False
    return subprocess.run(command, cwd=UNPACKED, timeout=SECONDS, check=False).returncode == 0
