"""How each target of a plan stands on a day: target, actual, as of when, how it was counted, on which map.

One function of a plan, a day and what is known (`figures`): asked again with the same three it says the same.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from operator import eq, ge, le
from typing import Any

from services.programme.views.counting import COUNTED, ByUnit, Counted, Number, officers_trained
from services.programme.views.known import KnownFacts, Reads, Row, Span, known
from services.programme.views.tables import SQL
from shared import plans
from shared.areas import Area, area

COMPARED = {">=": ge, "<=": le, "=": eq, "between": ge}  # between: from the lower figure on; above the upper is no miss
OPTIONAL_LISTS = frozenset({"modern_channels"})  # a figure is one also while nobody keeps these
ADDED_BY_HAND = frozenset({"news_items"})  # what events count is a part, to which the reported rest is added
BY_CERTIFICATES_VI = "Không tính giấy chứng nhận đã bị thu lại vì công nhận sai (Điều 10.1.b)."
BY_CERTIFICATES_EN = "A certificate withdrawn as a wrong recognition (art. 10.1.b) does not count."
HOW = {
    "events": ("Tính từ sự kiện trong sổ đăng ký.", "Counted from the events of the register."),
    "partly": ("Tính từ sự kiện và danh sách do tỉnh giữ.", "Counted from events and a list that the province keeps."),
    "hand": ("Do đơn vị báo cáo.", "Reported by hand."),
}
Figure = dict[str, Any]


@dataclass(frozen=True)
class Told:
    """What was reported by hand for a target: for the whole province, and by units."""

    whole: Row | None
    of_units: Mapping[str, Row]


async def figures(view: Reads, plan: Row, on: date) -> list[Figure]:
    """Every target of a version of a plan (`version_of`) on a day, but not after the target's own."""
    return await figures_from(view, plan, on, await facts_for(view, plan, on))


async def facts_for(view: Reads, plan: Row, on: date, *more: str) -> KnownFacts:
    """The facts that the plan's targets are counted from until a day, and these kinds besides."""
    return await known(view, plan, area_of(plan, on), on, kinds_of(plan["targets"]) | set(more))


async def figures_from(view: Reads, plan: Row, on: date, found: KnownFacts) -> list[Figure]:
    """As `figures`, from facts that are read already."""
    told = await told_by(view, plan, on)
    return [
        stated(plan, target, counted_on(target, on), found, told.get(name_of(target))) for target in plan["targets"]
    ]


def kinds_of(targets: list[Figure]) -> set[str]:
    return {kind for t in targets if t["metric"] in COUNTED for kind in COUNTED[t["metric"]].kinds}


def name_of(target: Figure) -> str:
    """As `Target.name`."""
    return target["id"] or f"{target['metric']}-{target['by']}"


def counted_on(target: Figure, on: date) -> date:
    """The day whose number says how a target stands: the asked one, but not later than the target's own."""
    return min(on, date.fromisoformat(target["by"]))


def area_of(plan: Row, on: date) -> Area:
    """The plan's own area, on the map of a day within its period."""
    then = plan["content"]["province_then"]
    day = min(max(on, plan["period_from"]), plan["period_to"])
    return area(then or plan["province"], plan["period_from"], day)


async def told_by(view: Reads, plan: Row, on: date) -> dict[str, Told]:
    """The last figures by hand as of the day, by target."""
    rows: dict[str, dict[str, Row]] = {}
    for row in await view.fetch(SQL.figures, plan["id"], on):
        rows.setdefault(row["target"], {})[row["unit"]] = row
    return {name: Told(of.get(""), {unit: row for unit, row in of.items() if unit}) for name, of in rows.items()}


def stated(plan: Row, target: Figure, day: date, found: KnownFacts, told: Told | None) -> Figure:
    """One target with its figure. `actual` is null where nothing tells it; for a target of each unit, the lowest of all."""
    metric, counted = plans.metrics().get(target["metric"]), counted_by(target)
    within = area_of(plan, day)
    span = Span(first_day(plan, target), day, within.with_districts if target["scope"] == "each_district" else within)
    number = None if counted is None or lacks_list(counted, found) else counted.count(found, span)
    if target["scope"] == "province":
        figure = of_province(target, number, told)
    else:
        figure = of_units(target, named_units(target["scope"], span.area, number, told), number, told)
    how = figure.pop("how") or (metric and metric.computed)
    districts = target["scope"] == "each_district"
    return target | figure | {
        "name": name_of(target),
        "counted_on": day,
        "period_from": span.first,
        "unit": unit_of(metric),
        "how": how and {"by": how, "vi": HOW[how][0], "en": HOW[how][1]},
        "definition": metric and definition(metric, counted),
        "map": {"on": span.area.on, "province": span.area.province, "name": span.area.name},
        "uncertain": found.uncertain(counted.kinds, span, districts=districts) if counted else 0,
        "reported": told and told.whole and report_of(told.whole),
    }  # fmt: skip


