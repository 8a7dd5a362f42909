"""`make clean-demo` removes a demo's data and nothing else."""

import asyncio
from pathlib import Path

import pytest

from ocop.erase import NotOurs, erase
from ocop.postgres import DataInUse, EmbeddedPostgres


def test_a_folder_of_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.odt").touch()
    with pytest.raises(NotOurs):
        erase(tmp_path)
    assert (tmp_path / "thesis.odt").exists()


def test_data_are_removed_only_when_no_program_works_on_them(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    working = EmbeddedPostgres(data)
    working.claim()
    with pytest.raises(DataInUse):
        erase(data)
    asyncio.run(working.stop())
    erase(data)
    assert not data.exists()


def test_removing_what_is_not_there_is_done_already(tmp_path: Path) -> None:
    erase(tmp_path / "nothing")
