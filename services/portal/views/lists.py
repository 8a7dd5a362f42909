"""What the pages with lists need: catalogue, dossiers by state, rounds, certificates that end."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from services.portal.views import charts, words
from services.portal.views.houses import Houses
from services.portal.views.words import Text
from shared import units

Row = dict[str, Any]
PAGE = 20  # rows
GLANCE = 6  # rows of each state where all states are shown
NUMBER = re.compile(r"GCN-([0-9]{2}|TW)-[0-9]{4}-[0-9]{5}")


@dataclass(frozen=True, slots=True)
class Rows:
    """One page of a list, whether another follows, and how many there are in all where that is known."""

    rows: Sequence[Row]
    page: int
    more: bool
    total: int | None = None

    @property
    def first(self) -> int:
        return (self.page - 1) * PAGE + 1


async def page_of(houses: Houses, *path: str, page: int = 1, size: int = PAGE, **filters: Any) -> Rows:
    """Asks for one row more than is shown, to know whether there are more."""
    rows = await houses.get(*path, limit=size + 1, offset=(page - 1) * size, **filters)
    return Rows(rows[:size], page, len(rows) > size)


def counted_page(answer: Row, page: int) -> Rows:
    """A page of an answer that says its `total`."""
    return Rows(answer["rows"], page, page * PAGE < answer["total"], answer["total"])


def province_names(on: date) -> dict[str, str]:
    """Code -> name of every province of the day, by name."""
    found = sorted(units.provinces(on), key=lambda unit: unit.name)
    return {unit.code: unit.full_name for unit in found}


def commune_names(province: str | None, on: date) -> dict[str, str]:
    """Code -> name of the communes of a province, by name; none without one."""
    found = sorted(units.communes_of(province, on), key=lambda unit: unit.name) if province else []
    return {unit.code: unit.full_name for unit in found}


# --- catalogue ---


def as_number(text: str) -> str | None:
    """The certificate's number that was typed, if it is one."""
    typed = text.strip().upper()
    return typed if NUMBER.fullmatch(typed) else None


async def catalogue(houses: Houses, page: int, **filters: Any) -> Row:
    answer = await houses.get("promotion", "search", limit=PAGE, offset=(page - 1) * PAGE, **filters)
    read_as = [(word, likes) for word, likes in answer["read_as"].items() if likes]
    return {"found": counted_page(answer, page), "read_as": read_as}


# --- dossiers: by state, in each the most urgent first ---


@dataclass(frozen=True, slots=True)
class Section:
    """The dossiers of one state."""

    state: str
    name: Text
    count: int
    overdue: int
    found: Rows


async def dossiers(houses: Houses, page: int, state: str | None, **filters: Any) -> Row:
    """One state in pages, or the first rows of every state."""
    size = PAGE if state else GLANCE
    answer = await houses.get(
        "registration", "board", limit=size, offset=(page - 1) * size, state=state, **filters
    )  # fmt: skip
    found = {row["state"]: row for row in answer}
    order = [name for name in words.DOSSIER_STATES if name in found]
    sections = [section(found[name], page, size) for name in order]
    return {"sections": sections, "total": sum(one.count for one in sections)}


def section(row: Row, page: int, size: int) -> Section:
    rows = Rows(row["rows"], page, page * size < row["count"], row["count"])
    return Section(row["state"], words.known(words.DOSSIER_STATES, row["state"]), row["count"], row["overdue"], rows)


# --- rounds ---


async def rounds(houses: Houses, page: int, **filters: Any) -> Row:
    return {"found": await page_of(houses, "evaluation", "rounds", page=page, **filters)}


async def one_round(houses: Houses, round_id: str, page: int) -> Row:
    """A round with its products, the best first, and what they came to. Raises HouseSaid (404 for an unknown one)."""
    answer = await houses.get(
        "evaluation", "rounds", round_id, "results", limit=PAGE, offset=(page - 1) * PAGE
    )  # fmt: skip
    total = sum(row["count"] for row in answer["tally"])
    return {
        "round": answer["round"],
        "found": Rows(answer["rows"], page, page * PAGE < total, total),
        "outcomes": outcomes(answer["tally"]),
        "points": charts.histogram(answer["tally"]),
        "decided": sum(row["count"] for row in answer["tally"] if row["outcome"]),
    }  # fmt: skip


def outcomes(tally: Sequence[Row]) -> list[Row]:
    """How many came to which star, or how else they ended; the most stars first, those under way last."""
    counts: dict[tuple[int, str], int] = {}
    for row in tally:
        ranked = row["outcome"] == "ranked"
        key = (row["stars"] or 0 if ranked else 0, row["outcome"] or "")
        counts[key] = counts.get(key, 0) + row["count"]
    listed = sorted(counts.items(), key=lambda found: (not found[0][1], -found[0][0], found[0][1]))
    most = max(counts.values(), default=0) or 1
    return [
        {"stars": stars, "outcome": outcome and words.known(words.OUTCOMES, outcome), "count": count,
         "percent": round(100 * count / most, 1)}
        for (stars, outcome), count in listed
    ]  # fmt: skip


# --- certificates that end ---


@dataclass(frozen=True, slots=True)
class Span:
    """Days from the first to the last, with the name by which they are offered."""

    id: str
    since: date
    until: date


def spans(today: date) -> list[Span]:
    """What people ask for: this month, this quarter and the next one, and the half year in which a renewal is filed."""
    quarter = date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
    after = later(quarter, 3)
    return [
        Span("month", today.replace(day=1), later(today.replace(day=1), 1) - timedelta(days=1)),
        Span("quarter", quarter, after - timedelta(days=1)),
        Span("next-quarter", after, later(after, 3) - timedelta(days=1)),
        Span("half-year", today, today + timedelta(days=180)),
    ]


def later(first: date, months: int) -> date:
    """The first day of the month so many months later."""
    number = first.year * 12 + first.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


async def ending(houses: Houses, page: int, since: date, until: date, province: str | None, on: date | None) -> Row:
    answer = await houses.get(
        "programme", "recognised", "ending", since=since, until=until, province=province, on=on, limit=PAGE,
        offset=(page - 1) * PAGE,
    )  # fmt: skip
    return {"found": counted_page(answer, page), "on": answer["on"]}


# --- the products behind a number of the dashboard ---


async def counted(houses: Houses, page: int, **filters: Any) -> Row:
    return {"found": await page_of(houses, "programme", "recognised", "list", page=page, **filters)}
