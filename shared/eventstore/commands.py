"""How a command is carried out: known already? load, decide, save; a clash loads and decides again.

A house's `commands.py` registers one async handler per command. Metrics, logs, retries and repeats are written here, once.
"""

import hashlib
import inspect
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from typing import Any, TypeVar
from uuid import UUID

import orjson
from pydantic import Field

from shared.auth.actors import Actor
from shared.auth.permissions import Days, Forbidden, Place, require
from shared.calendar import local_date
from shared.clock import Clock
from shared.eventstore.aggregate import Aggregate
from shared.eventstore.appender import Outcome
from shared.eventstore.store import EventStore
from shared.eventstore.turns import NotItsTurn, Turns
from shared.logs import bound, log, plain
from shared.metrics import COMMAND_SECONDS, COMMANDS
from shared.values import Moment, NotFound, Refusal, Value

A = TypeVar("A", bound=Aggregate)
TRIES = 10  # of a command that other processes keep overtaking
counted, timed = cache(COMMANDS.labels), cache(COMMAND_SECONDS.labels)  # to look one up costs more than to count
SECRET = b'"writeOnly":true'


class Command(Value):
    """What someone asks for. `on` is the legal date where it is not today's."""

    on: date | None = Field(default=None, description="Ngày pháp lý, mặc định hôm nay / legal date, today by default")


@dataclass(frozen=True, slots=True)
class Request:
    """Who asks, under which id, and what caused it; goes into the metadata of every event, never into its facts."""

    id: str
    actor: Actor
    action: str
    correlation: str
    causation: str | None = None
    traceparent: str | None = None

    @property
    def metadata(self) -> str:
        facts = {
            "request": self.id, "actor": self.actor.id, "role": self.actor.role, "place": self.actor.place,
            "correlation": self.correlation, "causation": self.causation, "traceparent": self.traceparent,
        }  # fmt: skip
        return orjson.dumps({k: v for k, v in facts.items() if v is not None}).decode()


@dataclass(frozen=True, slots=True)
class Answer:
    """What the asker hears: the position written and the handler's own facts; the same again when asked again."""

    house: str
    number: int
    facts: dict[str, Any]
    repeated: bool = False

    @property
    def position(self) -> str:
        return f"{self.house}:{self.number}"


class KeyReused(Refusal):
    rule = "idempotency-key-reused"
    vi = "Khóa {key} đã dùng cho một yêu cầu khác."
    en = "The key {key} was used for another request."


class DateInFuture(Refusal):
    rule = "date-in-future"
    vi = "Ngày {on} chưa đến (hôm nay là {today})."
    en = "The date {on} has not come yet (today is {today})."


class Busy(Refusal):
    rule = "changed-meanwhile"
    vi = "Dữ liệu đang được người khác thay đổi; xin gửi lại."
    en = "Someone else is changing the same thing; please send it again."


class Session:
    """One command at work: loads what it decides on, then saves once."""

    def __init__(
        self, store: EventStore, request: Request, when: Moment, files: Any = None,
        may_load: Callable[[UUID], None] = lambda _: None,
    ) -> None:  # fmt: skip
        """`may_load` raises where another command is deciding on an aggregate."""
        self.store = store
        self.files = files  # where evidence is kept, for commands that name some
        self.request = request
        self.when = when
        self.answer: dict[str, Any] = {}
        self._touched: list[Aggregate] = []
        self._may_load = may_load

    async def load(self, cls: type[A], id: UUID) -> A:
        """Raises NotFound, or Forbidden where the asker may not do this there."""
        aggregate = await self.find(cls, id)
        if aggregate is None:
            raise NotFound(what=cls.__name__, id=id)
        return aggregate

    async def find(self, cls: type[A], id: UUID) -> A | None:
        self._may_load(id)
        aggregate = await self.store.load(cls, id)
        if aggregate is not None:
            self._allow(aggregate)
        return aggregate

    def save(self, *aggregates: Aggregate, **answer: Any) -> None:
        """Marks what is to be saved and what is answered; all of it goes in one append when the handler returns."""
        for aggregate in aggregates:
            self._allow(aggregate)
            self._touched.append(aggregate)
        self.answer |= answer

    def _allow(self, aggregate: Aggregate) -> None:
        place: Place | None = getattr(aggregate, "place", None)
        if place is not None:
            require(self.request.actor, self.request.action, place, Days(self.when.on, local_date(self.when.at)))

    @property
    def changed(self) -> set[UUID]:
        """The aggregates that are to be saved."""
        return {aggregate.id for aggregate in self._touched}

    def events(self) -> list[Any]:
        return [event for aggregate in self._touched for event in aggregate.collect_events()]


