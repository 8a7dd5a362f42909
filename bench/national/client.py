"""A small HTTP/1.1 client for loads: kept connections, one request in flight on each, nothing done that is not needed.

The load shares the machine with what it measures; a general client would take as much of it as the server does.
"""

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import orjson

END_OF_HEAD = b"\r\n\r\n"
LENGTH = b"content-length: "
TRIES = 3


class ConnectionBroken(ConnectionError):
    """The server let go of a connection in the middle of an answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a load asks of an answer; the same names as httpx has."""

    status_code: int
    content: bytes

    @property
    def is_error(self) -> bool:
        return self.status_code >= 400

    @property
    def text(self) -> str:
        return self.content.decode(errors="replace")

    def json(self) -> Any:
        return orjson.loads(self.content)


class Line(asyncio.Protocol):
    """One connection: the answer to the request that was written last."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self._buffer = b""
        self._answer: asyncio.Future[Answer] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def ask(self, request: bytes) -> asyncio.Future[Answer]:
        assert self.transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return self._answer

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head = self._buffer.find(END_OF_HEAD)
        if head < 0:
            return
        at = self._buffer.find(LENGTH, 0, head) + len(LENGTH)
        end = head + len(END_OF_HEAD) + int(self._buffer[at : self._buffer.find(b"\r", at)])
        if len(self._buffer) < end:
            return
        answer = Answer(int(self._buffer[9:12]), self._buffer[head + len(END_OF_HEAD) : end])
        self._buffer = b""
        if self._answer and not self._answer.done():
            self._answer.set_result(answer)

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        if self._answer and not self._answer.done():
            self._answer.set_exception(ConnectionBroken(str(exc)))


class Client:
    """`most` connections to one address; whoever asks beyond that waits for the first that is free."""

    def __init__(self, address: str, most: int) -> None:
        url = urlsplit(address)
        assert url.hostname
        assert url.port
        self._host, self._port = url.hostname, url.port
        self._tail = f" HTTP/1.1\r\nhost: {url.netloc}\r\n".encode()
        self._room = asyncio.Semaphore(most)
        self._free: deque[Line] = deque()
        self.asked = 0

    async def post(self, path: str, body: bytes, headers: bytes) -> Answer:
        """`headers`: each with its end of line."""
        return await self._ask(b"POST ", path, headers + b"content-length: %d\r\n\r\n" % len(body) + body)

    async def get(self, path: str, headers: bytes = b"") -> Answer:
        return await self._ask(b"GET ", path, headers + b"\r\n")

    async def _ask(self, method: bytes, path: str, rest: bytes) -> Answer:
        """Again on another connection where a kept one was let go of: commands carry an Idempotency-Key."""
        request = method + path.encode() + self._tail + rest
        async with self._room:
            self.asked += 1
            for _ in range(TRIES):
                line = await self._line()
                try:
                    answer = await line.ask(request)
                except ConnectionBroken:
                    continue
                self._free.append(line)
                return answer
        raise ConnectionBroken(f"{self._host}:{self._port} does not answer")

    async def _line(self) -> Line:
        while self._free:
            line = self._free.pop()
            if line.transport is not None and not line.transport.is_closing():
                return line
        _, line = await asyncio.get_running_loop().create_connection(Line, self._host, self._port)
        return line

    def close(self) -> None:
        for line in self._free:
            if line.transport is not None:
                line.transport.close()
