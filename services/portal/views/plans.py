"""Plans of provinces: targets with how they stand, tasks with who does them, reports, and what is due when."""

from datetime import date
from typing import Any

from services.portal.views.houses import Houses
from services.portal.views.lists import Rows, page_of
from services.portal.views.words import Text, known

Row = dict[str, Any]
COMPARATORS = {
    ">=": Text("ít nhất", "at least"), "<=": Text("nhiều nhất", "at most"), "=": Text("đúng", "exactly"),
    "between": Text("từ", "from"),
}  # fmt: skip
TASK_STATES = {
    "overdue": Text("quá hạn", "overdue"), "running": Text("đang làm", "under way"),
    "later": Text("chưa đến kỳ", "later"), "done": Text("xong", "done"),
}  # fmt: skip
REPORT_STATES = {
    "issued": Text("đã ban hành", "issued"), "open": Text("đang chờ", "open"),
    "overdue": Text("quá hạn", "overdue"), "later": Text("chưa đến kỳ", "later"),
}  # fmt: skip
TONES = {"overdue": "bad", "done": "good", "issued": "good", "running": "wait", "open": "wait"}


async def plans(houses: Houses, page: int, **filters: Any) -> Row:
    found: Rows = await page_of(houses, "programme", "plans", page=page, **filters)
    return {"found": found}


async def plan(houses: Houses, plan_id: str, on: date | None) -> Row:
    """A plan on a day. Raises HouseSaid (404 for an unknown one), HouseSilent."""
    file = await houses.get("programme", "plans", plan_id, "file", on=on)
    found, days = file["plan"], file["calendar"]
    targets = [target_of(target) for target in found["targets"]]
    return {
        "plan": found, "targets": targets, "tasks": [task_of(task) for task in file["tasks"]],
        "reports": [report for duty in file["duties"] for report in reports_of(duty)],
        "days": [day_of(day) for day in days] if days else own_days(found, targets),
        "on": date.fromisoformat(found["on"]), "met": sum(1 for target in targets if target["met"]),
        "measured": sum(1 for target in targets if target["actual"] is not None),
    }  # fmt: skip


# --- targets ---


def target_of(target: Row) -> Row:
    """A target in words, with how far it has come in percent of what is wanted, at most a hundred."""
    wanted, actual, definition = target["value"], target["actual"], target.get("definition")
    name = target["metric"].replace("_", " ")
    means = definition and Text(definition["vi"], definition["en"])
    return target | {
        "percent": 0.0 if actual is None or not wanted else min(100.0, round(100 * actual / wanted, 1)),
        "wants": known(COMPARATORS, target["comparator"]),
        "title": Text(means.vi.partition(".")[0], means.en.partition(".")[0]) if means else Text(name, name),
        "means": means,
        "unit_name": unit_of(target),
        "counted": target.get("how") and Text(target["how"]["vi"], target["how"]["en"]),
        "upto": target.get("upto"),
    }  # fmt: skip


def unit_of(target: Row) -> Text:
    """What is counted: percent where it is a share."""
    unit = target.get("unit")
    if unit and unit["id"] != "percent":
        return Text(f" {unit['vi']}", f" {unit['en']}")
    share = unit is not None or target["metric"].startswith("share_") or target["metric"].endswith("_share")
    return Text("%", "%") if share else Text("", "")


# --- tasks, reports ---


def task_of(task: Row) -> Row:
    """A task with who leads it and who helps, how far it is, and its latest report."""
    report = task["last_report"] or {}
    return {
        "title": Text(task["title_vi"], task["title_en"] or ""), "lead": [office(one) for one in task["lead"]],
        "supporting": [office(one) for one in task["supporting"]], "starts": task["starts"], "ends": task["ends"],
        "done_percent": task["done_percent"], "state": known(TASK_STATES, task["state"]),
        "tone": TONES.get(task["state"], ""), "reported_on": report.get("reported_on"), "account": report.get("account"),
    }  # fmt: skip


def office(body: Row) -> Text:
    return Text(body["name_vi"], body["name_en"])


def reports_of(duty: Row) -> list[Row]:
    """The reports that a duty asks for, the earliest first, each with its state and the day it was issued."""
    return [
        {"title": Text(duty["title_vi"], duty["every"].replace("_", " ")), "due_on": one["due_on"], "last": one["last"],
         "state": known(REPORT_STATES, one["state"]), "tone": TONES.get(one["state"], ""),
         "issued_on": one["report"] and one["report"]["issued_on"]}
        for one in duty["expected"]
    ]  # fmt: skip


# --- calendar ---


def day_of(day: Row) -> Row:
    return {"on": day["on"], "what": Text(day["title_vi"], day["title_en"])}


def own_days(plan: Row, targets: list[Row]) -> list[Row]:
    """The plan's own days and those of its targets, the earliest first."""
    days = [
        {"on": plan["published_on"], "what": Text("Ban hành kế hoạch", "The plan is published")},
        {"on": plan["period_from"], "what": Text("Bắt đầu kỳ kế hoạch", "The period begins")},
        {"on": plan["period_to"], "what": Text("Kết thúc kỳ kế hoạch", "The period ends")},
        *(
            {"on": target["by"], "what": Text(f"Hạn: {target['title'].vi}", f"Due: {target['title'].en}")}
            for target in targets
        ),
    ]
    seen: dict[tuple[str, str], Row] = {(day["on"], day["what"].vi): day for day in days}
    return sorted(seen.values(), key=lambda day: day["on"])
