"""A view that cannot take what another house says holds up itself alone, also on Kafka, and lacks nothing afterwards."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from ocop.databases import HouseDatabase
from shared.bus.reactions import READER
from shared.eventstore import parking
from shared.eventstore.parking import Parked, parked_views
from shared.house import House
from tests.bus.test_hearing import forget_views
from tests.bus.two_houses import (
    HEARD,
    HEARER,
    TELLER,
    Faults,
    count,
    heard_all,
    hearer_at_work,
    in_view,
    numbers_of,
    until,
)
from tests.observed.series import value
from tests.opened import owned

Two = dict[str, HouseDatabase]
NOT_SO_MUCH = "ALTER TABLE views.heard ADD CONSTRAINT not_so_much CHECK (number <= 100)"
AS_MUCH_AS_YOU_LIKE = "ALTER TABLE views.heard DROP CONSTRAINT not_so_much"
SOON = 5.0  # seconds; whoever waits for a handler that does not end waits for twice as long


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parking, "FIRST_PAUSE", 0.05)
    monkeypatch.setattr(parking, "LONGEST_PAUSE", 0.2)


@pytest.fixture
async def table(two: Two) -> AsyncIterator[asyncpg.Connection]:
    """The view's table, in the hand of its owner: it takes no number above 100."""
    async with owned(two[HEARER]) as owner:
        await owner.execute(NOT_SO_MUCH)
        yield owner


async def parked(hearer: House) -> Parked | None:
    found = await parked_views(hearer.store.pool)
    return found[0] if found else None


async def reacted(hearer: House, teller: House) -> None:
    """Returns when the reactions have everything that was said."""
    head = await teller.store.head()

    async def reached() -> bool:
        return await hearer.store.position(READER, TELLER) >= head

    await until(reached)


async def goes_on(hearer: House, teller: House) -> None:
    await heard_all(teller, hearer)
    assert await parked_views(hearer.store.pool) == []


async def test_it_stands_alone_before_what_it_cannot_take_and_goes_on_by_itself(
    two: Two, topics: str, teller: House, table: asyncpg.Connection
) -> None:
    async with hearer_at_work(two, topics, Faults()) as hearer:
        await count(teller, "a", 1, first=True)
        await heard_all(teller, hearer)
        await count(teller, "a", 500, 3)
        await count(teller, "b", 1, 2, first=True)
        found = await until(lambda: parked(hearer))
        assert (found.view, found.source, found.position, found.kind) == (HEARD.name, TELLER, 3, "_Added")
        assert "not_so_much" in found.error
        await reacted(hearer, teller)
        assert await numbers_of(hearer, "a") == [1, 500, 3]
        assert await numbers_of(hearer, "b") == [1, 2]
        assert await in_view(hearer, "a") == [1]
        assert await hearer.store.position(HEARD.reader, TELLER) == 2
        await hearer.watching.look()
        assert value("ocop_view_parked_seconds", house=HEARER, view=HEARD.name) > 0

        await table.execute(AS_MUCH_AS_YOU_LIKE)
        await count(teller, "a", 4)
        await goes_on(hearer, teller)
        assert await in_view(hearer, "a") == [1, 500, 3, 4]
        assert await in_view(hearer, "b") == [1, 2]
        await hearer.watching.look()
        assert value("ocop_view_parked_seconds", house=HEARER, view=HEARD.name) == 0


async def test_a_process_that_ends_meanwhile_ends_at_once_and_the_next_lacks_nothing(
    two: Two, topics: str, teller: House, table: asyncpg.Connection
) -> None:
    async with hearer_at_work(two, topics, Faults()) as hearer:
        await count(teller, "a", 1, 500, 3, first=True)
        for name in "bcdefgh":
            await count(teller, name, 1, 2, first=True)
        await until(lambda: parked(hearer))
        await reacted(hearer, teller)
        ending = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - ending < SOON
    await table.execute(AS_MUCH_AS_YOU_LIKE)
    async with hearer_at_work(two, topics, Faults()) as hearer:
        await goes_on(hearer, teller)
        assert await in_view(hearer, "a") == [1, 500, 3]
        for name in "bcdefgh":
            assert await in_view(hearer, name) == [1, 2]


async def test_a_second_process_that_gets_on_with_its_partitions_does_not_call_it_mended(
    two: Two, topics: str, teller: House, table: asyncpg.Connection
) -> None:
    async with hearer_at_work(two, topics, Faults()) as one, hearer_at_work(two, topics, Faults()) as other:
        await count(teller, "a", 500, first=True)
        first = await until(lambda: parked(one))
        for name in "bcdefghijklm":
            await count(teller, name, 1, 2, first=True)
        await reacted(other, teller)

        async def tried_again() -> bool:
            found = await parked(one)
            return found is not None and found.attempts > first.attempts + 2

        await until(tried_again)
        assert (await until(lambda: parked(one))).since == first.since
        await table.execute(AS_MUCH_AS_YOU_LIKE)
        await goes_on(one, teller)
        assert await in_view(one, "a") == [500]
        for name in "bcdefghijklm":
            assert await in_view(one, name) == [1, 2]


async def test_one_that_is_made_anew_and_cannot_take_its_history_holds_nobody_up_either(
    two: Two, topics: str, teller: House
) -> None:
    async with hearer_at_work(two, topics, Faults()) as hearer:
        await count(teller, "a", 1, 500, 3, first=True)
        await count(teller, "b", 7, first=True)
        await heard_all(teller, hearer)
    await forget_views(two)
    async with owned(two[HEARER]) as owner:
        await owner.execute(NOT_SO_MUCH)
        async with hearer_at_work(two, topics, Faults()) as hearer:
            await count(teller, "b", 8)
            await until(lambda: parked(hearer))
            await reacted(hearer, teller)
            assert await numbers_of(hearer, "b") == [7, 8]
            await owner.execute(AS_MUCH_AS_YOU_LIKE)
            await goes_on(hearer, teller)
            assert await in_view(hearer, "a") == [1, 500, 3]
            assert await in_view(hearer, "b") == [7, 8]
