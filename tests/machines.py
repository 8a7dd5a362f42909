"""What the stateful tests share: a command that is refused says nothing, and what was said can be played again."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

from shared.eventstore.aggregate import Aggregate
from shared.values import Moment, Refusal


def at(day: date) -> Moment:
    """A legal date, recorded on the same day."""
    return Moment(day, datetime(day.year, day.month, day.day, 2, tzinfo=UTC))


@contextmanager
def a_command(*aggregates: Aggregate) -> Iterator[None]:
    """Does something, or is refused: by a declared rule, in both languages, with nothing said. Anything else fails."""
    before = [len(aggregate.pending_events) for aggregate in aggregates]
    refusal: Refusal | None = None
    try:
        yield
    except Refusal as refused:
        refusal = refused
    if refusal:
        assert refusal.rule
        assert refusal.message_vi
        assert refusal.message_en
        assert [len(aggregate.pending_events) for aggregate in aggregates] == before, refusal.rule


def played_again(aggregate: Aggregate) -> Any:
    """The same aggregate from its events."""
    again: Any = None
    for event in aggregate.pending_events:
        again = event.mutate(again)
    return again


def facts_of(aggregate: Aggregate) -> dict[str, Any]:
    """What an aggregate knows by its events."""
    return {name: value for name, value in vars(aggregate).items() if not name.startswith("_")}


def check_replay(aggregates: Sequence[Aggregate]) -> None:
    """Each is what its events make of it."""
    for aggregate in aggregates:
        assert facts_of(played_again(aggregate)) == facts_of(aggregate)
