"""`ocop dlq` on the data of a house, at work or not; and `ocop fsck` knows what is held, dead and dropped."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ocop.cli import cli
from ocop.databases import HouseDatabase
from ocop.inspect import Opened, check_deliveries
from shared.bus.wire import to_kafka
from shared.eventstore.fsck import Findings
from tests.bus.lettering import (
    DATA,
    HOUSE,
    PLACE,
    SOURCE,
    TOO_MUCH,
    WHY,
    Counted,
    Faults,
    Noted,
    Post,
    Record,
    one_dead,
    rooms_of,
    said,
)  # fmt: skip
from tests.bus.lettering import (
    Opened as Said,
)

Dlq = Callable[..., Awaitable[Result]]


@pytest.fixture
async def dlq(database: HouseDatabase, monkeypatch: pytest.MonkeyPatch) -> Dlq:
    """Runs a command on the database of the test, in a thread of its own as it has its own event loop."""

    @asynccontextmanager
    async def this_one(_: Any) -> AsyncIterator[dict[str, HouseDatabase]]:
        yield {HOUSE: database}

    monkeypatch.setattr("ocop.inspect.looked_at", this_one)
    return lambda *arguments: asyncio.to_thread(CliRunner().invoke, cli, ["dlq", *map(str, arguments)])


@pytest.fixture(autouse=True)
def rooms(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command's own code for the house; whatever is at work for it in the test has its own."""
    for module in ("ocop.dlq", "ocop.inspect"):
        monkeypatch.setattr(f"{module}.ROOMS", {HOUSE: rooms_of(Faults())})


def answers(result: Result, status: int = 0) -> list[dict[str, Any]]:
    assert result.exit_code == status, result.output
    return json.loads(result.stdout)


@asynccontextmanager
async def nobody_at_work(post: Post) -> AsyncIterator[None]:
    """The house's process has ended; its data stay."""
    await post.house.store.close()
    try:
        yield
    finally:
        await post.house.store.open()


# --- looking ---


async def test_dead_letters_are_listed_for_people_and_for_programs(idle: Post, dlq: Dlq) -> None:
    await one_dead(idle)
    [letter] = answers(await dlq("list", "--json"))
    assert (letter["house"], letter["id"], letter["kind"], letter["behind"]) == (HOUSE, "evaluation:3", "refused", 2)
    held = answers(await dlq("list", "--waiting", "--house", HOUSE, "--json"))
    assert [(letter["id"], letter["state"]) for letter in held] == [
        ("evaluation:3", "dead"), ("evaluation:4", "waiting"), ("evaluation:6", "waiting"),
    ]  # fmt: skip
    assert answers(await dlq("list", "--kind", "unreadable", "--json")) == []
    table = await dlq("list")
    assert "Thư chết / dead letters: 1" in table.stdout
    assert "too-much" in table.stdout


async def test_a_letter_is_shown_for_people_and_for_programs(idle: Post, dlq: Dlq) -> None:
    await one_dead(idle)
    await idle.house.reactions.park_record(Record(17, b"[x]\xff"), "the value is not JSON")
    letter: Any = answers(await dlq("show", HOUSE, PLACE, "--json"))
    assert (letter["state"], letter["raw"]) == ("dead", {"base64": "W3hd/w=="})
    page = (await dlq("show", HOUSE, "evaluation:3")).stdout
    for expected in ("chết / dead", "too-much: More than 1000.", "ce_type: vn.ocop._Counted.v1", '"number": 5000'):
        assert expected in page
    missing = await dlq("show", HOUSE, "evaluation:99")
    assert (missing.exit_code, missing.stdout) == (1, "")
    assert "Không tìm thấy thư chết evaluation:99" in missing.stderr


# --- deciding, while nobody is at work ---


async def test_where_nothing_runs_the_command_itself_gives_the_letter_its_try(
    idle: Post, dlq: Dlq, tmp_path: Path
) -> None:
    await one_dead(idle)
    async with nobody_at_work(idle):
        again = answers(await dlq("retry", HOUSE, "evaluation:3", "--json"), 1)
        assert [(answer["outcome"], answer["attempts"]) for answer in again] == [("dead", 1)]
        content = tmp_path / "data.json"
        content.write_text(json.dumps(DATA))
        edited = await dlq("edit", HOUSE, "evaluation:3", "--file", content, "--reason", WHY, "--by", "trực ca 3")
        assert edited.exit_code == 0, edited.output
        assert "đã xong / done" in edited.stderr
        assert edited.stdout == ""
    assert await idle.held() == []
    assert await idle.numbers("a") == [50, 1, 2]
    assert [(d["what"], d["role"], d["reason"]) for d in await idle.decisions()] == [
        ("retry", "ops", ""), ("edit", "ops", WHY),
    ]  # fmt: skip
    assert (await idle.decisions())[1]["actor"] == "trực ca 3"


