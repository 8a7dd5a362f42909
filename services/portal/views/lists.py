"""What the pages with lists and numbers need: home, catalogue, dossiers, dashboard."""

import asyncio
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.portal.views import words
from services.portal.views.houses import Houses
from services.portal.views.words import Text
from shared import units

PAGE = 50  # rows
GLANCE = 10  # rows of each state where all states are shown
BY = {
    "province": Text("Theo tỉnh, thành phố", "By province"),
    "group": Text("Theo nhóm sản phẩm", "By product group"),
    "stars": Text("Theo hạng sao", "By stars"),
}


@dataclass(frozen=True, slots=True)
class Rows:
    """One page of a list, and whether another follows."""

    rows: list[dict[str, Any]]
    page: int
    more: bool


async def page_of(houses: Houses, *path: str, page: int = 1, size: int = PAGE, **filters: Any) -> Rows:
    """Asks for one row more than is shown, to know whether there are more."""
    rows = await houses.get(*path, limit=size + 1, offset=(page - 1) * size, **filters)
    return Rows(rows[:size], page, len(rows) > size)


def province_names(on: date) -> dict[str, str]:
    """Code -> name of every province of the day, by name."""
    found = sorted(units.provinces(on), key=lambda unit: unit.name)
    return {unit.code: unit.full_name for unit in found}


# --- home ---


async def home(houses: Houses) -> dict[str, Any]:
    """The counts of every house."""
    registration, evaluation, certification, promotion, recognised = await houses.gather(
        *((house, "counts") for house in ("registration", "evaluation", "certification", "promotion", "programme"))
    )
    return {
        "registration": registration, "evaluation": evaluation, "certification": certification,
        "promotion": promotion, "recognised": recognised,
    }  # fmt: skip


# --- catalogue ---


async def catalogue(houses: Houses, page: int, **filters: Any) -> dict[str, Any]:
    return {"found": await page_of(houses, "promotion", "catalogue", page=page, **filters)}


# --- dossiers: by state, then by the commune's last day; within a state, filing order is the order of last days ---


async def dossiers(houses: Houses, page: int, state: str | None, **filters: Any) -> dict[str, Any]:
    """One state in pages, or the first rows of every state."""
    if state:
        found = await page_of(houses, "registration", "dossiers", page=page, state=state, **filters)
        return {"sections": {state: found}}
    asked = (
        page_of(houses, "registration", "dossiers", size=GLANCE, state=each, **filters) for each in words.DOSSIER_STATES
    )
    return {"sections": dict(zip(words.DOSSIER_STATES, await asyncio.gather(*asked), strict=True))}


# --- dashboard ---


async def dashboard(houses: Houses, on: date | None) -> dict[str, Any]:
    """Recognised products on a day by province, group and stars, each count with its definition."""
    asked = (houses.get("programme", "recognised", by=by, on=on) for by in BY)
    tables = [table | {"rows": side_by_side(table)} for table in await asyncio.gather(*asked)]
    return {"tables": dict(zip(BY, tables, strict=True)), "titles": BY, "on": tables[0]["on"]}


def side_by_side(table: dict[str, Any]) -> list[dict[str, Any]]:
    """Each value with both counts, and the length of its bar in percent of the longest; valid products were recognised."""
    valid = {row["value"]: row["count"] for row in table["valid"]["values"]}
    most = max((row["count"] for row in table["ever"]["values"]), default=1)
    return [
        row | {"ever": row["count"], "valid": count, "percent": round(100 * count / most, 1)}
        for row in table["ever"]["values"]
        for count in (valid.get(row["value"], 0),)
    ]


async def counted(houses: Houses, page: int, **filters: Any) -> dict[str, Any]:
    """The products that a number of the dashboard counts."""
    return {"found": await page_of(houses, "programme", "recognised", "list", page=page, **filters)}
