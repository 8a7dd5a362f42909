"""One origin: what the portal passes on to a house and back, and what it says when the house does not answer."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from starlette.types import Message, Receive, Scope, Send

from services.portal.main import CONNECTIONS, at, not_ready, portal_app, run
from services.portal.proxy import Proxy
from shared.clock import Clock
from shared.serving import listening
from tests.served import a_port

HOUSE = "registration"
BIG = b"x" * 3_000_000
Answers = Callable[[Scope, Receive, Send], Awaitable[None]]


class AHouse:
    """A house that notes what it is asked and answers as a test says."""

    def __init__(self) -> None:
        self.asked: list[Scope] = []
        self.bodies: list[bytes] = []
        self.answers: Answers = plainly()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked.append(scope)
        await self.answers(scope, receive, send)

    @property
    def heard(self) -> dict[bytes, bytes]:
        """The headers of the last request."""
        return dict(self.asked[-1]["headers"])

    async def read(self, receive: Receive) -> None:
        parts, more = [], True
        while more:
            message = await receive()
            parts.append(message.get("body", b""))
            more = message.get("more_body", False)
        self.bodies.append(b"".join(parts))


def start(status: int = 200, *headers: tuple[bytes, bytes]) -> Message:
    return {"type": "http.response.start", "status": status, "headers": headers}


def part(body: bytes, *, more: bool = False) -> Message:
    return {"type": "http.response.body", "body": body, "more_body": more}


def plainly(body: bytes = b"{}", status: int = 200, *headers: tuple[bytes, bytes]) -> Answers:
    async def answers(_: Scope, __: Receive, send: Send) -> None:
        await send(start(status, (b"content-length", str(len(body)).encode()), *headers))
        await send(part(body))

    return answers


class Origin:
    """The portal before a house, both over HTTP."""

    def __init__(self, house: AHouse, client: httpx.AsyncClient, house_port: int, port: int) -> None:
        self.house, self.client, self.house_port, self.port = house, client, house_port, port

    async def raw(self, *lines: str) -> bytes:
        """What comes back for a request that no client would send."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write("\r\n".join((*lines, "Host: ocop.example", "Connection: close", "", "")).encode())
        async with asyncio.timeout(10):
            answer = await reader.read()
        writer.close()
        return answer


def served(app: Any, port: int) -> Any:
    return listening(app, "127.0.0.1", port)


def portal_before(client: httpx.AsyncClient) -> Any:
    app = portal_app(dict.fromkeys((HOUSE, "certification"), client), Clock())
    app.mount(f"/{HOUSE}", Proxy(HOUSE, client))
    return app


@pytest.fixture
async def origin() -> AsyncIterator[Origin]:
    house, ports = AHouse(), (a_port(), a_port())
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(served(house, ports[0]))
        to_house = await stack.enter_async_context(at(f"http://127.0.0.1:{ports[0]}", CONNECTIONS))
        await stack.enter_async_context(served(portal_before(to_house), ports[1]))
        client = await stack.enter_async_context(at(f"http://127.0.0.1:{ports[1]}", CONNECTIONS))
        while not await listens(*ports):
            await asyncio.sleep(0.01)
        yield Origin(house, client, *ports)


async def listens(*ports: int) -> bool:
    for port in ports:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except ConnectionRefusedError:
            return False
        writer.close()
    return True


# --- passed on ---

GIVEN = {
    "Idempotency-Key": "a key", "Authorization": "Bearer x.y.z", "X-Correlation-Id": "c-1", "Accept": "application/json",
    "Traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
}  # fmt: skip


async def test_what_a_house_goes_by_passes_unchanged_and_its_position_comes_back(origin: Origin) -> None:
    origin.house.answers = plainly(b'{"position":"registration:7"}', 201, (b"ocop-position", b"registration:7"))
    answer = await origin.client.post("/registration/ideas?after=registration:6", json={"a": 1}, headers=GIVEN)
    assert (answer.status_code, answer.json()) == (201, {"position": "registration:7"})
    assert answer.headers["Ocop-Position"] == "registration:7"
    assert origin.house.asked[0]["query_string"] == b"after=registration:6"
    heard = origin.house.heard
    assert {name: heard[name.lower().encode()].decode() for name in GIVEN} == GIVEN
    assert heard[b"host"] == f"127.0.0.1:{origin.port}".encode()


