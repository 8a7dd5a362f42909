"""message-db's functions in PostgreSQL, called by asyncpg: one statement a command, streams over 64 categories."""

import asyncio
import json
import uuid
from pathlib import Path

import asyncpg

from bench.peers.work import AT_ONCE, Slot, asked, driven, tell

CATEGORIES = 64  # each has a lock of its own; one aggregate type would be one category
FUNCTIONS = (
    "message-store-version hash-64 acquire-lock category is-category id cardinal-id stream-version write-message "
    "get-stream-messages get-category-messages get-last-stream-message"
)
FILES = [
    "schema/message-store", "tables/messages", "types/message", *(f"functions/{name}" for name in FUNCTIONS.split()),
    "indexes/messages-id", "indexes/messages-stream", "indexes/messages-category",
]  # fmt: skip
PATH = {"search_path": "message_store,public"}


def one(first: int) -> str:
    a, b, c, d = range(first, first + 4)
    return f"write_message(${a}::varchar, ${b}::varchar, 'Marked'::varchar, ${c}::jsonb, NULL::jsonb, ${d}::bigint)"


WRITE = {size: "SELECT " + ", ".join(one(1 + 4 * n) for n in range(size)) for size in (1, 2, 3)}


async def install(dsn: str, folder: Path) -> None:
    """Its own SQL files; extensions that it names and never uses are not among them."""
    connection = await asyncpg.connect(dsn, server_settings=PATH)
    for name in FILES:
        await connection.execute((folder / f"{name}.sql").read_text())
    await connection.close()


async def main() -> None:
    given = asked()
    await install(given["dsn"], Path(given["sql"]))
    pool = await asyncpg.create_pool(given["dsn"], min_size=given["pool"], max_size=given["pool"], server_settings=PATH)

    async def append(slot: Slot, events: list[dict[str, object]]) -> None:
        stream = f"dossier{hash(slot.stream) % CATEGORIES}-{slot.stream}"
        arguments: list[object] = []
        for number, facts in enumerate(events):
            arguments += [str(uuid.uuid4()), stream, json.dumps(facts), slot.version + number - 1]
        await pool.fetch(WRITE[len(events)], *arguments)

    tell(await driven(append, AT_ONCE, given["seconds"]))
    await pool.close()


if __name__ == "__main__":
    asyncio.run(main())
