"""What others make of docker-compose.yml: Debian's compose reads it, and Kafka takes the settings it is given there."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import yaml

from ocop.native.kafka import TEMPLATE, java
from tests.architecture.composed import FILE, SERVICES, environment_of, given
from tests.debian import need

SECONDS = 100


def resolved(tmp_path: Path) -> dict[str, Any]:
    """The services as compose itself sees them."""
    settings = tmp_path / "env"
    settings.write_text("".join(f"{name}={value}\n" for name, value in given().items()))
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("OCOP_", "COMPOSE_"))}
    said = subprocess.run(
        [need("docker-compose", "docker-compose"), "--env-file", str(settings), "--file", str(FILE), "config"],
        env=clean | {"PORT": "8123"}, capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    assert said.returncode == 0, said.stderr
    return yaml.safe_load(said.stdout)["services"]


def test_compose_reads_it_as_we_do(tmp_path: Path) -> None:
    found = resolved(tmp_path)
    assert found.keys() >= SERVICES.keys() - {"season"}
    for name, service in found.items():
        assert service.get("command") == SERVICES[name].get("command"), name
        assert service.get("environment", {}).keys() == environment_of(name).keys(), name
        assert set(service["networks"]) == set(SERVICES[name]["networks"]), name
    assert "8123" in json.dumps(found["portal"]["ports"])


def test_compose_asks_for_what_has_no_default(tmp_path: Path) -> None:
    settings = tmp_path / "env"
    settings.write_text("OCOP_DB_PASSWORD=only-this\n")
    command = [need("docker-compose", "docker-compose"), "--env-file", str(settings), "--file", str(FILE), "config"]
    said = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert said.returncode != 0
    assert "deploy/passwords.py" in said.stderr


def test_kafka_takes_the_settings_that_its_image_makes_of_the_environment(tmp_path: Path) -> None:
    """The image's own set-up program, from the same jars, writes the settings and formats the storage with them."""
    final, mounted = tmp_path / "final", tmp_path / "mounted"
    for folder in (final, mounted):
        folder.mkdir()
    (final / "server.properties").touch()
    environment = environment_of("kafka") | {"KAFKA_LOG_DIRS": str(tmp_path / "data")}
    program = ["kafka.docker.KafkaDockerWrapper", "setup", "--default-configs-dir", str(mounted)]
    said = subprocess.run(
        [*java(), "-Xmx128m", *program, "--mounted-configs-dir", str(mounted), "--final-configs-dir", str(final)],
        env={"PATH": os.environ["PATH"], **environment}, capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    assert said.returncode == 0, said.stdout + said.stderr
    made = properties((final / "server.properties").read_text())
    assert (tmp_path / "data" / "meta.properties").exists()
    assert f"cluster.id={environment['CLUSTER_ID']}" in (tmp_path / "data" / "meta.properties").read_text()
    assert_keeps_what_is_said(made)
    assert_keeps_what_is_said(properties(TEMPLATE.read_text(encoding="utf-8")))


def properties(text: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z][\w.]*)=(.*)$", text, re.MULTILINE))


def assert_keeps_what_is_said(settings: dict[str, str]) -> None:
    """The native broker and that of compose agree on what must not be lost."""
    assert settings["auto.create.topics.enable"] == "false"
    assert settings["log.retention.ms"] == settings["log.retention.bytes"] == "-1"
    assert settings["process.roles"] == "broker,controller"