async def test_a_house_is_told_who_asked_and_under_which_address(origin: Origin) -> None:
    await origin.client.get("/registration/ideas", headers={"X-Forwarded-For": "203.0.113.9"})
    heard = origin.house.heard
    assert heard[b"x-forwarded-for"].split(b", ")[0] == b"203.0.113.9"
    assert heard[b"x-forwarded-host"] == f"127.0.0.1:{origin.port}".encode()
    assert heard[b"x-forwarded-proto"] == b"http"


async def test_headers_of_one_connection_end_there_in_both_directions(origin: Origin) -> None:
    origin.house.answers = plainly(b"{}", 200, (b"connection", b"x-only-here"), (b"x-only-here", b"1"), (b"kept", b"1"))
    mine = {"Connection": "keep-alive, X-Mine", "X-Mine": "1", "TE": "trailers", "Proxy-Authorization": "Basic eA=="}
    answer = await origin.client.get("/registration/ideas", headers=mine)
    assert not {b"x-mine", b"te", b"proxy-authorization"} & set(origin.house.heard)
    assert "x-only-here" not in answer.headers
    assert answer.headers["kept"] == "1"
    assert len(answer.headers.get_list("date")) == len(answer.headers.get_list("server")) == 1


@pytest.mark.parametrize(
    "path", ["/registration/evidence/a%2Fb%2F..%2Fc", "/registration/a/../../evaluation/ideas", "/registration//ideas",
             "/registration/%2e%2e/x", "/registration/.", "/registration/ideas/?a=%2F&b=%zz&c"]
)  # fmt: skip
async def test_an_address_reaches_the_house_byte_for_byte(origin: Origin, path: str) -> None:
    assert (await origin.raw(f"GET {path} HTTP/1.1")).startswith(b"HTTP/1.1 200")
    asked, _, query = path.partition("?")
    assert (origin.house.asked[-1]["raw_path"], origin.house.asked[-1]["query_string"]) == (
        asked.encode(), query.encode(),
    )  # fmt: skip


@pytest.mark.parametrize("path", ["livez", "readyz", "metrics", "%6Detrics"])
async def test_what_is_of_a_house_s_process_alone_is_not_shown(origin: Origin, path: str) -> None:
    answer = await origin.client.get(f"/registration/{path}")
    assert (answer.status_code, answer.json()["rule"]) == (404, "http-404")
    assert origin.house.asked == []


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"])
async def test_every_method_is_the_house_s_to_judge(origin: Origin, method: str) -> None:
    origin.house.answers = plainly(b"", 405, (b"allow", b"GET"))
    answer = await origin.client.request(method, "/registration/ideas")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
    assert origin.house.asked[-1]["method"] == method


# --- in streams ---


async def test_a_body_without_a_length_goes_up_whole(origin: Origin) -> None:
    async def answers(scope: Scope, receive: Receive, send: Send) -> None:
        await origin.house.read(receive)
        await plainly()(scope, receive, send)

    async def chunks() -> AsyncIterator[bytes]:
        for begin in range(0, len(BIG), 100_000):
            yield BIG[begin : begin + 100_000]

    origin.house.answers = answers
    await origin.client.post("/registration/evidence", content=chunks())
    await origin.client.post("/registration/evidence", content=BIG)
    assert origin.house.bodies == [BIG, BIG]
    assert origin.house.heard[b"content-length"] == str(len(BIG)).encode()


async def test_an_answer_comes_down_while_the_house_still_speaks(origin: Origin) -> None:
    first_read = asyncio.Event()

    async def answers(_: Scope, __: Receive, send: Send) -> None:
        await send(start())
        await send(part(b"first", more=True))
        async with asyncio.timeout(10):
            await first_read.wait()
        await send(part(b"second"))

    origin.house.answers = answers
    async with origin.client.stream("GET", "/registration/export") as answer:
        parts = answer.aiter_raw()
        assert await anext(parts) == b"first"
        first_read.set()
        assert b"".join([part async for part in parts]) == b"second"


