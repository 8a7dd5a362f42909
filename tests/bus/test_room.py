"""Who can wait leaves room: views take batches apart while messages keep coming, reactions and full batches do not wait."""

import pytest

from ocop.databases import HouseDatabase
from shared.bus.listening import Listening
from shared.bus.reactions import Policy
from shared.eventstore import projector
from shared.eventstore.projector import project
from shared.house import House, running
from tests.bus.two_houses import (
    TELLER,
    Faults,
    count,
    heard_all,
    hearer_at_work,
    house_on,
    in_view,
    numbers_of,
    until,
)
from tests.store.counter import COUNTERS

Two = dict[str, HouseDatabase]
MANY_SECONDS = 600.0


async def test_a_reaction_does_not_wait_for_a_view(
    two: Two, topics: str, teller: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Listening, "apart", MANY_SECONDS)
    async with hearer_at_work(two, topics, Faults()) as hearer:
        await count(teller, "a", first=True)
        await heard_all(teller, hearer)
        await count(teller, "a", 1)
        await until(lambda: numbers_of(hearer, "a"))
        assert await in_view(hearer, "a") == []


async def test_a_view_of_the_own_house_follows_full_batches_at_once_and_then_rests(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projector, "APART_SECONDS", MANY_SECONDS)
    monkeypatch.setattr(projector, "BATCH", 2)
    async with house_on(two[TELLER], TELLER, Policy(TELLER)) as house:
        await count(house, "a", 1, 2, 3, 4, first=True)
        async with running(house.wake.listen, lambda: project(house.store, [COUNTERS], house.wake)):

            async def at() -> int:
                return await house.store.position(COUNTERS.reader, TELLER)

            async def has_all() -> bool:
                return await at() == 5

            await until(has_all)
            await count(house, "a", 5, 6, 7, 8)
            assert await at() == 5
