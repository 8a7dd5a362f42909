"""`ocop native` begins, watches and ends as one what runs in many processes."""

import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ocop.native import leftovers
from shared.contracts.topics import HOUSES
from tests.native.running import PROGRAMS, NativeProgram

pytestmark = pytest.mark.timeout(400)


@pytest.fixture(scope="module")
async def native(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[NativeProgram]:
    """At work on data on which an earlier run was killed with all it had, while it was still coming up."""
    program = NativeProgram(tmp_path_factory.mktemp("native") / "data")
    program.begin()
    await half_up(program)
    program.kill_everything()
    async with program:
        await program.ready()
        yield program


async def half_up(native: NativeProgram) -> None:
    """Returns when database and broker are at work, and nothing else may be."""
    await native.until(lambda: {"kafka", "the server"} <= set(native.left()), "database and broker do not come up")


def command_of(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/cmdline").read_text().split("\0")


async def test_every_program_runs_and_says_in_its_command_line_which_house_it_is(native: NativeProgram) -> None:
    states = native.states()
    assert sorted(states) == sorted(PROGRAMS)
    assert {state.state for state in states.values()} == {"RUNNING"}
    for house in HOUSES:
        for role in ("api", "worker"):
            command = command_of(states[f"{house}-{role}"].pid)
            assert [f"services.{house}.main", role] == command[2:4]
            assert str(native.data) in command
    assert "services.portal.main" in command_of(states["portal"].pid)


async def test_the_one_origin_reaches_every_house(native: NativeProgram) -> None:
    async with native.client() as client:
        for house in HOUSES:
            answer = await client.get(f"/{house}/openapi.json")
            assert answer.status_code == 200, answer.text
            assert answer.json()["info"]


async def test_no_program_gets_the_access_of_another_or_of_the_administrator(native: NativeProgram) -> None:
    states = native.states()
    for name, state in states.items():
        environment = Path(f"/proc/{state.pid}/environ").read_text().split("\0")
        found = [line for line in environment if line.startswith("OCOP_DATABASE_URL=")]
        house, _, role = name.partition("-")
        assert len(found) == (1 if role else 0)
        assert all(f"//{house}_server@" in line for line in found)
    assert (native.folder / "supervisord.conf").stat().st_mode & 0o077 == 0


async def test_a_killed_worker_is_started_again_and_gets_ready(native: NativeProgram) -> None:
    old = native.kill("registration-worker")
    assert await native.replaced("registration-worker", old) != old
    await native.ready()


async def test_a_stopped_program_stays_away_until_it_is_started(native: NativeProgram) -> None:
    await native.stop("promotion-worker")
    assert native.states()["promotion-worker"].state == "STOPPED"
    assert native.pid("promotion-worker") == 0
    await native.start("promotion-worker")
    assert native.states()["promotion-worker"].state == "RUNNING"


async def test_a_killed_postgresql_is_started_again_by_its_watcher(native: NativeProgram) -> None:
    watcher = native.pid("postgres")
    native.kill_server()
    await native.replaced("postgres", watcher)
    await native.ready()


async def test_a_second_one_on_the_same_data_is_refused_and_says_why(native: NativeProgram) -> None:
    second = NativeProgram(native.data, native.port, native.kafka_port)
    second.output = native.data.with_name("second.log")
    second.begin()
    assert await second.ended() == 1
    assert f"{native.data} đang được dùng / is in use by process {native.process.pid}" in second.said()
    assert {state.state for state in native.states().values()} == {"RUNNING"}


async def test_a_dead_supervisord_takes_everything_with_it_and_the_program_says_so(tmp_path: Path) -> None:
    async with NativeProgram(tmp_path / "data") as native:
        await half_up(native)
        (supervisord,) = [one for one in leftovers.processes_of(native.folder) if one.program == leftovers.SUPERVISORD]
        os.kill(supervisord.pid, signal.SIGKILL)
        assert await native.ended() == 1
        assert "supervisord" in native.said()
        assert native.left() == []


async def test_ctrl_c_while_it_comes_up_ends_it_in_order(tmp_path: Path) -> None:
    async with NativeProgram(tmp_path / "data") as native:
        await native.until(lambda: "postgres" in native.left(), "PostgreSQL is not begun")
        assert await native.terminated(signal.SIGINT) == 0
        assert native.left() == []


async def test_sigterm_ends_everything_in_order_and_the_database_last(native: NativeProgram) -> None:
    """The last one that has this program."""
    assert await native.terminated() == 0
    assert native.left() == []
    order = ended_in_order(native)
    assert order[0] == "portal"
    assert order[-2:] == ["kafka", "postgres"]


def ended_in_order(native: NativeProgram) -> list[str]:
    told = (native.folder / "supervisord.log").read_text().splitlines()
    return [line.split("stopped: ")[1].split()[0] for line in told if "stopped: " in line][-len(PROGRAMS) :]
