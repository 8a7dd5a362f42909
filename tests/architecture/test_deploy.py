"""What runs in containers is pinned, bounded, unprivileged, and the same everywhere."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from deploy import image_check, image_inside, passwords
from ocop.native.kafka import VERSION as KAFKA
from ocop.postgres import VERSION as POSTGRES
from shared.contracts.topics import HOUSES
from tests.architecture.composed import (
    COMPOSE,
    ENVIRONMENT,
    OURS,
    SERVICES,
    NotSet,
    composed,
    given,
    meet,
    mounts,
    variables,
)
from tests.architecture.source import PROGRAM, ROOT

DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
EXACT = re.compile(r"[a-z/]+:v?\d+\.\d+(\.\d+)?(-[a-z.\d]+)*")
WRITES_ITS_SETTINGS = {"kafka"}  # the official image writes its settings below /opt/kafka at each start
MEMORY = re.compile(r"(\d+)([MG])")

# --- the image ---


def test_the_image_and_the_environment_are_built_by_the_same_tool() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    pinned = re.search(r"^UV_VERSION := (\S+)$", makefile, re.MULTILINE)
    assert pinned
    assert f"uv=={pinned[1]}\n" in DOCKERFILE


def test_the_image_holds_every_part_of_the_program() -> None:
    admitted = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert admitted[0] == "*"
    for part in PROGRAM:
        assert f"COPY {part} {part}\n" in DOCKERFILE
        assert f"!{part}" in admitted
    assert set(image_inside.PARTS) == set(PROGRAM)
    assert set(image_inside.HOUSES) == set(HOUSES)


def test_the_image_runs_as_an_ordinary_user_from_a_base_that_is_pinned_and_can_be_checked() -> None:
    user = re.search(r"useradd .*--uid (\d+) .* (\w+) &&", DOCKERFILE)
    assert user
    assert int(user[1]) > 0
    assert f"\nUSER {user[2]}\n" in DOCKERFILE
    name, _ = image_check.base_of(DOCKERFILE)
    assert EXACT.fullmatch(name)
    assert DOCKERFILE.count(f"FROM {name}") == DOCKERFILE.count("FROM ") == 2


def test_a_base_that_cannot_be_made_here_is_told() -> None:
    with pytest.raises(image_check.CannotCheck, match="has another Python"):
        image_check.base_of("FROM python:3.14.1-slim-trixie\n")
    with pytest.raises(image_check.CannotCheck, match="one base"):
        image_check.base_of("FROM python:3.13.1-slim-trixie AS build\nFROM python:3.13.2-slim-trixie\n")


# --- compose ---


def test_every_image_is_pinned_and_is_what_is_tested_here() -> None:
    images = {name: service["image"] for name, service in SERVICES.items()}
    for name, image in images.items():
        assert EXACT.fullmatch(image), f"{name}: {image}"
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert {images[name] for name in OURS} == {f"ocop:{version}"}
    assert images["kafka"] == f"apache/kafka:{KAFKA}"
    assert images["postgres"].startswith(f"postgres:{POSTGRES}.")


def test_no_container_can_do_more_than_its_work() -> None:
    for name, service in SERVICES.items():
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service.get("read_only", False) or name in WRITES_ITS_SETTINGS, name
        assert "cap_add" not in service, name
        assert not service.get("privileged"), name
        assert service.get("user") != "root", name
        assert "container_name" not in service, name  # it could not be scaled


def test_no_container_can_take_the_machine() -> None:
    for name, service in SERVICES.items():
        limits = service["deploy"]["resources"]["limits"]
        assert 0 < float(limits["cpus"]) <= 2, name
        assert MEMORY.fullmatch(limits["memory"]), name
        assert service["logging"]["options"].keys() == {"max-size", "max-file"}, name
        assert "stop_grace_period" in service, name


def test_whatever_goes_on_serving_is_asked_whether_it_is_well_and_started_again() -> None:
    for name, service in SERVICES.items():
        once = service["healthcheck"].get("disable", False)
        assert service["restart"] == ("no" if once else "unless-stopped"), name
        assert once or {"test", "interval", "timeout", "retries", "start_period"} <= service["healthcheck"].keys(), name


def test_whoever_is_waited_for_says_when_it_is_ready() -> None:
    for name, service in SERVICES.items():
        waits = service.get("depends_on", {})
        for other, how in waits.items() if isinstance(waits, dict) else []:
            once = SERVICES[other]["healthcheck"].get("disable", False)
            assert how["condition"] == ("service_completed_successfully" if once else "service_healthy"), (
                f"{name}: {other}"
            )


def test_only_one_network_leads_out_and_databases_and_bus_are_not_on_it() -> None:
    assert {name for name, network in COMPOSE["networks"].items() if not network.get("internal")} == {"outside"}
    assert {name for name, service in SERVICES.items() if "outside" in service["networks"]} == {"portal", "grafana"}
    for kept in ("postgres", "kafka"):
        for stranger in ("portal", "prometheus", "grafana"):
            assert not meet(kept, stranger)
    for house in HOUSES:
        assert not meet(f"{house}-api", "kafka")


def test_what_is_mounted_is_there() -> None:
    volumes = set()
    for name in SERVICES:
        for place, (source, how) in mounts(name).items():
            if source.startswith("./"):
                assert (ROOT / source).is_dir(), source
                assert how == "ro", f"{name}: {source}"
            else:
                volumes.add(source)
                assert place.startswith("/")
    assert volumes == set(COMPOSE["volumes"])


def test_prometheus_and_grafana_find_their_files() -> None:
    settings = next(part for part in SERVICES["prometheus"]["command"] if part.startswith("--config.file="))
    settings = Path(settings.partition("=")[2])
    source, _ = mounts("prometheus")[str(settings.parent)]
    rules = yaml.safe_load((ROOT / source / settings.name).read_text(encoding="utf-8"))["rule_files"]
    assert all(list((ROOT / source).glob(pattern)) for pattern in rules)
    provisioning, _ = mounts("grafana")["/etc/grafana/provisioning"]
    told = yaml.safe_load((ROOT / provisioning / "dashboards" / "ocop.yml").read_text(encoding="utf-8"))["providers"]
    for provider in told:
        boards, _ = mounts("grafana")[provider["options"]["path"]]
        assert list((ROOT / boards).glob("*.json"))
    sources = yaml.safe_load((ROOT / provisioning / "datasources" / "prometheus.yml").read_text(encoding="utf-8"))
    assert {source["url"] for source in sources["datasources"]} == {"http://prometheus:9090"}
    assert meet("grafana", "prometheus")


# --- passwords ---


def test_no_secret_has_a_default_and_all_are_made() -> None:
    wanted = {name for name, default in variables().items() if default is None}
    assert wanted == set(passwords.SECRETS)
    for name in wanted:
        with pytest.raises(NotSet, match=name):
            composed({other: value for other, value in ENVIRONMENT.items() if other != name})


def test_each_new_file_has_passwords_of_its_own_that_stand_in_an_address_as_they_are() -> None:
    one, other = given(), given()
    secrets = [env[name] for env in (one, other) for name in passwords.SECRETS]
    assert len(set(secrets)) == len(secrets)
    assert all(re.fullmatch(r"[0-9a-f]{48}", secret) for secret in secrets)


def test_the_season_is_played_unless_it_is_for_production() -> None:
    assert SERVICES["season"]["profiles"] == [given()["COMPOSE_PROFILES"]]
    assert given()["OCOP_SIMULATED"] == "1"
    assert given(production=True).keys() == set(passwords.SECRETS)


def test_passwords_are_written_for_their_owner_alone_and_never_overwritten(tmp_path: Path) -> None:
    file = tmp_path / ".env"

    def written() -> int:
        command = [sys.executable, str(ROOT / "deploy" / "passwords.py"), str(file)]
        return subprocess.run(command, check=False, capture_output=True, timeout=60).returncode

    assert written() == 0
    first = file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    assert written() == 1
    assert file.read_text() == first


def test_passwords_are_kept_out_of_the_history() -> None:
    assert ".env" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
