"""`ocop units NAME`: which units bore a name, on which days, and what they are today. A help for whoever reads old papers."""

from datetime import date, datetime
from typing import Any

import click
import orjson

from shared import calendar, placenames
from shared.clock import machine_time

ISO = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.argument("name")
@click.option(
    "--on", "on", type=ISO, default=None, help="Theo bản đồ ngày này / by the map of this day; else of any day"
)
@click.option("--level", type=click.Choice(["province", "district", "commune"]), default=None, help="Cấp / level")
@click.option(
    "--within", default=None, help="Mã tỉnh hoặc huyện của ngày đó / code of a province or district of that day"
)
@click.option("--json", "as_json", is_flag=True, help="JSON")
def units(name: str, on: datetime | None, level: Any, within: str | None, as_json: bool) -> None:
    """Đơn vị hành chính mang tên NAME, kể cả tên cũ; không chọn thay / units of a name, old ones too; nothing is chosen."""
    day, today = on.date() if on else None, calendar.local_date(machine_time())
    found = [placenames.shown(one, today) for one in placenames.named(name, on=day, level=level, within=within)]
    if as_json:
        click.echo(orjson.dumps({"name": name, "on": day, "today": today, "candidates": found}).decode())
        return
    for one in found:
        click.echo(told(one))
    if not found:
        click.echo("Không có tên này trong danh mục / no unit of this name", err=True)
        raise SystemExit(1)


def told(one: dict[str, Any]) -> str:
    """One candidate in a line."""
    days = (
        f"{shown(one['valid_from'])} – {shown(one['valid_to'])}"
        if one["by"] != "former"
        else f"… – {shown(one['valid_to'])}"
    )
    now = ", ".join(f"{unit['name']} ({unit['code']})" for unit in one["today"]) or "?"
    above = f", {one['parent_name']}" if one["parent_name"] else ""
    went = f" [{', '.join(one['went_to'])}]" if one["went_to"] else ""
    return f"{one['code']:>5}  {one['name']}{above}  ({days}){went}  →  {now}"


def shown(day: date | None) -> str:
    return "…" if day is None else f"{day:%d/%m/%Y}"
