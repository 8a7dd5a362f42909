"""Turns events into stored bytes and back: pydantic's JSON, so that every type of a field is validated on both ways."""

from typing import Any, NamedTuple
from uuid import UUID

import orjson
from eventsourcing.persistence import Mapper, StoredEvent
from eventsourcing.utils import get_topic, resolve_topic

from shared.eventstore import lost  # noqa: F401 - any house may have these events, and a program finds them by their topics
from shared.eventstore.aggregate import Changed

KEYS = {"originator_id", "originator_version"}


class WrittenByNewer(ValueError):
    """A stored event of a version that this program does not know: a newer program wrote it, and only such may read it.

    To read it as an older version could drop what it says, so that its reader stops before it.
    """

    def __init__(self, topic: str, stored: int, known: int) -> None:
        super().__init__(f"{topic} is stored as version {stored}; this program reads up to version {known}")


class Recorded(NamedTuple):
    """One event as read in commit order, with its position and metadata (actor, request, correlation, causation)."""

    position: int
    event: Changed
    metadata: dict[str, Any]


class EventMapper(Mapper[UUID]):
    """The library's mapper over pydantic; upcasters of old versions run before validation."""

    def __init__(self) -> None:
        """Takes no transcoder: pydantic is it."""

    def to_stored_event(self, domain_event: Any) -> StoredEvent:
        state = domain_event.model_dump_json(exclude=KEYS)
        if (version := type(domain_event).class_version) > 1:
            state = f'{state[:-1]},"class_version":{version}}}'
        return StoredEvent(
            originator_id=domain_event.originator_id,
            originator_version=domain_event.originator_version,
            topic=get_topic(type(domain_event)),
            state=state.encode(),
        )

    def to_domain_event(self, stored_event: StoredEvent) -> Any:
        return self.decode(
            stored_event.topic, stored_event.state, stored_event.originator_id, stored_event.originator_version
        )

    def decode(self, topic: str, state: bytes, originator_id: Any, version: int) -> Changed:
        """Rebuilds an event, of an older version through its class's upcasters, one step after another.

        Raises WrittenByNewer, or pydantic's ValidationError where the stored state no longer fits its class.
        """
        cls = resolve_topic(topic)
        if cls.class_version == 1 and b'"class_version"' not in state:
            ids = b'{"originator_id":"%b","originator_version":%d,' % (str(originator_id).encode(), version)
            return cls.model_validate_json(ids + state[1:])
        facts = orjson.loads(state)
        stored_version = facts.pop("class_version", 1)
        if stored_version > cls.class_version:
            raise WrittenByNewer(topic, stored_version, cls.class_version)
        for step in range(stored_version, cls.class_version):
            getattr(cls, f"upcast_v{step}_v{step + 1}")(facts)
        return cls.model_validate(facts | {"originator_id": str(originator_id), "originator_version": version})

    def recorded(self, row: Any) -> Recorded:
        """From a row of `feed` and its like, by the places of the six columns that each of them begins with."""
        id, version, topic, state, position, metadata = row[:6]
        return Recorded(position, self.decode(topic, state, id, version), orjson.loads(metadata))
