"""Programs that tests run and that come with Debian's packages: installed where they are missing and root asks."""

import os
import shutil
import subprocess
from functools import cache

SECONDS = 280


class NoProgram(RuntimeError):
    """A program is not here and may not be installed; the text says what to do."""


@cache
def need(name: str, package: str) -> str:
    """The path of a program. Raises NoProgram."""
    found = shutil.which(name)
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        install(package)
        found = shutil.which(name)
    if found is None:
        raise NoProgram(f"These tests need `{name}`. On Debian or Ubuntu: sudo apt-get install {package}")
    return found


def install(package: str) -> None:
    """What apt-get says is shown by pytest when a test fails."""
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "install", "-qq", "-y", "--no-install-recommends", package]
    if subprocess.run(command, env=quiet, timeout=SECONDS, check=False).returncode != 0:
        subprocess.run(["apt-get", "update", "-qq"], timeout=SECONDS, check=False)
        subprocess.run(command, env=quiet, timeout=SECONDS, check=False)
