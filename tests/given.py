"""Given / when / then: the only way an aggregate is tested. No store, no clock, no network."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Self
from uuid import UUID, uuid5

import pytest

from shared.eventstore.aggregate import Aggregate, Changed
from shared.values import About, Moment, ProducerRef, ProductRef, Refusal

NAMES = UUID("7e57ab1e-0000-5000-8000-000000000000")


def an_id(name: str) -> UUID:
    """The same id for the same name in every test."""
    return uuid5(NAMES, name)


def on(day: str, hour: int = 2) -> Moment:
    """A legal date with the instant at which it was recorded."""
    d = date.fromisoformat(day)
    return Moment(d, datetime(d.year, d.month, d.day, hour, tzinfo=UTC))


def about(name: str = "Tỏi Lý Sơn", *, set: str = "10", code: str | None = None, kind: str = "cooperative") -> About:
    """A product of Lý Sơn (51, 21548) with its producer."""
    return About(
        product=ProductRef(id=an_id(name), code=code, name=name, set=set, group="food"),
        producer=ProducerRef(id=an_id(f"producer of {name}"), name=f"Hợp tác xã {name}", kind=kind),
        province="51",
        commune="21548",
    )


@dataclass
class Case:
    """`given(idea).when(lambda: idea.accept(...))`, then what it said or why it refused."""

    aggregate: Aggregate
    said: list[Changed]

    def when(self, act: Callable[[Any], object]) -> Self:
        act(self.aggregate)
        self.said = list(self.aggregate.collect_events())
        return self

    def then(self, *kinds: type[Changed]) -> Changed:
        """These kinds of events were said, in this order; returns the last."""
        assert [type(e) for e in self.said] == list(kinds)
        return self.said[-1]

    def refuses(self, refusal: type[Refusal], act: Callable[[Any], object]) -> Refusal:
        """The act is refused with this refusal, in both languages, and nothing is said."""
        with pytest.raises(refusal) as caught:
            act(self.aggregate)
        assert caught.value.message_vi
        assert caught.value.message_en
        assert not self.aggregate.pending_events
        return caught.value


def given(aggregate: Aggregate) -> Case:
    """An aggregate with its past behind it."""
    past = list(aggregate.collect_events())
    again: Any = None
    for e in past:
        again = e.mutate(again)
    assert vars(again).keys() == vars(aggregate).keys()
    return Case(again or aggregate, [])
