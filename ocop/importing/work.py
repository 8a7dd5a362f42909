"""`ocop import` on the data of a running or stopped program: rows staged and recorded, looked at, mended, taken back."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import orjson
from rich.console import Console
from rich.table import Table

from ocop.dlq import user
from ocop.importing.preview import pieces, summary, told
from ocop.inspect import ALL, Opened, console, looking
from ocop.progress import Bar, bars
from ocop.standalone import ROOMS
from services.registration.commands.importing import MendRow
from services.registration.commands.intake import ACTION, Intake
from services.registration.domain.importing import PAGE
from services.registration.views.importing import listed, shown
from services.registration.views.report import report
from shared.auth.actors import NATIONAL, Actor
from shared.eventstore.commands import Answer, Command, Request
from shared.eventstore.projector import Projection
from shared.eventstore.store import EventStore
from shared.legacy.reading import read
from shared.placed import NOT_ASKED
from shared.values import NotFound

HOUSE = "registration"
WIDTH = 150  # of a table where no terminal says its own
COLUMNS = ("Trang", "Dòng", "Tình trạng", "Trạng thái", "Sản phẩm", "Chủ thể", "Mã")
Row = dict[str, Any]


class Desk:
    """The registration house's store, and who asks."""

    def __init__(self, opened: Opened, clock: Any) -> None:
        self.store, self.clock = opened.stores[HOUSE], clock
        self.sql = ROOMS[HOUSE].room.sql

    async def say(self, command: Command) -> Answer:
        key = f"import {uuid4()}"
        asked = Request(id=key, actor=Actor(user(), "ministry", NATIONAL), action=ACTION, correlation=key)
        return await ROOMS[HOUSE].commands.execute(command, asked, self.store, self.clock)

    async def rows(self, statement: str, *arguments: Any) -> list[Row]:
        """From views that hold everything that was recorded: where the house is not at work, nobody else brings them on."""
        await caught_up(self.store)
        return [dict(row) for row in await self.store.pool.fetch(statement, *arguments)]

    async def products(self, province: str) -> list[Row]:
        return await self.rows(self.sql.products_named, province)

    async def one(self, id: UUID) -> Row:
        found = await self.rows(self.sql.imports, id, 1, 0, *NOT_ASKED)
        if not found:
            raise NotFound(what="import", id=id)
        return listed(found[0])


async def caught_up(store: EventStore) -> None:
    """Whoever comes first applies an event: a house at work does the same, and neither does it twice."""
    projection = Projection(store, ROOMS[HOUSE].room.own)
    while await projection.step():
        pass
    await projection.forget()


def with_desk(data: Path, work: Callable[[Desk], Awaitable[int]]) -> int:
    async def opened(found: Opened) -> int:
        return await work(Desk(found, await found.clock()))

    return looking(data, opened, begins=True)


def put(found: Any) -> None:
    sys.stdout.buffer.write(orjson.dumps(found, default=str, option=orjson.OPT_APPEND_NEWLINE))


# --- in ---


def take(file: Path, as_of: date, province: str | None, data: Path, *, as_json: bool) -> int:
    """Stages a file, records what is no error, and prints the verdicts with what was recorded."""

    async def work(desk: Desk) -> int:
        with bars() as progress:
            bar = Bar(progress, "Đọc / reading")
            intake = Intake(desk.say, desk.products, bar.tell)
            id, _ = await intake.stage(file, as_of, province)
            bar = Bar(progress, "Ghi / recording")
            bar.begins(len(await desk.rows(desk.sql.import_pages, id, False)) * PAGE)
            intake.tell = bar.tell
            await record_waiting(desk, id, intake)
            await save_report(desk, id, file.with_name(f"{file.stem}.verdicts.xlsx"))
        more = {"import": str(id), "committed": intake.committed}
        print_all(file, as_of, province, more, as_json=as_json)
        return 0

    return with_desk(data, work)


