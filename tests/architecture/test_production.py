"""What docs/how-to/production.md tells operators to type and to change is there."""

import re

from ocop.cli import cli
from shared.bus.topics import MOST_REPLICAS
from shared.evidence import MOST_BYTES
from tests.architecture.composed import COMPOSE, SERVICES, environment_of, option, variables
from tests.architecture.source import ROOT

TEXT = (ROOT / "docs" / "how-to" / "production.md").read_text(encoding="utf-8")
ON_A_SERVICE = re.compile(r"docker compose (?:exec|run|logs|cp) ([^`\n]*)")
WITH_A_VALUE = {"-e", "-v", "--entrypoint", "--tail"}
ROW = re.compile(r"^ *\| `(KAFKA_\w+): (\S+)` \| (\d+|remove it) \|$", re.MULTILINE)
FOLDERS_OF_TABLES = re.compile(r"^\| (`[^|]*`)[^|]*\|", re.MULTILINE)


def service_of(arguments: str) -> str:
    """The first word that is no option and no option's value; of a path in a container, the container."""
    words = iter(arguments.split())
    for word in words:
        if word in WITH_A_VALUE:
            next(words)
        elif not word.startswith("-"):
            return word.partition(":")[0]
    return ""


def test_every_command_named_is_one_of_the_program() -> None:
    named = set(re.findall(r"\bocop ([a-z]+)\b", TEXT))
    assert {"fsck", "token"} <= named <= cli.commands.keys()


def test_every_service_and_volume_named_is_there() -> None:
    services = {service_of(arguments) for arguments in ON_A_SERVICE.findall(TEXT)}
    assert {"postgres", "prepare", "season", "registration-api"} <= services <= SERVICES.keys()
    of_tables = {name for cell in FOLDERS_OF_TABLES.findall(TEXT) for name in re.findall(r"`([a-z][\w-]*)`", cell)}
    assert {"portal", "key", "kafka"} <= of_tables <= SERVICES.keys() | COMPOSE["volumes"].keys()
    for service in re.findall(r"--scale ([\w-]+)=", TEXT):
        assert service in SERVICES


def test_every_variable_named_is_used() -> None:
    used = {name for service in SERVICES for name in environment_of(service)} | variables().keys()
    named = set(re.findall(r"\b((?:OCOP|KAFKA|GRAFANA)_[A-Z_]*[A-Z])\b", TEXT))
    assert named - {"OCOP_DEV"} <= used


def test_what_is_to_be_changed_for_a_cluster_is_what_stands_in_compose() -> None:
    rows = ROW.findall(TEXT)
    kafka = environment_of("kafka")
    alone = {name for name in kafka if re.search(r"REPLICATION_FACTOR|MIN_ISR|MIN_INSYNC", name)}
    assert alone <= {name for name, _, _ in rows}
    for name, now, _ in rows:
        assert kafka[name] == now, name
    assert {then for name, _, then in rows if "REPLICATION_FACTOR" in name} == {str(MOST_REPLICAS)}


def test_sizes_and_ports_are_those_of_the_program() -> None:
    assert f"bodies of {MOST_BYTES // 1024**2} MiB" in TEXT
    port = option("portal", "--port")
    assert f"http://127.0.0.1:{port}`" in TEXT
    assert "http://127.0.0.1:3000`" in TEXT


def test_the_files_it_names_are_there() -> None:
    for link in re.findall(r"\]\(([\w./-]+)\)", TEXT):
        assert (ROOT / "docs" / "how-to" / link).exists(), link
    for path in re.findall(r"\bdeploy/[\w./-]*\w", TEXT):
        assert (ROOT / path).exists(), path
    assert "RelayFailing" in TEXT
    assert (ROOT / "docs" / "runbooks" / "RelayFailing.md").exists()