async def test_an_answer_that_breaks_off_never_looks_whole(origin: Origin) -> None:
    async def answers(_: Scope, __: Receive, send: Send) -> None:
        await send(start(200))
        await send(part(b"half of it", more=True))
        raise ConnectionAbortedError

    origin.house.answers = answers
    with pytest.raises(httpx.RemoteProtocolError):
        await origin.client.get("/registration/export")


# --- a house that does not answer ---


class Flaky:
    """Accepts connections and closes the first ones when they have been read; the others are answered."""

    def __init__(self, failures: int) -> None:
        self.failures, self.requests = failures, 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if await reader.readuntil(b"\r\n\r\n"):
            self.requests += 1
        if self.requests > self.failures:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
            await writer.drain()
        writer.close()


async def asked_of(flaky: Flaky, method: str, **more: Any) -> httpx.Response:
    """The portal's answer for a house that is like this."""
    server = await asyncio.start_server(flaky, "127.0.0.1", 0)
    async with server, at(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", CONNECTIONS) as to_house:
        transport = httpx.ASGITransport(portal_before(to_house))
        async with httpx.AsyncClient(transport=transport, base_url="http://ocop.example") as client:
            return await client.request(method, "/registration/ideas", **more)


async def test_what_is_safe_is_asked_once_more_when_the_connection_breaks() -> None:
    flaky = Flaky(failures=1)
    assert (await asked_of(flaky, "GET")).status_code == 200
    assert flaky.requests == 2


async def test_what_is_safe_is_asked_twice_at_most() -> None:
    flaky = Flaky(failures=5)
    assert (await asked_of(flaky, "GET")).status_code == 502
    assert flaky.requests == 2


async def test_a_command_whose_answer_is_lost_is_not_sent_again_by_the_portal(
) -> None:  # fmt: skip
    flaky = Flaky(failures=1)
    answer = await asked_of(flaky, "POST", json={}, headers={"Idempotency-Key": "k"})
    assert (answer.status_code, answer.json()["rule"]) == (502, "house-silent")
    assert answer.headers["content-type"] == "application/problem+json"
    assert "xin gửi lại với cùng Idempotency-Key" in answer.json()["detail"]
    assert "send again with the same Idempotency-Key" in answer.json()["detail"]
    assert flaky.requests == 1


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_house_where_nobody_listens_is_a_problem_that_says_so(method: str) -> None:
    async with at(f"http://127.0.0.1:{a_port()}", CONNECTIONS) as to_nobody:
        transport = httpx.ASGITransport(portal_before(to_nobody))
        async with httpx.AsyncClient(transport=transport, base_url="http://ocop.example") as client:
            answer = await client.request(method, "/registration/ideas")
    assert (answer.status_code, answer.json()["rule"]) == (503, "house-silent")
    assert answer.headers["retry-after"] == "5"
    assert "Phân hệ registration tạm thời không trả lời" in answer.json()["detail"]
    assert "The registration house does not answer for now" in answer.json()["detail"]


# --- the process ---


async def test_a_house_that_does_not_take_commands_is_named(origin: Origin) -> None:
    async with AsyncExitStack() as stack:
        clients = {
            house: await stack.enter_async_context(at(f"http://127.0.0.1:{port}", CONNECTIONS))
            for house, port in (("registration", origin.house_port), ("evaluation", a_port()))
        }
        assert await not_ready(clients) == ["evaluation: ConnectError"]
        origin.house.answers = plainly(b'{"ready":false}', 503)
        assert await not_ready(clients) == ["registration: not ready", "evaluation: ConnectError"]
    assert origin.house.asked[-1]["path"] == "/readyz"


def test_a_portal_that_is_not_told_where_the_houses_are_does_not_start() -> None:
    only_one = {"OCOP_HOUSES": "registration=http://127.0.0.1:1"}
    told = CliRunner().invoke(run, ["--port", "1"], env=only_one)
    assert told.exit_code == 2
    assert "OCOP_HOUSES: no address of evaluation, certification, promotion, programme" in told.output
