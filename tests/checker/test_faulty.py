"""The checker finds what is wrong on purpose, within a few histories, and finds nothing in a store that is right."""

from collections.abc import Iterator

import pytest

from ocop.postgres import Server
from tests.checker import checks, faulty
from tests.checker.checks import Question
from tests.checker.nursery import Nursery, nursery
from tests.checker.plain import OnServer
from tests.checker.running import Size, a_seed, played

SEED = a_seed()
SIZE = Size(writers=2, followers=1, lanes=3, acknowledged=60, light=3, heavy=0, gap=0.1)
MOST_HISTORIES = 12
RIGHT = 3

FAULTS = [
    (faulty.numbers_before_it_locks, checks.followers_miss_nothing_and_see_it_in_order),
    (faulty.acknowledges_before_the_commit, checks.everything_acknowledged_is_there_once),
    (faulty.forgets_requests, checks.a_repeated_request_is_answered_the_same),
    (faulty.writes_half_a_command, checks.nothing_is_half_written),
    (faulty.looks_at_no_versions, checks.every_event_is_what_was_asked_for),
    (faulty.reads_the_newest_first, checks.followers_miss_nothing_and_see_it_in_order),
]


@pytest.fixture(scope="module")
def workers() -> Iterator[Nursery]:
    with nursery("tests.checker.plain:open_plain", f"{faulty.__name__}:forgets_requests") as made:
        yield made


@pytest.mark.parametrize(("opening", "question"), FAULTS, ids=lambda value: value.__name__)
async def test_a_fault_put_in_on_purpose_is_found(
    postgres: Server, workers: Nursery, opening: object, question: Question
) -> None:
    ground = OnServer(postgres, f"{faulty.__name__}:{opening.__name__}")  # type: ignore[attr-defined]
    for number in range(MOST_HISTORIES):
        verdict = await played(ground, workers, SEED + number, SIZE, keep=False)
        if question.__name__ in verdict.wrong:
            return
    pytest.fail(f"OCOP_SEED={SEED}: not found in {MOST_HISTORIES} histories; last: {verdict.wrong}")


async def test_in_a_small_store_that_is_right_nothing_is_found(postgres: Server, workers: Nursery) -> None:
    for number in range(RIGHT):
        verdict = await played(OnServer(postgres), workers, SEED + number, SIZE)
        assert not verdict.wrong, f"OCOP_SEED={SEED}, history {verdict.seed} under {verdict.faults}: {verdict.wrong}"
