"""`ocop rebuild` and `ocop views`: a view made again while people work, and how the views of the houses stand."""

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ocop.asked import CalledWrongly, houses_of
from ocop.inspect import Opened, looking
from ocop.progress import Bar, bars, console
from ocop.standalone import ROOMS
from shared.eventstore.parking import parked_views
from shared.eventstore.rebuilding import BeingMadeAgain, OfOtherTables, Rebuild, Rebuilt
from shared.eventstore.views import View

WIDTH = 150  # of the table where no terminal says its own
COLUMNS = ("Nhà", "Khung nhìn", "Nguồn", "Vị trí", "Còn thiếu", "Tình trạng", "Từ khi (UTC)", "Lỗi")


def run_rebuild(data: Path, house: str, name: str) -> int:
    """Makes one view again from its facts while others read and write."""
    try:
        [house] = houses_of(house)
        view = ROOMS[house].room.view(name)
    except (CalledWrongly, KeyError) as wrong:
        console.print(f"{wrong.args[0]}", markup=False, soft_wrap=True)
        return 2

    async def work(opened: Opened) -> int:
        with bars() as progress:
            bar = Bar(progress, f"{house} {name}")
            try:
                found = await made_again(opened, house, view, bar)
            except (BeingMadeAgain, OfOtherTables) as refused:
                console.print(f"{refused}", markup=False, soft_wrap=True)
                return 1
        console.print(f"{house}.{name}: {found.rows} dòng / rows, {view.source}:{found.upto}")
        return 0

    return looking(data, work)


async def made_again(opened: Opened, house: str, view: View, bar: Bar) -> Rebuilt:
    database, source = opened.databases[house], opened.source_of(house, view)
    rebuild = Rebuild(
        database.owner_dsn, ROOMS[house].room, view, source, database.server_role, bar.begins, bar.tell
    )  # fmt: skip
    return await rebuild.run()


def print_views(data: Path, house: str | None, *, as_json: bool) -> int:
    """Every view with how far it has come. Returns 1 where one is parked."""
    try:
        houses = houses_of(house)
    except CalledWrongly as wrong:
        console.print(f"{wrong}", markup=False, soft_wrap=True)
        return 2

    async def work(opened: Opened) -> int:
        rows = [row for name in houses for row in await standing_of(opened, name)]
        if as_json:
            sys.stdout.buffer.write(orjson.dumps(rows, option=orjson.OPT_APPEND_NEWLINE))
        else:
            Console(width=None if sys.stdout.isatty() else WIDTH).print(table(rows))
        return 1 if any(row["parked"] for row in rows) else 0

    return looking(data, work)


async def standing_of(opened: Opened, house: str) -> list[dict[str, Any]]:
    """`parked`: before which event, its kind, the error, since when (UTC), how often tried; null where it goes on."""
    store = opened.stores[house]
    at = (await store.standing()).positions
    parked = {found.view: asdict(found) for found in await parked_views(store.pool)}
    return [
        {
            "house": house, "view": view.name, "source": view.source,
            "position": (reached := at.get((view.reader, view.source), 0)),
            "behind": max(await opened.stores[view.source].head() - reached, 0), "parked": parked.get(view.name),
        }
        for view in ROOMS[house].room.views
    ]  # fmt: skip


def table(rows: Sequence[dict[str, Any]]) -> Table:
    shown = Table(*COLUMNS)
    for row in rows:
        parked = row["parked"]
        state = (
            f"[red]dừng trước / parked before {parked['source']}:{parked['position']}[/]"
            if parked
            else "chạy / goes on"
        )
        since = f"{parked['since']:%Y-%m-%d %H:%M:%S}" if parked else ""
        error = escape(f"{parked['kind']}: {parked['error']}") if parked else ""
        numbers = str(row["position"]), str(row["behind"])
        shown.add_row(row["house"], row["view"], row["source"], *numbers, state, since, error)
    return shown
