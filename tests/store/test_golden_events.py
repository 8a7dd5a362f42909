"""A stored sample of every event version still loads, in a process that never made one."""

from pathlib import Path
from uuid import UUID

import orjson
import pytest
from eventsourcing.domain import CanMutateAggregate

from ocop.standalone import ROOMS
from shared.eventstore.aggregate import Begun, Changed
from shared.eventstore.mapper import EventMapper

GOLDEN = Path(__file__).with_name("golden")
STORED = (
    "services.",
    "shared.eventstore.checkpoints",
    "shared.eventstore.lost",
)  # whose events outlive the program


def event_classes(base: type = Changed) -> set[type]:
    found: set[type] = set()
    for kind in base.__subclasses__():
        if kind.__module__.startswith(STORED) and getattr(kind, "TOPIC", ""):
            found.add(kind)
        found |= event_classes(kind)
    return found


TOPICS = {kind.TOPIC: kind for kind in event_classes()}


@pytest.mark.parametrize("file", sorted(GOLDEN.glob("*.json")), ids=lambda f: f.stem)
def test_a_stored_sample_loads_and_is_stored_again_as_it_was(file: Path) -> None:
    sample = orjson.loads(file.read_bytes())
    topic, _, version = file.stem.rpartition(".v")
    state = orjson.dumps(sample["state"])
    event = EventMapper().decode(topic, state, UUID(sample["originator_id"]), sample["originator_version"])
    assert isinstance(event, CanMutateAggregate)
    assert isinstance(event, Begun) == (event.originator_version == 1)
    if int(version) == type(event).class_version:
        again = orjson.loads(EventMapper().to_stored_event(event).state)
        defaults = {name: field.default for name, field in type(event).model_fields.items()}
        added = {name for name in again.keys() - sample["state"].keys() if name != "class_version"}
        assert {name: again[name] for name in again.keys() - added} == sample["state"]
        assert all(getattr(event, name) == defaults[name] for name in added)  # a field that came later, as before it


@pytest.mark.parametrize("topic", sorted(TOPICS))
def test_every_event_has_a_sample_of_each_version_up_to_its_present_one(topic: str) -> None:
    versions = range(1, TOPICS[topic].class_version + 1)
    assert [v for v in versions if not (GOLDEN / f"{topic}.v{v}.json").exists()] == []


def test_every_house_has_events() -> None:
    houses = {topic.partition(".")[0] for topic in TOPICS}
    assert houses == set(ROOMS)
