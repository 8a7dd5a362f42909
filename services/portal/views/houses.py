"""Asking the houses over HTTP: what one said, that it said no, or that it does not answer."""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

import httpx
import orjson

from services.portal.views.freshness import Asked
from shared.values import Refusal

MOST_SHARED = 500  # answers, of some 10 kB


class HouseSilent(Refusal):
    """The house does not answer, or with an error of its own."""

    rule = "house-silent"
    vi = "Phân hệ {house} tạm thời không trả lời; xin thử lại sau ít phút."
    en = "The {house} house does not answer for now; please try again in a few minutes."


class HouseSaid(Exception):
    """A house refused; `body` is its problem, to be passed on as it is."""

    def __init__(self, house: str, status: int, body: dict[str, Any]) -> None:
        self.house, self.status, self.body = house, status, body
        super().__init__(f"{house}: {status} {body.get('rule')}")


class Houses:
    """The houses as one request asks them: with its `after`, each waits until its view has that position."""

    def __init__(
        self, clients: Mapping[str, httpx.AsyncClient], after: str | None = None, shared: "Shared | None" = None
    ) -> None:  # fmt: skip
        self._clients, self._shared = clients, shared
        self.after = after

    async def ask(self, house: str, *path: str, **params: Any) -> tuple[int, Any]:
        """Status and JSON of `GET /{house}/{path}`; parameters that are None are left out, lists are repeated.

        Raises HouseSilent.
        """
        wanted = {"after": self.after} | params
        given = {k: v if isinstance(v, list) else str(v) for k, v in wanted.items() if v is not None}
        return await self._answer(house, "GET", path, params=given)

    async def post(self, house: str, *path: str, key: str, body: Mapping[str, Any]) -> tuple[int, Any]:
        """Status and JSON of a command without a token; `key` is its Idempotency-Key. Raises HouseSilent."""
        return await self._answer(house, "POST", path, json=body, headers={"Idempotency-Key": key})

    async def _answer(self, house: str, method: str, path: tuple[str, ...], **more: Any) -> tuple[int, Any]:
        address = "".join(f"/{one_part(part)}" for part in path)
        try:
            answer = await self._clients[house].request(method, address, **more)
        except httpx.TransportError as error:
            raise HouseSilent(house=house) from error
        if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise HouseSilent(house=house)
        return answer.status_code, orjson.loads(answer.content)

    async def get(self, house: str, *path: str, **params: Any) -> Any:
        """The JSON of a page that is there. Raises HouseSaid, HouseSilent."""
        status, body = await self.ask(house, *path, **params)
        if status >= httpx.codes.BAD_REQUEST:
            raise HouseSaid(house, status, body)
        return body

    async def find(self, house: str, *path: str, **params: Any) -> Any:
        """As `get`, but None where there is no such thing."""
        status, body = await self.ask(house, *path, **params)
        if status == httpx.codes.NOT_FOUND:
            return None
        if status >= httpx.codes.BAD_REQUEST:
            raise HouseSaid(house, status, body)
        return body

    async def common(self, house: str, *path: str, **params: Any) -> Any:
        """As `get`, for what everybody asks: the answer may be a second old. Never where somebody waits for a position."""
        if self._shared is None or self.after is not None:
            return await self.get(house, *path, **params)
        return await self._shared.get(self, house, *path, **params)


class Kept(NamedTuple):
    """An answer, or the question on its way, with when it was asked."""

    asked: Asked
    task: asyncio.Task[Any]

    def holds(self, now: Asked) -> bool:
        return self.asked.holds(now) and not failed(self.task)


class Shared:
    """Answers that many ask for: each question is put to its house once a second at most, and not again while nothing changed.

    `since`: the count of changes (`Changes.since`), None where it is not known.
    """

    def __init__(
        self, since: Callable[[], int | None] = lambda: None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._since, self._clock = since, clock
        self._kept: dict[tuple[Any, ...], Kept] = {}

    async def get(self, houses: Houses, *path: str, **params: Any) -> Any:
        """An answer as of a second ago at most; not to be changed. Raises what the question raises."""
        key, now = (path, tuple(sorted(params.items()))), Asked(self._clock(), self._since())
        kept = self._kept.get(key)
        if kept is None or not kept.holds(now):
            # where there are too many, only those of the last second stay
            upto = now if len(self._kept) < MOST_SHARED else now._replace(since=None)
            self._kept = {k: other for k, other in self._kept.items() if other.holds(upto)}
            kept = self._kept[key] = Kept(now, asyncio.ensure_future(houses.get(*path, **params)))
            kept.task.add_done_callback(failed)
        return await asyncio.shield(kept.task)


def failed(task: asyncio.Task[Any]) -> bool:
    """Whether it is over without an answer; its error is then known to whoever waited for it."""
    return task.done() and (task.cancelled() or task.exception() is not None)


def one_part(part: str) -> str:
    """One part of a path, whatever it says: `.` and `..` would otherwise climb to another page of the house."""
    return quote(part, safe="").replace(".", "%2E") if part in {".", ".."} else quote(part, safe="")