async def test_what_queues_behind_a_dropped_letter_follows_also_where_nothing_runs(idle: Post, dlq: Dlq) -> None:
    await one_dead(idle)
    async with nobody_at_work(idle):
        [answer] = answers(await dlq("drop", HOUSE, "evaluation:3", "--reason", WHY, "--json"))
        assert answer["outcome"] == "dropped"
    assert (await idle.held(), await idle.numbers("a")) == ([], [1, 2])


async def test_what_was_unreadable_is_written_anew_from_a_file(idle: Post, dlq: Dlq, tmp_path: Path) -> None:
    await idle.hear(said(1, Said, name="a"))
    await idle.house.reactions.park_record(Record(17, b"{"), "the value is not JSON")
    envelope = said(2, Counted, name="a", number=6).model_dump(mode="json")
    content = tmp_path / "letter.json"
    content.write_text(json.dumps(envelope | {"data": {"name": "a"}}))
    async with nobody_at_work(idle):
        wrong = await dlq("edit", HOUSE, PLACE, "--file", content, "--whole", "--reason", WHY)
        assert wrong.exit_code == 1
        assert "data.number: Thiếu trường này." in wrong.stderr
        content.write_text(json.dumps(envelope))
        [answer] = answers(await dlq("edit", HOUSE, PLACE, "--file", content, "--whole", "--reason", WHY, "--json"))
    assert (answer["outcome"], answer["id"]) == ("done", "evaluation:2")
    assert await idle.numbers("a") == [6]


async def test_an_edit_may_be_left_for_later(idle: Post, dlq: Dlq, tmp_path: Path) -> None:
    await one_dead(idle)
    content = tmp_path / "data.json"
    content.write_text(json.dumps(DATA))
    async with nobody_at_work(idle):
        left = await dlq("edit", HOUSE, "evaluation:3", "--file", content, "--reason", WHY, "--no-retry")
        assert left.exit_code == 0, left.output
        assert "dead" in left.stderr
        [answer] = answers(await dlq("retry", HOUSE, "evaluation:3", "--json"))
        assert answer["outcome"] == "done"
    assert await idle.numbers("a") == [50, 1, 2]


async def test_all_of_a_kind_are_decided_about_one_by_one(idle: Post, dlq: Dlq) -> None:
    await one_dead(idle)
    for n in range(1, 71):
        await idle.house.reactions.park_record(Record(n, b"{"), "the value is not JSON")
    async with nobody_at_work(idle):
        dropped = answers(await dlq("drop", HOUSE, "--all", "--kind", "unreadable", "--reason", WHY, "--json"))
        assert {answer["outcome"] for answer in dropped} == {"dropped"}
        assert len(dropped) == 70
        again = answers(await dlq("retry", HOUSE, "--all", "--json"), 1)
        assert [answer["id"] for answer in again] == ["evaluation:3"]
        nothing = await dlq("retry", HOUSE, "--all", "--kind", "malformed")
        assert (nothing.exit_code, nothing.stdout) == (0, "")
        assert "không có thư chết nào như vậy" in nothing.stderr
    assert len([d for d in await idle.decisions() if d["what"] == "drop"]) == 70


async def test_views_that_lack_a_letter_are_named(idle: Post, dlq: Dlq, tmp_path: Path) -> None:
    envelope = said(1, Noted, name="a", number="many")
    await idle.house.reactions.park(envelope, "number: not an integer")
    content = tmp_path / "data.json"
    content.write_text(json.dumps(DATA))
    result = await dlq("edit", HOUSE, envelope.id, "--file", content, "--reason", WHY)
    assert result.exit_code == 0, result.output
    assert f"ocop rebuild {HOUSE} heard" in result.stderr


# --- deciding, beside a program at work ---


async def test_beside_a_program_at_work_its_own_loop_gives_the_letter_its_try(
    post: Post, dlq: Dlq, tmp_path: Path
) -> None:
    await one_dead(post)
    content = tmp_path / "data.json"
    content.write_text(json.dumps(DATA))
    [answer] = answers(await dlq("edit", HOUSE, "evaluation:3", "--file", content, "--reason", WHY, "--json"))
    assert answer["outcome"] == "done"
    await post.emptied()
    assert await post.numbers("a") == [50, 1, 2]


