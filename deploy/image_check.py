"""Builds the real Dockerfile without a container engine and runs what is in it: `make image-check`.

Debian's buildah builds in a chroot; the base image, which nobody can pull here, is made by debootstrap under the base's
name. Needs root, for both. All of it happens in name spaces and a folder of its own, which are gone afterwards.
"""

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from deploy.image_inside import STRANGERS, check_inside

ROOT = Path(__file__).resolve().parents[1]
DOCKERFILE = ROOT / "deploy" / "Dockerfile"
IMAGE = "ocop-image-check"
TOOLS = {"buildah": "buildah", "debootstrap": "debootstrap", "unshare": "util-linux"}
BASE = re.compile(r"^FROM (python:3\.(\d+)\.\d+-slim-(\w+))(?: AS \w+)?$", re.MULTILINE)
TRIES = 10
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
PACKAGES = "python3,python3-venv,python3-pip,ca-certificates"
PYTHON_DEBIAN_HAS = {"bookworm": 11, "trixie": 13}
# How this machine reaches package registries, for the build as for anything else that runs here.
REGISTRY = re.compile(r"(PIP|UV)_\w+|SSL_CERT_\w+|REQUESTS_CA_BUNDLE|(https?|no|all)_proxy", re.IGNORECASE)
NOT_IN_THE_IMAGE = re.compile(r"(PIP|UV)_(FIND_LINKS|CACHE_DIR|CONFIG_FILE|PROJECT_ENVIRONMENT|PYTHON\w*)|UV_LINK_MODE")
CONFIGURATION = ("etc/pip.conf", "etc/uv/uv.toml")


class CannotCheck(RuntimeError):
    """Something that the check needs is missing; the text says how it comes."""


# --- outside: a folder and name spaces, both gone afterwards ---


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    inside = parser.parse_args().inside
    try:
        return build_and_check(inside) if inside else in_a_world_of_its_own()
    except CannotCheck as error:
        say(str(error))
        return 1


def in_a_world_of_its_own() -> int:
    """Whatever is mounted or started in there ends with its name spaces, however this ends."""
    have_tools()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # told to end, it cleans up as well
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="ocop-image-"))
    command = ["unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--mount-proc"]
    try:
        ended = subprocess.run(
            [*command, sys.executable, "-m", "deploy.image_check", "--inside", str(folder)], cwd=ROOT, check=False
        ).returncode
    finally:
        removed(folder)
    say(f"image-check: {'all well' if ended == 0 else 'NOT well'} after {time.monotonic() - began:.0f} s")
    return ended


def removed(folder: Path) -> None:
    """What was cut off may write for another moment."""
    for _ in range(TRIES):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(1)
    raise CannotCheck(f"{folder} cannot be removed")


def have_tools() -> None:
    """Debian's tools, installed where root asks and they are missing. Raises CannotCheck."""
    if os.geteuid() != 0:
        raise CannotCheck("image-check makes a root file system by debootstrap, so it must run as root")
    missing = [package for tool, package in TOOLS.items() if shutil.which(tool) is None]
    if missing and shutil.which("apt-get"):
        quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], env=quiet, check=False)
        install = ["apt-get", "install", "-qq", "-y", "--no-install-recommends"]
        subprocess.run([*install, *missing], env=quiet, check=False, stdout=sys.stderr)
    if left := [package for tool, package in TOOLS.items() if shutil.which(tool) is None]:
        raise CannotCheck(f"image-check needs: sudo apt-get install {' '.join(left)}")


# --- inside ---


def build_and_check(folder: Path) -> int:
    """Everything lies below `folder`. Raises CannotCheck."""
    os.environ["TMPDIR"] = str(folder)
    buildah = Buildah(folder)
    name, suite = base_of(DOCKERFILE.read_text(encoding="utf-8"))
    step(f"base image {name} from Debian {suite}")
    make_base(buildah, folder / "root", name, suite)
    step("deploy/Dockerfile")
    context = snapshot(folder / "context")
    buildah("bud", "--isolation", "chroot", "--format", "docker", "--pull-never", "--tag", IMAGE,
            "--file", str(context / "deploy" / "Dockerfile"), str(context))  # fmt: skip
    step("what is in it")
    container = buildah.read("from", "--pull-never", IMAGE)
    findings = check_inside(buildah, container, Path(buildah.read("mount", container)), context)
    for finding in findings:
        say(f"  NOT: {finding}")
    return 1 if findings else 0


