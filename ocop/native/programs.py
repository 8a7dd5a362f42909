"""The programs that run side by side, and the file that tells supervisor about them."""

import os
import re
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ocop.databases import HouseDatabase
from ocop.native.kafka import LOCALHOST
from shared.contracts.topics import HOUSES
from shared.settings import Settings

API_PORTS, WORKER_PORTS = 101, 111  # what the first house adds to the portal's port
LAST_PORT = WORKER_PORTS + len(HOUSES) - 1
HOUSES_GROUP = "houses"
MODE = 0o600  # the file holds how the houses reach their databases
LOG_BYTES = 5_000_000
STOP_SECONDS = 30
# Its own way to end takes up to 65 s (see ocop.postgres); cut off before that, it would leave its server behind.
POSTGRES_STOP_SECONDS = 75
RETRIES = 100  # a program that ends within a second is started again after 1, 2, 3… seconds
QUOTES = frozenset("\"'")
COMMENT = re.compile(r"\s[;#]")


class CannotBeTold(ValueError):
    """A path or setting holds what supervisor's file has no way to write."""


@dataclass(frozen=True, slots=True)
class Run:
    """One program. The higher `order` starts later and is stopped earlier; programs of one group are stopped together."""

    name: str
    command: list[str]
    order: int
    environment: Mapping[str, str] = field(default_factory=dict)
    group: str | None = None
    stop_seconds: int = STOP_SECONDS

    @property
    def full_name(self) -> str:
        """As supervisor's interface wants it."""
        return f"{self.group or self.name}:{self.name}"

    @property
    def group_name(self) -> str:
        return self.group or self.name


@dataclass(frozen=True, slots=True)
class Addresses:
    """Who listens where when the portal listens on `port`."""

    port: int

    def api(self, house: str) -> int:
        return self.port + API_PORTS + HOUSES.index(house)

    def worker(self, house: str) -> int:
        return self.port + WORKER_PORTS + HOUSES.index(house)

    @property
    def houses(self) -> dict[str, str]:
        return {house: f"http://{LOCALHOST}:{self.api(house)}" for house in HOUSES}

    @property
    def all_ports(self) -> list[int]:
        return [self.port, *(port(house) for port in (self.api, self.worker) for house in HOUSES)]


def postgres_program(data: Path) -> Run:
    command = [sys.executable, "-m", "ocop.native.postgres", "--data", str(data)]
    return Run("postgres", command, order=10, stop_seconds=POSTGRES_STOP_SECONDS)


def kafka_program(command: list[str]) -> Run:
    return Run("kafka", command, order=20)


def house_programs(
    data: Path, addresses: Addresses, databases: Mapping[str, HouseDatabase], settings: Settings
) -> list[Run]:
    """An api and a worker for each house, and the portal over them."""
    simulation = {"OCOP_SIMULATED": "1" if settings.simulated else "0"}
    runs = []
    for house in HOUSES:
        environment = {
            "OCOP_DATABASE_URL": databases[house].server_dsn, "OCOP_KAFKA_BOOTSTRAP": settings.kafka or "", **simulation
        }  # fmt: skip
        for role, port in (("api", addresses.api(house)), ("worker", addresses.worker(house))):
            runs.append(Run(f"{house}-{role}", _served(house, port, data, role), 30, environment, group=HOUSES_GROUP))
    known = ",".join(f"{house}={url}" for house, url in addresses.houses.items())
    portal = Run("portal", _served("portal", addresses.port, data), 40, {"OCOP_HOUSES": known, **simulation})
    return [*runs, portal]


def _served(service: str, port: int, data: Path, *role: str) -> list[str]:
    module = f"services.{service}.main"
    return [sys.executable, "-m", module, *role, "--host", LOCALHOST, "--port", str(port), "--data", str(data)]


# --- supervisor's file ---


def configuration(folder: Path, socket: Path, runs: list[Run]) -> str:
    """The text of `supervisord.conf`: supervisor itself, its socket, the programs and their groups."""
    log = folder / "log"
    # Root is asked to say that it is meant.
    user = {"user": "root"} if os.geteuid() == 0 else {}
    sections = [
        _section("supervisord", **user, nodaemon="true", silent="true", logfile=_said(str(folder / "supervisord.log")),
                 logfile_maxbytes=str(LOG_BYTES), logfile_backups="1", pidfile=_said(str(folder / "supervisord.pid")),
                 childlogdir=_said(str(log)), nocleanup="true"),
        _section("unix_http_server", file=_said(str(socket)), chmod="0600"),
        _section("rpcinterface:supervisor",
                 **{"supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"}),
        _section("supervisorctl", serverurl=_said(f"unix://{socket}")),  # for whoever watches: docs/how-to/watch.md
        *(_program(run, log) for run in runs),
    ]  # fmt: skip
    if together := [run for run in runs if run.group == HOUSES_GROUP]:
        names = ",".join(run.name for run in together)
        sections.append(_section(f"group:{HOUSES_GROUP}", programs=names, priority=str(together[0].order)))
    return "\n".join(sections)


def _program(run: Run, log: Path) -> str:
    # The path of a log is the one value that supervisor fills in twice.
    environment = ",".join(f"{name}={_quoted(value)}" for name, value in run.environment.items())
    return _section(
        f"program:{run.name}", command=_said(shlex.join(run.command)), environment=environment,
        priority=str(run.order), autostart="true", autorestart="true", startsecs="1", startretries=str(RETRIES),
        stopsignal="TERM", stopwaitsecs=str(run.stop_seconds), stopasgroup="false", killasgroup="true",
        redirect_stderr="true", stdout_logfile=_said(_said(str(log / f"{run.name}.log"))),
        stdout_logfile_maxbytes=str(LOG_BYTES), stdout_logfile_backups="1",
    )  # fmt: skip


def _section(name: str, **options: str) -> str:
    return "\n".join([f"[{name}]", *(f"{option}={value}" for option, value in options.items()), ""])


def _said(value: str) -> str:
    """The value as the file holds it. Raises CannotBeTold."""
    if COMMENT.search(value) or not value.isprintable():
        raise CannotBeTold(f"{value!r}: a line's end, or ; or # after a space, cannot be told supervisor")
    return value.replace("%", "%%")


def _quoted(value: str) -> str:
    """The value of a variable. Raises CannotBeTold."""
    if QUOTES & set(value):
        raise CannotBeTold(f"{value!r}: a quotation mark cannot be told supervisor")
    return f'"{_said(value)}"'
