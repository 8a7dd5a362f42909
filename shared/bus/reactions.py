"""What a house does on hearing others: each reaction turns a contract into one own command, carried out once.

The command's request id names the reaction and the message, so inbox mark and effect are one append and a second
delivery changes nothing. No exception leaves: what cannot be taken is held, and later messages of its key queue behind.
"""

import asyncio
import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError

from shared.auth.actors import Actor
from shared.clock import Clock
from shared.contracts.envelope import Contract, Envelope
from shared.eventstore.commands import Command, Commands, NothingToDo, Request
from shared.eventstore.sql import STORE
from shared.eventstore.store import EventStore
from shared.logs import log
from shared.metrics import DELIVERED, HELD
from shared.values import Refusal

READER = "reactions"
MOST_ATTEMPTS = 8
FIRST_PAUSE = 0.2  # seconds; doubles with each attempt
LONGEST_PAUSE = 60.0

React = Callable[[Any, Envelope], Command | None]


class Policy:
    """The reactions of one house, by contract type."""

    def __init__(self, house: str) -> None:
        self.house = house
        self.reactions: dict[str, tuple[type[Contract], React, frozenset[str]]] = {}

    def on(self, contract: type[Contract], *, retry: tuple[str, ...] = ()) -> Callable[[React], React]:
        """Registers a pure function (contract, envelope) -> command or None; refusals named in `retry` are tried again."""

        def register(function: React) -> React:
            self.reactions[contract.type_name()] = (contract, function, frozenset(retry))
            return function

        return register

    @property
    def hears(self) -> set[str]:
        """The houses whose contracts it reacts to."""
        return {contract.HOUSE for contract, _, _ in self.reactions.values()}


@dataclass(frozen=True, slots=True)
class Failure:
    reason: str
    final: bool


class Reactions:
    """A sink of the relay: the policy of one house at work on its own store."""

    def __init__(self, policy: Policy, commands: Commands, store: EventStore, clock: Clock, actor: Actor) -> None:
        self.name = f"{policy.house}.{READER}"
        self._policy, self._commands, self._store, self._clock, self._actor = policy, commands, store, clock, actor
        self._turn = asyncio.Lock()  # deliveries of several sources and retries take turns

    async def position(self, source: str) -> int:
        return await self._store.position(READER, source)

    async def send(self, source: str, envelopes: list[Envelope], upto: int) -> None:
        """Takes a batch: keys side by side, each key in order; then the position."""
        wanted = [e for e in envelopes if e.type in self._policy.reactions]
        async with self._turn:
            by_key: dict[str, list[Envelope]] = defaultdict(list)
            for envelope in wanted:
                by_key[envelope.key].append(envelope)
            held = {row["key"] for row in await self._store.pool.fetch(STORE.held_keys, READER)} if wanted else set()
            await asyncio.gather(*(self._take(queue, key in held) for key, queue in by_key.items()))
            await self._store.pool.execute(STORE.advance, READER, source, upto)
        DELIVERED.labels(self.name, source, "skipped").inc(len(envelopes) - len(wanted))

    async def _take(self, queue: list[Envelope], held: bool) -> None:
        for envelope in queue:
            failure = Failure("queues behind an earlier message", False) if held else await self._react(envelope)
            if failure:
                held = True
                await self._hold(envelope, 0, failure)

    async def _react(self, envelope: Envelope) -> Failure | None:
        contract, function, retry = self._policy.reactions[envelope.type]
        outcome = "failed"
        try:
            command = function(contract.model_validate(envelope.data), envelope) or NothingToDo()
            await self._commands.execute(command, self._request(function.__name__, envelope), self._store, self._clock)
            outcome = "done"
            return None
        except Refusal as refusal:
            return Failure(str(refusal), final=refusal.rule not in retry)
        except ValidationError as error:
            return Failure(f"malformed: {error}", final=True)
        except Exception as error:
            log.exception("reaction-failed", consumer=self.name, message=envelope.id)
            return Failure(f"{type(error).__name__}: {error}", final=False)
        finally:
            DELIVERED.labels(self.name, envelope.house, outcome).inc()

    def _request(self, reaction: str, envelope: Envelope) -> Request:
        return Request(
            id=request_id(reaction, envelope), actor=self._actor, action=f"{self._policy.house}:react",
            correlation=envelope.correlationid or envelope.id, causation=envelope.id, traceparent=envelope.traceparent,
        )  # fmt: skip

    async def _hold(self, envelope: Envelope, attempts: int, failure: Failure) -> None:
        dead = failure.final or attempts >= MOST_ATTEMPTS
        pause = min(FIRST_PAUSE * 2**attempts, LONGEST_PAUSE) * random.uniform(0.5, 1.0)
        next_at = None if dead else self._clock.machine() + timedelta(seconds=pause)
        await self._store.pool.execute(
            STORE.hold, READER, envelope.key, envelope.id, envelope.house, envelope.position,
            envelope.json_text(), attempts, next_at, failure.reason[:4000],
        )  # fmt: skip

    async def retry_due(self) -> int:
        """Tries the first held message of each key whose time has come; returns how many went through."""
        async with self._turn:
            rows = await self._store.pool.fetch(STORE.held_due, READER)
            now: datetime = self._clock.machine()
            done = [await self._retry(row) for row in rows if row["next_at"] and row["next_at"] <= now]
            held, dead = await self._store.held()
            HELD.labels(self._policy.house, "waiting").set(held - dead)
            HELD.labels(self._policy.house, "dead").set(dead)
        return sum(done)

    async def _retry(self, row: Any) -> bool:
        envelope = Envelope.model_validate_json(row["envelope"])
        failure = await self._react(envelope)
        if failure:
            await self._hold(envelope, row["attempts"] + 1, failure)
            return False
        await self._store.pool.execute(STORE.release, READER, envelope.id)
        return True

    async def keep_retrying(self) -> None:
        """Runs until cancelled."""
        while True:
            try:
                went_through = await self.retry_due()
            except Exception:
                log.exception("retry-failed", consumer=self.name)
                went_through = 0
            await asyncio.sleep(0.01 if went_through else 0.5)


def request_id(reaction: str, envelope: Envelope) -> str:
    """The inbox mark of one reaction to one message."""
    return f"{reaction}:{envelope.id}"
