"""Events of older versions are read as today's; those of a newer program are not read, and not lost."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import orjson
import pytest

from shared.eventstore.aggregate import Aggregate, Begun, Changed, event
from shared.eventstore.appender import Row
from shared.eventstore.mapper import EventMapper, Recorded, WrittenByNewer
from shared.eventstore.parking import parked_views
from shared.eventstore.projector import Projection
from shared.eventstore.store import EventStore
from shared.eventstore.views import Change, View
from shared.values import Moment
from tests.given import an_id
from tests.store.counter import HOUSE, Counter
from tests.store.test_store import a_counter
from tests.store.test_together import listener

AT = datetime(2026, 6, 1, 2, tzinfo=UTC)
FACTS = {"timestamp": AT.isoformat(), "legal_date": "2026-06-01"}


class Scale(Aggregate):
    TOPIC = "test.Scale"

    class SetUp(Begun):
        TOPIC = "test.ScaleSetUp"
        place: str

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

    @event(SetUp)
    def __init__(self, place: str) -> None:
        self.place = place
        self.grams = 0
        self.readers: list[str] = []

    def weigh(self, grams: int, reader: str, when: Moment) -> None:
        self.trigger_event(self.Weighed, when=when, grams=grams, reader=reader)

    @event(Weighed)
    def _weighed(self, grams: int, reader: str) -> None:
        self.grams += grams
        self.readers.append(reader)


@pytest.mark.parametrize(
    "state",
    [
        {"pounds": 3},
        {"kilograms": 1.5, "class_version": 2},
        {"grams": 1500, "reader": "unknown", "class_version": 3},
    ],
    ids=["v1", "v2", "v3"],
)
def test_each_version_goes_through_the_steps_that_it_lacks(state: dict[str, Any]) -> None:
    read: Any = EventMapper().decode("test.ScaleWeighed", orjson.dumps(FACTS | state), an_id("scale"), 2)
    assert (read.grams, read.reader, read.legal_date) == (1500, "unknown", date(2026, 6, 1))
    assert orjson.loads(EventMapper().to_stored_event(read).state)["class_version"] == 3


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

    async def a_page() -> list[Recorded]:
        return list((await store.feed_upto(0, 9, ["test.CounterAdded"])).recorded)

    for reading in (store.load(Counter, id), store.feed(0), a_page()):
        with pytest.raises(WrittenByNewer, match=r"test\.CounterAdded is stored as version 2; .* up to version 1"):
            await reading
    assert await store.head() == 2
    assert [recorded.position for recorded in await store.feed(0, limit=1)] == [1]


# --- through the store ---

STATES = [
    ("test.ScaleSetUp", {"originator_topic": "test.Scale", "place": "Lý Sơn"}),
    ("test.ScaleWeighed", {"pounds": 3}),
    ("test.ScaleWeighed", {"kilograms": 2.5, "class_version": 2}),
    ("test.ScaleWeighed", {"grams": 10, "reader": "Hoa", "class_version": 3}),
]


async def stored(store: EventStore, states: list[tuple[str, dict[str, Any]]], id: UUID) -> None:
    rows = [
        Row(id, version, topic, orjson.dumps(FACTS | state), AT, AT.date(), "{}")
        for version, (topic, state) in enumerate(states, start=1)
    ]
    outcome = await store.append_rows(rows, request=f"{id}", fingerprint=b"", answer=None)
    assert outcome.kind == "ok"


async def test_an_aggregate_of_events_of_every_version_is_as_if_all_were_of_today(store: EventStore) -> None:
    id = an_id("scale of many years")
    await stored(store, STATES, id)
    scale = await store.load(Scale, id)
    assert scale is not None
    assert (scale.place, scale.grams, scale.readers) == ("Lý Sơn", 4010, ["unknown", "unknown", "Hoa"])
    scale.weigh(5, "Lan", Moment(AT.date(), AT))
    await store.append(
        list(scale.collect_events()), request="today", fingerprint=b"", answer=None, metadata="{}"  # type: ignore[arg-type]
    )  # fmt: skip
    again = await store.load(Scale, id)
    assert again is not None
    assert (again.version, again.grams) == (5, 4015)


async def test_feed_and_views_read_every_version_as_todays_and_the_stored_bytes_stay(store: EventStore) -> None:
    id = an_id("scale of many years")
    await stored(store, STATES, id)
    before = await store.pool.fetch("SELECT state FROM events ORDER BY notification_id")
    expected = [(1500, "unknown"), (2500, "unknown"), (10, "Hoa")]
    events: list[Any] = [one.event for one in await store.feed(0, topics=["test.ScaleWeighed"])]
    assert [(event.grams, event.reader) for event in events] == expected
    bodies: list[Any] = [fact.body for fact in await store.facts(0, 9, ["test.ScaleWeighed"])]
    assert [(body.grams, body.reader) for body in bodies] == expected
    assert await store.pool.fetch("SELECT state FROM events ORDER BY notification_id") == before


async def test_a_view_stands_before_an_event_of_a_newer_program_and_the_others_go_on(store: EventStore) -> None:
    heard: list[int] = []
    other, newer = listener("other", heard), View("weighed", [], HOUSE)

    @newer.on(Scale.Weighed)
    def weighed(_: Scale.Weighed) -> list[Change]:
        return []

    await stored(store, [*STATES, ("test.ScaleWeighed", {"grams": 1, "reader": "Hoa", "class_version": 4})], an_id("s"))
    await a_counter(store)
    projection = Projection(store, [newer, other])
    while await projection.step():
        pass
    [found] = await parked_views(store.pool)
    assert (found.view, found.position, found.kind) == ("weighed", 5, "test.ScaleWeighed")
    assert found.error.startswith("WrittenByNewer")
    assert heard == [6]
