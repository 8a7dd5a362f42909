"""The season, asked at many instants: each answer is that of houses which were told no more than was recorded by then."""

import asyncio
import random
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any, get_args

import httpx
import orjson
import pytest
from click.testing import CliRunner, Result

from ocop.cli import cli
from ocop.postgres import Server
from ocop.standalone import ROOMS, Program, client_of
from services.programme.views.measures import CYCLE, What
from shared.auth.actors import Actor
from shared.auth.tokens import DEV_TOKEN_LASTS, sign
from shared.bus.listening import Listening, ToldFacts
from shared.calendar import local_date
from shared.clock import Clock, machine_time
from shared.contracts.envelope import as_utc
from shared.eventstore.migrate import migrate
from shared.eventstore.projector import topics_of
from shared.eventstore.store import EventStore
from shared.eventstore.views import Fact, Stretch, View, advance
from shared.house import House
from tests.postgres import fresh_database
from tests.views.reading import BROWSER, JSON, Page

MICROSECOND = timedelta(microseconds=1)
INSTANTS = 6
WHATS: tuple[What, ...] = get_args(What)


async def recorded(store: EventStore) -> list[datetime]:
    return [row[0] for row in await store.pool.fetch("SELECT recorded_at FROM events ORDER BY 1")]


@pytest.fixture(scope="module")
async def instants(played: Program) -> list[datetime]:
    """Of the season's first event, its last, and of some between: before, at or after what was recorded."""
    found = sorted({at for house in played.houses.values() for at in await recorded(house.store)})
    dice = random.Random(6)
    some = [at + dice.choice((-1, 0, 1)) * MICROSECOND for at in dice.sample(found, INSTANTS)]
    return sorted([found[0] - MICROSECOND, *some, found[-1]])


# --- told no more than that ---


async def facts(played: Program, view: View, upto: datetime) -> list[Fact]:
    """Everything that the view's source had recorded by then."""
    source = played.houses[view.source]
    head = await source.store.head()
    if view in source.room.own:
        found = await source.store.facts(0, head, topics_of(view))
    else:
        listening = Listening(view, source.store)
        found = list(await ToldFacts(source.store, source.rooms.published, listening).facts(0, head))
    return [fact for fact in found if fact.at <= upto]


@asynccontextmanager
async def told_until(played: Program, server: Server, name: str, at: datetime) -> AsyncIterator[httpx.AsyncClient]:
    """A house with nothing in its views but what was recorded by then, on that day."""
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(fresh_database(server, name))
        await migrate(database.owner_dsn, database.server_role, ROOMS[name].room)
        clock = Clock()
        clock.play(local_date(at))
        house = House(ROOMS[name], database.server_dsn, clock, None)
        await house.store.open()
        stack.push_async_callback(house.store.close)
        for view in house.room.views:
            said = await facts(played, view, at)
            if said:
                await advance(house.store.pool, view, [Stretch(view.source, said, said[-1].position)])
        yield await stack.enter_async_context(client_of(house.app(), name))


async def same(
    program: httpx.AsyncClient, house: str, other: httpx.AsyncClient, at: datetime, path: str, **query: Any
) -> None:  # fmt: skip
    wanted = {name: str(value) for name, value in query.items()}
    now = await program.get(f"/{house}{path}", params=wanted | {"known_at": as_utc(at)})
    then = await other.get(path, params=wanted)
    assert (now.status_code, re.sub(rb"&known_at=[^&\"]*", b"", now.content)) == (then.status_code, then.content), path


async def test_every_certificate_is_at_each_instant_what_a_house_says_that_was_told_no_more(
    played: Program, program: httpx.AsyncClient, postgres: Server, instants: list[datetime]
) -> None:
    numbers = [row["number"] for row in (await program.get("/certification/certificates?limit=1000")).json()]
    seen = set()
    for at in instants:
        async with told_until(played, postgres, "certification", at) as other:
            await same(program, "certification", other, at, "/certificates", limit=1000)
            for number in numbers:
                await same(program, "certification", other, at, f"/certificates/{number}")
                shown = await program.get(f"/c/{number}", params={"known_at": as_utc(at)}, headers=JSON)
                assert shown.content == (await other.get(f"/certificates/{number}")).content
                seen.add((number, shown.json()["status"]))
    assert len(seen) > 2 * len(numbers)


