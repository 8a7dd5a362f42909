"""One origin: what is asked under `/{house}/…` is passed on to the house, and its answer back, both as they come."""

from collections.abc import AsyncIterator, Iterable
from urllib.parse import quote

import httpx
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send

from services.portal.views.houses import HouseSilent
from shared.logs import log
from shared.values import Refusal

OF_THE_PROCESS = frozenset({"livez", "readyz", "metrics"})  # each process's own; the house does not show them here
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})  # may be asked twice
HOP_BY_HOP = frozenset(
    b"connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer transfer-encoding "
    b"upgrade expect".split()
)
OF_THIS_SERVER = frozenset({b"date", b"server"})
FORWARDED = frozenset({b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto"})
PATIENCE = httpx.Timeout(30, connect=2, pool=5)  # a command may wait for its turn
PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))

Headers = Iterable[tuple[bytes, bytes]]


class AnswerLost(Refusal):
    """The house took the request and the connection ended before it answered."""

    rule = "house-silent"
    vi = "Phân hệ {house} đã nhận yêu cầu nhưng không trả lời; xin gửi lại với cùng Idempotency-Key."
    en = "The {house} house took the request and did not answer; please send again with the same Idempotency-Key."


class Proxy:
    """ASGI app of one house's doors at another address. Raises HouseSilent, AnswerLost before an answer has begun."""

    def __init__(self, house: str, client: httpx.AsyncClient) -> None:
        self.house, self._client = house, client

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await send({"type": "websocket.close"})
            return
        if scope["path"].removeprefix(f"/{self.house}/") in OF_THE_PROCESS:
            raise HTTPException(404)
        answer = await self._ask(scope, receive)
        try:
            headers = [*passed_on(answer.headers.raw, OF_THIS_SERVER)]
            await send({"type": "http.response.start", "status": answer.status_code, "headers": headers})
            async for part in answer.aiter_raw():
                await send({"type": "http.response.body", "body": part, "more_body": True})
        except httpx.TransportError as error:  # the server cuts off what is not ended
            log.warning("answer-cut-off", house=self.house, error=repr(error))
        else:
            await send({"type": "http.response.body", "body": b""})
        finally:
            await answer.aclose()

    async def _ask(self, scope: Scope, receive: Receive) -> httpx.Response:
        """The head of the house's answer; what is safe is asked once more where the connection failed."""
        tries = 2 if scope["method"] in SAFE else 1
        while True:
            tries -= 1
            try:
                return await self._client.send(self._request(scope, receive), stream=True)
            except (httpx.ConnectError, httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError) as error:
                if not tries:
                    raise self._silent(error) from error
            except httpx.TransportError as error:
                raise self._silent(error) from error
            except ClientDisconnect as error:
                raise AnswerLost(house=self.house) from error  # nobody is there to read it

    def _request(self, scope: Scope, receive: Receive) -> httpx.Request:
        sent = [*passed_on(scope["headers"], FORWARDED), *forwarded(scope)]
        has_body = any(name in {b"content-length", b"transfer-encoding"} for name, _ in scope["headers"])
        return httpx.Request(
            scope["method"], self._client.base_url, headers=sent,
            extensions={"target": target(scope), "timeout": PATIENCE.as_dict()},
            content=body(scope, receive) if has_body else None,
        )  # fmt: skip

    def _silent(self, error: httpx.TransportError) -> Refusal:
        """Whether the house may have taken the request: not where no connection came about."""
        never_sent = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)
        return (HouseSilent if never_sent else AnswerLost)(house=self.house)


def target(scope: Scope) -> bytes:
    """Path and query byte for byte as they were asked: escapes stay, and nothing is made of dots."""
    path: bytes = scope["raw_path"]
    query = quote(scope["query_string"], safe=PRINTABLE).encode()  # raw bytes are not HTTP
    return path + b"?" + query if query else path


def passed_on(headers: Headers, but: frozenset[bytes]) -> list[tuple[bytes, bytes]]:
    """Without what is meant for one connection only, and without `but`."""
    given = [(name.lower(), value) for name, value in headers]
    named = {part.strip().lower() for name, value in given if name == b"connection" for part in value.split(b",")}
    return [(name, value) for name, value in given if name not in HOP_BY_HOP | named | but]


def forwarded(scope: Scope) -> list[tuple[bytes, bytes]]:
    """Who asked, and under which address."""
    given = dict(scope["headers"])
    before = given.get(b"x-forwarded-for")
    asker = (scope["client"][0] if scope.get("client") else "unknown").encode()
    return [
        (b"x-forwarded-for", before + b", " + asker if before else asker),
        (b"x-forwarded-host", given.get(b"x-forwarded-host") or given.get(b"host", b"")),
        (b"x-forwarded-proto", scope["scheme"].encode()),
    ]


async def body(scope: Scope, receive: Receive) -> AsyncIterator[bytes]:
    async for part in Request(scope, receive).stream():
        yield part
