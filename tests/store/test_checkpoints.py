"""Checkpoints of the hash chain: when one is made, what it says, and that it proves who signed it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import orjson
import pytest
from joserfc.jwk import OKPKey

from shared.auth.tokens import ALGORITHM
from shared.clock import Clock
from shared.eventstore.checkpointing import Checkpointing
from shared.eventstore.checkpoints import CHECKPOINTS, Checkpoint, checkpoints_id
from shared.eventstore.mapper import EventMapper
from shared.eventstore.store import EventStore
from shared.house import running
from tests.opened import store_on
from tests.store.counter import HOUSE
from tests.store.timed import Machine, a_counter, play

KEY = OKPKey.generate_key(ALGORITHM)
DAY = timedelta(days=1)
GOLDEN = Path(__file__).with_name("golden")


@pytest.fixture
def checkpointing(store: EventStore, clock: Clock) -> Checkpointing:
    return Checkpointing(store, clock, KEY)


@pytest.fixture
async def other(store: EventStore, clock: Clock) -> AsyncIterator[Checkpointing]:
    """Another process of the same house."""
    async with store_on(HOUSE, store.dsn) as second:
        yield Checkpointing(second, clock, KEY)


async def hash_at(store: EventStore, position: int) -> str:
    return await store.pool.fetchval("SELECT encode(hash, 'hex') FROM events WHERE notification_id = $1", position)


async def made(store: EventStore) -> list[Checkpoint]:
    kind = CHECKPOINTS[HOUSE].CheckpointMade
    return [r.event.checkpoint for r in await store.feed(0, 1000) if isinstance(r.event, kind)]


# --- when ---


async def test_nothing_is_signed_on_the_day_on_which_it_was_recorded(
    store: EventStore, clock: Clock, checkpointing: Checkpointing
) -> None:
    assert await checkpointing.make() is None
    await a_counter(store, clock, "one")
    assert await checkpointing.make() is None


async def test_a_new_day_signs_the_hash_of_what_was_recorded_until_then(
    store: EventStore, clock: Clock, machine: Machine, checkpointing: Checkpointing
) -> None:
    await a_counter(store, clock, "one")
    await a_counter(store, clock, "two")
    machine.at += DAY
    signed = await checkpointing.make()
    assert signed is not None
    assert (signed.house, signed.day, signed.position) == (HOUSE, date(2026, 6, 2), 2)
    assert signed.hash == await hash_at(store, 2)
    assert signed.genuine
    assert await made(store) == [signed]
    request = await store.answered("checkpoint:2026-06-02")
    assert request is not None
    assert request.position == await store.head() == 4


async def test_a_day_has_one_checkpoint_and_a_quiet_day_none(
    store: EventStore, clock: Clock, machine: Machine, checkpointing: Checkpointing
) -> None:
    await a_counter(store, clock, "one")
    machine.at += DAY
    assert await checkpointing.make()
    await a_counter(store, clock, "two")
    assert await checkpointing.make() is None
    machine.at += DAY
    assert await checkpointing.make()
    for _ in range(3):
        machine.at += DAY
        assert await checkpointing.make() is None
    assert [(c.day.day, c.position) for c in await made(store)] == [(2, 1), (3, 4)]
    kept = await store.load(CHECKPOINTS[HOUSE], checkpoints_id(HOUSE))
    assert kept is not None
    assert kept.version == 3


async def test_a_day_begins_at_midnight_in_hanoi(
    store: EventStore, clock: Clock, machine: Machine, checkpointing: Checkpointing
) -> None:
    machine.at = datetime(2026, 6, 1, 16, 59, tzinfo=UTC)
    await a_counter(store, clock, "one")
    assert not await checkpointing.due()
    machine.at += timedelta(minutes=1)
    assert await checkpointing.due()


async def test_what_was_recorded_already_on_the_new_day_is_covered_too(
    store: EventStore, clock: Clock, machine: Machine, checkpointing: Checkpointing
) -> None:
    await a_counter(store, clock, "one")
    machine.at += DAY
    await a_counter(store, clock, "two")
    signed = await checkpointing.make()
    assert signed is not None
    assert signed.position == 2


async def test_a_season_has_one_checkpoint_when_it_has_ended(
    store: EventStore, clock: Clock, checkpointing: Checkpointing
) -> None:
    async with running(checkpointing.keep):
        for day in range(2, 9):
            play(clock, f"2026-07-{day:02}")
            await a_counter(store, clock, f"of-{day}")
            assert not await checkpointing.due()
        clock.rest(date(2026, 7, 8))
        async with asyncio.timeout(10):
            while await checkpointing.due() or not await made(store):
                await asyncio.sleep(0.005)
    assert [(c.day.isoformat(), c.position) for c in await made(store)] == [("2026-07-08", 7)]


async def test_two_processes_make_one_checkpoint(
    store: EventStore, clock: Clock, machine: Machine, checkpointing: Checkpointing, other: Checkpointing
) -> None:
    await a_counter(store, clock, "one")
    machine.at += DAY
    signed = await asyncio.gather(checkpointing.make(), other.make())
    assert sum(checkpoint is not None for checkpoint in signed) == 1
    assert len(await made(store)) == 1


async def test_the_task_looks_again_on_the_next_day(
    store: EventStore, clock: Clock, machine: Machine, checkpointing: Checkpointing
) -> None:
    async with running(checkpointing.keep), asyncio.timeout(10):
        for number in range(3):
            await a_counter(store, clock, f"counter-{number}")
            machine.at += DAY
            while len(await made(store)) <= number:
                await asyncio.sleep(0.005)
    assert [c.day.day for c in await made(store)] == [2, 3, 4]


# --- what it proves ---


SIGNED = Checkpoint.sign(HOUSE, date(2026, 6, 2), 57, bytes(32), KEY)


@pytest.mark.parametrize(
    "other",
    [
        {"house": "evaluation"}, {"day": date(2026, 6, 3)}, {"position": 58}, {"hash": "1" * 64}, {"key_id": "another"},
        {"signature": "AAAA"}, {"signature": "not base64!"}, {"public_key": "AAAA"}, {"public_key": "ă"},
        pytest.param({"public_key": OKPKey.generate_key(ALGORITHM).as_dict(private=False)["x"]}, id="another's key"),
    ],
    ids=str,
)  # fmt: skip
def test_a_checkpoint_that_says_something_else_is_not_genuine(other: dict[str, object]) -> None:
    assert SIGNED.genuine
    assert not SIGNED.model_copy(update=other).genuine


def test_the_topics_of_the_houses_are_their_own() -> None:
    topics = {kind.TOPIC for kind in CHECKPOINTS.values()}
    topics |= {event.TOPIC for kind in CHECKPOINTS.values() for event in (kind.CheckpointsBegun, kind.CheckpointMade)}
    assert topics == {
        f"{house}.{name}" for house in CHECKPOINTS for name in ("Checkpoints", "CheckpointsBegun", "CheckpointMade")
    }


@pytest.mark.parametrize("file", sorted(GOLDEN.glob("*.CheckpointMade.v1.json")), ids=lambda f: f.stem)
def test_a_signature_of_earlier_years_is_still_known(file: Path) -> None:
    """What is signed has one form for ever: copies are kept elsewhere."""
    sample = orjson.loads(file.read_bytes())
    house = file.name.partition(".")[0]
    stored = EventMapper().decode(
        f"{house}.CheckpointMade", orjson.dumps(sample["state"]), checkpoints_id(house), sample["originator_version"]
    )
    assert str(stored.originator_id) == sample["originator_id"]
    assert stored.checkpoint.genuine  # type: ignore[attr-defined]
