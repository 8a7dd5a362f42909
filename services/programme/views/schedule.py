"""What a plan asks of whom by when: tasks with their state, reporting duties with their due days, the calendar of all."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from shared import plans
from shared.duties import Expected, expected

Row = dict[str, Any]
STATES = ("overdue", "running", "later", "done")


def body(id: str, content: Row) -> Row:
    """An agency as the plan names it, with who does its work today."""
    own = next((one for one in content["agencies"] if one["id"] == id), {})
    known = plans.agencies().get(id)
    return {
        "id": id, "name_vi": own.get("name_vi") or (known.vi if known else id),
        "name_en": own.get("name_en") or (known.en if known else id),
        "today": own.get("today") or (known.today if known else None),
    }  # fmt: skip


# --- tasks ---


def tasks(content: Row, reports: Sequence[Row], on: date) -> list[Row]:
    """Every task on a day, overdue ones first, the longest overdue before all."""
    found = [task(one, content, [row for row in reports if row["key"] == one["id"]], on) for one in content["tasks"]]
    return sorted(found, key=lambda one: (STATES.index(one["state"]), one["ends"], one["id"]))


def task(planned: Row, content: Row, reports: Sequence[Row], on: date) -> Row:
    """`done_percent` is of the task as a whole; units (districts, communes) that reported for themselves stand beside it."""
    whole = [row for row in reports if row["unit"] is None]
    percent = 100 if planned["done"] else whole[-1]["done_percent"] if whole else 0
    starts, ends = date.fromisoformat(planned["starts"]), date.fromisoformat(planned["ends"])
    state = state_of(percent, starts, ends, on)
    return planned | {
        "starts": starts, "ends": ends, "done_percent": percent, "state": state,
        "days_late": (on - ends).days if state == "overdue" else 0,
        "lead": [body(id, content) for id in planned["lead"]],
        "supporting": [body(id, content) for id in planned["supporting"]],
        "last_report": {name: whole[-1][name] for name in ("reported_on", "account", "agency", "obstacles")}
        if whole else None,
        "units": [{"unit": row["unit"], "done_percent": row["done_percent"], "reported_on": row["reported_on"]}
                  for row in {row["unit"]: row for row in reports if row["unit"] is not None}.values()],
    }  # fmt: skip


def state_of(percent: int, starts: date, ends: date, on: date) -> str:
    if percent == 100:
        return "done"
    return "overdue" if ends < on else "running" if starts <= on else "later"


# --- reporting duties ---


class Due(NamedTuple):
    """As `shared.duties.Due`, from a plan's JSON."""

    day: int
    month: int | None
    month_of_period: str | None


def of_duty(duty: Row, begins: date, ends: date) -> list[Expected]:
    due = duty["due"] and Due(duty["due"]["day"], duty["due"]["month"], duty["due"]["month_of_period"])
    return list(expected(duty["every"], due, begins, ends))


def duties(plan: Row, issued: Sequence[Row], on: date) -> list[Row]:
    """Every reporting duty with the reports that it asks for: issued, open, overdue; of a duty without a rhythm, none."""
    content, found = plan["content"], []
    for duty in content["reporting"]:
        mine = [row for row in issued if row["duty"] == duty["id"]]
        asked = [wanted(one, mine, on) for one in of_duty(duty, plan["period_from"], plan["period_to"])]
        through = duty["through"] and body(duty["through"], content)
        named = {field: [body(id, content) for id in duty[field]] for field in ("units", "to")}
        found.append(duty | named | {"title_vi": EVERY_VI[duty["every"]], "through": through, "expected": asked})
    return found


def wanted(one: Expected, issued: Sequence[Row], on: date) -> Row:
    report = next((row for row in issued if one.first <= row["of_day"] <= one.last), None)
    late = one.due_on is not None and one.due_on < on
    state = "issued" if report else "overdue" if late else "later" if one.first > on else "open"
    return {"first": one.first, "last": one.last, "due_on": one.due_on, "state": state,
            "report": report and {"id": report["id"], "issued_on": report["issued_on"]}}  # fmt: skip


# --- calendar ---


def calendar(plan: Row, first: date, last: date) -> list[Row]:
    """Rounds, tasks and reports of a plan in order of their days, from a day through another."""
    content = plan["content"]
    found = [*of_rounds(content), *of_tasks(content), *of_duties(plan)]
    return sorted(
        (one for one in found if first <= one["on"] <= last), key=lambda one: (one["on"], one["what"], one["id"])
    )


def entry(on: date | str, what: str, id: str, vi: str, en: str) -> Row:
    day = date.fromisoformat(on) if isinstance(on, str) else on
    return {"on": day, "what": what, "id": id, "title_vi": vi, "title_en": en}


EVERY_VI = {
    "month": "Báo cáo tháng", "quarter": "Báo cáo quý", "half_year": "Báo cáo 6 tháng", "year": "Báo cáo năm",
    "plan_period": "Báo cáo giai đoạn", "regular": "Báo cáo thường xuyên", "ad_hoc": "Báo cáo đột xuất",
}  # fmt: skip
LEVELS_VI = {"district": "cấp huyện", "province": "cấp tỉnh", "central": "cấp trung ương", "commune": "cấp xã"}


def of_rounds(content: Row) -> Iterator[Row]:
    """ "Before a day": the day before is the last."""
    for one in content["rounds"]:
        vi, en = f"Đợt {one['n']} {LEVELS_VI[one['level']]}", f"Round {one['n']}, {one['level']}"
        for field, what in (("start_from", "round-begins"), ("send_from", "round-sends"), ("send_to", "round-sent")):
            if one[field]:
                yield entry(one[field], what, one["id"], vi, en)
        if one["finish_before"]:
            last = date.fromisoformat(one["finish_before"]) - timedelta(days=1)
            yield entry(last, "round-ends", one["id"], vi, en)


def of_tasks(content: Row) -> Iterator[Row]:
    for one in content["tasks"]:
        vi, en = one["title_vi"], one["title_en"] or one["title_vi"]
        yield entry(one["starts"], "task-begins", one["id"], vi, en)
        yield entry(one["ends"], "task-ends", one["id"], vi, en)


def of_duties(plan: Row) -> Iterator[Row]:
    for duty in plan["content"]["reporting"]:
        for one in of_duty(duty, plan["period_from"], plan["period_to"]):
            if one.due_on:
                period = f"{one.first:%d/%m/%Y} – {one.last:%d/%m/%Y}"
                vi, en = f"{EVERY_VI[duty['every']]} ({period})", f"{duty['what']} ({period})"
                yield entry(one.due_on, "report-due", duty["id"], vi, en)
