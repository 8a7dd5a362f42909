"""Which private events are said to others: a table from event class to the function that makes its contract."""

import inspect
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, get_args

from eventsourcing.utils import get_topic

from shared.contracts.envelope import Contract, State
from shared.contracts.topics import Topic
from shared.eventstore.aggregate import Aggregate, Changed

Say = Callable[[Any], Contract]


class Published:
    """The one place of a house where a private event becomes public; what is not in the table stays inside."""

    def __init__(self, house: str) -> None:
        self.house = house
        self._says: dict[type[Changed], Say] = {}
        self._topics: dict[str, frozenset[str]] = {}

    def on(self, *kinds: type[Changed]) -> Callable[[Say], Say]:
        """Registers a pure function event -> contract; its return annotation tells which contracts it says."""

        def register(function: Say) -> Say:
            told = inspect.signature(function, eval_str=True).return_annotation
            contracts = get_args(told) or (told,)
            names = frozenset(name for c in contracts for name in (c.__name__, c.type_name()))
            for kind in kinds:
                self._says[kind] = function
                self._topics[get_topic(kind)] = names
            return function

        return register

    def __call__(self, event: Changed) -> Contract | None:
        """The contract of an event, None where it is private."""
        say = self._says.get(type(event))
        return say(event) if say else None

    def types(self, kinds: Iterable[type[Changed]]) -> frozenset[str]:
        """The full names of the contracts that these kinds of events are said as."""
        names = frozenset[str]().union(*(self._topics.get(get_topic(kind), ()) for kind in kinds))
        return frozenset(name for name in names if "." in name)

    def topics(self, types: Collection[str] | None = None) -> list[str]:
        """The topics of stored events that are said at all, or as one of these contract types (short or full names)."""
        return [topic for topic, names in self._topics.items() if types is None or names & set(types)]


@dataclass(frozen=True, slots=True)
class States:
    """What is said beside the contracts: the states of a kind of aggregate, on a compacted topic of their own.

    `changed_by`: the events after which they are said anew; `of(aggregate, on, position)` is pure and gives them all as of
    the aggregate's last event, which stands at that position, with their status on that day.
    """

    topic: Topic
    aggregate: type[Aggregate]
    changed_by: tuple[type[Changed], ...]
    of: Callable[[Any, date, int], Sequence[State]]

    @property
    def events(self) -> list[str]:
        """The topics of the stored events that change them."""
        return [get_topic(kind) for kind in self.changed_by]
