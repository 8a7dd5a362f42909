"""A table of recognitions (.csv, columns as in the public sample) as an old register: a sheet for each province of today.

Its rows become the cells of the old books, so that they are judged by the same rules. A table says of each row where it is
known from and the codes of its day, and rows of one product and subject are recognitions of one product.
"""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from shared import units
from shared.legacy import words
from shared.legacy.cells import EPOCH_1900
from shared.legacy.guard import MOST_ROWS, NotAWorkbook, TooLarge
from shared.legacy.places import OLD_DAY
from shared.legacy.rows import COLUMNS, Given
from shared.legacy.text import fold
from shared.values import Known

MOST_BYTES = 50 << 20
NEEDED = {
    "product", "product_group", "subject", "subject_type", "commune", "district", "province", "province_code_then",
    "commune_code_then", "province_code_now", "commune_now", "star", "year", "decision_number", "decision_date",
    "issuing_body", "expiry_date", "ended", "confidence", "source",
}  # fmt: skip
REVOKED = "thu hồi"


@dataclass(frozen=True)
class Register:
    """The rows of one province."""

    name: str
    province: str
    _rows: list[tuple[int, Given]]

    header_rows = (1,)
    epoch = EPOCH_1900
    ties = True

    @property
    def length(self) -> int:
        return len(self._rows)

    def rows(self) -> Iterator[tuple[int, Given]]:
        yield from self._rows


@contextmanager
def opened(path: Path, as_of: date) -> Iterator[list[Register]]:
    """Raises NotAWorkbook, TooLarge; OSError."""
    if (size := path.stat().st_size) > MOST_BYTES:
        raise TooLarge(field="file", file=path.name, what=f"{size >> 20} MB")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file, strict=True)
            if missing := sorted(NEEDED - set(table.fieldnames or ())):
                why = f"thiếu cột / columns missing: {', '.join(missing)}"
                raise NotAWorkbook(field="file", file=path.name, why=why)
            found: dict[str, list[tuple[int, Given]]] = {}
            for number, row in enumerate(table, 2):
                if number > MOST_ROWS:
                    raise TooLarge(field="file", file=path.name, what=f"{number} dòng / rows")
                code = row["province_code_now"]
                if units.province(code, as_of) is None:
                    why = f"dòng / line {number}: province_code_now {code!r}"
                    raise NotAWorkbook(field="file", file=path.name, why=why)
                found.setdefault(code, []).append((number, given(row)))
    except (UnicodeDecodeError, csv.Error, TypeError) as error:
        raise NotAWorkbook(field="file", file=path.name, why=error) from error
    yield [Register(name_of(code, as_of), code, rows) for code, rows in sorted(found.items())]


def name_of(code: str, on: date) -> str:
    place = units.province(code, on)
    return place.name if place else code


def given(row: dict[str, str]) -> Given:
    """The cells of an old book that say the same."""
    address = ", ".join(part for part in (row["commune"], row["district"], row["province"]) if part)
    cells: dict[int, Any] = {
        2: row["product"], 3: words.named("groups", row["product_group"]), 4: words.named("types", row["subject_type"]),
        5: row["subject"], 6: row["commune_now"], 7: address, 10: whole(row["star"]), 11: day(row["expiry_date"]),
        12: whole(row["star"]), 13: day(row["decision_date"]), 14: whole(row["year"]), 15: row["decision_number"],
        16: row["issuing_body"], 22: REVOKED if row["ended"] == "revoked" else None,
    }  # fmt: skip
    known = Known(
        source=row["source"], confidence=row["confidence"] or None, province=row["province_code_then"] or None,
        commune=row["commune_code_then"] or None, on=day_of_codes(row),
    )  # fmt: skip
    return Given([cells.get(column) or None for column in range(1, COLUMNS + 1)], known=known)


def day_of_codes(row: dict[str, str]) -> date | None:
    """A day of the map whose codes the row gives: its decision's; else by its year, its district, its province's name.

    None where they could be those of either map and nothing tells.
    """
    decided = day(row["decision_date"])
    if isinstance(decided, date):
        return decided
    year = whole(row["year"])
    if row["district"] or (isinstance(year, int) and year <= OLD_DAY.year - 1):
        return min(date(year, 12, 31), OLD_DAY) if isinstance(year, int) else OLD_DAY
    old = units.province(row["province_code_then"], OLD_DAY)
    new = units.province(row["province_code_then"], OLD_DAY + timedelta(days=1))
    is_old, is_new = (unit is not None and fold(unit.name) == fold(row["province"]) for unit in (old, new))
    return OLD_DAY if is_old and not is_new else None


def whole(text: str) -> Any:
    return int(text) if text.isascii() and text.isdigit() else text


def day(text: str) -> Any:
    """A date as the table writes it; other text stays text, for a person to read."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text
