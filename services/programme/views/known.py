"""What the register knows of a plan's province: facts of all houses by kind, and where each lies on the plan's map."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import chain
from typing import Any, Protocol
from uuid import UUID

import orjson

from services.programme.views.tables import SQL
from shared import units
from shared.areas import Area, Where, carried

Row = Mapping[str, Any]
KEPT_AS_JSON = frozenset({"targets", "decision", "content"})  # of a plan
TABLE_OF = {  # which table holds a kind of fact
    **dict.fromkeys(("producers", "ideas", "plans_submitted", "dossiers"), "registered"),
    **dict.fromkeys(("scored", "scored_in_province"), "assessed"),
    **dict.fromkeys(("shelves", "shelves_closed", "sales_points", "fairs", "stories"), "promoted"),
}


class Reads(Protocol):
    """A view that is fresh enough for the asker, as known at some instant."""

    async def fetch(self, statement: str, *arguments: Any) -> list[dict[str, Any]]: ...
    async def row(self, statement: str, *arguments: Any) -> dict[str, Any] | None: ...


@dataclass(frozen=True)
class Span:
    """What a figure is of: the days from `first` through `last`, and the plan's area on its map."""

    first: date
    last: date
    area: Area


@dataclass
class KnownFacts:
    """Facts by kind. `certificates`, `trainings`, `reviews` (reports of tasks) and the kinds of TABLE_OF; `lists` by hand."""

    facts: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    lists: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    _placed: dict[tuple[str, Area], list[tuple[Row, Where]]] = field(default_factory=dict)

    def placed(self, kind: str, area: Area) -> list[tuple[Row, Where]]:
        """All facts of a kind that lie in the area, or may lie in it."""
        found = self._placed.get((kind, area))
        if found is None:
            where = ((row, place_of(row, area)) for row in self.facts[kind])
            found = self._placed[kind, area] = [(row, at) for row, at in where if at.inside is not False]
        return found

    def of(self, kind: str, span: Span) -> Iterator[Row]:
        """The facts of a kind that surely lie in the area, until the last day."""
        return (row for row, _ in self.by_place(kind, span))

    def by_place(self, kind: str, span: Span) -> Iterator[tuple[Row, Where]]:
        return ((row, at) for row, at in self.placed(kind, span.area) if at.inside and row["day"] <= span.last)

    def within(self, kind: str, span: Span) -> Iterator[Row]:
        """Those that happened in the span."""
        return (row for row in self.of(kind, span) if row["day"] >= span.first)

    def uncertain(self, kinds: Iterable[str], span: Span, *, districts: bool) -> int:
        """How many facts cannot be placed: parts of several provinces, or of several districts, are where they lie."""
        return sum(
            row["day"] <= span.last and (at.inside is None or (districts and at.district is None))
            for kind in kinds
            for row, at in self.placed(kind, span.area)
        )


def place_of(row: Row, area: Area) -> Where:
    """A training that was held for the plan itself lies in it, whatever its province is called."""
    if row.get("own"):
        return Where(True, None, None)
    return area.where(row["province"], row["commune"], row["map_on"])


def codes_of(area: Area) -> list[str]:
    """Every code that a province sharing land with the area has or had, on whatever map."""
    days = units.map_days()
    maps = [days[0] - timedelta(days=1), *days]
    return sorted({unit.code for day in maps for unit in carried("province", area.province, area.on, day)})


async def version_of(view: Reads, plan_id: UUID, on: date, version: int | None = None) -> dict[str, Any] | None:
    """The version of a plan that is in force on a day, or the first where none was yet; or the version of a number."""
    row = await view.row(SQL.plan, plan_id, on, version)
    return row and opened(row)


def opened(plan: Row) -> dict[str, Any]:
    """The columns that are kept as JSON text, as JSON."""
    return {name: orjson.loads(value) if value and name in KEPT_AS_JSON else value for name, value in plan.items()}


async def known(view: Reads, plan: Row, area: Area, day: date, kinds: Iterable[str]) -> KnownFacts:
    """The facts of these kinds until a day, as the view knows them; a certificate's later fate stands in its row."""
    found, codes, wanted = KnownFacts(), codes_of(area), set(kinds)
    by_table: dict[str, list[str]] = defaultdict(list)
    for kind in sorted(wanted & TABLE_OF.keys()):
        by_table[TABLE_OF[kind]].append(kind)
    entries, certificates, trainings, reports, *tables = await asyncio.gather(
        view.fetch(SQL.entries, plan["province"], day, None),
        view.fetch(SQL.plan_certificates, codes) if "certificates" in wanted else nothing(),
        view.fetch(SQL.plan_trainings, plan["id"], day, codes) if "trainings" in wanted else nothing(),
        view.fetch(SQL.planned_reports, plan["id"], day) if "reviews" in wanted else nothing(),
        *(
            view.fetch(SQL.plan_facts.format(table=table), asked, day, codes)
            for table, asked in sorted(by_table.items())
        ),
    )
    for row in entries:
        found.lists[row["list"]].append(orjson.loads(row["entry"]))
    found.facts["certificates"] = [row | {"day": row["decided_on"]} for row in certificates]
    found.facts["trainings"] = [row | {"own": row["plan_id"] is not None} for row in trainings]
    found.facts["reviews"] = [row | {"day": row["reported_on"]} for row in reports if row["kind"] == "review"]
    for row in chain.from_iterable(tables):
        found.facts[row["what"]].append(row)
    return found


async def nothing() -> list[dict[str, Any]]:
    return []
