"""Dead letters belong to people: what a house could not take is looked at, then retried, edited or dropped, for a reason.

Each decision is a command without events. A repeated key is answered the same, because the append keeps the answer; should
the process die before it, the decision's own row bears the key, and the repeat only waits for the outcome again.
"""

import asyncio
import base64
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, cast

import asyncpg
import orjson
from pydantic import create_model

from shared.auth.permissions import NOWHERE, require
from shared.bus.decisions import (
    AlreadyDecided,
    DropLetter,
    EditLacks,
    EditLetter,
    IdHeld,
    Kind,
    NoEnvelope,
    NotHeard,
    NotReadable,
    RetryLetter,
    StillTried,
)
from shared.bus.reactions import READER, Policy
from shared.bus.wire import ID, Malformed, from_kafka, to_kafka
from shared.clock import Clock
from shared.contracts.envelope import Contract, Envelope
from shared.contracts.topics import HOUSES
from shared.eventstore.commands import Busy, Commands, KeyReused, Session
from shared.eventstore.sql import Statements
from shared.eventstore.store import EventStore
from shared.eventstore.views import View
from shared.values import NotFound

SQL = Statements(Path(__file__).with_suffix(".sql"))
MOST_SECONDS = 5.0  # to wait for what comes of a retry
POLL_SECONDS = 0.1
Work = Callable[[], Awaitable[Any]]
Decided = RetryLetter | EditLetter | DropLetter