Handler = Callable[[Any, Session], Awaitable[None]]


class NothingToDo(Command):
    """Heard and understood, and nothing follows; its request is recorded, so that hearing it again is known."""


async def nothing(_: Command, __: Session) -> None:
    """Saves no event."""


class Commands:
    """The commands of one house and their handlers."""

    def __init__(self, house: str) -> None:
        self.house = house
        self.handlers: dict[type[Command], Handler] = {NothingToDo: nothing}
        self._turns = Turns()

    def handler(self, function: Handler) -> Handler:
        """Registers an async function by the type of its first argument."""
        kind = next(iter(inspect.signature(function, eval_str=True).parameters.values())).annotation
        self.handlers[kind] = function
        return function

    async def execute(
        self, command: Command, request: Request, store: EventStore, clock: Clock, files: Any = None
    ) -> Answer:
        """Carries a command out. Raises Refusal, Forbidden, StoreUnavailable."""
        name, begun, outcome = type(command).__name__, time.perf_counter(), "failed"
        try:
            with bound(correlation=request.correlation):
                answer = await self._execute(command, request, store, clock, files)
            outcome = "repeat" if answer.repeated else "ok"
            return answer
        except Refusal as refusal:
            outcome = refusal.rule
            raise
        finally:
            counted(self.house, name, outcome).inc()
            timed(self.house, name).observe(time.perf_counter() - begun)
            log.info(
                "command", house=self.house, command=name, outcome=outcome, request=plain(request.id),
                correlation=plain(request.correlation),
            )  # fmt: skip

    async def _execute(self, command: Command, request: Request, store: EventStore, clock: Clock, files: Any) -> Answer:
        """Most requests come once: whether one is a repeat is asked of its append, and beforehand only where it must be.

        That is where the command did not go through, which a repeat may not: its first time has changed what it meets.
        And where it carries what is sealed, so that no key is made again for a person who was erased.
        """
        mark = fingerprint(command, request)
        if seals(type(command)) and (known := await store.answered(request.id)):
            return self._repeat(request, mark, known.position, known.fingerprint, known.answer)
        try:
            return await self._carry_out(command, request, mark, store, moment_of(command, clock), files)
        except (Refusal, Forbidden, ValueError):
            if known := await store.answered(request.id):
                return self._repeat(request, mark, known.position, known.fingerprint, known.answer)
            raise

    async def _carry_out(
        self, command: Command, request: Request, mark: bytes, store: EventStore, moment: Moment, files: Any
    ) -> Answer:
        mine: set[UUID] = set()
        for _ in range(TRIES):
            async with self._turns.of(mine):
                session = Session(store, request, moment, files, partial(self._turns.check, mine=mine))
                try:
                    outcome, facts = await self._try(command, session, mark)
                except NotItsTurn as met:
                    mine = mine | {met.id}
                    continue
            if outcome.kind != "conflict":
                break
            mine = mine | session.changed
        else:
            raise Busy()
        assert outcome.position is not None
        assert outcome.fingerprint is not None
        if outcome.kind == "repeat":
            return self._repeat(request, mark, outcome.position, outcome.fingerprint, facts)
        return Answer(self.house, outcome.position, facts or {})

    async def _try(self, command: Command, session: Session, mark: bytes) -> tuple[Outcome, Any]:
        """Loads, decides and appends once; the facts are as stored, so that a repeat is answered alike."""
        await self.handlers[type(command)](command, session)
        outcome = await session.store.append(
            session.events(), request=session.request.id, fingerprint=mark, metadata=session.request.metadata,
            answer=orjson.dumps(session.answer, default=str).decode(),
        )  # fmt: skip
        return outcome, orjson.loads(outcome.answer or "null")

    def _repeat(self, request: Request, mark: bytes, position: int, stored: bytes, facts: Any) -> Answer:
        if stored != mark:
            raise KeyReused(field="Idempotency-Key", key=request.id)
        return Answer(self.house, position, facts or {}, repeated=True)


@cache
def seals(command: type[Command]) -> bool:
    """Whether a command carries what is sealed before it is stored: pydantic's secrets, which can only be written."""
    return SECRET in orjson.dumps(command.model_json_schema())


def fingerprint(command: Command, request: Request) -> bytes:
    """What was asked and by whom: the same request id with another fingerprint is a mistake, not a repeat."""
    asked = f"{type(command).__name__}\n{request.actor.id}\n{command.model_dump_json()}"
    return hashlib.sha256(asked.encode()).digest()


def moment_of(command: Command, clock: Clock) -> Moment:
    now = clock.now()
    on = command.on or now.on
    if on > now.on:
        raise DateInFuture(field="on", on=on, today=now.on)
    return Moment(on, now.at)
