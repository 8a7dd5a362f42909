"""Our store under a randomised checker: whatever dies, nothing acknowledged is lost, nothing is doubled, nothing out of order."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.checker.nursery import Nursery, nursery
from tests.checker.ours import OnPostgres, postgres_in
from tests.checker.running import LONG, QUICK, QUICK_HEAVY, Size, a_seed, played

SEED = a_seed()
QUICK_HISTORIES = [*[QUICK] * 7, *[QUICK_HEAVY] * 3]
LONG_HISTORIES = 200
SOON_WRITTEN = {"fsync": "off", "full_page_writes": "off"}  # outlives the server's processes, not the machine
COUNTED: Counter[str] = Counter()


@pytest.fixture(scope="module")
async def ground(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[OnPostgres]:
    async with postgres_in(Path(tmp_path_factory.mktemp("checker")), SOON_WRITTEN) as made:
        yield made


@pytest.fixture(scope="module")
def workers() -> Iterator[Nursery]:
    with nursery(OnPostgres.opening) as made:
        yield made


async def check(ground: OnPostgres, workers: Nursery, seed: int, size: Size) -> None:
    verdict = await played(ground, workers, seed, size)
    assert not verdict.wrong, f"OCOP_SEED={SEED}, history {seed} under {verdict.faults}: {verdict.wrong}"
    assert verdict.counted["commands"] >= size.acknowledged
    COUNTED.update(verdict.counted)


@pytest.mark.parametrize("number", range(len(QUICK_HISTORIES)))
async def test_a_history_leaves_the_store_whole(ground: OnPostgres, workers: Nursery, number: int) -> None:
    await check(ground, workers, SEED + number, QUICK_HISTORIES[number])


@pytest.mark.chaos
@pytest.mark.parametrize("number", range(LONG_HISTORIES))
async def test_a_long_history_leaves_the_store_whole(ground: OnPostgres, workers: Nursery, number: int) -> None:
    await check(ground, workers, SEED + 1000 + number, LONG)