class Letters:
    """Those of one house. `work`: gives what is due its try, where nobody else does so; without it the worker does."""

    def __init__(
        self, store: EventStore, policy: Policy, foreign: Sequence[View], clock: Clock, work: Work | None = None
    ) -> None:
        self.house = store.house
        self._store, self._clock, self._work = store, clock, work
        self._reacts = frozenset(policy.reactions)
        self._contracts: dict[str, type[Contract]] = {type: found[0] for type, found in policy.reactions.items()}
        self._views: dict[str, list[str]] = defaultdict(list)  # that read a type of another house
        for view in foreign:
            for kind in cast(Iterable[type[Contract]], view.handlers):
                self._contracts[kind.type_name()] = kind
                self._views[kind.type_name()].append(view.name)
        self.commands = Commands(self.house)
        self.commands.handler(self.retry)
        self.commands.handler(self.edit)
        self.commands.handler(self.drop)

    # --- looking ---

    async def listed(
        self, *, key: str | None = None, kind: Kind | None = None, waiting: bool = False, limit: int = 100, offset: int = 0
    ) -> list[dict[str, Any]]:  # fmt: skip
        """In the order of hearing; with `waiting` also what is tried again or queues."""
        rows = await self._store.pool.fetch(SQL.listed, READER, key, kind, waiting, limit, offset)
        return [{"house": self.house, "state": state_of(row), **row} for row in rows]

    async def dead(self, kind: Kind | None = None) -> list[str]:
        """The ids of the dead letters of a kind, or of all that can be read."""
        return [row["id"] for row in await self._store.pool.fetch(SQL.dead_ids, READER, kind)]

    async def shown(self, id: str) -> dict[str, Any]:
        """A letter as it came and what was decided about it, also where it is held no longer. Raises NotFound."""
        row = await self._store.pool.fetchrow(SQL.letter, READER, id)
        decisions = [decision_of(decision) for decision in await self._store.pool.fetch(SQL.decisions, READER, id)]
        if row is not None:
            return {"house": self.house, "state": state_of(row), **letter_of(row), "decisions": decisions}
        if not decisions:
            raise NotFound(what="dead letter", id=id)
        gone = "dropped" if decisions[-1]["what"] == "drop" else "done"
        return {"house": self.house, "state": gone, "id": id, "decisions": decisions}

    # --- deciding: the handlers of commands ---

    async def retry(self, command: RetryLetter, session: Session) -> None:
        """Answers `outcome`: done, dead (again), waiting (it fails, and is tried again), with `reason` and `attempts`."""

        async def decide() -> str:
            envelope = await self._envelope(command.letter_id)
            if self._is_only_read(envelope):
                self._require_contract(envelope.type, envelope.data)
                await self._decide(SQL.take_out, command, session, "retry", None)
            else:
                await self._decide(SQL.retry, command, session, self._clock.machine())
            return command.letter_id

        id = await self._once(command, "retry", session, decide)
        session.save(what="retry", **await self._outcome(id))

    async def edit(self, command: EditLetter, session: Session) -> None:
        """Answers as `retry`; the `id` is the new one of a letter that was unreadable."""
        if (command.data is None) == (command.envelope is None):
            raise EditLacks(field="data")

        async def decide() -> str:
            row = await self._dead(command.letter_id)
            envelope = written_anew(row, command) if row["envelope"] is None else edited(row, command)
            self._require_contract(envelope.type, envelope.data)
            await self._put(envelope, row, command, session)
            return envelope.id

        id = await self._once(command, "edit", session, decide)
        session.save(what="edit", **await self._outcome(id, wait=command.retry))

    async def drop(self, command: DropLetter, session: Session) -> None:
        async def decide() -> str:
            await self._decide(SQL.take_out, command, session, "drop", None)
            return command.letter_id

        id = await self._once(command, "drop", session, decide)
        session.save(what="drop", id=id, outcome="dropped", reason=command.reason)

    async def _once(
        self, command: Decided, what: str, session: Session, decide: Callable[[], Awaitable[str]]
    ) -> str:  # fmt: skip
        """The letter's present id after a decision, made unless this very request has made it, be it at this moment."""
        require(session.request.actor, session.request.action, NOWHERE)
        if made := await self._made(command.letter_id, what, session.request.id):
            return made
        try:
            return await decide()
        except (AlreadyDecided, StillTried):
            if made := await self._made(command.letter_id, what, session.request.id):
                return made
            raise

    async def _put(self, envelope: Envelope, row: Any, command: EditLetter, session: Session) -> None:
        due = self._clock.machine() if command.retry else None
        if row["envelope"] is None:
            if await self._store.pool.fetchrow(SQL.letter, READER, envelope.id):
                raise IdHeld(field="envelope.id", id=envelope.id)
            place = (envelope.id, envelope.key, envelope.house, envelope.position)
            await self._decide(SQL.write_anew, command, session, due, envelope.json_text(), *place)
        elif command.retry and self._is_only_read(envelope):
            await self._decide(SQL.take_out, command, session, "edit", envelope.json_text())
        else:
            await self._decide(SQL.edit, command, session, due, envelope.json_text())

    async def _decide(self, statement: str, command: Decided, session: Session, *more: Any) -> None:
        """Raises where nothing was decided, because the letter is not (any longer) one to decide about."""
        actor, request = session.request.actor, session.request.id
        try:
            number = await self._store.pool.fetchval(
                statement, READER, command.letter_id, actor.id, actor.role, command.reason, request, *more
            )
        except asyncpg.UniqueViolationError:  # the same request, at the same moment
            return
        if number is None:
            await self._dead(command.letter_id)
            raise Busy()

    async def _made(self, letter: str, what: str, request: str) -> str | None:
        """The letter's present id where a request has decided. Raises KeyReused where it decided something else."""
        row = await self._store.pool.fetchrow(SQL.decided_by, request)
        if row is None:
            return None
        if (row["letter"], row["what"]) != (letter, what):
            raise KeyReused(field="Idempotency-Key", key=request)
        return row["id"]

    async def _dead(self, id: str) -> Any:
        """The row of a dead letter. Raises NotFound, AlreadyDecided, StillTried."""
        row = await self._store.pool.fetchrow(SQL.letter, READER, id)
        if row is None:
            decisions = await self._store.pool.fetch(SQL.decisions, READER, id)
            if not decisions:
                raise NotFound(what="dead letter", id=id)
            last = decisions[-1]
            at = last["at"].isoformat(timespec="seconds").replace("+00:00", "Z")
            raise AlreadyDecided(id=id, actor=last["actor"], what=last["what"], at=at, reason=last["reason"] or "–")
        if row["next_at"] is not None:
            raise StillTried(id=id)
        return row

    async def _envelope(self, id: str) -> Envelope:
        row = await self._dead(id)
        if row["envelope"] is None:
            raise NotReadable(id=id)
        envelope = Envelope.model_validate_json(row["envelope"])
        if envelope.type not in self._contracts:
            raise NotHeard(house=self.house, type=envelope.type)
        return envelope

    def _is_only_read(self, envelope: Envelope) -> bool:
        """Whether views read it and nothing reacts to it: then there is nothing to try, they are to be made again."""
        return envelope.type not in self._reacts

    def _require_contract(self, type: str, data: dict[str, Any]) -> None:
        """Raises NotHeard; pydantic's ValidationError with fields that begin with `data`."""
        contract = self._contracts.get(type)
        if contract is None:
            raise NotHeard(field="envelope.type", house=self.house, type=type)
        create_model("Edited", data=(contract, ...)).model_validate({"data": data}, extra="ignore")

    async def _outcome(self, id: str, *, wait: bool = True) -> dict[str, Any]:
        """What came of it, within `MOST_SECONDS`."""
        until = time.monotonic() + MOST_SECONDS
        while True:
            if wait and self._work:
                await self._work()
            row = await self._store.pool.fetchrow(SQL.state, READER, id)
            if not row["held"]:
                return {
                    "id": id,
                    "outcome": "dropped" if row["last"] == "drop" else "done",
                    "views": await self._of(id),
                }
            if row["next_at"] is None:
                return {"id": id, "outcome": "dead", "reason": row["reason"], "attempts": row["attempts"]}
            if time.monotonic() > until:
                behind = row["first"] if row["first"] != id else None
                return {"id": id, "outcome": "waiting", "reason": row["reason"], "attempts": row["attempts"],
                        "behind": behind}  # fmt: skip
            await asyncio.sleep(POLL_SECONDS)

    async def _of(self, id: str) -> list[str]:
        """The views that lack a message that was not a contract when they read it: they are to be made again."""
        [*_, last] = await self._store.pool.fetch(SQL.decisions, READER, id)
        before = orjson.loads(last["before"])
        envelope = orjson.loads(last["after"]) if last["after"] else before["envelope"]
        lacking = before["kind"] in {"malformed", "unreadable"}
        return self._views.get(envelope["type"], []) if lacking and envelope else []