def base_of(dockerfile: str) -> tuple[str, str]:
    """The base's name and the Debian that it is made of; its Python must be the one that this Debian has."""
    bases = {match.groups() for match in BASE.finditer(dockerfile)}
    if len(bases) != 1:
        raise CannotCheck(f"{DOCKERFILE.name}: one base python:3.X.Y-slim-SUITE is expected for every stage: {bases}")
    name, minor, suite = bases.pop()
    if PYTHON_DEBIAN_HAS.get(suite) != int(minor):
        raise CannotCheck(f"{name}: Debian {suite} has another Python; {PYTHON_DEBIAN_HAS}")
    return name, suite


def make_base(buildah: "Buildah", root: Path, name: str, suite: str) -> None:
    """Debian with its Python under the names that the official image has, and this machine's way to the registries."""
    run("debootstrap", "--variant=minbase", f"--include={PACKAGES}", suite, str(root))
    (root / "usr/bin/python").symlink_to("python3")
    for marker in (root / "usr/lib").glob("python3.*/EXTERNALLY-MANAGED"):
        marker.unlink()  # in the official image Python is not Debian's, and pip may install
    for certificates in ("etc/ssl/certs/ca-certificates.crt", *CONFIGURATION):
        if (given := Path("/") / certificates).is_file():
            (root / certificates).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(given, root / certificates)
    shutil.rmtree(root / "var/cache/apt", ignore_errors=True)
    container = buildah.read("from", "scratch")
    buildah("copy", "--quiet", container, str(root), "/")
    shutil.rmtree(root)
    environment = [f"--env={key}={value}" for key, value in os.environ.items()
                   if REGISTRY.fullmatch(key) and not NOT_IN_THE_IMAGE.fullmatch(key)]  # fmt: skip
    buildah("config", "--cmd", "python3", "--env", f"PATH={PATH}", *environment, container)
    buildah("commit", "--quiet", "--rm", "--format", "docker", container, f"docker.io/library/{name}")


def snapshot(context: Path) -> Path:
    """The checkout as it is at this moment, and beside it what must never get into an image."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, check=True,
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (context / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, context / name)
    for stranger in STRANGERS:
        (context / stranger).parent.mkdir(parents=True, exist_ok=True)
        (context / stranger).write_text("not for the image")
    return context


class Buildah:
    """Debian's buildah over a storage in a folder; nothing of the machine's own storage is touched."""

    def __init__(self, folder: Path) -> None:
        policy = folder / "policy.json"
        policy.write_text(json.dumps({"default": [{"type": "insecureAcceptAnything"}]}))
        (folder / "registries.conf").write_text('unqualified-search-registries = ["docker.io"]\n')
        self._policy, self._environment = policy, os.environ | {
            "CONTAINERS_REGISTRIES_CONF": str(folder / "registries.conf"), "BUILDAH_ISOLATION": "chroot",
        }  # fmt: skip
        self._command = ["buildah", "--storage-driver", "vfs", "--root", str(folder / "storage"),
                         "--runroot", str(folder / "run")]  # fmt: skip

    def command(self, verb: str, *arguments: str) -> list[str]:
        policy = ["--signature-policy", str(self._policy)] if verb in {"bud", "from", "commit"} else []
        return [*self._command, verb, *policy, *arguments]

    def __call__(self, verb: str, *arguments: str) -> None:
        """Shows what it says. Raises CannotCheck where it fails."""
        run(*self.command(verb, *arguments), environment=self._environment)

    def read(self, verb: str, *arguments: str) -> str:
        """What it prints."""
        command = self.command(verb, *arguments)
        return subprocess.run(
            command, env=self._environment, check=True, stdout=subprocess.PIPE, text=True
        ).stdout.strip()

    def started(self, *arguments: str) -> subprocess.Popen[str]:
        """`buildah run` of these arguments; what it prints is kept together."""
        return subprocess.Popen(
            self.command("run", *arguments), env=self._environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip


def run(*command: str, environment: dict[str, str] | None = None) -> None:
    if subprocess.run(command, env=environment, check=False, stdout=sys.stderr).returncode != 0:
        raise CannotCheck(f"failed: {' '.join(command)}")


def step(what: str) -> None:
    say(f"--- image-check, {time.strftime('%H:%M:%S')}: {what}")


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
