"""What certification says of recognitions made in a test: its contracts, its states, as the relay would send them."""

from typing import Any
from uuid import UUID

from services.certification.domain.recognition import Recognition
from services.certification.published import PUBLISHED, STATES
from shared.bus.saying import envelope_of
from shared.bus.stating import Stating
from shared.contracts.envelope import Envelope
from shared.eventstore.aggregate import Changed
from shared.eventstore.mapper import Recorded


class Recorder:
    """Stands for the store: it gives positions, and loads a recognition as of any of them."""

    house = "certification"

    def __init__(self) -> None:
        self.events: list[Changed] = []
        stored: Any = self
        self._stating = Stating(stored, PUBLISHED, STATES)

    def record(self, recognition: Recognition) -> list[Envelope]:
        """Takes what has happened to it since the last time; returns the contracts of that."""
        said = []
        for event in recognition.collect_events():
            self.events.append(event)
            said.append(envelope_of(self.house, Recorded(len(self.events), event, {}), PUBLISHED))
        return [envelope for envelope in said if envelope]

    async def states(self, envelopes: list[Envelope]) -> list[Envelope]:
        """The states that are said in the same transaction."""
        return await self._stating.after(envelopes)

    async def load(self, cls: type[Recognition], id: UUID, upto: int) -> Recognition | None:
        so_far: Any = None
        for event in self.events[:upto]:
            if event.originator_id == id:
                so_far = event.mutate(so_far)
        assert so_far is None or isinstance(so_far, cls)
        return so_far
