"""What a house does on hearing others: each reaction turns a contract into one own command, carried out once.

The command's request id names the reaction and the message, so inbox mark and effect are one append and a second
delivery changes nothing. No exception leaves: what cannot be taken is held, and later messages of its key queue behind.
"""

import asyncio
import base64
import random
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from types import MappingProxyType
from typing import Any

import orjson
from pydantic import ValidationError

from shared.auth.actors import Actor
from shared.bus.wire import Came, Record
from shared.clock import Clock
from shared.contracts.envelope import Contract, Envelope
from shared.eventstore.commands import Command, Commands, KeyReused, NothingToDo, Request
from shared.eventstore.sql import STORE
from shared.eventstore.store import EventStore
from shared.logs import log
from shared.metrics import DELIVERED, DUPLICATES, RETRIES
from shared.tracing import span
from shared.values import Refusal

READER = "reactions"
MOST_ATTEMPTS = 8
FIRST_PAUSE = 0.2  # seconds; doubles with each attempt
LONGEST_PAUSE = 60.0
AT_ONCE = 64  # keys: they are on their way to the database while the next are decided
MOST_RETRIES = 500  # at once: the others have their turn a moment later

NOT_ON_KAFKA: Came = MappingProxyType({})
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
    """Why a message was not taken: `kind` as in the table `held`; `final` where trying again would change nothing."""

    kind: str
    reason: str
    final: bool = False
    stack: str | None = None


delivered = cache(DELIVERED.labels)  # to look a label's counter up costs more than to count
NOWHERE = (None,) * 6  # in `held`, of a message that came directly
QUEUED = Failure("queued", "queues behind an earlier message of its key")


