"""A lone bare INSERT … RETURNING and its commit, command after command, by asyncpg: what a command of one event must cost."""

import asyncio

import asyncpg

from bench.peers.coalesced import INSERT, TABLE, rows_of
from bench.peers.work import Slot, asked, driven, tell


async def main() -> None:
    given = asked()
    connection = await asyncpg.connect(given["dsn"])
    await connection.execute(TABLE)

    async def append(slot: Slot, events: list[dict[str, object]]) -> None:
        await connection.fetch(INSERT, *zip(*rows_of(slot, events), strict=True))

    tell(await driven(append, 1, given["seconds"]))
    await connection.close()


if __name__ == "__main__":
    asyncio.run(main())
