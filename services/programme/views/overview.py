"""The dashboard in one answer: recognised products by every dimension, and certificates month by month."""

from datetime import date
from typing import Any

from services.programme.views.recognitions import DEFINITIONS, LABELS, Dimension
from shared.regulation.rulesets import load

Row = dict[str, Any]
BY: tuple[Dimension, ...] = ("province", "group", "stars", "producer_kind")
BEFORE, AFTER = 12, 36  # months: a certificate issued today has ended by the last one
MONTHS = {
    "valid": {
        "vi": "Giấy chứng nhận còn hiệu lực trong ngày cuối của tháng, theo những gì đã ghi đến nay: giấy sẽ cấp về sau "
        "chưa có trong đó.",
        "en": "Certificates valid on the last day of the month, by what is recorded so far: those still to be issued are not "
        "in it.",
    },
    "ending": {
        "vi": "Giấy chứng nhận còn hiệu lực trong ngày hỏi mà ngày cuối cùng nằm trong tháng.",
        "en": "Certificates valid on the day whose last day lies in the month.",
    },
}  # fmt: skip


def overviewed(rows: list[Row]) -> Row:
    """Totals with their definitions, and by dimension every value with both counts; from the rows of `overview`."""
    total = next((row for row in rows if row["by"] is None), {"valid": 0, "ever": 0, "simulated": 0})
    return {
        "valid": {"definition": DEFINITIONS["valid"], "total": total["valid"]},
        "ever": {"definition": DEFINITIONS["ever"], "total": total["ever"], "simulated": total["simulated"]},
        "by": {by: [named(by, row) for row in rows if row["by"] == by] for by in (*BY, "year")},
    }  # fmt: skip


def named(by: str, row: Row) -> Row:
    """A value with its label."""
    value: str | None = row["value"] or None
    if value is None:
        label_vi, label_en = "chưa rõ", "not known"
    elif by == "year":
        label_vi = label_en = value
    else:
        label_vi, label_en = LABELS[by](value, load(row["law"]), row["map_on"])  # type: ignore[index]
    number = int(value) if value and by in {"stars", "year"} else value
    return {
        "value": number, "label_vi": label_vi, "label_en": label_en, "valid": row["valid"], "ever": row["ever"]
    }  # fmt: skip


def span_of(day: date) -> tuple[date, date]:
    """The first days of the first and the last month that are shown around a day."""
    return month(day, -BEFORE), month(day, AFTER)


def month(day: date, later: int) -> date:
    """The first day of a month so many months later."""
    number = max(day.year * 12 + day.month - 1 + later, 12)
    return date(min(number // 12, 9998), number % 12 + 1, 1)


def with_total(rows: list[Row]) -> tuple[int, list[Row]]:
    """How many there are in all, and the rows without that number."""
    total = rows[0]["total"] if rows else 0
    return total, [{name: value for name, value in row.items() if name != "total"} for row in rows]
