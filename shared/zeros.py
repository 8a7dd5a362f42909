"""Counters that begin at 0 with the process: a first failure is then a rise that an alert sees, and an empty panel is a fault."""

from itertools import product

from shared.bus.decisions import DECISIONS
from shared.bus.reactions import READER
from shared.house import Rooms
from shared.metrics import (
    COMMAND_SECONDS,
    COMMANDS,
    DEAD_LETTER_OLDEST,
    DEAD_LETTERS,
    DELIVERED,
    DUPLICATES,
    KINDS,
    RELAY_FAILURES,
    RELAY_REASONS,
    RELAY_SENT,
    RETRIES,
    RETRY_OUTCOMES,
    SNAPSHOT_OUTCOMES,
    SNAPSHOTS,
    TAKEN_OUTCOMES,
)  # fmt: skip


def of_commands(rooms: Rooms) -> None:
    """What every process of a house counts."""
    for command in (*rooms.commands.handlers, *DECISIONS):
        COMMAND_SECONDS.labels(rooms.name, command.__name__)
        for outcome in ("ok", "repeat", "failed"):  # which rules may say no is not known
            COMMANDS.labels(rooms.name, command.__name__, outcome)
    for outcome in SNAPSHOT_OUTCOMES:
        SNAPSHOTS.labels(rooms.name, outcome)


def of_work(rooms: Rooms) -> None:
    """What its worker counts besides."""
    house = rooms.name
    RELAY_SENT.labels(house)
    DEAD_LETTER_OLDEST.labels(house)
    for reason in RELAY_REASONS:
        RELAY_FAILURES.labels(house, reason)
    for kind in KINDS:
        DEAD_LETTERS.labels(house, kind)
    for outcome in RETRY_OUTCOMES:
        RETRIES.labels(house, outcome)
    for source, outcome in product(rooms.policy.hears, TAKEN_OUTCOMES):
        DELIVERED.labels(f"{house}.{READER}", source, outcome)
    for view in rooms.room.foreign:
        DELIVERED.labels(f"{house}.{view.name}", view.source, "skipped")
    for source in rooms.policy.hears | {view.source for view in rooms.room.foreign}:
        DUPLICATES.labels(house, source)