async def test_every_national_number_and_plan_is_at_each_instant_what_a_house_says_that_was_told_no_more(
    played: Program, program: httpx.AsyncClient, postgres: Server, instants: list[datetime]
) -> None:
    plans = [row["id"] for row in (await program.get("/programme/plans")).json()]
    assert plans
    for at in instants:
        async with told_until(played, postgres, "programme", at) as other:
            for what in WHATS:
                await same(program, "programme", other, at, "/national", what=what)
                await same(program, "programme", other, at, "/national/list", what=what, limit=1000)
            for path in (
                "/national/cycle",
                "/recognised",
                "/recognised/list",
                "/counts",
                "/plans",
                "/tasks",
                "/trainings",
            ):
                await same(program, "programme", other, at, path)
            for plan in plans:
                await same(program, "programme", other, at, f"/plans/{plan}")


async def test_the_numbers_grow_with_what_is_known(program: httpx.AsyncClient, instants: list[datetime]) -> None:
    """On one legal day, the last of the season: of facts that only ever come, more is known later and never less."""
    last = local_date(instants[-1])
    totals = []
    for at in instants:
        answer = await program.get("/programme/national/cycle", params={"known_at": as_utc(at), "on": str(last)})
        totals.append(
            {what: answer.json()["total"][what] for what in CYCLE if what in ("producers", "dossiers", "scored")}
        )
    assert all(before[what] <= after[what] for before, after in pairwise(totals) for what in before)
    assert set(totals[0].values()) == {0} != set(totals[-1].values())


# --- as people ask ---


@pytest.fixture(scope="module")
async def issued(program: httpx.AsyncClient) -> dict[str, Any]:
    """A certificate of the season that was revoked."""
    rows = (await program.get("/certification/certificates?limit=1000")).json()
    return next(row for row in rows if row["revoked_on"] and row["kind"] == "first")


def noon(day: str) -> str:
    """Twelve o'clock in Viet Nam, after the season's hour of that day."""
    return f"{day}T05:00:00Z"


async def test_the_page_of_a_certificate_says_of_which_moment_it_is_and_leads_back(
    program: httpx.AsyncClient, issued: dict[str, Any]
) -> None:
    path, day = f"/c/{issued['number']}", date.fromisoformat(issued["revoked_on"]) - timedelta(days=1)
    then = await program.get(path, params={"known_at": noon(str(day)), "on": issued["revoked_on"]}, headers=BROWSER)
    assert then.status_code == 200
    page = Page(then.text)
    assert f"Theo những gì sổ đăng ký đã biết lúc 12:00:00, {day:%d/%m/%Y}" in page.text
    assert "Đang có hiệu lực" in page.text
    assert page.values("a", "href").count(path) >= 1
    assert {"known_at"} <= set(page.values("input", "name"))
    now = Page((await program.get(path, params={"on": issued["revoked_on"]}, headers=BROWSER)).text)
    assert "đã biết lúc" not in now.text
    unknown = await program.get(path, params={"known_at": "2026-01-01T00:00:00Z"}, headers=BROWSER)
    assert unknown.status_code == 404
    assert "đã biết lúc 07:00:00, 01/01/2026" in Page(unknown.text).text


async def test_the_public_json_takes_both_times_and_refuses_what_is_none(
    program: httpx.AsyncClient, issued: dict[str, Any]
) -> None:
    path, day = f"/c/{issued['number']}", issued["revoked_on"]
    answer = await program.get(path, params={"known_at": noon(day), "on": day}, headers=JSON)
    assert (answer.status_code, answer.json()["status"], answer.json()["on"]) == (200, "revoked", day)
    assert answer.headers["ocop-known-at"] == noon(day)
    for known_at, rule in (("yesterday", "instant-parsing"), ("2999-01-01T00:00:00Z", "known-at-in-future")):
        refused = await program.get(path, params={"known_at": known_at}, headers=JSON)
        assert refused.status_code == 422
        assert refused.headers["content-type"] == "application/problem+json"
        assert [(e["field"], e["rule"]) for e in refused.json()["errors"]] == [("known_at", rule)]


