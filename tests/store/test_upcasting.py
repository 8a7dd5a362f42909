"""Events of older versions are read as today's; those of a newer program are not read, and not lost."""

from datetime import UTC, date, datetime
from typing import Any

import orjson
import pytest

from shared.eventstore.aggregate import Aggregate, Changed
from shared.eventstore.appender import Row
from shared.eventstore.mapper import EventMapper, WrittenByNewer
from shared.eventstore.store import EventStore
from tests.given import an_id
from tests.store.counter import Counter

AT = datetime(2026, 6, 1, 2, tzinfo=UTC)
FACTS = {"timestamp": AT.isoformat(), "legal_date": "2026-06-01"}


class Scale(Aggregate):
    TOPIC = "test.Scale"

    class Weighed(Changed):
        """Version 1 had pounds, version 2 kilograms, version 3 grams and who read them."""

        TOPIC = "test.ScaleWeighed"
        class_version = 3
        grams: int
        reader: str

        @staticmethod
        def upcast_v1_v2(facts: dict[str, Any]) -> None:
            facts["kilograms"] = facts.pop("pounds") / 2

        @staticmethod
        def upcast_v2_v3(facts: dict[str, Any]) -> None:
            facts |= {"grams": int(facts.pop("kilograms") * 1000), "reader": "unknown"}


@pytest.mark.parametrize(
    "stored",
    [
        {"pounds": 3},
        {"kilograms": 1.5, "class_version": 2},
        {"grams": 1500, "reader": "unknown", "class_version": 3},
    ],
    ids=["v1", "v2", "v3"],
)
def test_each_version_goes_through_the_steps_that_it_lacks(stored: dict[str, Any]) -> None:
    event: Any = EventMapper().decode("test.ScaleWeighed", orjson.dumps(FACTS | stored), an_id("scale"), 2)
    assert (event.grams, event.reader, event.legal_date) == (1500, "unknown", date(2026, 6, 1))
    assert orjson.loads(EventMapper().to_stored_event(event).state)["class_version"] == 3


async def test_an_event_of_a_newer_program_stops_its_readers_and_stays(store: EventStore) -> None:
    id = an_id("counter of tomorrow")
    opened = FACTS | {"originator_topic": "test.Counter", "name": "a"}
    added = FACTS | {"number": 1, "class_version": 2}  # the same fields: it would fit, and could mean something else
    rows = [
        Row(id, version, topic, orjson.dumps(state), AT, AT.date(), "{}")
        for version, (topic, state) in enumerate(
            [("test.CounterOpened", opened), ("test.CounterAdded", added)], start=1
        )
    ]
    await store.append_rows(rows, request="tomorrow", fingerprint=b"", answer=None)
    for reading in (store.load(Counter, id), store.feed(0), store.feed_upto(0, 9, ["test.CounterAdded"])):
        with pytest.raises(WrittenByNewer, match=r"test\.CounterAdded is stored as version 2; .* up to version 1"):
            await reading
    assert await store.head() == 2
    assert [recorded.position for recorded in await store.feed(0, limit=1)] == [1]
