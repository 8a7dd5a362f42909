"""Passes TCP connections on: `forwarding.py HOST PORT TO` listens on HOST:PORT and connects each to TO:PORT."""

import asyncio
import contextlib
import sys

CHUNK = 65536


async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()
    writer.close()


async def serve(host: str, port: int, to: str) -> None:
    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            beyond_reader, beyond_writer = await asyncio.open_connection(to, port)
        except OSError:
            writer.close()
            return
        await asyncio.gather(pass_on(reader, beyond_writer), pass_on(beyond_reader, writer))

    server = await asyncio.start_server(connected, host, port)
    sys.stdout.write("listens\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
