"""Numbers of all houses across provinces, on any day and by either map: what to ask the tables, and how the answer reads.

Each kind of fact is counted by rows, so that numbers of places add up to those of the places above.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Literal
from urllib.parse import urlencode

from services.programme.views.heard import ASSESSED, PROMOTED, REGISTERED
from services.programme.views.maps import NOTHING_MOVED, PLACES, candidates, day_of, moved, same_area
from services.programme.views.measures import CYCLE, MEASURES, Dimension, Measure, Source, What
from services.programme.views.plans import PLANS, TASKS, TRAININGS
from services.programme.views.recognitions import (
    RECOGNITIONS,
    Label,
    group_label,
    place_label,
    producer_kind_label,
    stars_label,
)
from services.programme.views.tables import SQL
from shared import units
from shared.contracts.envelope import as_utc
from shared.eventstore.views import View
from shared.regulation.rulesets import load
from shared.units import Map
from shared.values import Refusal

Unassigned = Literal["commune", "province"]
Row = dict[str, Any]

# How far a public source of earlier recognitions is to be trusted.
CONFIDENCE: dict[str, Label] = {
    "A": ("A: trích quyết định đã ký", "A: a signed decision, in an extract"),
    "B1": (
        "B1: báo, cổng thông tin nhà nước sau bộ dữ liệu công khai",
        "B1: state press or portal behind a public data set",
    ),
    "C": ("C: mã nguồn công khai", "C: somebody's public code"),
    "P": ("P: báo chí hoặc trang cơ quan", "P: press or an agency's site"),
}


class NotCountedBy(Refusal):
    rule = "not-counted-by"
    vi = "Số liệu {what} không tính theo {by}; chỉ theo: {known}."
    en = "The number {what} is not counted by {by}, only by: {known}."


@dataclass(frozen=True, slots=True)
class Facts:
    """Where a house's facts are: the views that hold them, and the statements over them."""

    views: tuple[View, ...]
    since: str
    counted: str
    cycle: str
    behind: str


def facts_of(views: tuple[View, ...], facts: str, since: str) -> Facts:
    placed = SQL.placed.format(facts=facts)
    return Facts(views, since, *(text.format(placed=placed) for text in (SQL.nation, SQL.cycle, SQL.behind_nation)))


def kept_in(view: View) -> Facts:
    (table,) = view.remembers
    return facts_of((view,), SQL.kept_facts.format(table=table), SQL.kept_since.format(table=table))


FACTS: dict[Source, Facts] = {
    "registration": kept_in(REGISTERED),
    "evaluation": kept_in(ASSESSED),
    "certification": facts_of((RECOGNITIONS,), SQL.certified_facts, SQL.certified_since),
    "promotion": kept_in(PROMOTED),
    "programme": facts_of((PLANS, TASKS, TRAININGS), SQL.told_facts, SQL.told_since),
}
CYCLE_OF: dict[Source, list[What]] = {
    source: found for source in FACTS if (found := [what for what in CYCLE if MEASURES[what].source == source])
}


@dataclass(frozen=True, slots=True)
class Scope:
    """Which facts are asked for: standing on a day, begun in a year, in a place; by which map.

    `known_on`: the day of the map on which the codes of the place are meant; by today's map that is `today`.
    `known_at`: as it was known at that instant, null for now.
    """

    on: date
    today: date
    map: Map
    year: int | None = None
    province: str | None = None
    commune: str | None = None
    known_on: date | None = None
    known_at: datetime | None = None

    def arguments(self, whats: list[What], since: date | None) -> tuple[Any, ...]:
        """Of the statement `placed`; `since`: the earliest day of the map among the facts, null where there are none."""
        carried = moved(since, self.today) if since and self.map == "today" else NOTHING_MOVED
        return (
            whats, self.on, self.year, units.map_days(), *carried.communes, *carried.provinces,
            self.province, self._maps("province", self.province), self.commune, self._maps("commune", self.commune),
        )  # fmt: skip

    def _maps(self, level: units.Level, code: str | None) -> list[int] | None:
        apart = code is not None and self.map == "day"
        return same_area(level, code, self.known_on or self.on) if apart and code else None


def check(what: What, **wanted: object) -> Measure:
    """The measure of that name. Raises NotCountedBy where it is not counted by something wanted."""
    measure = MEASURES[what]
    for field, value in wanted.items():
        by = value if field == "by" else field
        if value is not None and by not in measure.by:
            raise NotCountedBy(field=field, what=what, by=by, known=", ".join(measure.by))
    return measure


# --- a number and its parts ---


def counted(what: What, by: Dimension, scope: Scope, rows: list[Row], page: slice) -> Row:
    """A total and a page of its parts, from the rows of `nation`: the most first, those without a place last."""
    parts = list(folded(by, rows).values())
    parts.sort(key=lambda row: (row["value"] is None, -row["count"], row["value"] or "", row["province"] or ""))
    lost = {field: sum(row[f"no_{field}"] for row in rows) for field in ("commune", "province")}
    return {
        "definition": MEASURES[what].definition,
        "places": PLACES[scope.map],
        "total": sum(row["count"] for row in rows),
        "simulated": sum(row["simulated"] for row in rows),
        "unassigned": {field: {"count": n, "list": link(what, scope, unassigned=field)} for field, n in lost.items()},
        "rows": len(parts),
        "values": [part(what, by, scope, row) for row in parts[page]],
    }


