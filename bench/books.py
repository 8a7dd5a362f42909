"""Old registers of any size for the benchmark: full rows of all 22 columns, some with what old books have."""

import random
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from shared import units
from tests.legacy.books import BELOW, HEADER, TITLE

AS_OF = date(2026, 8, 31)
GROUPS = ("Thực phẩm", "Đồ uống", "Thảo dược", "Thủ công mỹ nghệ", "Nông sản")


def book(path: Path, rows: int, seed: int = 7) -> Path:
    """A workbook with one register of so many products, three to a producer."""
    dice = random.Random(seed)
    communes = [unit.full_name for day in (AS_OF, date(2025, 6, 30)) for unit in units.communes_of("40", day)]
    made = Workbook(write_only=True)
    page = made.create_sheet("Sổ")
    for head in ([TITLE], HEADER, BELOW):
        page.append(head)
    for number in range(rows):
        page.append(_row(number, dice, communes))
    made.save(path)
    return path


def _row(number: int, dice: random.Random, communes: list[str]) -> list[Any]:
    day, star = datetime(2019, 9, 1) + timedelta(days=dice.randrange(1_200)), dice.choice([3, 4])
    again = day + timedelta(days=1_100)
    commune = dice.choice(communes)
    return [
        number + 1, f"Sản phẩm số {number}", dice.choice(GROUPS), "Hợp tác xã", f"Hợp tác xã Nông nghiệp số {number // 3}",
        commune, f"{commune}, huyện Nam Đàn, tỉnh Nghệ An", None, None, star + 1, again.replace(year=again.year + 3, day=1),
        star, day if dice.random() < 0.9 else f"{day:%d/%m/%Y}", day.year, f"{dice.randrange(4_000)}/QĐ-UBND",
        "UBND tỉnh Nghệ An", star + 1, again, again.year, f"{dice.randrange(4_000)}/QĐ-UBND", "UBND tỉnh Nghệ An", None,
    ]  # fmt: skip
