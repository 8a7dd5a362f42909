"""docker-compose.yml says what the code says: variables, roles, ports, paths, addresses."""

import importlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
import uvloop

from deploy.prometheus.scrape import in_compose, processes
from ocop.cli import cli
from ocop.databases import prepare
from ocop.native.programs import STOP_SECONDS
from ocop.postgres import Server
from services.portal import main as portal
from services.registration.api import ROUTES as REGISTRATION_DOORS
from shared import process
from shared import settings as environment
from shared.contracts.topics import HOUSES
from shared.health import Health, health_routes
from shared.settings import Settings
from tests.architecture.composed import (
    ENVIRONMENT,
    ONE_SHOTS,
    OURS,
    PROCESSES,
    SERVICES,
    environment_of,
    meet,
    mounts,
    option,
)
from tests.architecture.source import ROOT

DATA = Path("/data")
PORT = "8000"
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
OF_THE_IMAGE = dict(re.findall(r"\b(OCOP_\w+)=(\S+)", DOCKERFILE))
OF_CLICK = {"OCOP_DATA", "OCOP_KAFKA_PORT"}  # options of the command line that the environment may give


def settings_of(service: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """What a process of this service reads."""
    for name in [name for name in os.environ if name.startswith("OCOP_")]:
        monkeypatch.delenv(name)
    for name, value in (OF_THE_IMAGE | environment_of(service)).items():
        monkeypatch.setenv(name, value)
    return environment.read(DATA)


def names_that_the_program_reads(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    asked: set[str] = set()

    def get(name: str, default: str | None = None) -> str | None:
        asked.add(name)
        return default

    monkeypatch.setattr(environment, "os", SimpleNamespace(environ=SimpleNamespace(get=get)))
    environment.read(DATA)
    monkeypatch.undo()
    return asked


def test_every_variable_of_a_container_is_one_that_the_program_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    known = names_that_the_program_reads(monkeypatch)
    assert "OCOP_DATABASE_URL" in known
    for service in OURS:
        assert environment_of(service).keys() <= known, service
    assert OF_THE_IMAGE.keys() <= known | OF_CLICK


def test_there_is_an_api_and_a_worker_of_every_house_and_the_portal() -> None:
    assert set(PROCESSES) == {name for name, _ in processes()}
    assert set(OURS) - set(PROCESSES) == set(ONE_SHOTS)


@pytest.mark.parametrize("role", ["api", "worker"])
@pytest.mark.parametrize("house", HOUSES)
def test_a_house_starts_in_its_role_with_what_compose_gives_it(
    house: str, role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = f"{house}-{role}"
    python, dash_m, module, *arguments = SERVICES[service]["command"]
    assert (python, dash_m) == ("python", "-m")
    rooms = importlib.import_module(module).HOUSE
    begun: list[Any] = []

    class Recorded:
        def __init__(self, *of: Any) -> None:
            begun.extend(of)

        def serve(self, *where: Any) -> int:
            begun.extend(where)
            return 0

    settings_of(service, monkeypatch)
    monkeypatch.setattr(process, "HouseProcess", Recorded)
    monkeypatch.setattr(process, "to_standard_error", lambda *_, **__: None)
    monkeypatch.setattr(uvloop, "run", lambda served: served)
    monkeypatch.setattr("sys.argv", [module, *arguments])
    with pytest.raises(SystemExit) as ended:
        process.run(rooms)
    assert ended.value.code == 0
    assert begun[0].name == house
    assert begun[1] == role
    assert begun[2].data == DATA
    assert begun[3:] == ["0.0.0.0", int(PORT)]


def test_the_portal_starts_with_what_compose_gives_it(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[Any] = []
    settings_of("portal", monkeypatch)
    monkeypatch.setattr(portal, "serve", lambda *of: begun.extend(of) or 0)
    monkeypatch.setattr(portal, "to_standard_error", lambda *_, **__: None)
    monkeypatch.setattr(uvloop, "run", lambda served: served)
    assert SERVICES["portal"]["command"][:3] == ["python", "-m", "services.portal.main"]
    with pytest.raises(SystemExit) as ended:
        portal.run.main(SERVICES["portal"]["command"][3:], standalone_mode=False)
    assert ended.value.code == 0
    assert begun[0].houses.keys() == set(HOUSES)
    assert begun[1:] == ["0.0.0.0", int(PORT)]


@pytest.mark.parametrize("service", ONE_SHOTS)
def test_what_runs_once_is_a_command_and_knows_every_house(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program, command, *arguments = SERVICES[service]["command"]
    assert program == "ocop"
    cli.commands[command].make_context(command, arguments)
    settings = settings_of(service, monkeypatch)
    assert settings.database_url
    assert settings.kafka
    assert settings.house_passwords.keys() == set(HOUSES)
    assert service != "season" or settings.houses.keys() == set(HOUSES)
    assert SERVICES[service]["restart"] == "no"


async def test_each_house_reaches_its_own_database_as_the_role_that_serves(
    postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = settings_of("prepare", monkeypatch)
    prepared = await prepare(Server(postgres.admin_dsn.replace("ocop@", "ocop:any@")), HOUSES, given.house_passwords)
    for house, made in prepared.items():
        for role in ("api", "worker"):
            reached = urlsplit(environment_of(f"{house}-{role}")["OCOP_DATABASE_URL"])
            as_made = urlsplit(made.server_dsn)
            assert (reached.username, reached.password, reached.path) == (
                as_made.username, as_made.password, as_made.path
            )  # fmt: skip
            assert reached.hostname == "postgres"
            assert meet(f"{house}-{role}", "postgres")


def test_no_container_knows_a_password_that_is_not_its_own() -> None:
    secrets = {name: value for name, value in ENVIRONMENT.items() if name.endswith("_PASSWORD")}
    for service in set(SERVICES) - set(ONE_SHOTS):
        told = " ".join(environment_of(service).values())
        known = {name for name, value in secrets.items() if value in told}
        house = service.rpartition("-")[0]
        own = {"postgres": {"OCOP_DB_PASSWORD"}, "grafana": {"GRAFANA_PASSWORD"}}
        assert known == own.get(service, {f"OCOP_{house.upper()}_PASSWORD"} if house else set()), service


def test_houses_are_found_where_they_listen() -> None:
    for service in ("portal", "season"):
        for house, address in environment.addresses(environment_of(service)["OCOP_HOUSES"]).items():
            url = urlsplit(address)
            assert url.hostname == f"{house}-api"
            assert str(url.port) == option(url.hostname, "--port")
            assert meet(service, url.hostname)


def test_the_broker_is_found_where_it_says_it_is_and_only_by_who_needs_it() -> None:
    advertised = urlsplit(environment_of("kafka")["KAFKA_ADVERTISED_LISTENERS"])
    bootstrap = f"{advertised.hostname}:{advertised.port}"
    told = {service for service in OURS if "OCOP_KAFKA_BOOTSTRAP" in environment_of(service)}
    assert told == {f"{house}-worker" for house in HOUSES} | set(ONE_SHOTS)
    assert told == {service for service in OURS if meet(service, "kafka")}
    assert {environment_of(service)["OCOP_KAFKA_BOOTSTRAP"] for service in told} == {bootstrap}


def test_prometheus_scrapes_every_process_where_it_listens() -> None:
    assert {target.address for target in in_compose()} == {f"{name}:{option(name, '--port')}" for name in PROCESSES}
    for name in PROCESSES:
        assert meet("prometheus", name), name


def asked_by(check: str) -> Iterator[tuple[str, str]]:
    """(port, path) of the addresses in a healthcheck."""
    yield from re.findall(r"http://127\.0\.0\.1:(\d+)(/\w+)", check)


def test_health_is_asked_where_it_is_answered() -> None:
    answered = {route.path for route in health_routes(Health()).routes}
    (said,) = asked_by(DOCKERFILE)
    assert said[1] in answered
    assert f"EXPOSE {said[0]}\n" in DOCKERFILE
    for name, service in PROCESSES.items():
        assert list(asked_by(service["healthcheck"]["test"][-1])) == [said], name
        assert option(name, "--port") == said[0]


def test_only_the_portal_and_the_dashboards_are_published() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published == {"portal": [f"8000:{PORT}"], "grafana": ["127.0.0.1:3000:3000"]}


def test_the_key_is_kept_for_those_who_check_tokens_and_evidence_for_whom_it_is_sent_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = settings_of("prepare", monkeypatch)
    for house in HOUSES:
        assert mounts(f"{house}-api")[str(settings.key_file.parent)] == ("key", "rw")
        assert mounts(f"{house}-worker") == {str(settings.checkpoint_key_file.parent): ("checkpoint-key", "rw")}
    takes_evidence = {name for name in SERVICES if str(settings.evidence) in mounts(name)}
    assert takes_evidence == {"registration-api"}
    assert "/evidence" in {getattr(route, "path", "") for route in REGISTRATION_DOORS.routes}


def test_a_program_that_ends_in_order_is_given_the_time_it_may_take() -> None:
    for name in PROCESSES:
        assert int(SERVICES[name]["stop_grace_period"].removesuffix("s")) >= STOP_SECONDS
