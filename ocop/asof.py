"""`ocop show | certificate | count | plan`: what the doors of the houses answer, asked of the data without a program."""

import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import orjson
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ocop.inspect import Opened, looking
from ocop.progress import console
from ocop.standalone import ROOMS, client_of
from services.portal.views.houses import Houses, HouseSilent
from shared import asof
from shared.contracts.envelope import as_utc
from shared.eventstore.stood import Upto, stood
from shared.house import House
from shared.values import Refusal

OK = 200
WIDTH = 150  # where no terminal says its own
STATUS_VI = {
    "valid": "còn hiệu lực", "extended": "được kéo dài hiệu lực", "not-yet-valid": "chưa có hiệu lực", "expired": "đã hết hạn",
    "revoked": "đã bị thu hồi", "replaced": "đã được thay thế", "unknown": "không có trong sổ",
}  # fmt: skip

Facts = dict[str, Any]
Form = Callable[[Facts], str | Table]


# --- an aggregate ---


def show_aggregate(data: Path, house: str, kind: str, id: UUID, upto: Upto, *, as_json: bool) -> int:
    """An aggregate by those of its facts that count; what is sealed stays so. 1 where there is none by then."""

    async def work(opened: Opened) -> int:
        try:
            if upto.known_at:
                asof.check(upto.known_at, await opened.clock())
            found = (await stood(opened.stores[house], kind, id, upto)).shown
        except Refusal as refusal:
            return refused(f"{refusal.message_vi} / {refusal.message_en}")
        put(found, as_json, aggregate_page)
        return 0

    return looking(data, work)


def aggregate_page(found: Facts) -> str:
    head = (
        f"[bold]{found['type']} {found['id']}[/]\n"
        f"phiên bản / version {found['version']}, {found['position']}, ngày pháp lý / legal date {found['legal_date']}, "
        f"ghi lúc / recorded at {found['recorded_at']}"
    )
    return f"{head}\n{escape(orjson.dumps(found['state'], option=orjson.OPT_INDENT_2).decode())}"


# --- what doors answer ---


def show_certificate(data: Path, number: str, on: date | None, known_at: datetime | None, *, as_json: bool) -> int:
    """The public facts of a certificate. 1 where no certificate has the number by then."""
    asked = {"on": on, "known_at": known_at}
    return answered(data, "certification", ("certificates", number), asked, certificate_page, as_json=as_json)


def show_count(data: Path, asked: Facts, *, as_json: bool) -> int:
    """A national number with its parts."""
    return answered(data, "programme", ("national",), asked | {"limit": 1000}, count_table, as_json=as_json)


def show_plan(data: Path, id: UUID, on: date | None, known_at: datetime | None, *, as_json: bool) -> int:
    """A plan with how its targets stand."""
    return answered(
        data, "programme", ("plans", str(id)), {"on": on, "known_at": known_at}, plan_table, as_json=as_json
    )


def answered(data: Path, house: str, path: tuple[str, ...], asked: Facts, form: Form, *, as_json: bool) -> int:
    """Asks a house's own door. 1 where it refuses, or there is no such thing."""

    async def work(opened: Opened) -> int:
        try:
            status, found = await at_the_door(opened, house, path, asked)
        except HouseSilent as silent:
            return refused(f"{silent.message_vi} / {silent.message_en}")
        if status != OK and found["status"] != "unknown":
            said = [f"{error['field']}: {error['message_vi']} / {error['message_en']}" for error in found["errors"]]
            return refused("\n".join(said) or found["detail"])
        if asked["known_at"] and not as_json:
            console.print(
                f"Theo những gì đã biết lúc / as it was known at {as_utc(asked['known_at'])}", highlight=False
            )
        put(found, as_json, form)
        return 0 if status == OK else 1

    return looking(data, work)


async def at_the_door(opened: Opened, name: str, path: tuple[str, ...], asked: Mapping[str, Any]) -> tuple[int, Facts]:
    """Status and JSON of the house's own answer. Raises HouseSilent."""
    async with door_of(opened, name) as client:
        params = {key: as_utc(value) if isinstance(value, datetime) else value for key, value in asked.items()}
        return await Houses({name: client}).ask(name, *path, **params)


@asynccontextmanager
async def door_of(opened: Opened, name: str) -> AsyncIterator[httpx.AsyncClient]:
    """Speaks to a house that is open for as long."""
    house = House(ROOMS[name], opened.databases[name].server_dsn, await opened.clock(), key=None)
    await house.store.open()
    try:
        async with client_of(house.app(), name) as client:
            yield client
    finally:
        await house.store.close()


# --- forms ---


def put(found: Facts, as_json: bool, form: Form) -> None:
    if as_json:
        sys.stdout.buffer.write(orjson.dumps(found, option=orjson.OPT_APPEND_NEWLINE))
    else:
        Console(width=None if sys.stdout.isatty() else WIDTH, highlight=False).print(form(found))


def refused(why: str) -> int:
    console.print(why, markup=False, soft_wrap=True)
    return 1


def certificate_page(found: Facts) -> str:
    lines = [
        f"[bold]{escape(found['number'])}[/]  ngày / on {found['on']}: {STATUS_VI[found['status']]} / {found['status']}"
    ]
    if found["status"] != "unknown":
        lines += [
            f"từ / since {found['since'] or '–'}, đến / until {found['until'] or '–'}",
            escape(f"{found['stars']} sao / stars: {found['product']['name']}, {found['producer']['name']}"),
            escape(f"Quyết định / decision {found['decision']['number']}, {found['decision']['date']}"),
        ]
    if found["reason"]:
        lines.append(escape(f"Lý do / reason: {found['reason']}"))
    if found["replaced_by"]:
        lines.append(f"Thay bằng / replaced by: {found['replaced_by']}")
    return "\n".join(lines)


def count_table(found: Facts) -> Table:
    title = f"{found['what']} {found['on']}: {found['total']}\n{escape(found['definition']['vi'])}"
    shown = Table("Mã / value", "Tên / label", "Số / count", title=title)
    for row in found["values"]:
        shown.add_row(str(row["value"]), escape(f"{row['label_vi']} / {row['label_en']}"), str(row["count"]))
    return shown


def plan_table(found: Facts) -> Table:
    shown = Table("Chỉ tiêu / target", "Yêu cầu", "Đến ngày", "Thực tế", "Tính ngày", "Đạt / met",
                  title=escape(f"{found['name']} ({found['on']})"))  # fmt: skip
    for target in found["targets"]:
        met = {True: "đạt / yes", False: "chưa / no", None: "–"}[target["met"]]
        actual = "–" if target["actual"] is None else f"{target['actual']:g}"
        wanted = f"{target['comparator']} {target['value']:g}"
        shown.add_row(target["metric"], wanted, target["by"], actual, str(target["counted_on"] or "–"), met)
    return shown
