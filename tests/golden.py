"""Adds golden samples that are missing: `python -m tests.golden DATA` takes one of each kind from a played season.

Samples are only ever added: they are how old data keeps loading.
"""

import asyncio
import sys
from pathlib import Path
from typing import Any

import orjson

from ocop.inspect import ALL, Opened, looking
from ocop.standalone import ROOMS

STORED = Path(__file__).parent / "store" / "golden"
SAID = Path(__file__).parent / "contracts" / "golden"


def write(folder: Path, name: str, sample: Any) -> None:
    file = folder / f"{name}.json"
    if not file.exists():
        file.write_bytes(orjson.dumps(sample, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


async def add_missing(opened: Opened) -> int:
    for house in ROOMS:
        rows = await opened.stores[house].pool.fetch(
            "SELECT DISTINCT ON (topic) topic, originator_id, originator_version, state FROM public.events "
            "ORDER BY topic, notification_id"
        )
        for row in rows:
            state = orjson.loads(row["state"])
            version = state.get("class_version", 1)
            sample = {"originator_id": str(row["originator_id"]), "originator_version": row["originator_version"],
                      "state": state}  # fmt: skip
            await asyncio.to_thread(write, STORED, f"{row['topic']}.v{version}", sample)
        for envelope in await opened.said(house, ALL):
            await asyncio.to_thread(write, SAID, envelope.type.removeprefix("vn.ocop."), envelope.structured())
    return 0


if __name__ == "__main__":
    sys.exit(looking(Path(sys.argv[1]), add_missing))
