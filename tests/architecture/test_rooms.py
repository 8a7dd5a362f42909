"""Every house has the same rooms, so that whoever knows one finds the way in all."""

import configparser
from pathlib import Path

import pytest

from shared.contracts.topics import HOUSES as HOUSES_ON_THE_BUS
from tests.architecture.source import ALL, HOUSES, PROGRAM, ROOT, files

ROOMS = {"domain", "published", "commands", "views", "policy", "api", "main"}
BESIDE = {"__init__.py", "views.sql"}
PORTAL = {
    "__init__.py",
    "api.py",
    "kept.py",
    "lookup.py",
    "main.py",
    "paper.py",
    "proxy.py",
    "views",
    "templates",
    "static",
    "locale",
}
SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "base", "manager", "managers", "misc"}


def entries(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.name != "__pycache__"}


def room(entry: str) -> str:
    return entry.removesuffix(".py")


def import_rules() -> configparser.ConfigParser:
    rules = configparser.ConfigParser()
    rules.read(ROOT / ".importlinter", encoding="utf-8")
    return rules


@pytest.mark.parametrize("house", HOUSES)
def test_a_house_has_these_rooms_and_no_other(house: str) -> None:
    assert {room(entry) for entry in entries(ROOT / "services" / house) - BESIDE} == ROOMS


def test_the_portal_has_pages_and_no_rooms_of_a_house() -> None:
    own = {entry for entry in entries(ROOT / "services" / "portal") if not entry.endswith(".typ")}
    assert {room(entry) for entry in own} <= {room(entry) for entry in PORTAL}


def test_no_house_is_missing_from_the_import_rules_or_from_the_bus() -> None:
    folders = entries(ROOT / "services") - {"__init__.py"}
    assert folders == {*HOUSES, "portal"}
    rules = import_rules()
    assert set(rules["importlinter:houses"]["modules"].split()) == {f"services.{house}" for house in folders}
    assert set(rules["importlinter:rooms"]["containers"].split()) == {f"services.{house}" for house in HOUSES}
    assert set(HOUSES_ON_THE_BUS) == set(HOUSES)


def test_contracts_may_import_nothing_shared_but_values() -> None:
    modules = {room(entry) for entry in entries(ROOT / "shared") if entry.endswith(".py") or _is_package(entry)}
    forbidden = {
        name.removeprefix("shared.") for name in import_rules()["importlinter:contracts"]["forbidden_modules"].split()
    }
    assert modules - forbidden == {"__init__", "contracts", "values"}


def _is_package(entry: str) -> bool:
    return (ROOT / "shared" / entry / "__init__.py").exists()


@pytest.mark.parametrize("path", [p for p in files(".py", of=PROGRAM) if p.name == "__init__.py"], ids=str)
def test_a_package_file_is_empty(path: Path) -> None:
    assert (ROOT / path).read_text() == ""


def test_every_folder_of_the_program_with_modules_is_a_package() -> None:
    folders = {path.parent for path in files(".py", of=PROGRAM)}
    assert {folder for folder in folders if not (ROOT / folder / "__init__.py").exists()} == set()


def test_no_module_is_named_after_nothing() -> None:
    assert [path for path in files(".py", of=ALL) if SAY_NOTHING & {*path.parts[:-1], path.stem}] == []
