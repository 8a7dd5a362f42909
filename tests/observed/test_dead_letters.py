"""Dead letters are counted by what is wrong with them, and the oldest has its age: two alerts stand on it."""

from collections.abc import AsyncIterator

import pytest

from ocop.databases import HouseDatabase
from shared.eventstore.store import EventStore
from shared.eventstore.watching import Watching
from tests.observed.series import value
from tests.opened import opened
from tests.store.counter import HOUSE, ROOM

HOLD = """
INSERT INTO held (consumer, key, id, source, position, envelope, attempts, next_at, reason, kind, held_at)
VALUES ('reactions', $1, $1, 'evaluation', 1, NULL, 8, $2, 'why', $3, now() - make_interval(secs => $4))
"""


@pytest.fixture
async def store(database: HouseDatabase) -> AsyncIterator[EventStore]:
    async with opened(database, ROOM) as store:
        yield store


def letters(kind: str) -> float:
    return value("ocop_dead_letters", house=HOUSE, reason=kind)


async def test_dead_letters_are_counted_by_kind_with_the_age_of_the_oldest_until_they_are_gone(
    store: EventStore,
) -> None:
    watching = Watching(store, [])
    for id, kind, seconds in (("a", "refused", 50), ("b", "refused", 5000), ("c", "unreadable", 500)):
        await store.pool.execute(HOLD, id, None, kind, seconds)
    await watching.look()
    assert (letters("refused"), letters("unreadable"), letters("failed")) == (2, 1, 0)
    assert 5000 <= value("ocop_dead_letter_oldest_seconds", house=HOUSE) < 5100
    await store.pool.execute("DELETE FROM held")
    await watching.look()
    assert (letters("refused"), letters("unreadable")) == (0, 0)
    assert value("ocop_dead_letter_oldest_seconds", house=HOUSE) == 0


async def test_what_is_tried_again_is_no_dead_letter(store: EventStore) -> None:
    await store.pool.execute(HOLD, "a", await store.pool.fetchval("SELECT now() + interval '1 minute'"), "failed", 5000)
    await Watching(store, []).look()
    assert letters("failed") == 0
    assert value("ocop_dead_letter_oldest_seconds", house=HOUSE) == 0
