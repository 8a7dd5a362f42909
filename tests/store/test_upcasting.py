"""Events of older versions are read as today's; those of a newer program are refused."""

from datetime import UTC, date, datetime
from typing import Any

import orjson
import pytest

from shared.eventstore.aggregate import Aggregate, Changed
from shared.eventstore.mapper import EventMapper, WrittenByNewer
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


def test_an_event_of_a_newer_program_is_refused_even_where_it_would_fit() -> None:
    state = orjson.dumps(FACTS | {"number": 1, "class_version": 2})
    with pytest.raises(WrittenByNewer, match=r"test\.CounterAdded is stored as version 2; .* up to version 1"):
        EventMapper().decode(Counter.Added.TOPIC, state, an_id("counter"), 2)
