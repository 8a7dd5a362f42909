"""Requests, and findings beside a running program: what fsck proves besides versions, chain and views."""

import asyncpg
import pytest

from ocop import inspect
from ocop.inspect import lasting
from shared.clock import Clock
from shared.eventstore import fsck
from shared.eventstore.fsck import Findings, check_requests
from shared.eventstore.store import EventStore
from tests.given import an_id
from tests.store.counter import HOUSE, Add
from tests.store.timed import a_counter, ask


@pytest.fixture
async def owner(owner: asyncpg.Connection, store: EventStore, clock: Clock) -> asyncpg.Connection:
    """Of a store with a counter of four events and one of one."""
    await a_counter(store, clock, "one")
    for number in range(3):
        await ask(store, clock, Add(counter_id=an_id("one"), number=number), f"add {number}")
    await a_counter(store, clock, "two")
    return owner


async def found(owner: asyncpg.Connection) -> list[str]:
    result = Findings()
    told: list[int] = []
    await check_requests(owner, HOUSE, result, told.append)
    assert sum(told) == 5
    return result.findings


@pytest.mark.parametrize("page", [1, 2, 3, 5, 1000])
async def test_requests_that_say_where_their_events_are_are_whole(
    page: int, owner: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fsck, "PAGE", page)
    assert await found(owner) == []


@pytest.mark.parametrize("page", [1, 2, 1000])
async def test_the_events_of_one_command_have_one_request_at_the_last_of_them(
    page: int, owner: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fsck, "PAGE", page)
    await owner.execute('UPDATE events SET metadata = \'{"request": "add 1"}\' WHERE notification_id IN (2, 3)')
    assert await found(owner) == []
    await owner.execute("UPDATE requests SET position = 2 WHERE id = 'add 1'")
    assert await found(owner) == [f"{HOUSE}: the request add 1 of the event at 3 is known as of 2"]


async def test_an_event_whose_request_is_gone_is_found(owner: asyncpg.Connection) -> None:
    await owner.execute("DELETE FROM requests WHERE id = 'add 1'")
    assert await found(owner) == [f"{HOUSE}: the request add 1 of the event at 3 is not known"]


async def test_a_request_that_points_elsewhere_is_found(owner: asyncpg.Connection) -> None:
    await owner.execute("UPDATE requests SET position = 1 WHERE id = 'add 1'")
    assert await found(owner) == [f"{HOUSE}: the request add 1 of the event at 3 is known as of 1"]


async def test_a_request_that_points_behind_the_head_is_found(owner: asyncpg.Connection) -> None:
    await owner.execute("INSERT INTO requests VALUES ('of a lost day', '', 17, NULL)")
    assert await found(owner) == [f"{HOUSE}: request of a lost day points to 17, the head is at 5"]


async def test_what_is_on_its_way_is_no_finding_and_what_stays_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspect, "BETWEEN_LOOKS_SECONDS", 0)
    looks = iter([["stays", "is on its way"], ["stays", "is new"], ["stays"]])

    async def check(result: Findings) -> None:
        result.findings += next(looks)
        result.count("deliveries", 7)

    result = Findings()
    await lasting(check, result)
    assert (result.findings, result.checked) == (["stays"], {"deliveries": 7})
    assert next(looks, None) is None
