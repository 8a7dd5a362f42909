"""Apache Kafka on this machine: one broker in KRaft mode over a folder of its own, without a container."""

import asyncio
import contextlib
import os
import shutil
import socket
import subprocess
import time
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from string import Template

from shared.bus.topics import answers

ROOT = Path(__file__).parents[2]
VERSION = "4.4.0"
JARS = ROOT / ".kafka" / VERSION
WHOLE = ".whole"  # made last by deploy/kafka/fetch.sh
TEMPLATE = ROOT / "deploy" / "kafka" / "server.properties"
LOCALHOST = "127.0.0.1"
FORMAT_SECONDS = 60
START_SECONDS = 60
POLL_SECONDS = 0.1
# A heap so small is swept by one thread in milliseconds. With this and large pages the broker used about a tenth less of two
# cores, beside the same work, than with G1.
JVM = (
    "-Xms256m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:+UseTransparentHugePages",
    "-XX:+ExitOnOutOfMemoryError", "-Djava.awt.headless=true", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true", "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd HH:mm:ss.SSS",
)  # fmt: skip

# On so few cores the second compiler takes more than half of one from everybody for minutes after the start.
FEW_CORES = 2
FIRST_COMPILER_ONLY = "-XX:TieredStopAtLevel=1"


class KafkaMissing(RuntimeError):
    """Java or Kafka's jars are not here; the text says how they come."""


class KafkaFailed(RuntimeError):
    """The broker could not be set up or does not answer."""


@dataclass(frozen=True, slots=True)
class Broker:
    """A broker that is its own controller. `folder` holds its settings, its cluster's id and what it was told."""

    folder: Path
    port: int
    controller_port: int

    @property
    def bootstrap(self) -> str:
        return f"{LOCALHOST}:{self.port}"

    @property
    def settings(self) -> Path:
        return self.folder / "server.properties"

    @property
    def log_folder(self) -> Path:
        return self.folder / "log"

    def command(self) -> list[str]:
        """What runs the broker in the foreground; SIGTERM ends it in order. Raises KafkaMissing."""
        spared = [FIRST_COMPILER_ONLY] if (os.cpu_count() or 1) <= FEW_CORES else []
        return [*java(), *spared, *JVM, "kafka.Kafka", str(self.settings)]

    async def prepare(self) -> None:
        """Writes the settings, and formats the storage where there is none yet. Raises KafkaMissing, KafkaFailed."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.settings.write_text(self._filled_in(self.log_folder))
        if not self.log_folder.exists():
            await self._format()

    def _filled_in(self, log_folder: Path) -> str:
        # A properties file takes a backslash for the beginning of an escape.
        folder = str(log_folder).replace("\\", "\\\\")
        if "," in folder:
            raise KafkaFailed(f"{folder}: Kafka takes a comma for the end of a folder's name; choose another folder")
        return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
            port=self.port, controller_port=self.controller_port, log_folder=folder
        )

    async def _format(self) -> None:
        """Formatted under another name first: a kill in the middle leaves nothing that looks like a storage."""
        new, settings = self.folder / "new-log", self.folder / "format.properties"
        shutil.rmtree(new, ignore_errors=True)
        settings.write_text(self._filled_in(new))
        command = [*java(), "-Xmx128m", FIRST_COMPILER_ONLY, "kafka.tools.StorageTool", "format"]
        process = await asyncio.create_subprocess_exec(
            *command, f"--cluster-id={self._cluster()}", "--config", str(settings), start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            async with asyncio.timeout(FORMAT_SECONDS):
                output, _ = await process.communicate()
        except BaseException:
            process.kill()
            await process.wait()
            raise
        if process.returncode != 0:
            raise KafkaFailed(f"Kafka's storage could not be formatted:\n{output.decode(errors='replace').strip()}")
        settings.unlink()
        new.rename(self.log_folder)

    def _cluster(self) -> str:
        """Kept, so that whoever formats again after a kill makes the same cluster."""
        kept = self.folder / "cluster-id"
        if not kept.exists():
            draft = kept.with_suffix(".new")
            draft.write_text(urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("="))
            draft.rename(kept)
        return kept.read_text().strip()


def java() -> list[str]:
    """Java with Kafka's jars. Raises KafkaMissing."""
    program = shutil.which("java")
    if program is None or not (JARS / WHOLE).is_file():
        raise KafkaMissing(
            f"Thiếu Apache Kafka {VERSION} / Apache Kafka {VERSION} is not here. "
            "Run `make kafka`, which fetches it with Java and Maven, or set OCOP_KAFKA_BOOTSTRAP=HOST:PORT"
        )
    return [program, "-cp", f"{JARS}/*"]


async def wait_until_it_answers(
    bootstrap: str, failed: Callable[[], str | None], seconds: float = START_SECONDS
) -> None:
    """Returns once the broker takes requests. `failed` tells why it never will. Raises KafkaFailed."""
    deadline = time.monotonic() + seconds
    while True:
        # The client would write a complaint for every try before anybody listens.
        if await asyncio.to_thread(listens, bootstrap) and await answers(bootstrap):
            return
        if why := failed():
            raise KafkaFailed(why)
        if time.monotonic() > deadline:
            raise KafkaFailed(f"Kafka at {bootstrap} does not answer after {seconds:.0f} s")
        await asyncio.sleep(POLL_SECONDS)


def listens(bootstrap: str) -> bool:
    """Whether anybody takes connections at one of these addresses."""
    for address in bootstrap.split(","):
        host, _, port = address.strip().rpartition(":")
        with contextlib.suppress(OSError), socket.create_connection((host.strip("[]"), int(port)), timeout=2):
            return True
    return False


def free(port: int) -> bool:
    """Whether a server on this machine could listen there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOCALHOST, port))
        except OSError:
            return False
        return True


def free_port() -> int:
    """A port that nobody has now."""
    with socket.socket() as probe:
        probe.bind((LOCALHOST, 0))
        return probe.getsockname()[1]


def controller_port(port: int) -> int:
    """The next one after the broker's where it is free, so that it stays the same as long as it can."""
    return port + 1 if port < 65535 and free(port + 1) else free_port()
