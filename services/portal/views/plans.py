"""Plans of provinces: targets with how they stand, tasks with who does them, and what is due when."""

import asyncio
from datetime import date
from typing import Any

from services.portal.views.houses import Houses
from services.portal.views.lists import page_of
from services.portal.views.words import Text

Row = dict[str, Any]
COMPARATORS = {">=": Text("ít nhất", "at least"), "<=": Text("nhiều nhất", "at most"), "=": Text("đúng", "exactly")}
MOST_TASKS = 200


async def plans(houses: Houses, page: int, **filters: Any) -> Row:
    return {"found": await page_of(houses, "programme", "plans", page=page, **filters)}


async def plan(houses: Houses, plan_id: str, on: date | None) -> Row:
    """A plan on a day. Raises HouseSaid (404 for an unknown one), HouseSilent."""
    found, tasks = await asyncio.gather(
        houses.get("programme", "plans", plan_id, on=on),
        houses.get("programme", "tasks", plan=plan_id, limit=MOST_TASKS),
    )
    targets = [target_of(target) for target in found["targets"]]
    return {
        "plan": found, "targets": targets, "tasks": tasks, "on": date.fromisoformat(found["on"]),
        "met": sum(1 for target in targets if target["met"]), "days": days_of(found, targets),
        "measured": sum(1 for target in targets if target["actual"] is not None),
    }  # fmt: skip


def target_of(target: Row) -> Row:
    """A target in words, with how far it has come in percent of what is wanted, at most a hundred."""
    wanted, actual, definition = target["value"], target["actual"], target.get("definition")
    percent = 0.0 if actual is None or not wanted else min(100.0, round(100 * actual / wanted, 1))
    name = target["metric"].replace("_", " ")
    return target | {
        "percent": percent,
        "wants": COMPARATORS.get(target["comparator"], Text(target["comparator"], target["comparator"])),
        "name": Text(definition["vi"].partition(".")[0], definition["en"].partition(".")[0]) if definition else Text(name, name),
        "means": Text(definition["vi"], definition["en"]) if definition else None,
        "unit": "%" if target["metric"].startswith("share_") or target["metric"].endswith("_share") else "",
    }  # fmt: skip


def days_of(plan: Row, targets: list[Row]) -> list[Row]:
    """The calendar: the plan's own days and those of its targets, the earliest first."""
    days = [
        {"on": plan["published_on"], "what": Text("Ban hành kế hoạch", "The plan is published")},
        {"on": plan["period_from"], "what": Text("Bắt đầu kỳ kế hoạch", "The period begins")},
        {"on": plan["period_to"], "what": Text("Kết thúc kỳ kế hoạch", "The period ends")},
    ]
    days += [
        {"on": target["by"], "what": Text(f"Hạn: {target['name'].vi}", f"Due: {target['name'].en}")}
        for target in targets
    ]
    seen: dict[tuple[str, str], Row] = {(day["on"], day["what"].vi): day for day in days}
    return sorted(seen.values(), key=lambda day: day["on"])