class Reactions:
    """The policy of one house at work on its own store; a sink of the relay, and a taker of what is heard on Kafka."""

    reader = READER
    apart = 0.0  # others wait for what it does

    def __init__(self, policy: Policy, commands: Commands, store: EventStore, clock: Clock, actor: Actor) -> None:
        self.name = f"{policy.house}.{READER}"
        self._policy, self._commands, self._store, self._clock, self._actor = policy, commands, store, clock, actor
        self._turn = asyncio.Lock()  # deliveries of several sources and retries take turns

    @property
    def types(self) -> frozenset[str]:
        """The contract types it reacts to."""
        return frozenset(self._policy.reactions)

    async def position(self, source: str) -> int:
        return await self._store.position(READER, source)

    async def send(self, source: str, envelopes: list[Envelope], upto: int, _: object = None) -> None:
        """Takes a batch of a house; then the position."""
        await self._take_all(envelopes)
        await self._store.pool.execute(STORE.advance, READER, source, upto)
        skipped = sum(envelope.type not in self._policy.reactions for envelope in envelopes)
        DELIVERED.labels(self.name, source, "skipped").inc(skipped)

    async def take(self, said: dict[str, list[Envelope]], _: dict[str, int], came: Came = NOT_ON_KAFKA) -> None:
        """Takes batches of partitions; the inbox alone tells what was taken before."""
        await self._take_all([envelope for envelopes in said.values() for envelope in envelopes], came)

    async def _take_all(self, envelopes: list[Envelope], came: Came = NOT_ON_KAFKA) -> None:
        """Keys side by side, each key in order."""
        by_key: dict[str, list[Envelope]] = defaultdict(list)
        for envelope in envelopes:
            if envelope.type in self._policy.reactions:
                by_key[envelope.key].append(envelope)
        if not by_key:
            return
        async with self._turn:
            ids = [envelope.id for queue in by_key.values() for envelope in queue]
            rows = await self._store.pool.fetch(STORE.held_keys, READER, list(by_key), ids)
            held = {row["key"] for row in rows}
            decided = {row["letter"]: row["after"] for row in rows if row["letter"]}
            await self._take_each(((as_decided(queue, decided), key in held) for key, queue in by_key.items()), came)

    async def _take_each(self, queues: Iterable[tuple[list[Envelope], bool]], came: Came) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for number, (queue, held) in enumerate(queues, 1):
                    group.create_task(self._take(queue, held, came))
                    if number % AT_ONCE == 0:
                        await asyncio.sleep(0)
        except ExceptionGroup as failures:  # one of its kind is as the others: the store is away
            raise failures.exceptions[0] from failures

    async def _take(self, queue: list[Envelope], held: bool, came: Came) -> None:
        for envelope in queue:
            failure = QUEUED if held else await self._react(envelope)
            if failure:
                held = True
                await self._hold(envelope, 0, failure, came.get(envelope.id))

    async def _react(self, envelope: Envelope) -> Failure | None:
        contract, function, retry = self._policy.reactions[envelope.type]
        outcome, mark = "failed", request_id(function.__name__, envelope)
        try:
            with span(function.__name__, envelope.traceparent) as traced:
                command = function(contract.model_validate(envelope.data), envelope) or NothingToDo()
                asked = self._request(mark, envelope, traced.traceparent or envelope.traceparent)
                answer = await self._commands.execute(command, asked, self._store, self._clock)
            outcome = "repeat" if answer.repeated else "done"
            return None
        except Refusal as refusal:
            if not isinstance(refusal, KeyReused) and await self._store.answered(mark):
                outcome = "repeat"  # another process retried it too, and was first
                return None
            outcome = "refused"
            return Failure("refused", str(refusal), final=refusal.rule not in retry)
        except ValidationError as error:
            outcome = "malformed"
            return Failure("malformed", str(error), final=True)
        except Exception as error:
            log.exception("reaction-failed", consumer=self.name, message=envelope.id)
            return Failure("failed", f"{type(error).__name__}: {error}", stack=traceback.format_exc())
        finally:
            delivered(self.name, envelope.house, outcome).inc()
            if outcome == "repeat":
                DUPLICATES.labels(self._policy.house, envelope.house).inc()

    def _request(self, mark: str, envelope: Envelope, traceparent: str | None) -> Request:
        return Request(
            id=mark, actor=self._actor, action=f"{self._policy.house}:react",
            correlation=envelope.correlationid or envelope.id, causation=envelope.id, traceparent=traceparent,
        )  # fmt: skip

    # --- what cannot be taken now, or at all ---

    async def _hold(self, envelope: Envelope, attempts: int, failure: Failure, record: Record | None = None) -> None:
        """`record`: as it came, where that was on a topic; what is held already keeps it."""
        dead = failure.final or attempts >= MOST_ATTEMPTS
        pause = min(FIRST_PAUSE * 2**attempts, LONGEST_PAUSE) * random.uniform(0.5, 1.0)
        next_at = None if dead else self._clock.machine() + timedelta(seconds=pause)
        await self._store.pool.execute(
            STORE.hold, READER, envelope.key, envelope.id, envelope.house, envelope.position, envelope.json_text(),
            attempts, next_at, shown(failure.reason), failure.kind, failure.stack, *(place_of(record) if record else NOWHERE),
        )  # fmt: skip

    async def park(self, envelope: Envelope, reason: str, record: Record | None = None) -> None:
        """Keeps a message that is no contract of its type: it waits for a person, and its key behind it."""
        await self._hold(envelope, 0, Failure("malformed", reason, final=True), record)

    async def park_record(self, record: Record, reason: str) -> None:
        """Keeps what came on a topic and cannot be read, as it came; it holds nobody up."""
        place = f"{record.topic}/{record.partition}/{record.offset}"
        headers, _, *at = place_of(record)
        await self._store.pool.execute(
            STORE.hold, READER, place, place, record.topic.rpartition(".")[2], 0, None, 0, None, shown(reason),
            "unreadable", None, headers, record.value or b"", *at,
        )  # fmt: skip

    async def retry_due(self) -> int:
        """Tries the first held message of each key whose time has come; returns how many went through."""
        async with self._turn:
            now: datetime = self._clock.machine()
            rows = await self._store.pool.fetch(STORE.held_due, READER, now, MOST_RETRIES)
            done = [await self._retry(row) for row in rows]
        return sum(done)

    async def _retry(self, row: Any) -> bool:
        envelope = Envelope.model_validate_json(row["envelope"])
        if envelope.type not in self._policy.reactions:
            failure = Failure("refused", f"{self._policy.house} does not react to {envelope.type}", final=True)
        else:
            failure = await self._react(envelope)
        RETRIES.labels(self._policy.house, failure.kind if failure else "done").inc()
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


def as_decided(queue: list[Envelope], decided: dict[str, str | None]) -> list[Envelope]:
    """What people decided about a message holds however often it comes: not what they dropped, and as they edited it."""
    kept = (decided.get(envelope.id, envelope) for envelope in queue)
    return [Envelope.model_validate_json(word) if isinstance(word, str) else word for word in kept if word is not None]


def request_id(reaction: str, envelope: Envelope) -> str:
    """The inbox mark of one reaction to one message."""
    return f"{reaction}:{envelope.id}"


def place_of(record: Record) -> tuple[object, ...]:
    """What is kept of where a message came from: headers, nothing of its bytes, key, topic, partition, offset."""
    headers = [[name, base64.b64encode(value or b"").decode()] for name, value in record.headers]
    return orjson.dumps(headers).decode(), None, record.key, record.topic, record.partition, record.offset


def shown(reason: str) -> str:
    """As a table can hold it: not too long, and without what PostgreSQL's text does not take."""
    return reason.replace("\0", "�")[:4000]
