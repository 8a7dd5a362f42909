"""`ocop due`: the limits of all houses on one list, as they stood on a day."""

import sys
from datetime import date
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

from ocop.inspect import ALL, Opened, console, looking
from ocop.standalone import ROOMS
from shared.eventstore import due
from shared.eventstore.views import DUE
from shared.placed import NOT_ASKED, meaning
from shared.regulation.limits import NAMES
from shared.units import Map

Place = tuple[str | None, Map, date | None]  # a province, by which map, and of which day
WIDTH = 170  # of the table where no terminal says its own
STATES_VI = {
    "open": "còn hạn", "remind": "sắp hết hạn", "overdue": "[red]quá hạn[/]", "met": "đúng hạn", "met-late": "trễ hạn",
}  # fmt: skip
OWNERS_VI = {
    "producer": "Chủ thể", "commune": "UBND xã", "agency": "Cơ quan tham mưu cấp tỉnh", "advisory_team": "Tổ tư vấn",
    "secretary": "Thư ký hội đồng", "member": "Thành viên hội đồng", "chair": "Chủ tịch hội đồng",
    "district_chairman": "Chủ tịch UBND huyện", "province_chairman": "Chủ tịch UBND tỉnh",
    "ministry": "Cơ quan chủ trì ở trung ương", "minister": "Bộ trưởng", "inspector": "Người kiểm tra",
    "public": "Người dân", "clock": "Hệ thống", "ops": "Vận hành hệ thống",
}  # fmt: skip
COLUMNS = (
    "Đến ngày",
    "Tình trạng",
    "Thời hạn",
    "Căn cứ",
    "Người thực hiện",
    "Tỉnh",
    "Xã",
    "Sản phẩm",
    "Từ ngày",
    "Xong ngày",
)


def print_due(data: Path, place: Place, *, on: date | None, states: str | None, as_json: bool) -> int:
    """Prints the limits by their last day; `states` narrows them. Returns the exit status."""
    wanted = {state.strip() for state in states.split(",")} if states else set(due.STATES)
    if not wanted <= set(due.STATES):
        console.print(f"--state: {', '.join(due.STATES)}")
        return 2

    async def work(opened: Opened) -> int:
        today = (await opened.clock()).today()
        day, (province, which, known_on) = on or today, place
        lies = meaning("province", province, today, which, known_on)
        rows = [row for row in await everything(opened, day, lies) if row["state"] in wanted]
        if as_json:
            sys.stdout.buffer.write(orjson.dumps(rows, default=str, option=orjson.OPT_APPEND_NEWLINE))
        else:
            Console(width=None if sys.stdout.isatty() else WIDTH).print(table(rows, day))
        return 0

    return looking(data, work)


async def everything(opened: Opened, day: date, lies: tuple[Any, Any] = NOT_ASKED) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for house, rooms in ROOMS.items():
        if due.VIEW in {view.name for view in rooms.room.views}:
            found = await opened.stores[house].pool.fetch(DUE.on_a_day, day, None, None, ALL, 0, *lies, *NOT_ASKED)
            rows += [due.shown(house, row) for row in found]
    return sorted(
        rows, key=lambda row: (row["due_on"], row["house"], row["limit"], str(row["subject"]), row["begun_on"])
    )


def table(rows: list[dict[str, Any]], day: date) -> Table:
    shown = Table(*COLUMNS, title=f"Thời hạn ngày / limits on {day}: {len(rows)}")
    for row in rows:
        limit, owner = NAMES.get(row["limit"], row["limit"]), OWNERS_VI.get(row["owner"], row["owner"])
        shown.add_row(
            str(row["due_on"]), STATES_VI[row["state"]], limit, row["ref"], owner, row["province"], row["commune"],
            row["product"], str(row["begun_on"]), str(row["closed_on"] or ""),
        )  # fmt: skip
    return shown
