"""A view of another house's facts: as a sink of the relay its contracts, in order, with its own checkpoint; or read anew."""

from collections.abc import Sequence

from shared.bus.saying import envelope_of
from shared.contracts.envelope import Contract, Envelope
from shared.eventstore.parking import StandsBefore, is_passing, park
from shared.eventstore.publishing import Published
from shared.eventstore.store import EventStore
from shared.eventstore.views import Fact, Stretch, View, advance

APART_SECONDS = 0.1  # people read it, and for them that is at once


class Listening:
    """Applies the contracts that a foreign view knows; others are passed over."""

    apart = APART_SECONDS

    def __init__(self, view: View, store: EventStore) -> None:
        self.name = f"{store.house}.{view.name}"
        self.view = view
        self.reader = view.reader
        self._store = store
        self._kinds: dict[str, type[Contract]] = {kind.type_name(): kind for kind in view.handlers}

    @property
    def types(self) -> frozenset[str]:
        """The contract types it reads."""
        return frozenset(self._kinds)

    async def position(self, source: str) -> int:
        return await self._store.position(self.view.reader, source)

    async def send(self, source: str, envelopes: list[Envelope], upto: int, _: object = None) -> None:
        await self.take({source: envelopes}, {source: upto})

    async def take(self, said: dict[str, list[Envelope]], upto: dict[str, int], _: object = None) -> None:
        """Applies what was said, by the row that keeps its position, in one transaction with those positions.

        Raises StandsBefore where the view cannot take something: it has then what comes before.
        """
        stretches = [Stretch(row, self.facts(self.view.source, said.get(row, [])), at) for row, at in upto.items()]
        try:
            await advance(self._store.pool, self.view, stretches)
        except Exception as error:
            if is_passing(error):
                raise
            for stretch in stretches:
                await self._apart(stretch)

    async def _apart(self, stretch: Stretch) -> None:
        """The whole stretch, or up to the contract that the view cannot take: before it the view is parked."""
        row, facts = stretch.row, stretch.facts
        try:
            await advance(self._store.pool, self.view, [stretch])
        except Exception as error:
            if is_passing(error) or not facts:
                raise
            if len(facts) == 1:
                pause = await park(self._store.pool, self._store.house, self.view, facts[0], error, row)
                raise StandsBefore(pause) from error
            half = len(facts) // 2
            await self._apart(Stretch(row, facts[:half], facts[half - 1].position))
            await self._apart(Stretch(row, facts[half:], stretch.upto))

    def facts(self, source: str, envelopes: Sequence[Envelope]) -> list[Fact]:
        """The contracts among these that the view reads."""
        known = (e for e in envelopes if e.type in self._kinds)
        return [Fact(e.position, self._kinds[e.type].model_validate(e.data), source, e.time) for e in known]


class ToldFacts:
    """The contracts that a view reads of another house, as that house's store has them: said to this view and nobody else."""

    def __init__(self, store: EventStore, published: Published, listening: Listening) -> None:
        self._store, self._published, self._listening = store, published, listening
        self._topics = published.topics(listening.types)

    async def head(self) -> int:
        return await self._store.head()

    async def facts(self, after: int, upto: int) -> Sequence[Fact]:
        recorded = await self._store.between(after, upto, self._topics)
        told = (envelope_of(self._store.house, one, self._published) for one in recorded)
        return self._listening.facts(self._store.house, [one for one in told if one])
