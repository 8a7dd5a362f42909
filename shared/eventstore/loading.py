"""Loads that are asked for in the same moment go in one round trip: commands of a batch decide side by side."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from uuid import UUID

import asyncpg

from shared.eventstore.sql import STORE

Rows = list[asyncpg.Record]


class Loading:
    """Asks for the first events of aggregates, at most so many of each."""

    def __init__(self, pool: Callable[[], asyncpg.Pool], most: int) -> None:
        self._pool, self._most = pool, most
        self._wanted: dict[UUID, asyncio.Future[Rows]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def rows(self, id: UUID) -> Rows:
        """In order, none where there is no such aggregate. Raises what the database raises."""
        found = self._wanted.get(id)
        if found is None:
            if not self._wanted:
                asyncio.get_running_loop().call_soon(self._go)
            found = self._wanted[id] = asyncio.get_running_loop().create_future()
        return await asyncio.shield(found)  # who is cancelled may not be the only one that asked

    def _go(self) -> None:
        wanted, self._wanted = self._wanted, {}
        task = asyncio.create_task(self._fetch(wanted))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _fetch(self, wanted: dict[UUID, asyncio.Future[Rows]]) -> None:
        try:
            found: dict[UUID, Rows] = defaultdict(list)
            for row in await self._pool().fetch(STORE.load_together, list(wanted), self._most):
                found[row["originator_id"]].append(row)
        except Exception as error:
            for one in wanted.values():
                one.set_exception(error)
                one.exception()  # heard, also where nobody waits any more
        else:
            for id, one in wanted.items():
                one.set_result(found[id])