# --- forms ---


def edited(row: Any, command: EditLetter) -> Envelope:
    """The letter with other data; what stands on its envelope stays."""
    if command.data is None:
        raise EditLacks(field="data")
    return Envelope.model_validate_json(row["envelope"]).model_copy(update={"data": command.data})


def written_anew(row: Any, command: EditLetter) -> Envelope:
    """Of what could not be read: the whole as given, or the data given under headers and key as they came."""
    if command.data is not None:
        try:
            return from_kafka(row["kafka_key"], orjson.dumps(command.data), headers_of(row["headers"]))
        except Malformed as error:
            raise NoEnvelope(field="data", why=error) from error
    assert command.envelope is not None
    if not ID.fullmatch(command.envelope.id) or command.envelope.house not in HOUSES:
        raise NoEnvelope(field="envelope.id", why=f"{command.envelope.id!r} is not <house>:<position>")
    if not command.envelope.key:
        raise NoEnvelope(field="envelope.key", why="it is empty")
    return command.envelope


def state_of(row: Any) -> str:
    return "dead" if row["next_at"] is None else "waiting"


def letter_of(row: Any) -> dict[str, Any]:
    """Headers in the order in which they came; those of a message that came directly are told by its envelope."""
    envelope = row["envelope"] and Envelope.model_validate_json(row["envelope"])
    headers = headers_of(row["headers"]) if row["headers"] else to_kafka(envelope).headers if envelope else []
    return {
        **row, "envelope": envelope and envelope.model_dump(mode="json"),
        "headers": [[name, text_of(value)] for name, value in headers],
        "raw": text_of(row["raw"]), "kafka_key": text_of(row["kafka_key"]),
    }  # fmt: skip


def headers_of(kept: str) -> list[tuple[str, bytes]]:
    return [(name, base64.b64decode(value)) for name, value in orjson.loads(kept)]


def text_of(raw: bytes | None) -> str | dict[str, str] | None:
    """As text where it is UTF-8, else as `{"base64": …}`."""
    if raw is None:
        return None
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(raw).decode()}


def decision_of(row: Any) -> dict[str, Any]:
    """`before`: the row of `held` as it was; `after`: the envelope as edited."""
    return {**row, "before": orjson.loads(row["before"]), "after": orjson.loads(row["after"] or "null")}
