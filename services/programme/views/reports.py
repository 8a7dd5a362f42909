"""A plan's report of a day as data: targets, counts by definition, products, tasks. Papers are made of it and of nothing else.

The same plan, version, day and `known_at` give the same bytes: keys sorted, numbers exact, lists in an order of their own.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson

from services.programme.views.counting import stands
from services.programme.views.figures import area_of, facts_for, figures_from
from services.programme.views.known import KnownFacts, Reads, Row, Span, version_of
from services.programme.views.schedule import STATES, of_duty, tasks
from services.programme.views.tables import SQL
from shared import units
from shared.contracts.envelope import as_utc
from shared.values import NotFound

ORDER = orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
COUNTS = {  # what is counted: Vietnamese, English
    "ever": (
        "Đã từng được công nhận: sản phẩm có giấy chứng nhận cấp đến hết ngày báo cáo, kể cả đã hết hạn, bị thu hồi; mỗi sản "
        "phẩm tính một lần.",
        "Ever recognised: products with a certificate issued by the day, also if expired or revoked since; each counts once.",
    ),
    "valid": (
        "Còn hiệu lực trong ngày: ngày cấp ≤ ngày báo cáo ≤ ngày hết hạn (kể cả được gia hạn), chưa bị thu hồi, thay thế.",
        "Valid on the day: issued on <= the day <= last day (or extended), not revoked, not replaced.",
    ),
    "expired": (
        "Đã hết hạn: giấy chứng nhận gần nhất của sản phẩm đã hết hạn đến ngày báo cáo và chưa được công nhận lại.",
        "Expired: the product's latest certificate ran out by the day and it has no other.",
    ),
    "revoked": (
        "Đã thu hồi: giấy chứng nhận gần nhất của sản phẩm bị thu hồi, hoặc thu lại vì công nhận sai (Điều 10.1.b).",
        "Revoked: the product's latest certificate was revoked, or withdrawn as a wrong recognition (art. 10.1.b).",
    ),
}


@dataclass(frozen=True)
class Asked:
    """What a report is of; `issued`: the row of one that was issued, whose moment `known_at` then is."""

    plan: Row
    on: date
    known_at: datetime
    issued: Row | None = None


@dataclass(frozen=True)
class Question:
    """The report of a plan of a day; `draft`: not the one that was issued; `known_at`: as known, and issued, by then."""

    plan_id: UUID
    on: date
    draft: bool = False
    known_at: datetime | None = None


async def answered(reads_at: Callable[[datetime | None], Reads], asked: Question, now: datetime) -> dict[str, Any]:
    """The report that was issued, or one drawn up. `reads_at`: the views as known at an instant. Raises NotFound."""
    issued = SQL.last_issued, asked.plan_id, asked.on
    last = None if asked.draft else await reads_at(asked.known_at).row(*issued)
    known_at = last["known_at"] if last else asked.known_at
    view = reads_at(known_at)
    plan = await version_of(view, asked.plan_id, asked.on, last and last["plan_version"])
    if plan is None:
        raise NotFound(what="plan", id=asked.plan_id)
    return await drawn_up(view, Asked(plan, asked.on, known_at or now, last))


async def drawn_up(view: Reads, asked: Asked) -> dict[str, Any]:
    """The whole report. The view must show what was known at `known_at`."""
    plan, on = asked.plan, asked.on
    content = plan["content"]
    issue = orjson.loads(asked.issued["issue"]) if asked.issued else None
    first, last = period(plan, content, on, issue)
    span = Span(first, on, area_of(plan, on))
    found = await facts_for(view, plan, on, "certificates")
    listed = await figures_from(view, plan, on, found)
    progress = tasks(content, await view.fetch(SQL.planned_reports, plan["id"], on), on)
    return {
        "plan": named(plan, content), "on": on, "known_at": as_utc(asked.known_at), "issued": asked.issued is not None,
        "report": asked.issued and {name: asked.issued[name] for name in ("id", "issued_on", "due_on", "duty")},
        "document": issue, "period": {"from": first, "to": last}, "map": map_of(span),
        "targets": listed, "summary": summary(listed), "counts": counts(found, span),
        "products": {"recognised": recognised(found, span), "ended": ended(found, span)},
        "tasks": {"states": {state: sum(one["state"] == state for one in progress) for state in STATES},
                  "overdue": [one for one in progress if one["state"] == "overdue"]},
    }  # fmt: skip


def as_json(report: Mapping[str, Any]) -> bytes:
    """Canonical: the same report is the same bytes."""
    return orjson.dumps(report, option=ORDER, default=str)


def period(plan: Row, content: Row, on: date, issue: Mapping[str, Any] | None) -> tuple[date, date]:
    """That of the duty which the report answers, until its day; otherwise the year, within the plan's period."""
    duty = next((one for one in content["reporting"] if issue and one["id"] == issue["duty"]), None)
    for one in of_duty(duty, plan["period_from"], plan["period_to"]) if duty else ():
        if one.first <= on <= one.last:
            return one.first, min(one.last, on)
    return max(plan["period_from"], date(min(on, plan["period_to"]).year, 1, 1)), on


