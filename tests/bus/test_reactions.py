"""Reactions on a real store: once each, in order per key, and nothing lost when a handler fails."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar

import pytest

from ocop.databases import HouseDatabase
from shared.auth.actors import Actor
from shared.bus.reactions import MOST_ATTEMPTS, Policy, Reactions
from shared.clock import Clock
from shared.contracts.envelope import Contract, Envelope
from shared.eventstore.commands import Command
from shared.eventstore.store import EventStore
from tests.given import an_id
from tests.holding import held_and_dead
from tests.opened import opened
from tests.store.counter import COMMANDS, HOUSE, ROOM, Add, Counter, OpenCounter

SOURCE = "evaluation"


class _Opened(Contract):
    HOUSE: ClassVar[str] = SOURCE
    name: str


class _Counted(Contract):
    HOUSE: ClassVar[str] = SOURCE
    name: str
    number: int


class Line(OSError):
    """The database's line is down."""


class Machine:
    """The machine's time and faults, in a test's hand."""

    def __init__(self) -> None:
        self.at = datetime(2026, 6, 1, 2, tzinfo=UTC)
        self.faults = 0


@pytest.fixture
async def store(database: HouseDatabase) -> AsyncIterator[EventStore]:
    async with opened(database, ROOM) as store:
        yield store


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture
def reactions(store: EventStore, machine: Machine) -> Reactions:
    policy = Policy(HOUSE)

    @policy.on(_Opened)
    def on_opened(fact: _Opened, _: Envelope) -> Command:
        return OpenCounter(id=an_id(fact.name), name=fact.name)

    @policy.on(_Counted)
    def on_counted(fact: _Counted, _: Envelope) -> Command | None:
        if machine.faults:
            machine.faults -= 1
            raise Line("line down")
        return Add(counter_id=an_id(fact.name), number=fact.number) if fact.number else None

    return Reactions(policy, COMMANDS, store, Clock(lambda: machine.at), Actor("policy", "clock", "TW"))


def said(position: int, kind: type[Contract], **facts: Any) -> Envelope:
    return Envelope(
        id=f"{SOURCE}:{position}", type=kind.type_name(), source=f"/ocop/{SOURCE}", subject="x",
        time=datetime(2026, 6, 1, tzinfo=UTC), dataschema="x", key=facts["name"],
        data={"legal_date": date(2026, 6, 1).isoformat(), **facts},
    )  # fmt: skip


async def total(store: EventStore, name: str) -> int | None:
    counter = await store.load(Counter, an_id(name))
    return counter.total if counter else None


async def held(store: EventStore) -> list[tuple[str, bool]]:
    rows = await store.pool.fetch("SELECT id, next_at IS NULL AS dead FROM held ORDER BY ordinal")
    return [(row["id"], row["dead"]) for row in rows]


async def test_a_message_delivered_twice_has_one_effect(store: EventStore, reactions: Reactions) -> None:
    batch = [said(1, _Opened, name="a"), said(2, _Counted, name="a", number=5)]
    await reactions.send(SOURCE, batch, 2)
    await reactions.send(SOURCE, batch, 2)
    assert await total(store, "a") == 5
    assert await store.head() == 2
    assert await reactions.position(SOURCE) == 2


async def test_a_message_that_needs_nothing_is_known_when_it_comes_again(
    store: EventStore, reactions: Reactions
) -> None:
    await reactions.send(SOURCE, [said(1, _Counted, name="a", number=0)], 1)
    assert await store.answered("on_counted:evaluation:1") is not None
    assert await store.head() == 0


async def test_a_refused_message_is_dead_and_later_ones_of_its_key_queue_behind_it(
    store: EventStore, reactions: Reactions
) -> None:
    await reactions.send(SOURCE, [said(1, _Opened, name="a"), said(2, _Opened, name="b")], 2)
    await reactions.send(
        SOURCE,
        [said(3, _Counted, name="a", number=5000), said(4, _Counted, name="a", number=1), said(5, _Counted, name="b", number=1)],
        5,
    )  # fmt: skip
    assert await held(store) == [("evaluation:3", True), ("evaluation:4", False)]
    assert (await total(store, "a"), await total(store, "b")) == (0, 1)
    assert await reactions.retry_due() == 0
    assert await held_and_dead(store) == (2, 1)


async def test_a_failing_message_is_tried_again_and_its_followers_come_after_it_in_order(
    store: EventStore, reactions: Reactions, machine: Machine
) -> None:
    machine.faults = 2
    await reactions.send(SOURCE, [said(1, _Opened, name="a"), said(2, _Counted, name="a", number=1)], 2)
    await reactions.send(SOURCE, [said(3, _Counted, name="a", number=2)], 3)
    assert [m for m, _ in await held(store)] == ["evaluation:2", "evaluation:3"]
    rounds = 0
    while await held(store):
        machine.at += timedelta(minutes=2)
        await reactions.retry_due()
        rounds += 1
        assert rounds < 10
    assert await total(store, "a") == 3
    feed = await store.feed(0)
    assert [r.metadata.get("causation") for r in feed] == ["evaluation:1", "evaluation:2", "evaluation:3"]


async def test_a_message_that_keeps_failing_is_dead_after_its_last_attempt(
    store: EventStore, reactions: Reactions, machine: Machine
) -> None:
    machine.faults = 10_000
    await reactions.send(SOURCE, [said(1, _Counted, name="a", number=1)], 1)
    for _ in range(MOST_ATTEMPTS):
        assert await held(store) == [("evaluation:1", False)]
        machine.at += timedelta(minutes=2)
        await reactions.retry_due()
    assert await held(store) == [("evaluation:1", True)]


async def test_a_malformed_message_is_dead_with_its_reason(store: EventStore, reactions: Reactions) -> None:
    await reactions.send(SOURCE, [said(1, _Counted, name="a", number="many")], 1)
    row = await store.pool.fetchrow("SELECT reason, kind, next_at FROM held")
    assert row["next_at"] is None
    assert row["kind"] == "malformed"
    assert "number" in row["reason"]


async def test_an_unknown_type_is_passed_over(store: EventStore, reactions: Reactions) -> None:
    stranger = said(1, _Opened, name="a").model_copy(update={"type": "vn.ocop.Stranger.v1"})
    await reactions.send(SOURCE, [stranger], 1)
    assert await reactions.position(SOURCE) == 1
    assert await store.head() == 0
    assert await held(store) == []


async def test_a_batch_cut_off_before_its_position_is_kept_goes_on_without_doubles(
    store: EventStore, reactions: Reactions
) -> None:
    """As after kill -9: the effects are there, the position is not."""
    batch = [said(1, _Opened, name="a"), said(2, _Counted, name="a", number=5), said(3, _Counted, name="a", number=2)]
    await reactions.send(SOURCE, batch[:2], 2)
    await store.pool.execute("UPDATE positions SET position = 0")
    await reactions.send(SOURCE, batch, 3)
    assert await total(store, "a") == 7
    assert await held(store) == []
