"""An aggregate as it stood: by the facts that count, from the first on, and nothing that only a person's key opens."""

import itertools
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple, Self
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.eventstore.aggregate import Aggregate, Begun, Changed, event
from shared.eventstore.stood import Upto, spelt, stood
from shared.eventstore.store import EventStore
from shared.sealing import Sealed
from shared.values import Moment, NotFound, Value
from tests.given import an_id, on
from tests.store.counter import HOUSE, Counter

EXAMPLES = itertools.count()
BEGAN = datetime(2026, 6, 1, 2, tzinfo=UTC)
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


class Add(NamedTuple):
    """`on`: its legal date, days after the first; `later`: seconds after what was recorded before; clocks also go back."""

    number: int
    on: int
    later: int


adds = st.lists(st.builds(Add, st.integers(1, 99), st.integers(0, 6), st.integers(-2, 3)), max_size=8)


async def kept(store: EventStore, *aggregates: Aggregate) -> None:
    events = [event for aggregate in aggregates for event in aggregate.collect_events()]
    await store.append(events, request=f"kept {next(EXAMPLES)}", fingerprint=b"", metadata="{}", answer="{}")


async def counted(store: EventStore, steps: list[Add]) -> tuple[UUID, list[tuple[int, date, datetime, int]]]:
    """A counter's id, and (position, legal date, recorded at, total) after each of its facts; another's stand between."""
    id, at, total = an_id(f"stood {next(EXAMPLES)}"), BEGAN, 0
    counter = Counter.open(id, "x", Moment(BEGAN.date(), at))
    await kept(store, counter)
    facts = [(await store.head(), BEGAN.date(), at, 0)]
    for step in steps:
        await kept(store, Counter.open(an_id(f"other {next(EXAMPLES)}"), "y", Moment(BEGAN.date(), at)))
        at, day, total = at + step.later * SECOND, BEGAN.date() + step.on * DAY, total + step.number
        counter.add(step.number, Moment(day, at))
        await kept(store, counter)
        facts.append((await store.head(), day, at, total))
    return id, facts


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(adds, st.integers(-1, 7), st.integers(-3, 12), st.integers(0, 20))
async def test_it_is_made_of_the_longest_run_of_facts_that_all_count(
    store: EventStore, steps: list[Add], day: int, second: int, step: int
) -> None:
    id, facts = await counted(store, steps)
    on, known_at, position = BEGAN.date() + day * DAY, BEGAN + second * SECOND, facts[0][0] - 1 + step
    for upto, counts in [
        (Upto(), lambda _: True),
        (Upto(on=on), lambda fact: fact[1] <= on),
        (Upto(known_at=known_at), lambda fact: fact[2] <= known_at),
        (Upto(position=position), lambda fact: fact[0] <= position),
        (Upto(on, known_at, position), lambda fact: fact[1] <= on and fact[2] <= known_at and fact[0] <= position),
    ]:
        run = list(itertools.takewhile(counts, facts))
        if not run:
            with pytest.raises(NotFound):
                await stood(store, "Counter", id, upto)
            continue
        shown = (await stood(store, "Counter", id, upto)).shown
        last = run[-1]
        assert shown["state"] == {"name": "x", "total": last[3]}
        assert (shown["version"], shown["position"]) == (len(run), f"{HOUSE}:{last[0]}")
        assert (shown["legal_date"], datetime.fromisoformat(shown["recorded_at"])) == (last[1].isoformat(), last[2])


async def test_at_a_position_it_is_what_the_store_loads_up_to_there(store: EventStore) -> None:
    id, facts = await counted(store, [Add(5, 0, 1), Add(7, 0, 1), Add(9, 0, 1)])
    for position in range(facts[0][0], facts[-1][0] + 1):
        loaded = await store.load(Counter, id, position)
        assert loaded is not None
        found = await stood(store, "counter", id, Upto(position=position))
        assert vars(found.then) == vars(loaded)
        assert vars(found.now) == vars(await store.load(Counter, id))


async def test_what_is_of_another_kind_or_not_there_is_not_found(store: EventStore) -> None:
    id, _ = await counted(store, [])
    for kind, asked in (("Note", id), ("Counter", an_id("nobody")), ("", id)):
        with pytest.raises(NotFound):
            await stood(store, kind, asked, Upto())


def test_a_name_is_known_in_any_letters() -> None:
    assert spelt("BusinessPlan") == spelt("business-plan") == spelt("business_plan") == spelt("BUSINESSPLAN")


# --- what is not shown ---


class Person(Value):
    office: str
    name: Sealed[str]


class Note(Aggregate):
    """Remembers what is sealed, in every form in which it could come out."""

    TOPIC = "test.Note"

    class Written(Begun):
        TOPIC = "test.NoteWritten"
        about: dict[str, Person]
        text: Sealed[str]
        votes: dict[str, int]

    class Closed(Changed):
        TOPIC = "test.NoteClosed"

    @classmethod
    def write(cls, id: UUID, text: Sealed[str], when: Moment) -> Self:
        about = {"one": Person(office="Sở", name=text)}
        return cls._create(cls.Written, id=id, when=when, about=about, text=text, votes={"one": 1})

    @event(Written)
    def __init__(self, about: dict[str, Person], text: Sealed[str], votes: dict[str, int]) -> None:
        self.about, self.text, self.votes = about, text, votes
        self.pairs: Any = [(text, {an_id("key"): text}), frozenset({1}), date(2026, 6, 1)]
        self.is_open = True

    @event(Closed)
    def close(self) -> None:
        self.is_open = False

    @property
    def withheld(self) -> tuple[str, ...]:
        return ("votes", "about.one.office", "nowhere.at.all") if self.is_open else ()


async def test_what_is_sealed_or_withheld_then_does_not_come_out_in_any_form(store: EventStore) -> None:
    box = "c2VhbGVkIGJveA=="
    note = Note.write(an_id("note"), Sealed[str](person=an_id("person"), box=box), on("2026-06-01"))
    note.trigger_event(Note.Closed, when=on("2026-06-03"))
    await kept(store, note)
    sealed, withheld = {"sealed": True}, {"withheld": True}
    before = (await stood(store, "note", note.id, Upto(on=date(2026, 6, 2)))).shown
    assert before["state"] == {
        "about": {"one": {"office": withheld, "name": sealed}}, "text": sealed, "votes": withheld, "is_open": True,
        "pairs": [[sealed, {str(an_id("key")): sealed}], [1], "2026-06-01"],
    }  # fmt: skip
    after = (await stood(store, "note", note.id, Upto())).shown
    assert after["state"]["votes"] == {"one": 1}
    for shown in (before, after):
        text = json.dumps(shown)
        assert box not in text
        assert str(an_id("person")) not in text
