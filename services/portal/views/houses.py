"""Asking the houses over HTTP: what one said, that it said no, or that it does not answer."""

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx
import orjson

from shared.values import Refusal


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

    def __init__(self, clients: Mapping[str, httpx.AsyncClient], after: str | None = None) -> None:
        self._clients = clients
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

    async def gather(self, *questions: tuple[str, ...], **params: Any) -> list[Any]:
        """Several questions at once, each `(house, part, …)`, with the same parameters; the first failure is raised."""
        return await asyncio.gather(*(self.get(*question, **params) for question in questions))


def one_part(part: str) -> str:
    """One part of a path, whatever it says: `.` and `..` would otherwise climb to another page of the house."""
    return quote(part, safe="").replace(".", "%2E") if part in {".", ".."} else quote(part, safe="")
