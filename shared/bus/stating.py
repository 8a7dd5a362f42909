"""The latest state of what a house keeps, for a compacted topic: whoever comes new has the state of all within seconds."""

import asyncio
from uuid import UUID

from shared.bus.wire import Message, header, opened, to_kafka
from shared.calendar import HANOI
from shared.contracts.envelope import Envelope
from shared.eventstore.publishing import Published, States
from shared.eventstore.store import EventStore


class Stating:
    """Tells the states of one house's aggregates as of the contracts that changed them."""

    def __init__(self, store: EventStore, published: Published, states: States) -> None:
        self._store, self._states = store, states
        self._after = published.types(states.changed_by)

    async def told(self, said: list[Message]) -> list[Message]:
        """The same for the relay."""
        changing = [opened(one) for one in said if header(one.headers, "ce_type") in self._after]
        return [to_kafka(state) for state in await self.after(changing)]

    async def after(self, envelopes: list[Envelope]) -> list[Envelope]:
        """The states of each aggregate as of the last of these contracts about it; an aggregate is told once."""
        last = {envelope.subject: envelope for envelope in envelopes if envelope.type in self._after}
        told = await asyncio.gather(*(self._told(envelope) for envelope in last.values()))
        return [envelope for found in told for envelope in found]

    async def _told(self, cause: Envelope) -> list[Envelope]:
        aggregate = await self._store.load(self._states.aggregate, UUID(cause.subject), cause.position)
        if aggregate is None or cause.legaldate is None:
            raise LookupError(f"{cause.id}: no {self._states.aggregate.__name__} {cause.subject}")
        # The day of recording: what counts from an earlier day on (an old recognition taken in) must not tell of that day
        # what else the product has had since.
        on = max(cause.legaldate, cause.time.astimezone(HANOI).date())
        return [
            cause.model_copy(
                update={
                    "type": state.type_name(), "key": state.key, "data": state.model_dump(mode="json"),
                    "source": f"{cause.source}/{state.key}", "subject": state.key,  # one fact makes many states
                    "dataschema": f"/{self._store.house}/schemas/{type(state).__name__}.v{state.VERSION}.json",
                }
            )
            for state in self._states.of(aggregate, on, cause.position)
        ]  # fmt: skip
