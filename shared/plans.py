"""The vocabulary of provincial plans (what a metric means, which bodies there are) and five plans as data, read from files."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal
from uuid import UUID, uuid5

from shared.regulation.files import read_yaml

PLANS = UUID("0c0b5a6e-7d0e-5e0f-9a51-706c616e7300")  # namespace of the ids of plans that have a name of their own
NAMED = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
DATA = Path(__file__).with_name("data") / "plans"
VOCABULARY = frozenset({"metrics.yaml", "agencies.yaml"})
Computed = Literal["events", "partly", "hand"]


@dataclass(frozen=True, slots=True)
class Metric:
    """What a target's number means. `flow`: within a period, otherwise as things stand on a day; `unit` as in UNITS."""

    name: str
    flow: bool
    unit: str
    computed: Computed
    contracts: tuple[str, ...]
    vi: str
    en: str
    formula: str


@dataclass(frozen=True, slots=True)
class Agency:
    """A body that plans name; `today`: who does its work since the two levels of 1 July 2025, null where it is the same."""

    id: str
    level: str
    vi: str
    en: str
    today: str | None


UNITS = {  # Vietnamese, English
    "products": ("sản phẩm", "products"), "producers": ("chủ thể", "producers"), "percent": ("%", "%"),
    "organisations": ("tổ chức kinh tế", "organisations"), "classes": ("lớp", "classes"), "items": ("tin, bài", "items"),
    "events": ("sự kiện", "events"), "projects": ("dự án", "projects"), "officers": ("cán bộ", "officers"),
    "points": ("điểm", "points"), "stars": ("sao", "stars"), "million_vnd": ("triệu đồng", "million đồng"),
    "reviews": ("lần", "reviews"), "villages": ("làng nghề", "villages"),
}  # fmt: skip


@cache
def metrics() -> dict[str, Metric]:
    """By name, in the order of the file."""
    return {
        m["name"]: Metric(
            m["name"], m["kind"] == "flow", m["unit"], m["computed"], tuple(m["from"]), m["definition_vi"],
            m["definition"], m["formula"],
        )
        for m in read_yaml(DATA / "metrics.yaml")["metrics"]
    }  # fmt: skip


@cache
def agencies() -> dict[str, Agency]:
    """By id, in the order of the file."""
    return {
        a["id"]: Agency(a["id"], a["level"], a["name_vi"], a["name_en"], a["today"])
        for a in read_yaml(DATA / "agencies.yaml")["agencies"]
    }


def plan_id_of(given: object) -> object:
    """The id of a plan that is asked for by its own name, such as `ha-tinh-2023-2025`; whatever else is given stays as it is."""
    if not isinstance(given, str) or not NAMED.fullmatch(given) or is_id(given):
        return given
    return uuid5(PLANS, given)


def is_id(given: str) -> bool:
    try:
        UUID(given)
    except ValueError:
        return False
    return True


def plan_files() -> list[Path]:
    """The plans that come with the program, by name."""
    return [path for path in sorted(DATA.glob("*.yaml")) if path.name not in VOCABULARY]


def published(path: Path) -> dict[str, Any]:
    """A plan's file as what a house is asked to publish (`PublishPlan`, without its id)."""
    plan = read_yaml(path)
    province, document = plan["province"], plan["document"]
    notes = {
        name: plan[name] for name in ("ruleset_note", "rounds_note", "reporting_note", "products_note") if name in plan
    }
    if note := plan["cycle"].get("note"):
        notes["cycle_note"] = note
    return {
        "key": plan["id"], "name": plan["title_vi"], "name_en": plan["title_en"], "province": province["code_now"],
        "province_then": province["code_then"], "period_from": plan["period"]["start"],
        "period_to": plan["period"]["end"], "ruleset": plan["ruleset"], "notes": notes,
        "document": {
            **renamed(document, date="dated", date_as_written="dated_as_written"), "source": plan["source"],
            "complete": plan["source_complete"], "source_note": plan.get("source_note"),
            "issuer": plan["issuer"]["agency"], "issuer_level": plan["issuer"]["level"],
        },
        "laws": [renamed(law, date="dated") for law in plan["legal_bases"]],
        "coverage": plan.get("coverage"), "baseline": plan.get("baseline", []),
        "goals": plan.get("goals_without_number", []), "cycle": plan["cycle"]["list"], "levels": plan["levels"],
        "targets": [target_of(target) for target in plan["targets"]],
        "rounds": [renamed(one, **{"for": "products"}) for one in plan["rounds"]],
        "tasks": [task_of(task) for task in plan["tasks"]],
        "reporting": [renamed(duty, **{"from": "units"}) for duty in plan["reporting"]],
        "projects": plan["priority_projects"], "products": plan["products_named"], "agencies": plan["agencies"],
        "training": [line_of(line) for line in plan["training"]], "funding": plan["funding"],
    }  # fmt: skip


def renamed(part: dict[str, Any], **names: str) -> dict[str, Any]:
    """The same facts under the names that the house uses: words of Python are none."""
    return {names.get(name, name): value for name, value in part.items()}


def target_of(target: dict[str, Any]) -> dict[str, Any]:
    value = target["value"]
    if not isinstance(value, list):
        return target
    return target | {"value": value[0], "upto": value[1]}


def task_of(task: dict[str, Any]) -> dict[str, Any]:
    period = renamed(task["period"], **{"from": "starts", "to": "ends"})
    return {name: value for name, value in renamed(task, **{"with": "supporting"}).items() if name != "period"} | period


def line_of(line: dict[str, Any]) -> dict[str, Any]:
    count = line["count"]
    counts = count if isinstance(count, list) else [] if count is None else [count]
    return renamed(line, **{"for": "attendants"}) | {"count": counts}
