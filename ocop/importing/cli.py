"""`ocop import`: an old register comes in, from a workbook or a table, and what was read of it is looked at and mended."""

import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from shared import units
from shared.clock import Clock
from shared.values import Refusal

DAY = click.DateTime(formats=["%Y-%m-%d"])
DATA = click.option(
    "--data", type=click.Path(path_type=Path), default=Path("var"), show_default=True, envvar="OCOP_DATA",
    help="Thư mục dữ liệu / folder of the data",
)  # fmt: skip
AS_JSON = click.option("--json", "as_json", is_flag=True, help="In JSON / print JSON")


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
    from ocop.importing.preview import preview

    return preview(file, day, province, as_json=as_json)


def refusing(work: Any) -> int:
    """Exit status 1 with both texts where a rule says no."""
    try:
        status: int = work()
    except Refusal as refusal:
        Console(stderr=True).print(f"{refusal.message_vi}\n{refusal.message_en}", style="red", markup=False)
        return 1
    return status