@pytest.fixture
def officer(played: Program) -> dict[str, str]:
    key = next(iter(played.houses.values())).key
    token = sign(Actor("officer", "ministry", "TW"), key, machine_time() + DEV_TOKEN_LASTS)
    return {"authorization": f"Bearer {token}"}


async def test_every_aggregate_of_the_season_is_shown_as_it_is_and_as_it_stood(
    played: Program, program: httpx.AsyncClient, instants: list[datetime], officer: dict[str, str]
) -> None:
    dice = random.Random(7)
    for name, house in played.houses.items():
        begun = [r.event for r in await house.store.feed(0, 100_000) if r.event.originator_version == 1]
        for event in dice.sample(begun, min(len(begun), 15)):
            kind = event.originator_topic.rpartition(".")[2]
            at = dice.choice(instants)
            answer = await program.get(
                f"/{name}/aggregates/{kind}/{event.originator_id}", params={"known_at": as_utc(at)}, headers=officer
            )
            assert answer.status_code == (200 if event.timestamp <= at else 404), answer.text
            if answer.status_code == 200:
                assert answer.json()["recorded_at"] <= as_utc(at)
                assert '"box"' not in answer.text


# --- from the command line ---


async def run(server: Server, folder: Any, *arguments: str) -> Result:
    runner = CliRunner(env={"OCOP_DATABASE_URL": server.admin_dsn, "OCOP_DATA": str(folder)})
    return await asyncio.to_thread(runner.invoke, cli, list(arguments))


async def test_the_command_line_gives_what_the_doors_give(
    program: httpx.AsyncClient, postgres: Server, issued: dict[str, Any], officer: dict[str, str], tmp_path: Any
) -> None:
    day, plan = issued["revoked_on"], (await program.get("/programme/plans")).json()[0]["id"]
    at = noon(str(date.fromisoformat(day) - timedelta(days=1)))
    times = {"on": day, "known_at": at}
    recognition = issued["product"]["id"]
    for command, path, query in [
        (["certificate", issued["number"]], f"/certification/certificates/{issued['number']}", times),
        (["count", "certificates_valid", "--by", "stars"], "/programme/national",
         {"what": "certificates_valid", "by": "stars", "limit": "1000", "map": "today"} | times),
        (["plan", plan], f"/programme/plans/{plan}", times),
        (["show", "registration", "product", recognition], f"/registration/aggregates/Product/{recognition}", times),
    ]:  # fmt: skip
        options = ["--on", day, "--known-at", at]
        answer = await program.get(path, params=query, headers=officer)
        result = await run(postgres, tmp_path, *command, *options, "--json")
        assert result.exit_code == 0, result.output
        assert orjson.loads(result.stdout) == answer.json()
        shown = await run(postgres, tmp_path, *command, *options)
        assert (shown.exit_code, shown.stdout.strip() != "") == (0, True)


@pytest.mark.parametrize(("arguments", "status"), [
    (["certificate", "GCN-51-1999-00001"], 1),
    (["certificate", "GCN-51-2026-00001", "--known-at", "2026-06-01"], 2),
    (["certificate", "GCN-51-2026-00001", "--on", "01/06/2026"], 2),
    (["certificate", "GCN-51-2026-00001", "--known-at", "2999-01-01T00:00:00Z"], 1),
    (["count", "unicorns"], 1), (["count", "ideas", "--by", "stars"], 1),
    (["plan", "00000000-0000-4000-8000-000000000001"], 1),
    (["show", "registration", "product", "00000000-0000-4000-8000-000000000001"], 1),
    (["show", "registration", "product", "7"], 2), (["show", "kitchen", "product", "7"], 2),
])  # fmt: skip
async def test_what_cannot_be_answered_ends_with_its_status_and_says_why(
    played: Program, postgres: Server, tmp_path: Any, arguments: list[str], status: int
) -> None:
    result = await run(postgres, tmp_path, *arguments)
    assert result.exit_code == status, result.output
    assert result.output.strip()
