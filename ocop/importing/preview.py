"""`ocop import FILE --dry-run`: what an old register would bring in, row by row. Needs no server and stores nothing."""

import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

from ocop.progress import Bar, bars
from shared.legacy import words
from shared.legacy.reading import Judged, Reading, Register, read

WIDTH = 130  # of the table where no terminal says its own
STEP = 200  # rows between two movements of the bar
STATUS_VI = {"ok": "đạt", "warning": "cảnh báo", "error": "lỗi, cần sửa", "not data": "không phải dữ liệu"}


def preview(file: Path, as_of: date, province: str | None, *, as_json: bool) -> int:
    """Prints the verdicts as JSON (rows go out as they are read, so that memory stays constant), or a summary."""
    with read(file, as_of, province) as reading:
        if as_json:
            for piece in pieces(reading):
                sys.stdout.buffer.write(piece)
            sys.stdout.buffer.write(b"}\n")
        else:
            for _, rows in told(reading):
                for _ in rows:
                    pass
            summary(reading)
    return 0


def pieces(reading: Reading) -> Iterator[bytes]:
    """The JSON object but for its last brace, so that more can be said in it."""
    head = {"workbook": reading.workbook, "as_of": reading.as_of, "ignored_sheets": reading.ignored}
    yield orjson.dumps(head)[:-1] + b',"sheets":['
    for number, (register, rows) in enumerate(told(reading)):
        about = {"sheet": register.name, "province_code": register.province, "header_rows": register.header_rows}
        yield (b"," if number else b"") + orjson.dumps(about)[:-1] + b',"rows":['
        for at, judged in enumerate(rows):
            yield (b"," if at else b"") + orjson.dumps(judged.shown())
        yield b"]}"
    yield b'],"totals":' + orjson.dumps(dict(reading.totals))


def told(reading: Reading) -> Iterator[tuple[Register, Iterator[Judged]]]:
    """The registers and their rows with a bar on standard error."""
    with bars() as progress:
        for register, rows in reading.sheets():
            bar = Bar(progress, register.name)
            bar.begins(register.length)
            yield register, _counted(rows, bar)
            bar.gone()


def _counted(rows: Iterator[Judged], bar: Bar) -> Iterator[Judged]:
    for number, judged in enumerate(rows, 1):
        if number % STEP == 0:
            bar.tell(STEP)
        yield judged


def summary(reading: Reading, more: dict[str, Any] | None = None) -> None:
    """For people: totals, what is said how often, sheets without a province."""
    out = Console(width=None if sys.stdout.isatty() else WIDTH)
    shown = Table("Mã", "Số dòng", "Ý nghĩa", "Meaning", title=f"{reading.workbook} – {reading.as_of}")
    for code, count in sorted(reading.codes.items()):
        shown.add_row(code, str(count), *words.codes()[code])
    out.print(shown)
    out.print(" · ".join(f"{STATUS_VI[status]} / {status}: {count}" for status, count in reading.totals.items()))
    if reading.ignored:
        out.print(f"Trang không phải sổ / sheets left aside: {', '.join(reading.ignored)}", markup=False)
    for register in reading.registers:
        if register.province is None:
            out.print(
                f"{register.name}: tiêu đề không nêu tỉnh hiện nay, hãy thêm --province / the title names no province "
                "of today, add --province", markup=False,
            )  # fmt: skip
    for name, value in (more or {}).items():
        out.print(f"{name}: {value}", markup=False)