def named(plan: Row, content: Row) -> dict[str, Any]:
    return {
        "id": plan["id"], "key": plan["key"], "version": plan["version"], "name_vi": plan["name"],
        "name_en": content["name_en"], "province": plan["province"], "province_then": content["province_then"],
        "period_from": plan["period_from"], "period_to": plan["period_to"], "document": content["document"],
    }  # fmt: skip


def map_of(span: Span) -> dict[str, Any]:
    area = span.area
    return {
        "on": area.on, "province": area.province, "name": area.name,
        "vi": f"Số liệu theo địa giới {area.name} trên bản đồ hành chính ngày {area.on:%d/%m/%Y}; nơi không xác định được "
              "địa giới thì không tính và được nêu riêng.",
        "en": f"Figures are of {area.name} on the map of {area.on}; what cannot be placed on it is not counted and said apart.",
    }  # fmt: skip


def summary(listed: list[dict[str, Any]]) -> dict[str, int]:
    verdicts = Counter(one["met"] for one in listed)
    return {"targets": len(listed), "met": verdicts[True], "missed": verdicts[False], "unknown": verdicts[None]}


# --- products ---


def latest(known_facts: KnownFacts, span: Span) -> list[Row]:
    """Each product's latest certificate that was issued by the day."""
    found: dict[Any, Row] = {}
    for row in known_facts.of("certificates", span):  # by their day of issue
        if row["issued_on"] <= span.last:
            found[row["product_id"]] = row
    return list(found.values())


def state(row: Row, on: date) -> str:
    if on <= row["valid_to"]:
        return "valid"
    revoked = row["ended_by"] in ("revoked", "withdrawn") and row["ended_on"] <= on
    return "revoked" if revoked else "expired"


def counts(known_facts: KnownFacts, span: Span) -> list[dict[str, Any]]:
    """Products by what is counted, with their stars and groups; ever = valid + expired + revoked."""
    rows = latest(known_facts, span)
    states = {name: [row for row in rows if state(row, span.last) == name] for name in ("valid", "expired", "revoked")}
    uncertain = known_facts.uncertain(["certificates"], span, districts=False)
    return [
        {"what": what, "definition": {"vi": vi, "en": en}, "total": len(of), "uncertain": uncertain,
         "simulated": sum(row["simulated"] for row in of),
         "stars": {str(star): sum(row["stars"] == star for row in of) for star in (3, 4, 5)}, "groups": groups(of)}
        for what, (vi, en) in COUNTS.items()
        for of in [rows if what == "ever" else states[what]]
    ]  # fmt: skip


def groups(rows: list[Row]) -> dict[str, int]:
    """By the group's id: what a ruleset calls it may be put better, and an issued report stays as it is."""
    return dict(sorted(Counter(row["group"] for row in rows).items()))


def recognised(known_facts: KnownFacts, span: Span) -> list[dict[str, Any]]:
    """Certificates decided in the report's period, in the order of their decisions."""
    rows = [row for row in known_facts.within("certificates", span) if stands(row, span.last)]
    return [product(row, span) for row in sorted(rows, key=lambda row: (row["decided_on"], row["number"]))]


def ended(known_facts: KnownFacts, span: Span) -> list[dict[str, Any]]:
    """Certificates that ran out or were revoked in the report's period and that no other has replaced."""
    rows = [row for row in latest(known_facts, span) if span.first <= row["valid_to"] < span.last]
    return [product(row, span) for row in sorted(rows, key=lambda row: (row["valid_to"], row["number"]))]


def product(row: Row, span: Span) -> dict[str, Any]:
    place = units.commune(row["commune"], row["map_on"])
    return {
        "number": row["number"], "code": row["product_code"], "name": row["product_name"],
        "producer": row["producer_name"], "group": row["group"], "stars": row["stars"],
        "commune": place.full_name if place else row["commune"], "decided_on": row["decided_on"],
        "issued_on": row["issued_on"], "valid_to": row["valid_to"] if row["valid_to"] < span.last else row["expires_on"],
        "state": state(row, span.last), "simulated": row["simulated"],
    }  # fmt: skip
