"""What has to be true of the built image, found by running it."""

import json
import os
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from deploy.image_check import Buildah

ROOT = Path(__file__).resolve().parents[1]
STRANGERS = (".env", ".git/config", "var/token-key.pem", "shared/__pycache__/stranger.pyc")
PARTS = ("ocop", "services", "shared")
HOUSES = ("registration", "evaluation", "certification", "promotion", "programme")
WRITABLE = {"/data", "/tmp", "/var/tmp", "/run/lock", "/dev", "/proc", "/sys"}
START_SECONDS = 60
STOP_SECONDS = 30
POLL_SECONDS = 0.1
NOBODY_LISTENS = "postgresql://registration_server:none@127.0.0.1:1/ocop_registration"
FIND_WRITABLE = """
import os
for folder, below, files in os.walk('/'):
    below[:] = [name for name in below if os.path.join(folder, name) not in {skipped!r}]
    for name in ['', *files]:
        place = os.path.join(folder, name)
        if not os.path.islink(place) and os.access(place, os.W_OK):
            print(place)
"""


def check_inside(buildah: "Buildah", container: str, mounted: Path, context: Path) -> list[str]:
    """What is not as it should be; `mounted` is where the image's files can be read, `context` what it was built from."""
    image = Inside(buildah, container)
    return [
        *image.user(), *image.entry_points(), *image.imports(), *image.reads_its_data(), *image.writes_nowhere(),
        *files_missing(mounted / "ocop", context), *image.serves_a_house(),
    ]  # fmt: skip


def files_missing(there: Path, context: Path) -> Iterator[str]:
    """Rulesets, templates, SQL, static files: all that there is below the program, byte by byte; and nothing else."""
    files = [file for part in PARTS for file in (context / part).rglob("*") if file.is_file()]
    strangers = [context / stranger for stranger in STRANGERS]
    names = [str(file.relative_to(context)) for file in files if file not in strangers]
    if not any(name.startswith("shared/regulation/rulesets/") for name in names):
        yield "no ruleset is in the checkout"
    for name in names:
        copy = there / name
        if not copy.is_file() or copy.read_bytes() != (context / name).read_bytes():
            yield f"{name} is not in the image as it is here"
    for stranger in (*STRANGERS, "tests", "bench", "deploy"):
        if (there / stranger).exists():
            yield f"{stranger} is in the image"


class Inside:
    """One container of the image."""

    def __init__(self, buildah: "Buildah", container: str) -> None:
        self._buildah, self._container = buildah, container
        self._config = json.loads(buildah.read("inspect", container))["Docker"]["config"]

    def tried(self, *command: str, environment: dict[str, str] | None = None) -> tuple[int, str]:
        """(exit status, what it printed)."""
        process = self._started(*command, environment=environment or {})
        output, _ = process.communicate(timeout=START_SECONDS)
        return process.returncode, output

    def _started(self, *command: str, environment: dict[str, str]) -> subprocess.Popen[str]:
        given = [f"--env={name}={value}" for name, value in environment.items()]
        return self._buildah.started(*given, self._container, "--", *command)

    # --- what can be asked at once ---

    def user(self) -> Iterator[str]:
        status, output = self.tried("id", "-u")
        if status != 0 or output.strip() in {"", "0"}:
            yield f"it does not run as an ordinary user: {output.strip()}"

    def entry_points(self) -> Iterator[str]:
        """What compose and the image itself run is there and knows the options it is given."""
        for command in commands_of_compose() | {tuple(self._config["Cmd"])}:
            status, output = self.tried(*command, "--help")
            if status != 0 or "Usage: " not in output:
                yield f"{' '.join(command)} --help: {status}: {output[-500:]}"

    def imports(self) -> Iterator[str]:
        for service in (*HOUSES, "portal"):
            status, output = self.tried("python", "-W", "error", "-c", f"import services.{service}.main")
            if status != 0:
                yield f"services.{service}.main cannot be imported: {output[-500:]}"

    def reads_its_data(self) -> Iterator[str]:
        """A case scored by the law: rulesets are found where the code looks for them."""
        status, output = self.tried("python", "-c", "import ocop.standalone; from services.portal.main import STATIC; "
                                    "print(len(list(STATIC.iterdir())))")  # fmt: skip
        if status != 0 or not output.strip().isdigit() or output.strip() == "0":
            yield f"static files: {output[-500:]}"

    def writes_nowhere(self) -> Iterator[str]:
        """Nothing but /data and /tmp is written: the root may be read-only."""
        _, output = self.tried("python", "-c", FIND_WRITABLE.format(skipped=sorted(WRITABLE)))
        for place in output.splitlines():
            yield f"{place} can be written by the program's user"

    # --- a process that serves ---

    def serves_a_house(self) -> Iterator[str]:
        """A house lives without its database, says that it is not ready, as the healthcheck does, and ends when told."""
        port = free_port()
        command = ["python", "-m", "services.registration.main", "api", "--host", "127.0.0.1", "--port", str(port)]
        process = self._started(*command, environment={"OCOP_DATABASE_URL": NOBODY_LISTENS})
        try:
            yield from self._served(process, port)
        finally:
            process.kill()
            process.wait()

    def _served(self, process: "subprocess.Popen[str]", port: int) -> Iterator[str]:
        if (status := waited_for(port, process)) != 200:
            process.kill()
            yield f"a house does not answer /livez: {status}: {process.communicate()[0][-1000:]}"
            return
        status, said = asked(port, "/readyz")
        if status != 503 or b"database" not in said:
            yield f"/readyz without a database: {status} {said!r}"
        check = [part.replace(":8000/", f":{port}/") for part in self._config["Healthcheck"]["Test"][1:]]
        if (failed := self.tried(*check))[0] == 0:
            yield f"the healthcheck takes a house without a database for ready: {failed[1]}"
        if (well := self.tried(*(part.replace("/readyz", "/livez") for part in check)))[0] != 0:
            yield f"the healthcheck cannot ask: {well[1][-500:]}"
        yield from ends_in_order(process, port)


def ends_in_order(process: "subprocess.Popen[str]", port: int) -> Iterator[str]:
    """Told as an engine tells it: SIGTERM to the program itself."""
    for pid in serving_on(port):
        os.kill(pid, signal.SIGTERM)
    try:
        output, _ = process.communicate(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        yield f"a house does not end within {STOP_SECONDS} s"
        return
    if process.returncode != 0:
        yield f"a house told to end says {process.returncode}: {output[-1000:]}"


def serving_on(port: int) -> list[int]:
    """The program among our processes: buildah, which started it, has the same words in its command line."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        words = (process / "cmdline").read_bytes().split(b"\0")
        if str(port).encode() in words and re.search(rb"(^|/)python[\d.]*$", words[0]):
            found.append(int(process.name))
    return found


def commands_of_compose() -> set[tuple[str, ...]]:
    """What is run of our image."""
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return {tuple(service["command"]) for service in compose["services"].values() if "build" in service}


def waited_for(port: int, process: "subprocess.Popen[str]") -> int:
    """The status of /livez once anybody answers; 0 where nobody does in time."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            return asked(port, "/livez")[0]
        except urllib.error.URLError:
            time.sleep(POLL_SECONDS)
    return 0


def asked(port: int, path: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
