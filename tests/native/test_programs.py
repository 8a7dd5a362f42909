"""What supervisor is told is what was meant: read back by supervisor's own reader."""

import shlex
from pathlib import Path
from typing import Any

import pytest
from supervisor.options import ServerOptions

from ocop.databases import HouseDatabase
from ocop.native.programs import (
    Addresses,
    CannotBeTold,
    Run,
    configuration,
    house_programs,
    kafka_program,
    postgres_program,
)
from ocop.native.supervising import handed_on
from shared.contracts.topics import HOUSES
from shared.settings import Settings, addresses

DSN = "postgresql://{house}_server:a%2Fb@/ocop_{house}?host=/a%20b/socket&port=5432"
KAFKA = "one:9092,two:9092"


def databases() -> dict[str, HouseDatabase]:
    return {h: HouseDatabase(f"ocop_{h}", "owner", DSN.format(house=h), f"{h}_server") for h in HOUSES}


def everything(data: Path, *, simulated: bool = True) -> list[Run]:
    settings = Settings(data, None, kafka=KAFKA, simulated=simulated)
    houses = house_programs(data, Addresses(8000), databases(), settings)
    return [postgres_program(data), kafka_program(["java", "kafka.Kafka"]), *houses]


def groups_of(folder: Path, runs: list[Run]) -> list[Any]:
    """The groups of programs as supervisord has them, in the order in which it starts them."""
    (folder / "log").mkdir(exist_ok=True)
    file = folder / "supervisord.conf"
    file.write_text(configuration(folder, folder / "supervisor.sock", runs), encoding="utf-8")
    options = ServerOptions()
    options.realize(["-c", str(file)])
    assert options.nodaemon
    assert [config["file"] for config in options.server_configs] == [str(folder / "supervisor.sock")]
    return sorted(options.process_group_configs)


def programs_of(folder: Path, runs: list[Run]) -> dict[str, Any]:
    return {program.name: program for group in groups_of(folder, runs) for program in group.process_configs}


def test_supervisor_reads_the_commands_and_settings_that_were_meant(tmp_path: Path) -> None:
    data = tmp_path / "50% of 'these' data"
    data.mkdir()
    told = programs_of(data, everything(data))
    for house in HOUSES:
        for role in ("api", "worker"):
            environment = told[f"{house}-{role}"].environment
            assert environment["OCOP_DATABASE_URL"] == DSN.format(house=house)
            assert environment["OCOP_KAFKA_BOOTSTRAP"] == KAFKA
            assert environment["OCOP_SIMULATED"] == "1"
    assert addresses(told["portal"].environment["OCOP_HOUSES"]) == Addresses(8000).houses
    assert told["portal"].stdout_logfile == str(data / "log" / "portal.log")
    assert shlex.split(told["evaluation-worker"].command)[1:] == [
        "-m", "services.evaluation.main", "worker", "--host", "127.0.0.1", "--port", "8112", "--data", str(data),
    ]  # fmt: skip


def test_the_database_is_begun_first_and_ended_last_and_has_the_time_it_takes(tmp_path: Path) -> None:
    runs = everything(tmp_path)
    assert [group.name for group in groups_of(tmp_path, runs)] == ["postgres", "kafka", "houses", "portal"]
    told = programs_of(tmp_path, runs)
    assert told["postgres"].stopwaitsecs > 65 > told["kafka"].stopwaitsecs
    assert all(program.autorestart and program.killasgroup and not program.stopasgroup for program in told.values())


def test_every_process_has_a_port_of_its_own() -> None:
    ports = Addresses(8000).all_ports
    assert len(set(ports)) == 11
    assert Addresses(8000).houses["certification"] == "http://127.0.0.1:8103"
    assert Addresses(8000).worker("programme") == 8115


@pytest.mark.parametrize("name", ["a ;b", "a #b", "a\nb"])
def test_a_folder_that_supervisor_would_read_as_another_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(CannotBeTold):
        configuration(tmp_path, tmp_path / "s", [postgres_program(tmp_path / name)])


def test_a_setting_that_supervisor_would_cut_off_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CannotBeTold):
        configuration(tmp_path, tmp_path / "s", [Run("a", ["a"], 1, {"OCOP_KAFKA_BOOTSTRAP": 'one:1" two:2'})])


def test_what_only_the_administrator_may_use_is_not_handed_on() -> None:
    given = {"OCOP_DATABASE_URL": "x", "OCOP_EVALUATION_PASSWORD": "y", "OCOP_TRACES": "http://t", "PATH": "/bin"}
    assert handed_on(given) == {"OCOP_TRACES": "http://t", "PATH": "/bin"}