def folded(by: Dimension, rows: Iterable[Row]) -> dict[tuple[Any, ...], Row]:
    """One row for each value; where maps are kept apart, one for each area that a code meant."""
    found: dict[tuple[Any, ...], Row] = {}
    for row in sorted(rows, key=lambda row: row["map_on"]):
        key = (row["value"], row["province"], area(by, row["value"], row["map"]))
        before = found.get(key, {"count": 0, "simulated": 0})
        found[key] = row | {name: before[name] + row[name] for name in ("count", "simulated")}
    return found


@lru_cache(maxsize=100_000)
def area(by: str, code: str | None, map_number: int | None) -> date | None:
    """Since when the code has meant what it means on this map; null where that is not asked, or it means nothing."""
    if map_number is None or code is None or by not in ("province", "commune"):
        return None
    level: units.Level = "province" if by == "province" else "commune"
    on = day_of(map_number)
    return units.same_land_since(level, code, on) if units.unit(level, code, on) else None


def part(what: What, by: Dimension, scope: Scope, row: Row) -> Row:
    value: str | None = row["value"]
    known_on = scope.today if scope.map == "today" else row["map_on"]
    label_vi, label_en = label(by, value, row["law"], known_on)
    shown: Row = {
        "value": int(value) if value and by in ("stars", "year") else value, "label_vi": label_vi, "label_en": label_en,
        "count": row["count"], "simulated": row["simulated"],
    }  # fmt: skip
    if by == "commune":
        shown["province"] = row["province"]
    if by in ("province", "commune"):
        shown["known_on"] = known_on
    return shown | {"list": link(what, scope, **behind(by, row, known_on))}


def behind(by: Dimension, row: Row, known_on: date) -> Row:
    """What to ask the list for, besides the scope, to get the facts of one part."""
    place = {"province": row["province"], "known_on": known_on} if row["province"] else {}
    match by:
        case "commune" if row["value"] is None:
            return place | {"unassigned": "commune" if place else "province"}
        case "commune":
            return place | {"commune": row["value"]}
        case "province" if row["value"] is None:
            return {"unassigned": "province"}
        case "province":
            return {"province": row["value"], "known_on": known_on}
        case _:
            return {by: row["value"]}


def link(what: What, scope: Scope, **more: object) -> str:
    """The list behind a number, relative to the door that said it."""
    wanted = {
        "what": what, "on": scope.on, "year": scope.year, "province": scope.province, "commune": scope.commune,
        "known_on": scope.known_on, "map": scope.map, "known_at": scope.known_at and as_utc(scope.known_at), **more,
    }  # fmt: skip
    return f"national/list?{urlencode({name: value for name, value in wanted.items() if value is not None})}"


def label(by: Dimension, value: str | None, law: str | None, on: date) -> Label:
    """Places as on that day, the rest as the ruleset names it."""
    if value is None:
        return "chưa xác định", "unassigned"
    match by:
        case "province" | "commune":
            return place_label(by)(value, None, on)
        case "year":
            return f"năm {value}", value
        case "stars" if value == "0":
            return "không đạt hạng sao", "no star"
        case "stars":
            return stars_label(value, None, on)
        case "confidence":
            return CONFIDENCE.get(value, (value, value))
        case "source":
            return f"nguồn {value}", f"source {value}"
    assert law is not None  # whatever is counted by group or producer's kind has a ruleset
    name = group_label if by == "group" else producer_kind_label
    return name(value, load(law), on)


# --- the cycle ---


def cycle(scope: Scope, rows: list[Row]) -> Row:
    """Every stage by province and year, from the rows of `cycle` of all houses."""
    found: dict[tuple[Any, ...], Row] = {}
    total = dict.fromkeys(CYCLE, 0)
    for row in sorted(rows, key=lambda row: row["map_on"]):
        key = (row["value"], area("province", row["value"], row["map"]), row["year"])
        at = found.setdefault(key, {"counts": dict.fromkeys(CYCLE, 0)})
        at |= {"province": row["value"], "year": row["year"], "known_on": known(scope, row)}
        at["counts"][row["what"]] += row["count"]
        total[row["what"]] += row["count"]
    listed = sorted(
        found.values(), key=lambda row: (row["province"] is None, row["province"], row["known_on"], row["year"])
    )
    return {
        "stages": [{"what": what, "definition": MEASURES[what].definition} for what in CYCLE],
        "places": PLACES[scope.map], "total": total, "rows": [named(row) for row in listed],
    }  # fmt: skip


def known(scope: Scope, row: Row) -> date:
    at: date = scope.today if scope.map == "today" else row["map_on"]
    return at


def named(row: Row) -> Row:
    label_vi, label_en = label("province", row["province"], None, row["known_on"])
    return {"label_vi": label_vi, "label_en": label_en, **row}


# --- the list behind a number ---


def with_candidates(scope: Scope, row: Row) -> Row:
    """A fact with the communes of today that hold a part of the one it names: one, or several to choose from by hand."""
    return row | {"candidates": candidates(row["commune"], row["map_on"], scope.today)}
