"""Bases of aggregates and their events: the library's aggregates, with pydantic events and time as an argument.

A command method checks and triggers; an `@event` method only assigns. Both the aggregate and each of its events
carry an explicit TOPIC, since a stored event must find its class in a process that never created one.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from eventsourcing.domain import BaseAggregate, CanInitAggregate, CanMutateAggregate, event
from pydantic import BaseModel, ConfigDict

from shared.auth.permissions import Place
from shared.values import About, Moment

__all__ = ["AboutProduct", "Aggregate", "Begun", "BegunAbout", "Changed", "ChangedAbout", "event"]


class Changed(BaseModel, CanMutateAggregate[UUID]):
    """A fact that changes an aggregate. `timestamp` is when it was recorded (UTC), `legal_date` when it counts."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    TOPIC: ClassVar[str] = ""
    class_version: ClassVar[int] = 1

    originator_id: UUID
    originator_version: int
    timestamp: datetime
    legal_date: date


class Begun(Changed, CanInitAggregate[UUID]):
    """The first fact of an aggregate."""

    originator_topic: str


class ChangedAbout(Changed):
    """A fact about a product, fat enough to be said to others without looking anything up."""

    about: About
    ruleset: str

    def carried(self) -> dict[str, Any]:
        """What every contract about a product carries."""
        facts = self.about
        return {
            "product": facts.product, "producer": facts.producer, "province": facts.province,
            "commune": facts.commune, "legal_date": self.legal_date, "ruleset": self.ruleset,
        }  # fmt: skip


class BegunAbout(Begun, ChangedAbout):
    """The first fact of an aggregate about a product."""


class Aggregate(BaseAggregate[UUID]):
    """An aggregate whose ids and times are given: nothing in it asks a clock or draws a number."""

    class Event(Changed):
        pass

    @classmethod
    def _create(cls, event_class: type[Any], *, id: UUID, when: Moment, **facts: Any) -> Self:
        return super()._create(event_class, id=id, timestamp=when.at, legal_date=when.on, **facts)

    def trigger_event(self, event_class: type[Any], *, when: Moment, **facts: Any) -> None:
        super().trigger_event(event_class, timestamp=when.at, legal_date=when.on, **facts)

    @property
    def withheld(self) -> tuple[str, ...]:
        """What of it nobody may read yet, as paths of attributes: `turn.ballots`."""
        return ()


class AboutProduct(Aggregate):
    """An aggregate about one product: each of its events repeats what it is about and the ruleset that decides."""

    about: About
    ruleset: str

    @property
    def place(self) -> Place:
        """Where it is and whose it is, for the question who may."""
        facts = self.about
        return Place(province=facts.province, commune=facts.commune, producer=str(facts.producer.id))

    def trigger_event(self, event_class: type[Any], *, when: Moment, **facts: Any) -> None:
        given: Mapping[str, Any] = {"about": self.about, "ruleset": self.ruleset, **facts}
        super().trigger_event(event_class, when=when, **given)
