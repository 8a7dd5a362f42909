"""The five plans put in and looked at from the command line, on the data of a program that does not run."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
from click.testing import CliRunner, Result

from ocop.cli import cli
from ocop.databases import HouseDatabase
from ocop.postgres import Server
from ocop.standalone import ROOMS
from services.programme.commands import IssueReport, ReportFigure
from shared.auth.actors import Actor
from shared.clock import Clock
from shared.eventstore.commands import Command, Request
from shared.eventstore.migrate import migrate
from shared.eventstore.store import EventStore
from shared.plans import plan_files, plan_id_of
from tests.given import an_id
from tests.postgres import fresh_database
from tests.views.planning import ISSUE

PLAN = "quang-tri-2023"
ON = "2023-12-31"
Run = Callable[..., Awaitable[Result]]


@pytest.fixture
async def databases(postgres: Server) -> AsyncIterator[dict[str, HouseDatabase]]:
    async with AsyncExitStack() as stack:
        found = {name: await stack.enter_async_context(fresh_database(postgres, name)) for name in ROOMS}
        for name, rooms in ROOMS.items():
            await migrate(found[name].owner_dsn, found[name].server_role, rooms.room)
        yield found


@pytest.fixture
def run(databases: dict[str, HouseDatabase], monkeypatch: pytest.MonkeyPatch) -> Run:
    @asynccontextmanager
    async def looked_at(_: Any) -> AsyncIterator[dict[str, HouseDatabase]]:
        yield databases

    monkeypatch.setattr("ocop.inspect.looked_at", looked_at)
    return lambda *arguments: asyncio.to_thread(CliRunner().invoke, cli, list(arguments))


@asynccontextmanager
async def open_store(databases: dict[str, HouseDatabase]) -> AsyncIterator[EventStore]:
    """Not for longer than it is written to: with a house at work the commands of `ocop` leave the views to it."""
    opened = EventStore("programme", databases["programme"].server_dsn)
    await opened.open()
    yield opened
    await opened.close()


async def loaded(run: Run) -> list[dict[str, Any]]:
    result = await run("plans", "load", "--json")
    assert result.exit_code == 0, result.output
    return orjson.loads(result.stdout)


async def command(databases: dict[str, HouseDatabase], asked: Command, key: str, role: str = "agency") -> None:
    actor = Actor("x", role, "44")  # type: ignore[arg-type]
    verb = "issue-report" if isinstance(asked, IssueReport) else "report-figure"
    request = Request(id=key, actor=actor, action=f"programme:{verb}", correlation=key)
    async with open_store(databases) as store:
        await ROOMS["programme"].commands.execute(asked, request, store, Clock())


async def test_the_plans_go_in_once_and_a_second_time_changes_nothing(
    run: Run, databases: dict[str, HouseDatabase]
) -> None:
    first = await loaded(run)
    assert [one["plan"] for one in first] == [path.stem for path in plan_files()]
    assert (sum(one["targets"] for one in first), sum(one["tasks"] for one in first)) == (50, 223)
    assert {one["outcome"] for one in await loaded(run)} == {"unchanged"}
    async with open_store(databases) as store:
        assert await store.head() == len(first) == 5


async def test_every_target_says_how_it_is_told(run: Run) -> None:
    await loaded(run)
    told = 0
    for path in plan_files():
        result = await run("plan", path.stem, "--on", "2026-11-01", "--json")
        assert result.exit_code == 0, result.output
        for target in orjson.loads(result.stdout)["targets"]:
            assert target["how"]["by"] in ("events", "partly", "hand")
            assert target["definition"]["vi"] != target["definition"]["en"]
            assert target["counted_on"] == min("2026-11-01", target["by"])
            told += 1
    assert told == 50


async def test_a_plan_that_says_something_else_becomes_its_next_version(run: Run, tmp_path: Path) -> None:
    await loaded(run)
    text = next(path for path in plan_files() if path.stem == "quang-ngai-2024").read_text(encoding="utf-8")
    changed = tmp_path / "quang-ngai-2024.yaml"
    changed.write_text(text.replace("value: 70,", "value: 75,"), encoding="utf-8")
    result = await run("plans", "load", str(changed), "--json")
    assert [one["outcome"] for one in orjson.loads(result.stdout)] == ["revised"]
    plan = orjson.loads((await run("plan", "quang-ngai-2024", "--json")).stdout)
    assert (plan["version"], plan["targets"][0]["value"]) == (2, 75)


async def test_a_file_that_is_no_plan_is_refused_with_what_is_wrong(run: Run, tmp_path: Path) -> None:
    broken = tmp_path / "x.yaml"
    text = next(iter(plan_files())).read_text(encoding="utf-8")
    for bad, why in (
        ("id: x\n", "plan.schema.json"),
        (text.replace("lead: [departments", "lead: [nobody"), "agency-not-listed"),
    ):
        broken.write_text(bad, encoding="utf-8")
        result = await run("plans", "load", str(broken), "--json")
        (said,) = orjson.loads(result.stdout)
        assert (result.exit_code, said["outcome"]) == (1, "refused")
        assert why in said["why"]


async def test_a_report_of_the_year_is_the_same_bytes_once_it_was_issued(
    run: Run, databases: dict[str, HouseDatabase], tmp_path: Path
) -> None:
    await loaded(run)
    report = ("report", "--plan", PLAN, "--on", ON)
    draft = orjson.loads((await run(*report)).stdout)
    assert (draft["issued"], draft["plan"]["province"], draft["map"]["name"]) == (False, "44", "tỉnh Quảng Trị")
    id = UUID(str(plan_id_of(PLAN)))
    by_hand = {"plan_id": id, "target": "qt23-t01", "office": "Chi cục PTNT", "source": "BC 20/BC-CCPTNT"}
    await command(databases, ReportFigure(**by_hand, value=9, on=date(2023, 12, 20)), "figure 1")
    issue = IssueReport(id=an_id("report"), plan_id=id, on=date.fromisoformat(ON), issue=ISSUE | {"duty": None})  # type: ignore[arg-type]
    await command(databases, issue, "report 1", "province_chairman")
    await loaded(run)  # brings the views up, as a start of the program does
    first = (await run(*report)).stdout_bytes
    said = orjson.loads(first)
    assert (said["issued"], {t["id"]: t["actual"] for t in said["targets"]}["qt23-t01"]) == (True, 9)
    await command(databases, ReportFigure(**by_hand, value=10, on=date(2023, 12, 30)), "figure 2")
    await loaded(run)
    for view in ("figures", "reports", "plans"):
        rebuilt = await run("rebuild", "programme", view)
        assert rebuilt.exit_code == 0, rebuilt.output
    assert (await run(*report)).stdout_bytes == first
    again = orjson.loads((await run(*report, "--draft")).stdout)
    assert {t["id"]: t["actual"] for t in again["targets"]}["qt23-t01"] == 10
    for form in ("pdf", "docx", "xlsx"):
        out = tmp_path / f"report.{form}"
        assert (await run(*report, "--format", form, "--out", str(out))).exit_code == 0
        assert out.stat().st_size > 5_000


async def test_what_is_asked_wrongly_is_said_so(run: Run) -> None:
    await loaded(run)
    assert (await run("report", "--plan", "khong-co", "--on", ON)).exit_code == 1
    assert (await run("report", "--plan", PLAN, "--on", "31/12/2023")).exit_code == 2
    assert (await run("report", "--plan", PLAN, "--on", ON, "--format", "txt")).exit_code == 2


async def test_no_report_of_the_past_is_asked_for_and_all_is_whole(run: Run) -> None:
    await loaded(run)
    assert orjson.loads((await run("due", "--json")).stdout) == []
    result = await run("fsck", "--json")
    assert orjson.loads(result.stdout)["findings"] == []