async def test_beside_a_house_whose_worker_is_down_a_retry_waits_for_it(idle: Post, dlq: Dlq) -> None:
    """Its api is connected, so this process leaves the work to it."""
    await one_dead(idle)
    [answer] = answers(await dlq("retry", HOUSE, "evaluation:3", "--json"), 1)
    assert (answer["outcome"], answer["attempts"]) == ("waiting", 0)


# --- called wrongly, refused ---


@pytest.mark.parametrize(
    "arguments",
    [
        ["list", "--house", "nowhere"], ["list", "--kind", "lost"], ["show", HOUSE], ["show", "nowhere", "x"],
        ["retry", HOUSE], ["retry", HOUSE, "x", "--all"], ["retry", HOUSE, "x", "--kind", "failed"],
        ["edit", HOUSE, "x", "--reason", WHY], ["edit", HOUSE, "x", "--file", "no-such-file", "--reason", WHY],
        ["edit", HOUSE, "x", "--file", __file__, "--reason", WHY], ["edit", HOUSE, "x", "--file", __file__],
        ["drop", HOUSE, "x"], ["drop", HOUSE, "x", "--reason", "because"], ["drop", HOUSE, "x", "--reason", " " * 20],
        ["drop", HOUSE, "--all", "--reason", WHY], ["drop", HOUSE, "--reason", WHY],
    ],
    ids=" ".join,
)  # fmt: skip
async def test_a_command_called_wrongly_is_status_2(arguments: list[str], dlq: Dlq) -> None:
    result = await dlq(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")


async def test_what_is_refused_is_status_1_and_says_why_in_both_languages(idle: Post, dlq: Dlq) -> None:
    await one_dead(idle)
    for id, expected in (("evaluation:4", "không phải thư chết"), ("evaluation:99", "There is no dead letter")):
        result = await dlq("drop", HOUSE, id, "--reason", WHY)
        assert (result.exit_code, result.stdout) == (1, "")
        assert expected in result.stderr.replace("\n", " ")
    assert await idle.decisions() == []


async def test_data_of_an_earlier_version_are_not_touched(database: HouseDatabase, dlq: Dlq) -> None:
    result = await dlq("list", "--json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "chưa ở phiên bản" in result.stderr


# --- fsck ---


@pytest.fixture
def heard(idle: Post, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Awaitable[Findings]]:
    """What fsck finds of the deliveries, where the other house said what `one_dead` hears."""
    all_said = [
        said(1, Said, name="a"), said(2, Said, name="b"), TOO_MUCH, said(4, Counted, name="a", number=1),
        said(5, Counted, name="b", number=7), said(6, Counted, name="a", number=2), said(7, Counted, name="c", number=1),
    ]  # fmt: skip

    async def told(*_: Any) -> AsyncIterator[list[Any]]:
        yield all_said

    class Heads:
        async def head(self) -> int:
            return 0

    monkeypatch.setattr(Opened, "pages", told)

    async def check() -> Findings:
        result, stores = Findings(), {HOUSE: idle.house.store, SOURCE: Heads()}
        await check_deliveries(Opened({}, stores), HOUSE, result)  # type: ignore[arg-type]
        result.findings = [finding for finding in result.findings if "view" not in finding]
        return result

    return check


async def test_fsck_names_what_is_dead_held_or_lost_and_counts_what_was_dropped(
    idle: Post, heard: Callable[[], Awaitable[Findings]]
) -> None:
    await one_dead(idle)
    headers = tuple(to_kafka(said(7, Counted, name="c", number=1)).headers)
    result = await heard()
    assert result.findings == [
        f"{HOUSE}: evaluation:3 is a dead letter", f"{HOUSE}: evaluation:4 is held", f"{HOUSE}: evaluation:6 is held",
        f"{HOUSE}: evaluation:7 has no effect",
    ]  # fmt: skip
    await idle.house.reactions.park_record(Record(17, b"{", headers=headers), "the value is not JSON")
    assert (await heard()).findings[-1] == f"{HOUSE}: evaluation:7 is a dead letter"
    for id in ("evaluation:3", PLACE):
        assert (await idle.decide(id, "drop", reason=WHY)).status_code == 200
    async with asyncio.timeout(10):
        while await idle.held():
            await idle.house.reactions.retry_due()
    whole = await heard()
    assert whole.findings == []
    assert whole.checked["dropped letters"] == 2
    assert whole.checked["dead letters"] == 0
