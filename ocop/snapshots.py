"""`ocop snapshots`: what is kept of long aggregates so that they load sooner, and how to be rid of it."""

import sys
from pathlib import Path

import orjson

from ocop.asked import CalledWrongly, houses_of
from ocop.inspect import Opened, looking
from ocop.progress import console
from shared.eventstore.snapshots import SQL


def run_snapshots(data: Path, house: str | None, *, drop: bool, as_json: bool) -> int:
    """Tells how many there are of each house, of how many events the longest, and how many bytes; or drops them all."""
    try:
        houses = houses_of(house)
    except CalledWrongly as wrong:
        console.print(f"{wrong}", markup=False, soft_wrap=True)
        return 2

    async def work(opened: Opened) -> int:
        rows = []
        for name in houses:
            pool = opened.stores[name].pool
            rows.append({"house": name, **await pool.fetchrow(SQL.summed), "dropped": drop})
            if drop:
                await pool.execute(SQL.drop)
        if as_json:
            sys.stdout.buffer.write(orjson.dumps(rows, option=orjson.OPT_APPEND_NEWLINE))
        for row in () if as_json else rows:
            done = ", đã xóa / dropped" if drop else ""
            print(f"{row['house']}: {row['snapshots']} ảnh chụp / snapshots, ≤ {row['longest']} sự kiện / events, "
                  f"{row['bytes']} B{done}")  # fmt: skip
        return 0

    return looking(data, work)
