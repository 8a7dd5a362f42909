"""The doors of a house: commands in, views out. An `api.py` reads as a table of contents made of these."""

import re
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from typing import Annotated, Any
from uuid import uuid4, uuid5

import orjson
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from shared import asof
from shared.asof import KnownAt
from shared.auth.actors import NATIONAL, Actor
from shared.auth.permissions import READ_INTERNAL, Forbidden, Place, granted, require
from shared.auth.tokens import BadToken, actor_from_bearer
from shared.calendar import local_date
from shared.contracts.envelope import IDS, as_utc
from shared.contracts.topics import HOUSES
from shared.eventstore.commands import Answer, Command
from shared.eventstore.commands import Request as Asked
from shared.eventstore.views import View
from shared.logs import bound
from shared.routing import CommandRoute
from shared.tracing import span
from shared.values import NotFound, Refusal

MOST_BYTES = 1_048_576  # of a command's body
KEY_LENGTH = 200
PUBLIC = Actor(id="anyone", role="public", place=NATIONAL)  # whoever comes without a token
# The inbox marks of reactions and of the house's clock: whoever took one beforehand would keep them from their work.
RESERVED = re.compile(rf"[^:]+:(({'|'.join(HOUSES)}):\d+|[0-9a-f-]{{36}}:\d{{4}}-\d{{2}}-\d{{2}})")
NUL = b"\\u0000"  # JSON carries it, PostgreSQL's text does not


class BodyTooLarge(Refusal):
    rule = "body-too-large"
    vi = "Nội dung vượt quá {most} byte."
    en = "The body is larger than {most} bytes."


class KeyTooLong(Refusal):
    rule = "idempotency-key-too-long"
    vi = "Idempotency-Key dài quá {most} ký tự."
    en = "The Idempotency-Key is longer than {most} characters."


class KeyReserved(Refusal):
    rule = "idempotency-key-reserved"
    vi = "Khóa {key} dành riêng cho hệ thống."
    en = "The key {key} is reserved for the system's own work."


def actor_of(request: Request) -> Actor:
    """Raises BadToken where there is no valid bearer token."""
    actor = actor_from_bearer(request.headers.get("authorization"), request.app.state.house.key)
    if actor is None:
        raise BadToken("missing")
    return actor


def key_of(request: Request) -> str:
    key = request.headers.get("idempotency-key") or str(uuid4())
    if len(key) > KEY_LENGTH:
        raise KeyTooLong(field="Idempotency-Key", most=KEY_LENGTH)
    if RESERVED.fullmatch(key):
        raise KeyReserved(field="Idempotency-Key", key=key)
    return key


async def body_of(request: Request) -> dict[str, Any]:
    """The JSON object of a body, {} when empty; raises BodyTooLarge, RequestValidationError."""
    raw = b""
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > MOST_BYTES:
            raise BodyTooLarge(field="body", most=MOST_BYTES)
    try:
        body = orjson.loads(raw or b"{}")
    except orjson.JSONDecodeError as error:
        raise RequestValidationError([{"loc": ("body",), "type": "json_invalid", "msg": str(error)}]) from error
    if NUL in raw and (at := nul_in(body, ("body",))):
        raise RequestValidationError([{"loc": at, "type": "nul_in_text", "msg": "Text may not hold U+0000"}])
    if not isinstance(body, dict):
        raise RequestValidationError([{"loc": ("body",), "type": "dict_type", "msg": "Input should be a JSON object"}])
    return body


def nul_in(node: Any, at: tuple[str | int, ...]) -> tuple[str | int, ...] | None:
    """Where a text (or key) holds U+0000, as a path; None where none does."""
    if isinstance(node, str):
        return at if "\0" in node else None
    pairs = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in pairs:
        if isinstance(key, str) and "\0" in key:
            return at
        if found := nul_in(value, (*at, key)):
            return found
    return None


def answered(answer: Answer, status: int) -> Response:
    facts = orjson.dumps({"position": answer.position, **answer.facts})
    return Response(facts, status, {"Ocop-Position": answer.position}, "application/json")


def takes(
    routes: APIRouter, path: str, command: type[Command], action: str, *, status: int = 200, anyone: bool = False
) -> None:
    """Adds a POST route that carries out one command: path parameters and body make it, `action` says who may.

    A command with an `id` begins something new; without one in the body, its id follows from the Idempotency-Key.
    `anyone`: no token is asked for or looked at; the role `public` must be granted the action.
    """

    async def endpoint(request: Request) -> Response:
        actor, key = PUBLIC if anyone else actor_of(request), key_of(request)
        if actor.role not in granted(
            action
        ):  # before it is said whether the thing exists; the place comes when it is loaded
            raise Forbidden(action, actor.role, Place())
        facts = await body_of(request) | request.path_params
        if "id" in command.model_fields:
            facts.setdefault("id", str(uuid5(IDS, f"{action}/{key}")))
        correlation = request.headers.get("x-correlation-id") or key
        with bound(correlation=correlation), span(f"POST {path}", request.headers.get("traceparent")) as traced:
            asked = Asked(id=key, actor=actor, action=action, correlation=correlation, traceparent=traced.traceparent)
            house = request.app.state.house
            return answered(await house.execute(command.model_validate(facts), asked), status)

    in_path = {part[1:-1].partition(":")[0] for part in path.split("/") if part.startswith("{")}
    routes.add_api_route(
        path, endpoint, methods=["POST"], status_code=status, name=command.__name__, summary=command.__name__,
        description=command.__doc__, openapi_extra=openapi_of(command, in_path, action, anyone=anyone),
        route_class_override=CommandRoute,
    )  # fmt: skip


