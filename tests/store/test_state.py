"""What an aggregate is comes back from bytes as it was: every kind of value, in its order, and what is sealed still sealed."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, StrEnum
from fractions import Fraction
from typing import Any

import asyncpg
import orjson
import pytest
from eventsourcing.utils import TopicError

from shared.eventstore.aggregate import Aggregate, Begun, event
from shared.eventstore.sql import STORE
from shared.eventstore.state import NoValue, made, plain, valued, written
from shared.eventstore.store import EventStore
from shared.sealing import Erased, Sealed, seal_all, unseal
from shared.values import Value
from tests.given import an_id, on
from tests.store.counter import Counter


class Colour(StrEnum):
    RED = "red"


class Size(Enum):
    SMALL = 1


class Point(Value):
    x: int
    tags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Pair:
    left: Any
    right: Any


VALUES: list[Any] = [
    None, True, 0, -(2**53), 1.5, "", "Tỏi Lý Sơn", [], [1, [2, None]], (), (1, ("a",)), {}, {"a": 1, "b": [date(2026, 6, 1)]},
    {1: an_id("x"), 2: an_id("y")}, {(1, "a"): {"~": "no kind"}}, {"~": 1, "is": 2}, set(), {3, 1, 2}, frozenset({"b", "a"}),
    date(2026, 2, 28), datetime(2026, 6, 1, 2, 3, 4, 567, tzinfo=UTC), time(8, 30), timedelta(days=-1, microseconds=7),
    an_id("z"), Decimal("1.10"), Fraction(2, 3), b"\x00\xff", Colour.RED, Size.SMALL, {Colour.RED: Size.SMALL},
    Point(x=1, tags=frozenset({"b", "a"})), Pair(Point(x=2), (Pair(None, {1}),)),
    Sealed[str](person=an_id("person"), box="Ym94"),
]  # fmt: skip


def shape(value: Any) -> Any:
    """With its kinds, which `==` passes over."""
    if isinstance(value, dict):
        return dict, [(shape(key), shape(one)) for key, one in value.items()]
    if isinstance(value, (list, tuple)):
        return type(value), [shape(one) for one in value]
    return type(value), value


@pytest.mark.parametrize("value", VALUES, ids=[f"{type(value).__name__}-{n}" for n, value in enumerate(VALUES)])
def test_a_value_comes_back_as_it_was_with_its_kind_and_order(value: Any) -> None:
    again = valued(orjson.loads(orjson.dumps(plain(value))))
    assert shape(again) == shape(value)


def test_a_set_is_written_alike_whatever_its_order() -> None:
    assert plain({"b", "a", "c"}) == plain({"c", "b", "a"})


@pytest.mark.parametrize("thing", [object(), open, type, iter([])], ids=["object", "function", "class", "iterator"])
def test_what_is_no_value_is_refused(thing: Any) -> None:
    with pytest.raises((NoValue, TypeError)):
        plain(thing)


@pytest.mark.parametrize(
    "node",
    [{"~": "os:system", "is": {"command": "true"}}, {"~": "subprocess:Popen", "is": {"args": "true"}},
     {"~": "tests.store.counter:Counter", "is": {}}, {"~": "nowhere:Nothing", "is": {}}, {"~": "uuid", "is": "x"}],
)  # fmt: skip
def test_what_is_no_value_is_not_made(node: Any) -> None:
    with pytest.raises((ValueError, TypeError, TopicError)):
        valued(node)


def test_an_aggregate_goes_on_from_its_state_as_from_its_events() -> None:
    counter = Counter.open(an_id("c"), "c", on("2026-06-01"))
    counter.add(3, on("2026-06-02"))
    again = made(Counter, counter.id, counter.version, written(counter))
    for one in (counter, again):
        one.add(4, on("2026-06-03"))
    assert written(again) == written(counter)
    assert (again.total, again.version, again.modified_on) == (7, 3, on("2026-06-03").at)
    assert [event.originator_version for event in again.pending_events] == [3]


class Patient(Aggregate):
    """No aggregate of the houses keeps what is sealed; one that did would keep it sealed."""

    TOPIC = "test.Patient"

    class Admitted(Begun):
        TOPIC = "test.PatientAdmitted"
        name: Sealed[str]
        others: tuple[Sealed[str], ...]

    @event(Admitted)
    def __init__(self, name: Sealed[str], others: tuple[Sealed[str], ...]) -> None:
        self.name = name
        self.others = others


async def test_what_is_sealed_stays_sealed_and_erased_stays_erased(
    store: EventStore, owner: asyncpg.Connection
) -> None:
    person, texts = an_id("person"), ["Nguyễn Thị Hoa", "0905 000 000", "hoa@example.vn"]
    name, *others = await seal_all(store.pool, person, texts)
    moment = on("2026-06-01")
    patient = Patient._create(Patient.Admitted, id=an_id("p"), when=moment, name=name, others=tuple(others))
    state = written(patient)
    assert not [text for text in texts if text.encode() in state]
    again = made(Patient, patient.id, patient.version, state)
    assert (again.name, again.others) == (name, tuple(others))
    assert [await unseal(store.pool, box) for box in (again.name, *again.others)] == texts
    await owner.execute(STORE.erase_person, person)
    for box in (again.name, *again.others):
        with pytest.raises(Erased):
            await unseal(store.pool, box)
