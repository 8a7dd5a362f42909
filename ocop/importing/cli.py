"""`ocop import`: an old register comes in, from a workbook or a table, and what was read of it is looked at and mended."""

import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click
from rich.console import Console

from ocop.options import AS_JSON, DATA
from shared import units
from shared.clock import Clock
from shared.values import Refusal

DAY = click.DateTime(formats=["%Y-%m-%d"])


class FileOrWord(click.Group):
    """A group whose first argument may also be a file: what is no word of its own is read by `file`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and not set(args) & set(ctx.help_option_names):
            args = ["file", *args]
        return super().parse_args(ctx, args)


@click.group("import", cls=FileOrWord)
def importing() -> None:
    """Nhập sổ cũ / take an old register in: `ocop import FILE [--dry-run]`, then list, show, mend, report, undo."""


@importing.command("file")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Chỉ xem trước, không lưu gì / look only, store nothing")
@click.option("--as-of", type=DAY, help="Ngày xét hạn và bản đồ, mặc định hôm nay / day of the map and of expiry")
@click.option("--province", help="Mã tỉnh hôm nay, thay cho tiêu đề / province code of today, instead of the title's")
@DATA
@AS_JSON
def take_file(
    file: Path, dry_run: bool, as_of: datetime | None, province: str | None, data: Path, as_json: bool
) -> None:
    """Đọc FILE (.xlsx, .csv), xét từng dòng, rồi ghi vào sổ / read FILE, judge each row, then record what is no error."""
    day = as_of.date() if as_of else Clock().today()
    if province and units.province(province, day) is None:
        raise click.UsageError(f"--province {province}: không có tỉnh này ngày / no such province on {day}")
    sys.exit(refusing(lambda: taken(file, day, province, data, dry_run=dry_run, as_json=as_json)))


def taken(file: Path, day: date, province: str | None, data: Path, *, dry_run: bool, as_json: bool) -> int:
    if dry_run:
        from ocop.importing.preview import preview

        return preview(file, day, province, as_json=as_json)
    from ocop.importing.work import take

    return take(file, day, province, data, as_json=as_json)


ID = click.argument("id", type=click.UUID)


@importing.command("list")
@DATA
@AS_JSON
def list_imports(data: Path, as_json: bool) -> None:
    """Các tệp đã nhập / the files that came in."""
    from ocop.importing.work import print_imports

    sys.exit(print_imports(data, as_json=as_json))


@importing.command("show")
@ID
@click.option(
    "--status", type=click.Choice(["ok", "warning", "error"]), help="Chỉ tình trạng này / of this status only"
)
@click.option("--code", help="Chỉ mã này / with this code only, e.g. W-COMMUNE-SPLIT")
@DATA
@AS_JSON
def show_rows(id: UUID, status: str | None, code: str | None, data: Path, as_json: bool) -> None:
    """Từng dòng của một tệp / the rows of a file, with what was said of each and what came of it."""
    from ocop.importing.work import print_rows

    sys.exit(refusing(lambda: print_rows(data, id, status, code, as_json=as_json)))


def as_cells(_: click.Context, option: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    cells = {}
    for one in given:
        name, sign, value = one.partition("=")
        if not sign:
            raise click.BadParameter("cột=giá trị / column=value", param=option)
        cells[name] = value
    return cells


@importing.command("mend")
@ID
@click.argument("sheet", type=click.IntRange(0))
@click.argument("row", type=click.IntRange(1))
@click.option(
    "--set", "cells", multiple=True, callback=as_cells, metavar="COLUMN=VALUE",
    help="product, group, type, subject, commune, address, star, expiry, star1, date1, year1, decision1, agency1, …2, note",
)  # fmt: skip
@click.option("--product", type=click.UUID, help="Chính là sản phẩm này trong sổ / it is this product of the register")
@click.option("--record", is_flag=True, help="Ghi luôn vào sổ / record it at once")
@DATA
def mend_row(
    id: UUID, sheet: int, row: int, cells: dict[str, Any], product: UUID | None, record: bool, data: Path
) -> None:
    """Sửa một dòng tại chỗ rồi xét lại / put other values into a row; it is judged anew. SHEET counts from 0."""
    from ocop.importing.work import mend

    for name in ("star", "star1", "star2", "year1", "year2"):
        if cells.get(name, "").isdigit():
            cells[name] = int(cells[name])
    sys.exit(refusing(lambda: mend(data, id, sheet, row, cells, product, record=record)))


@importing.command("report")
@ID
@click.option("--to", type=click.Path(path_type=Path), help="Tệp .xlsx / the .xlsx file to write")
@DATA
def write_report(id: UUID, to: Path | None, data: Path) -> None:
    """Ghi kết quả xét ra .xlsx / write the verdicts to a workbook."""
    from ocop.importing.work import write_report as write

    sys.exit(refusing(lambda: write(data, id, to)))


@importing.command("undo")
@ID
@click.option("--reason", required=True, help="Lý do, được ghi lại / why; it is recorded")
@DATA
def undo_import(id: UUID, reason: str, data: Path) -> None:
    """Hoàn tác một lần nhập / take back what a file brought in, by facts that say so; its rows wait again."""
    from ocop.importing.work import undo

    sys.exit(refusing(lambda: undo(data, id, reason)))


def refusing(work: Any) -> int:
    """Exit status 1 with both texts where a rule says no."""
    try:
        status: int = work()
    except Refusal as refusal:
        Console(stderr=True).print(f"{refusal.message_vi}\n{refusal.message_en}", style="red", markup=False)
        return 1
    return status