def openapi_of(command: type[Command], in_path: set[str], action: str, *, anyone: bool) -> dict[str, Any]:
    schema = command.model_json_schema(ref_template="#/components/schemas/{model}")
    definitions = schema.pop("$defs", {})
    inlined = inline(schema, definitions)
    inlined["properties"] = {k: v for k, v in inlined.get("properties", {}).items() if k not in in_path}
    inlined["required"] = [k for k in inlined.get("required", []) if k not in in_path | {"id"}]
    parameters = [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "schema": {"type": "string", "maxLength": KEY_LENGTH},
        },
        *({"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in sorted(in_path)),
    ]
    return {
        "requestBody": {"required": True, "content": {"application/json": {"schema": inlined}}},
        "parameters": parameters,
        "security": [] if anyone else [{"bearer": []}],
        "x-action": action,
    }


def inline(node: Any, definitions: dict[str, Any]) -> Any:
    """A schema that stands alone: references replaced by what they name."""
    if isinstance(node, dict):
        if "$ref" in node:
            return inline(definitions[node["$ref"].rpartition("/")[2]], definitions)
        return {key: inline(value, definitions) for key, value in node.items()}
    if isinstance(node, list):
        return [inline(value, definitions) for value in node]
    return node


class Reading:
    """A view that is fresh enough for the asker: `fetch`, `row` and `value` run its named statements.

    `known_at`: as it was known at that instant, on whose day it then is `today`.
    """

    def __init__(self, house: Any, known_at: datetime | None = None) -> None:
        self._house, self.known_at = house, known_at
        self.sql = house.room.sql
        self.today = local_date(known_at) if known_at else house.clock.today()

    async def fetch(self, statement: str, *arguments: Any) -> list[dict[str, Any]]:
        return [dict(row) for row in await self._house.store.pool.fetch(*self._asked(statement, arguments))]

    async def row(self, statement: str, *arguments: Any) -> dict[str, Any] | None:
        row = await self._house.store.pool.fetchrow(*self._asked(statement, arguments))
        return None if row is None else dict(row)

    async def value(self, statement: str, *arguments: Any) -> Any:
        return await self._house.store.pool.fetchval(*self._asked(statement, arguments))

    def _asked(self, statement: str, arguments: tuple[Any, ...]) -> tuple[Any, ...]:
        if self.known_at is None:
            return (statement, *arguments)
        return (self._house.room.as_known(statement, len(arguments) + 1), *arguments, self.known_at)


WRITTEN = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def as_written(given: object) -> object:
    """Only YYYY-MM-DD: pydantic alone would also read a bare number as seconds since 1970."""
    if isinstance(given, str) and not WRITTEN.fullmatch(given):
        raise PydanticCustomError("date_parsing", "Input should be a date YYYY-MM-DD")
    return given


Day = Annotated[date | None, BeforeValidator(as_written), Query(description="YYYY-MM-DD, mặc định hôm nay / today")]
Page = Annotated[int, Query(ge=1, le=1000, description="số dòng / rows")]
Skip = Annotated[int, Query(ge=0, le=10_000_000)]
Stars = Annotated[int | None, Query(ge=1, le=5)]
After = Annotated[str | None, Query(description="<house>:<n>; waits up to 5 s until the view has it")]


def reads(*views: View, now: bool = False) -> Callable[..., Awaitable[Reading]]:
    """A dependency: waits for `after`, then gives the views to read; those that remember also as known at an instant.

    `now`: of a route that only ever tells the present.
    """

    async def dependency(request: Request, after: After = None) -> Reading:
        if "known_at" in request.query_params:
            raise asof.NotRemembered(field="known_at")
        house = request.app.state.house
        for view in views:
            await house.freshness.wait(view, after)
        return Reading(house)

    async def remembering(request: Request, answer: Response, after: After = None, known_at: KnownAt = None) -> Reading:
        house = request.app.state.house
        told_as_known(house, answer, known_at)
        for view in views:
            await house.freshness.wait(view, after)
        return Reading(house, known_at)

    return Depends(remembering if all(view.remembers for view in views) and not now else dependency)


def told_as_known(house: Any, answer: Response, known_at: datetime | None) -> None:
    """Says in the answer's head of which instant it is. Raises KnownAtInFuture."""
    if known_at is not None:
        asof.check(known_at, house.clock)
        answer.headers[asof.HEADER] = as_utc(known_at)


def found(row: dict[str, Any] | None, what: str, id: object) -> dict[str, Any]:
    """The row, or NotFound."""
    if row is None:
        raise NotFound(what=what, id=id)
    return row


def officer(action: str, place: Place | None = None) -> Any:
    """A dependency for what is not public: raises BadToken or Forbidden."""

    async def dependency(request: Request) -> Actor:
        actor = actor_of(request)
        require(actor, action, place or Place())
        return actor

    return Depends(dependency)


def holder(action: str) -> Any:
    """A dependency for what is bound to a place: whoever's role may do it at all, asked before anything else.

    Where is asked once the thing is found. Raises BadToken or Forbidden.
    """

    async def dependency(request: Request) -> Actor:
        actor = actor_of(request)
        if actor.role not in granted(action):
            raise Forbidden(action, actor.role, Place())
        return actor

    return Depends(dependency)


async def reader(request: Request) -> Actor:
    """A dependency for a route that every house has: an officer who may read this house. Raises BadToken, Forbidden."""
    actor = actor_of(request)
    require(actor, f"{request.app.state.house.name}:{READ_INTERNAL}", Place())
    return actor