def print_all(file: Path, as_of: date, province: str | None, more: Row, *, as_json: bool) -> None:
    with read(file, as_of, province) as reading:
        if as_json:
            for piece in pieces(reading):
                sys.stdout.buffer.write(piece)
            sys.stdout.buffer.write(b"," + orjson.dumps(more)[1:] + b"\n")
        else:
            for _, rows in told(reading):
                for _ in rows:
                    pass
            summary(reading, more)


async def record_waiting(desk: Desk, id: UUID, intake: Intake) -> None:
    pages, rows = await desk.rows(desk.sql.import_pages, id, False), await desk.rows(desk.sql.import_names, id)
    await intake.record(id, pages, rows)


# --- looked at ---


def print_imports(data: Path, *, as_json: bool) -> int:
    async def work(desk: Desk) -> int:
        found = [listed(row) for row in await desk.rows(desk.sql.imports, None, ALL, 0, *NOT_ASKED)]
        if as_json:
            put(found)
            return 0
        table = Table(
            "Mã / id", "Tệp / file", "Ngày / day", "Dòng / rows", "Đã ghi / recorded", "Theo tình trạng / totals"
        )
        for row in found:
            totals = " · ".join(f"{status} {count}" for status, count in (row["totals"] or {}).items())
            table.add_row(
                str(row["id"]), row["name"], str(row["opened_on"]), str(row["rows"]), str(row["recorded"]), totals
            )
        Console(width=None if sys.stdout.isatty() else WIDTH).print(table)
        return 0

    return with_desk(data, work)


def print_rows(data: Path, id: UUID, status: str | None, code: str | None, *, as_json: bool) -> int:
    async def work(desk: Desk) -> int:
        await desk.one(id)
        found = [shown(row) for row in await desk.rows(desk.sql.import_rows, id, status, code, None, None, ALL, 0)]
        if as_json:
            put(found)
            return 0
        table = Table(*COLUMNS)
        for row in found:
            table.add_row(
                str(row["sheet"]), str(row["row"]), row["status"], row["state"], row["product"] or "", row["subject"] or "",
                " ".join(row["codes"]),
            )  # fmt: skip
        Console(width=None if sys.stdout.isatty() else WIDTH).print(table)
        return 0

    return with_desk(data, work)


def write_report(data: Path, id: UUID, to: Path | None) -> int:
    """The verdicts as a workbook, by default named after the original."""

    async def work(desk: Desk) -> int:
        await save_report(desk, id, to)
        return 0

    return with_desk(data, work)


async def save_report(desk: Desk, id: UUID, to: Path | None) -> None:
    book = await desk.one(id)
    rows = [shown(row) for row in await desk.rows(desk.sql.import_rows, id, None, None, None, None, ALL, 0)]
    path = to or Path(f"{Path(book['name']).stem}.verdicts.xlsx")
    await asyncio.to_thread(path.write_bytes, report(book, rows))
    console.print(f"Kết quả / verdicts: {path}", markup=False)


# --- mended, taken back ---


def mend(data: Path, id: UUID, sheet: int, row: int, cells: Row, product: UUID | None, *, record: bool) -> int:
    async def work(desk: Desk) -> int:
        answer = await desk.say(MendRow(import_id=id, sheet=sheet, row=row, cells=cells, product_id=product))
        put(answer.facts)
        if record and answer.facts["status"] != "error":
            intake = Intake(desk.say, desk.products)
            await record_waiting(desk, id, intake)
            put({"committed": intake.committed})
        return 1 if answer.facts["status"] == "error" else 0

    return with_desk(data, work)


def undo(data: Path, id: UUID, reason: str) -> int:
    async def work(desk: Desk) -> int:
        intake = Intake(desk.say, desk.products)
        pages = await desk.rows(desk.sql.import_pages, id, True)
        put({"import": str(id), "taken_back": await intake.take_back(id, pages, reason)})
        return 0

    return with_desk(data, work)
