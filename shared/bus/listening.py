"""A view of another house's facts, as a sink of the relay: its contracts, in order, with its own checkpoint."""

from shared.contracts.envelope import Contract, Envelope
from shared.eventstore.store import EventStore
from shared.eventstore.views import Fact, View, advance


class Listening:
    """Applies the contracts that a foreign view knows; others are passed over."""

    def __init__(self, view: View, store: EventStore) -> None:
        self.name = f"{store.house}.{view.name}"
        self.view = view
        self._store = store
        self._kinds: dict[str, type[Contract]] = {kind.type_name(): kind for kind in view.handlers}

    async def position(self, source: str) -> int:
        return await self._store.position(self.view.reader, source)

    async def send(self, source: str, envelopes: list[Envelope], upto: int) -> None:
        await advance(self._store.pool, self.view, self.facts(source, envelopes), upto)

    def facts(self, source: str, envelopes: list[Envelope]) -> list[Fact]:
        """The contracts among these that the view reads."""
        known = (e for e in envelopes if e.type in self._kinds)
        return [Fact(e.position, self._kinds[e.type].model_validate(e.data), source) for e in known]
