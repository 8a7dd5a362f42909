"""Whatever a season leaves behind comes back from a snapshot as its events make it: each aggregate of each house."""

from collections import Counter

import pytest

from ocop.standalone import ROOMS, Program
from shared.eventstore.aggregate import Aggregate
from shared.eventstore.snapshots import LAST, folded
from shared.eventstore.sql import STORE
from shared.eventstore.state import made, written

FIRST = "SELECT originator_id FROM events WHERE originator_version = 1"


@pytest.mark.parametrize("house", sorted(ROOMS))
async def test_every_aggregate_comes_back_as_its_events_make_it(played: Program, house: str) -> None:
    store, met = played.houses[house].store, Counter[type[Aggregate]]()
    for (id,) in await store.pool.fetch(FIRST):
        aggregate = folded(store.mapper, id, await store.pool.fetch(STORE.load, id, LAST, LAST))
        again = made(type(aggregate), aggregate.id, aggregate.version, written(aggregate))
        assert vars(again) == vars(aggregate)
        assert written(again) == written(aggregate)
        met[type(aggregate)] += 1
    assert len(met) > 2, met
