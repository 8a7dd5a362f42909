"""Limits as a house shows them, as the program waits for them, and as `ocop due` and `ocop fsck` read them."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from fastapi import APIRouter
from joserfc.jwk import OKPKey

from ocop import due as due_command
from ocop.cli import cli
from ocop.company import Company, DeadLetters
from ocop.databases import HouseDatabase
from ocop.inspect import Opened, check_timer
from ocop.standalone import client_of
from shared.auth.actors import ROLES, Actor
from shared.auth.tokens import ALGORITHM, sign
from shared.bus.reactions import Policy
from shared.clock import Clock
from shared.eventstore import timer as timing
from shared.eventstore.fsck import Findings
from shared.eventstore.migrate import migrate
from shared.eventstore.publishing import Published
from shared.eventstore.timer import Timer
from shared.eventstore.views import Room
from shared.house import House, Rooms, running
from shared.placed import meaning
from shared.web import takes
from tests.given import an_id
from tests.store.counter import COMMANDS, COUNTERS, HOUSE, Add, OpenCounter
from tests.store.timed import ROOM, SQL_FILE, Machine, added, ask, play

KEY = OKPKey.generate_key(ALGORITHM)
PLACES = {"commune": "21548", "producer": str(an_id("producer")), "public": "TW"}
ROUTES = APIRouter()
takes(ROUTES, "/counters/{counter_id}/additions", Add, "registration:accept-idea")


def rooms_of(room: Room, timer: Timer | None) -> Rooms:
    return Rooms(HOUSE, COMMANDS, Policy(HOUSE), Published(HOUSE), room, ROUTES, timer)


@dataclass
class Running:
    """One house at work in a program of its own."""

    house: House
    program: Company
    machine: Machine

    async def opened(self, name: str) -> None:
        await ask(self.house.store, self.house.clock, OpenCounter(id=an_id(name), name=name), f"open {name}")

    async def get(self, role: str | None, **query: str) -> httpx.Response:
        return await self.program.clients[HOUSE].get("/due", params=query, headers=bearer(role))

    @property
    def stores(self) -> Opened:
        return Opened({}, {HOUSE: self.house.store})


def bearer(role: str | None) -> dict[str, str]:
    if role is None:
        return {}
    token = sign(Actor("someone", role, PLACES.get(role, "51")), KEY, datetime.now(UTC) + timedelta(hours=1))  # type: ignore[arg-type]
    return {"authorization": f"Bearer {token}"}


@pytest.fixture
async def running_house(
    database: HouseDatabase, clock: Clock, machine: Machine, timer: Timer, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Running]:
    rooms = rooms_of(ROOM, timer)
    await migrate(database.owner_dsn, database.server_role, ROOM)
    house = House(rooms, database.server_dsn, clock, KEY)
    await house.store.open()
    for module in ("ocop.due", "ocop.inspect"):
        monkeypatch.setattr(f"{module}.ROOMS", {HOUSE: rooms})
    program = Company({HOUSE: house}, clock)
    program.clients = {HOUSE: client_of(house.app(), HOUSE)}
    try:
        async with running(*house.tasks()):
            yield Running(house, program, machine)
    finally:
        await house.store.close()


# --- the program waits ---


async def test_the_program_is_settled_when_the_clock_has_done_all_that_is_due(running_house: Running) -> None:
    """As the season plays: a day begins, the clock does its part, then people act on what they find."""
    for name in ("tick 2026-06-05, tock 2026-06-06 2", "tick 2026-06-06 3"):
        await running_house.opened(name)
    for day, done in (("2026-06-04", 0), ("2026-06-05", 1), ("2026-06-05", 1), ("2026-06-06", 3)):
        play(running_house.house.clock, day)
        await running_house.program.settled()
        assert len(await added(running_house.house.store)) == done
        assert await running_house.program.behind() == []


async def test_a_timer_that_has_not_acted_is_behind(running_house: Running, machine: Machine) -> None:
    machine.faults = {an_id("tick 2026-06-05")}
    await running_house.opened("tick 2026-06-05")
    await running_house.program.settled()
    play(running_house.house.clock, "2026-06-05")
    assert await running_house.program.behind() == [f"{HOUSE}.timer"]


async def test_a_limit_that_cannot_be_carried_out_stops_who_waits(
    running_house: Running, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timing, "FIRST_PAUSE", 0.0)
    machine.faults = {an_id("tick 2026-06-05")}
    await running_house.opened("tick 2026-06-05")
    play(running_house.house.clock, "2026-06-05")
    ticking = running_house.house.ticking
    async with asyncio.timeout(10):
        while not ticking.stuck():
            machine.at += timedelta(seconds=1)
            ticking.hint.set()
            await asyncio.sleep(0.005)
    with pytest.raises(DeadLetters, match="line down"):
        await running_house.program.settled()


def test_a_timer_needs_the_view_that_it_reads(timer: Timer) -> None:
    with pytest.raises(ValueError, match="due"):
        rooms_of(Room(HOUSE, SQL_FILE, [COUNTERS]), timer)


# --- the door ---


async def test_officers_read_the_limits_as_they_stood_on_a_day(running_house: Running) -> None:
    await running_house.opened("tick 2026-06-05")
    play(running_house.house.clock, "2026-06-06")
    await running_house.program.settled()
    [row] = (await running_house.get("agency", after=f"{HOUSE}:2")).json()
    assert row == {
        "house": HOUSE, "limit": "tick", "subject": str(an_id("tick 2026-06-05")), "ref": "Điều 1", "owner": "clock",
        "acts": True, "province": "51", "commune": "21548", "product": None, "product_id": None, "producer_id": None,
        "begun_on": "2026-06-01", "due_on": "2026-06-05", "reminders": [], "what": {"number": 1},
        "closed_on": "2026-06-05", "state": "met",
    }  # fmt: skip
    [before] = (await running_house.get("commune", on="2026-06-04", province="51")).json()
    assert (before["state"], before["closed_on"]) == ("open", None)
    assert len((await running_house.get("agency", province="51", map="day", known_on="2026-06-01")).json()) == 1
    for nothing in ({"state": "overdue"}, {"province": "42"}, {"on": "2026-05-31"}, {"offset": "1"}):
        assert (await running_house.get("agency", **nothing)).json() == []


@pytest.mark.parametrize(
    ("role", "query", "status"),
    [(None, {}, 401), ("public", {}, 403), ("producer", {}, 403), ("agency", {"state": "soon"}, 422),
     ("agency", {"limit": "0"}, 422), ("agency", {"on": "tomorrow"}, 422), ("agency", {"after": "x"}, 422)],
)  # fmt: skip
async def test_the_limits_are_no_business_of_everyone(
    role: str | None, query: dict[str, str], status: int, running_house: Running
) -> None:
    answer = await running_house.get(role, **query)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


@pytest.mark.parametrize("key", ["tick:{id}:2026-06-05", "on_dossier_forwarded:evaluation:12"])
async def test_nobody_may_take_a_mark_of_the_inbox_beforehand(key: str, running_house: Running) -> None:
    """Whoever could would keep the clock or a reaction from its work."""
    await running_house.opened("tick 2026-06-05")
    counter = an_id("tick 2026-06-05")
    url, named = f"/counters/{counter}/additions", key.format(id=counter)
    headers = bearer("agency") | {"idempotency-key": named}
    answer = await running_house.program.clients[HOUSE].post(url, json={"number": 1}, headers=headers)
    assert (answer.status_code, answer.json()["rule"]) == (422, "idempotency-key-reserved")
    assert await running_house.house.store.answered(named) is None


# --- beside the program ---


async def test_a_timer_that_was_cut_off_is_found_until_it_has_gone_on(running_house: Running, machine: Machine) -> None:
    machine.faults = {an_id("tick 2026-06-05")}
    await running_house.opened("tick 2026-06-05, tack 2026-06-04")
    await running_house.opened("tick 2026-06-05")
    play(running_house.house.clock, "2026-06-06")
    await running_house.opened("later")
    async with asyncio.timeout(10):
        while len(await added(running_house.house.store)) < 1:
            await asyncio.sleep(0.005)
    result = Findings()
    await check_timer(running_house.stores, HOUSE, result)
    assert sorted(result.findings) == sorted(
        [
            f"{HOUSE}: tack of {an_id('tick 2026-06-05, tack 2026-06-04')}, due on 2026-06-04, has no rule",
            f"{HOUSE}: tick of {an_id('tick 2026-06-05')}, due on 2026-06-05, is not done",
        ]
    )
    machine.faults, machine.at = set(), machine.at + timedelta(minutes=1)
    running_house.house.ticking.hint.set()
    await running_house.program.settled()
    result = Findings()
    await check_timer(running_house.stores, HOUSE, result)
    assert [finding for finding in result.findings if "is not done" in finding] == []


async def test_the_list_of_all_houses_is_by_last_day_and_says_how_each_stands(running_house: Running) -> None:
    for name in ("tick 2026-06-09 0", "tick 2026-06-05", "tack 2026-06-07"):
        await running_house.opened(name)
    play(running_house.house.clock, "2026-06-08")
    await running_house.program.settled()
    rows = await due_command.everything(
        running_house.stores, date(2026, 6, 8), meaning("province", "51", date(2026, 6, 8))
    )
    told = [(row["limit"], str(row["due_on"]), row["state"]) for row in rows]
    assert told == [("tick", "2026-06-05", "met"), ("tack", "2026-06-07", "overdue"), ("tick", "2026-06-09", "open")]
    assert (
        await due_command.everything(
            running_house.stores, date(2026, 6, 8), meaning("province", "42", date(2026, 6, 8))
        )
        == []
    )
    shown: Any = due_command.table(rows, date(2026, 6, 8))
    assert set(shown.columns[4].cells) == {"Hệ thống"}
    assert due_command.OWNERS_VI.keys() == set(ROLES)
    assert list(shown.columns[1].cells) == ["đúng hạn", "[red]quá hạn[/]", "còn hạn"]


@pytest.mark.parametrize("arguments", [["--state", "soon"], ["--on", "tomorrow"], ["--on", "2026-02-30"]])
def test_a_list_that_is_asked_for_wrongly_is_status_2(arguments: list[str]) -> None:
    assert CliRunner().invoke(cli, ["due", *arguments]).exit_code == 2
