"""An aggregate as it stood: the longest run of its facts, from the first on, of which all count by what is asked.

A fact never counts before the one before it, on whose state it was decided: so what is shown is a state that there was.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import takewhile
from typing import Any
from uuid import UUID

from pydantic_core import to_jsonable_python

from shared.contracts.envelope import as_utc
from shared.eventstore.aggregate import Aggregate
from shared.eventstore.store import EventStore, Kept
from shared.values import NotFound

SEALED = {"person", "box"}  # the fields of what only a person's key opens


@dataclass(frozen=True, slots=True)
class Upto:
    """What counts: a legal date, an instant of recording, a position of the house, each included; null: any."""

    on: date | None = None
    known_at: datetime | None = None
    position: int | None = None

    def counts(self, fact: Kept) -> bool:
        return (
            (self.on is None or fact.event.legal_date <= self.on)
            and (self.known_at is None or fact.event.timestamp <= self.known_at)
            and (self.position is None or fact.position <= self.position)
        )


@dataclass(frozen=True, slots=True)
class Stood:
    """An aggregate by its facts until then; `now`: by all of them, which says whose it is."""

    house: str
    then: Aggregate
    now: Aggregate
    last: Kept

    @property
    def shown(self) -> dict[str, Any]:
        """As JSON: the last fact that counts, and the state that it led to. What is sealed, or withheld then, is not shown."""
        state = {name: value for name, value in vars(self.then).items() if not name.startswith("_")}
        told = without_sealed(to_jsonable_python(state, fallback=str))
        for path in self.then.withheld:
            withhold(told, path.split("."))
        return {
            "house": self.house, "type": name_of(self.then), "id": str(self.then.id), "version": self.then.version,
            "position": f"{self.house}:{self.last.position}", "legal_date": self.last.event.legal_date.isoformat(),
            "recorded_at": as_utc(self.last.event.timestamp), "state": told,
        }  # fmt: skip


async def stood(store: EventStore, kind: str, id: UUID, upto: Upto) -> Stood:
    """`kind`: the aggregate's name in any letters. Raises NotFound, also where it had not begun by then."""
    facts = await store.history(id)
    counting = list(takewhile(upto.counts, facts))
    now = made_of(facts)
    if now is None or spelt(name_of(now)) != spelt(kind) or not counting:
        raise NotFound(what=kind, id=id)
    then = made_of(counting)
    assert then is not None
    return Stood(store.house, then, now, counting[-1])


def made_of(facts: Sequence[Kept]) -> Aggregate | None:
    aggregate: Any = None
    for fact in facts:
        aggregate = fact.event.mutate(aggregate)
    return aggregate if isinstance(aggregate, Aggregate) else None


def name_of(aggregate: Aggregate) -> str:
    return type(aggregate).__name__


def spelt(kind: str) -> str:
    """`BusinessPlan`, `business-plan` and `businessplan` are one."""
    return kind.replace("-", "").replace("_", "").lower()


def without_sealed(node: Any) -> Any:
    """JSON in which a sealed value is only said to be there."""
    if isinstance(node, dict):
        if node.keys() == SEALED:
            return {"sealed": True}
        return {key: without_sealed(value) for key, value in node.items()}
    return [without_sealed(value) for value in node] if isinstance(node, list) else node


def withhold(node: Any, path: list[str]) -> None:
    """Puts a mark in the place of what may not be read yet, where there is anything."""
    *above, last = path
    for name in above:
        node = node.get(name) if isinstance(node, dict) else None
    if isinstance(node, dict) and node.get(last):
        node[last] = {"withheld": True}