def counted_by(target: Figure) -> Counted | None:
    counted = COUNTED.get(target["metric"])
    if counted is None or not target["levels"]:
        return counted
    return Counted(officers_trained(target["levels"]), counted.kinds, counted.lists)


def lacks_list(counted: Counted, found: KnownFacts) -> bool:
    """A list that nobody has begun is not an empty one: the figure is unknown, not zero."""
    return any(not found.lists[name] for name in counted.lists if name not in OPTIONAL_LISTS)


def first_day(plan: Row, target: Figure) -> date:
    return date.fromisoformat(target["since"]) if target["since"] else plan["period_from"]


def definition(metric: plans.Metric, counted: Counted | None) -> Figure:
    by_certificates = metric.flow and counted is not None and "certificates" in counted.kinds
    vi, en = (BY_CERTIFICATES_VI, BY_CERTIFICATES_EN) if by_certificates else ("", "")
    return {"vi": f"{metric.vi}. {vi}".strip(), "en": f"{metric.en}. {en}".strip(), "formula": metric.formula}


def unit_of(metric: plans.Metric | None) -> Figure | None:
    return metric and {"id": metric.unit, "vi": plans.UNITS[metric.unit][0], "en": plans.UNITS[metric.unit][1]}


# --- the province as a whole ---


def of_province(target: Figure, number: Any, told: Told | None) -> Figure:
    """What events count; what is reported stands in for what they cannot."""
    by_hand = told.whole["value"] if told and told.whole else None
    actual, how = number, None
    if target["metric"] in ADDED_BY_HAND and by_hand is not None:
        actual = (number or 0) + by_hand
    elif number is None:
        actual, how = by_hand, "hand" if by_hand is not None else None
    return judged(target, actual) | {"how": how, "parts": []}


def judged(target: Figure, actual: Number) -> Figure:
    met = None if actual is None else bool(COMPARED[target["comparator"]](actual, target["value"]))
    beyond = actual is not None and target["upto"] is not None and actual > target["upto"]
    return {"actual": shown(actual), "met": met, "beyond": beyond}


def shown(number: Number) -> float | int | None:
    """Whole numbers as such, others down to two digits: a share just below its target never reads as if it met it."""
    if number is None:
        return None
    exact = Fraction(number)
    return exact.numerator if exact.denominator == 1 else math.floor(exact * 100) / 100


def report_of(row: Row) -> Figure:
    """A figure by hand: how much, as of when, who says so, from what."""
    return {"value": shown(row["value"])} | {field: row[field] for field in ("as_of", "office", "source", "note")}


# --- each district, commune or product ---


def named_units(scope: str, area: Area, number: Any, told: Told | None) -> dict[str, str]:
    """Code -> name of every unit that has to meet the target; products are those that are listed or reported."""
    match scope:
        case "each_district":
            return {code: unit.full_name for code, unit in area.districts.items()}
        case "each_commune":
            return {code: unit.full_name for code, unit in area.communes.items()}
        case _:
            return {id: id for id in sorted({*(number or {}), *(told.of_units if told else {})})}


def of_units(target: Figure, named: dict[str, str], number: ByUnit | None, told: Told | None) -> Figure:
    """The target holds when every unit meets it, and is open while one is unknown and none misses it."""
    counted = number is not None and target["scope"] != "each_product"
    parts = [part(target, unit, name, number, told, counted=counted) for unit, name in named.items()]
    known_ones = [one["actual"] for one in parts if one["actual"] is not None]
    verdicts = {one["met"] for one in parts}
    met = None if not parts or (None in verdicts and False not in verdicts) else False not in verdicts
    return {
        "actual": min(known_ones, default=None), "met": met, "beyond": any(one["beyond"] for one in parts),
        "parts": parts, "how": "hand" if number is None and known_ones else None,
    }  # fmt: skip


def part(target: Figure, unit: str, name: str, number: ByUnit | None, told: Told | None, *, counted: bool) -> Figure:
    by_hand = told.of_units.get(unit) if told else None
    actual = (number or {}).get(unit, 0 if counted else None)
    if actual is None and by_hand:
        actual = by_hand["value"]
    return {"unit": unit, "name": name, "reported": by_hand and report_of(by_hand)} | judged(target, actual)
