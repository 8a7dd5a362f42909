"""Aggregates over which commands of a process clash: from then on, until nobody waits for one, it is one command's at a time.

Who clashes decides again in its turn. Who comes meanwhile and would load such an aggregate waits for its turn as well: else
newcomers would overtake for ever whoever has to decide again. Between processes the versions in the store decide alone.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import UUID


class NotItsTurn(Exception):
    """A command met an aggregate whose turn is another's: it decides again when it has its own."""

    def __init__(self, id: UUID) -> None:
        super().__init__(f"{id} is decided on by another command")
        self.id = id


class Turns:
    """The aggregates that clashes are about."""

    def __init__(self) -> None:
        self._locks: dict[UUID, asyncio.Lock] = {}
        self._wanted: Counter[UUID] = Counter()

    def check(self, id: UUID, mine: Collection[UUID]) -> None:
        """Raises NotItsTurn where the aggregate is taken, and not by the holder of `mine`."""
        if id in self._locks and id not in mine:
            raise NotItsTurn(id)

    @asynccontextmanager
    async def of(self, ids: Collection[UUID]) -> AsyncIterator[None]:
        """The turn for all of them. Taken in one order by everybody, and never while holding others: nobody waits in a circle."""
        self._wanted.update(ids)
        try:
            async with AsyncExitStack() as stack:
                for id in sorted(ids):
                    await stack.enter_async_context(self._locks.setdefault(id, asyncio.Lock()))
                yield
        finally:
            self._wanted.subtract(ids)
            for id in ids:
                if not self._wanted[id]:
                    del self._wanted[id], self._locks[id]
