"""docker-compose.yml as an engine would read it: names filled in with passwords that deploy/passwords.py makes."""

import re
from collections.abc import Mapping
from typing import Any

import yaml

from deploy import passwords
from tests.architecture.source import ROOT

FILE = ROOT / "docker-compose.yml"
VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?::(?P<how>[-?])(?P<text>[^}]*))?\}")


class NotSet(ValueError):
    """A name that has to be given is not."""


def variables() -> dict[str, str | None]:
    """The names that compose takes from .env or from the caller, with their defaults; None where there is none."""
    found = VARIABLE.finditer(FILE.read_text(encoding="utf-8"))
    return {match["name"]: match["text"] if match["how"] == "-" else None for match in found}


def given(*, production: bool = False) -> dict[str, str]:
    """What a new .env says."""
    lines = passwords.environment(production=production).splitlines()
    return dict(line.split("=", 1) for line in lines if not line.startswith("#"))


def composed(environment: Mapping[str, str]) -> dict[str, Any]:
    """The whole file with names filled in. Raises NotSet."""
    return yaml.safe_load(VARIABLE.sub(lambda match: _filled(match, environment), FILE.read_text(encoding="utf-8")))


def _filled(match: re.Match[str], environment: Mapping[str, str]) -> str:
    value = environment.get(match["name"], "")
    if match["how"] == "?" and not value:
        raise NotSet(f"{match['name']}: {match['text']}")
    return value or (match["text"] or "")


ENVIRONMENT = given()
COMPOSE = composed(ENVIRONMENT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
ONE_SHOTS = ("prepare", "season")
PROCESSES = {name: service for name, service in OURS.items() if name not in ONE_SHOTS}


def environment_of(service: str) -> dict[str, str]:
    return {name: str(value) for name, value in SERVICES[service].get("environment", {}).items()}


def option(service: str, name: str) -> str:
    """What stands behind an option of a service's command."""
    command = SERVICES[service]["command"]
    return command[command.index(name) + 1]


def meet(one: str, other: str) -> bool:
    """Whether two services share a network."""
    return bool(set(SERVICES[one]["networks"]) & set(SERVICES[other]["networks"]))


def mounts(service: str) -> dict[str, tuple[str, str]]:
    """By place in the container: the volume or folder, and how it is mounted."""
    parts = [volume.split(":") for volume in SERVICES[service].get("volumes", [])]
    return {part[1]: (part[0], part[2] if len(part) > 2 else "rw") for part in parts}
