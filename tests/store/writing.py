"""A process that writes to a store, some of it slowly, some of it in vain: `python -m tests.store.writing DSN NAME COMMANDS`."""

import asyncio
import random
import sys
from collections.abc import Sequence

import asyncpg

from shared.clock import Clock
from shared.eventstore.appender import Row
from shared.eventstore.sql import STORE
from shared.eventstore.store import EventStore
from tests.given import an_id
from tests.store.counter import HOUSE, Counter

AT_ONCE = 4
LONGEST_SECONDS = 0.02
EVERY_NTH_BY_HAND, EVERY_NTH_UNDONE = 5, 3


async def by_hand(dsn: str, request: str, rows: Sequence[Row], seconds: float, *, undone: bool) -> None:
    """An append whose transaction stays open for a while, and may be undone in the end: others begin and wait meanwhile."""
    connection = await asyncpg.connect(dsn)
    try:
        transaction = connection.transaction()
        await transaction.start()
        await connection.fetch(STORE.append, rows, [(request, b"", None, len(rows))])
        await asyncio.sleep(seconds)
        await (transaction.rollback() if undone else transaction.commit())
    finally:
        await connection.close()


def rows_of(store: EventStore, counter: Counter) -> list[Row]:
    """The events of a counter that are not stored yet."""
    said = [(event, store.mapper.to_stored_event(event)) for event in counter.collect_events()]
    return [
        Row(e.originator_id, e.originator_version, e.topic, e.state, event.timestamp, event.timestamp.date(), "{}")  # type: ignore[attr-defined]
        for event, e in said
    ]  # fmt: skip


async def main(dsn: str, name: str, commands: int) -> None:
    store, when, dice = EventStore(HOUSE, dsn), Clock().now(), random.Random(name)
    await store.open()
    waiting = iter(range(commands))

    async def one_after_another() -> None:
        for number in waiting:
            counter = Counter.open(an_id(f"{name} {number}"), name, when)
            for n in range(number % 3):
                counter.add(n, when)
            rows = rows_of(store, counter)
            request = f"{name} {number}"
            if number % EVERY_NTH_BY_HAND:
                await store.append_rows(rows, request=request, fingerprint=b"", answer=None)
            else:
                undone = number % EVERY_NTH_UNDONE == 0
                await by_hand(dsn, request, rows, dice.uniform(0, LONGEST_SECONDS), undone=undone)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(one_after_another())
    finally:
        await store.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
