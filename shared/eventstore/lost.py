"""Positions that a restored store lacks, and that others have heard of: each is taken by an event that says so.

A contract's id is `<house>:<position>`, for ever. What was told at a lost position cannot be made again from what was told:
contracts are not events. But no other fact may ever get its id. So each lost position gets a private event which
says what was told there; versions, positions and the hash chain stay without a gap, and nothing is said of it to anybody.

Every house has one aggregate of them, alike but for its topics, made here.
"""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID, uuid5

from shared.contracts.topics import HOUSES
from shared.eventstore.aggregate import Aggregate, Begun, Changed, event
from shared.values import Moment, Value

IDS = UUID("105e0c0e-9f0e-5b0a-8a51-6f636f702e76")  # namespace of the aggregates' ids


class Told(Value):
    """What was told at a lost position: the envelope's attributes, and the SHA-256 (hex) of what it held."""

    id: str
    type: str
    key: str
    subject: str
    time: datetime
    digest: str


class Losses(Aggregate):
    """What the aggregates of the houses have in common: each event is one lost position, of all restores."""

    FirstLost: ClassVar[type[Any]]
    PositionLost: ClassVar[type[Any]]

    def lose(self, told: Told | None, reason: str, when: Moment) -> None:
        """`told` is None where nothing was told at a position: what stood there was private."""
        self.trigger_event(self.PositionLost, when=when, told=told, reason=reason)


def losses_id(house: str) -> UUID:
    """The id of a house's aggregate: the same for ever."""
    return uuid5(IDS, house)


def first_lost(house: str, told: Told | None, reason: str, when: Moment) -> Losses:
    """The aggregate of a house that has lost none before."""
    kind = LOSSES[house]
    return kind._create(kind.FirstLost, id=losses_id(house), when=when, told=told, reason=reason)


def _aggregate_of(house: str) -> type[Losses]:
    """The aggregate with topics of its own: a stored event finds its class in whatever process imports this module."""

    class OfHouse(Losses):
        TOPIC = f"{house}.Losses"

        class FirstLost(Begun):
            TOPIC = f"{house}.FirstLost"
            told: Told | None
            reason: str

        class PositionLost(Changed):
            TOPIC = f"{house}.PositionLost"
            told: Told | None
            reason: str

        @event(FirstLost)
        def __init__(self) -> None:
            """Nothing is decided here by what was before: the facts are in the events."""

    return OfHouse


LOSSES = {house: _aggregate_of(house) for house in HOUSES}
