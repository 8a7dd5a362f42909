"""What the server allows: all commands waiting at one moment in one INSERT. Unique keys only; no store around it."""

import asyncio
import json

import asyncpg

from bench.peers.work import AT_ONCE, Slot, asked, driven, tell

TABLE = """CREATE TABLE events (position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, stream uuid NOT NULL,
    version int NOT NULL, type text NOT NULL, data jsonb NOT NULL, recorded_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (stream, version))"""
INSERT = """INSERT INTO events (stream, version, type, data)
    SELECT * FROM unnest($1::uuid[], $2::int[], $3::text[], $4::jsonb[]) RETURNING position"""
Rows = list[tuple[object, ...]]


def rows_of(slot: Slot, events: list[dict[str, object]]) -> Rows:
    return [(slot.stream, slot.version + n, "Marked", json.dumps(facts)) for n, facts in enumerate(events, 1)]


class Coalesced:
    """A group commit in the client: whatever waits goes with the next statement."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection
        self._waiting: list[tuple[Rows, asyncio.Future[None]]] = []
        self._something = asyncio.Event()

    async def append(self, slot: Slot, events: list[dict[str, object]]) -> None:
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((rows_of(slot, events), done))
        self._something.set()
        await done

    async def run(self) -> None:
        while True:
            await self._something.wait()
            self._something.clear()
            group, self._waiting = self._waiting, []
            await self._connection.fetch(INSERT, *zip(*(row for rows, _ in group for row in rows), strict=True))
            for _, done in group:
                done.set_result(None)


async def main() -> None:
    given = asked()
    connection = await asyncpg.connect(given["dsn"])
    await connection.execute(TABLE)
    coalesced = Coalesced(connection)
    task = asyncio.create_task(coalesced.run())
    tell(await driven(coalesced.append, AT_ONCE, given["seconds"]))
    task.cancel()
    await asyncio.wait([task])
    await connection.close()


if __name__ == "__main__":
    asyncio.run(main())
