"""Signs a checkpoint of a house's chain once a day: as soon as a day has begun, of everything recorded until then.

Nothing is signed of a day after which nothing was recorded, and nothing while a season is played: its days pass in
moments, and a checkpoint only proves something to whom it reached in time. One follows when the season has ended.
"""

import asyncio
from typing import Any

from shared.auth.actors import NATIONAL, Actor
from shared.clock import Clock
from shared.eventstore.checkpoints import CHECKPOINTS, Checkpoint, checkpoints_id
from shared.eventstore.commands import Request
from shared.eventstore.projector import RETRY_SECONDS, woken
from shared.eventstore.sql import CHECKPOINT
from shared.eventstore.store import EventStore
from shared.logs import log


class Checkpointing:
    """The checkpoints of one house; without a key it can only tell whether one is due."""

    def __init__(self, store: EventStore, clock: Clock, key: Any) -> None:
        self.key = key
        self._store, self._clock = store, clock
        self._hint = asyncio.Event()
        clock.wakes(self._hint)

    async def keep(self) -> None:
        """Looks once on each day, until cancelled; a failure is tried again."""
        looked_on = None
        while True:
            try:
                today = self._clock.today()
                if today != looked_on and not self._clock.playing:
                    await self.make()
                    looked_on = today
            except Exception:
                log.exception("checkpoint-failed", house=self._store.house)
                await asyncio.sleep(RETRY_SECONDS)
                continue
            await woken(self._hint)

    async def due(self) -> bool:
        """Whether the day has begun and something recorded before it is not covered by a checkpoint."""
        if self._clock.playing:
            return False
        row = await self._store.pool.fetchrow(CHECKPOINT.since_last, checkpoints_id(self._store.house))
        today = self._clock.today()
        return row["recorded"] is not None and row["recorded"] < today and (row["day"] is None or row["day"] < today)

    async def make(self) -> Checkpoint | None:
        """The checkpoint of today, None where none is due or another process was first."""
        if not await self.due():
            return None
        house, moment = self._store.house, self._clock.now()
        kind = CHECKPOINTS[house]
        end = await self._store.pool.fetchrow(CHECKPOINT.end_of_chain)
        checkpoint = Checkpoint.sign(house, moment.on, end["position"], end["hash"], self.key)
        kept = await self._store.load(kind, checkpoints_id(house)) or kind.of(house, moment)
        kept.make(checkpoint, moment)
        id = f"checkpoint:{moment.on}"
        asked = Request(id, Actor(f"{house}.checkpoints", "clock", NATIONAL), f"{house}:checkpoint", correlation=id)
        outcome = await self._store.append(
            list(kept.collect_events()), request=id, fingerprint=id.encode(), answer=None, metadata=asked.metadata
        )
        return checkpoint if outcome.kind == "ok" else None
