"""The figure `skipped` is nought for our store, and not for one that numbers before it locks."""

from collections.abc import Iterator

import pytest

from bench.skipped import compared, followed, measure
from ocop.postgres import Server
from tests.checker.flooding import SEEN
from tests.checker.nursery import Nursery, nursery
from tests.checker.plain import OnServer

EVENTS = 2_000
MOST_TRIES = 5
FAULTY = "tests.checker.faulty:numbers_before_it_locks"


@pytest.fixture(scope="module")
def workers() -> Iterator[Nursery]:
    with nursery(FAULTY) as made:
        yield made


async def test_a_follower_of_our_store_misses_nothing() -> None:
    figure = await measure(events=EVENTS)
    assert figure["ours"] == {"min": 0, "median": 0, "max": 0}
    assert figure["of"] >= EVENTS
    assert figure["lives"] > 1


async def test_a_follower_of_a_store_that_numbers_before_it_locks_does(postgres: Server, workers: Nursery) -> None:
    for seed in range(MOST_TRIES):
        found = await followed(OnServer(postgres, FAULTY), workers, EVENTS, seed)
        if found.skipped:
            return
    pytest.fail(f"nothing was skipped in {MOST_TRIES} times {EVENTS} events")


def seen(*positions: int) -> bytes:
    return b"".join(SEEN.pack(position, bytes(8)) for position in positions)


def test_what_was_missed_doubled_and_misplaced_is_counted() -> None:
    found = compared(seen(1, 2, 3, 4, 5), seen(1, 3, 2, 3, 5, 9), 2, 1.0)
    assert (found.events, found.skipped, found.twice, found.elsewhere) == (5, 1, 1, 2)
