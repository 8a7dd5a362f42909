"""A folder for sockets is private, short enough, and the same at every start."""

import os
from pathlib import Path

import pytest

from ocop.sockets import PATH_BYTES, NotPrivate, socket_folder

NAME = "a.sock"


def test_a_short_path_is_taken_as_it_is_and_nobody_else_may_enter(tmp_path: Path) -> None:
    folder = socket_folder(tmp_path / "socket", NAME)
    assert folder == tmp_path / "socket"
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_long_path_has_one_short_folder_instead_the_same_at_every_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    wanted = tmp_path / ("x" * PATH_BYTES)
    folder = socket_folder(wanted, NAME)
    assert folder.parent == tmp_path
    assert socket_folder(wanted, NAME) == folder
    assert socket_folder(wanted.with_name("y" * PATH_BYTES), NAME) != folder
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_another_has_put_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    with pytest.raises(NotPrivate):
        socket_folder(tmp_path / "link", NAME)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a folder of another user")
def test_a_folder_of_another_user_is_refused_unless_it_is_whom_the_socket_is_for(tmp_path: Path) -> None:
    folder = tmp_path / "socket"
    folder.mkdir()
    os.chown(folder, 65533, 65533)
    assert socket_folder(folder, NAME, {65533}) == folder
    with pytest.raises(NotPrivate):
        socket_folder(folder, NAME)
