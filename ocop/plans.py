"""`ocop plans load`: puts plans in through the commands of the house; put in again they change nothing.

A plan that says something else than the version in force becomes the next version.
"""

import hashlib
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import yaml
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape

from ocop.dlq import said, user
from ocop.inspect import Opened, looking
from ocop.standalone import ROOMS
from services.programme.commands import PublishPlan, RevisePlan
from services.programme.domain.plan import Plan, Programme
from shared.auth.actors import Actor
from shared.clock import Clock
from shared.eventstore.commands import Command, Request
from shared.eventstore.projector import Projection
from shared.eventstore.store import EventStore
from shared.plans import agencies, plan_files, plan_id_of, published
from shared.values import Refusal

HOUSE = "programme"
OUTCOMES = {
    "published": "đã ban hành / published",
    "revised": "bản mới / a new version",
    "unchanged": "không đổi / unchanged",
    "refused": "[red]bị từ chối / refused[/]",
}
CHANGED = "Dữ liệu kế hoạch được cập nhật / the plan's data changed"
Loaded = dict[str, Any]


def run_load(data: Path, files: Sequence[Path], *, as_json: bool) -> int:
    """Loads these files, or the plans that come with the program; 1 where one was refused."""

    async def work(opened: Opened) -> int:
        store = opened.stores[HOUSE]
        found = await load_plans(store, await opened.clock(), files or plan_files())
        if HOUSE not in opened.at_work:
            await shown(store)
        if as_json:
            sys.stdout.buffer.write(orjson.dumps(found, option=orjson.OPT_APPEND_NEWLINE))
        else:
            for one in found:
                told = f"{one['plan']}: {one['targets']} chỉ tiêu, {one['tasks']} nhiệm vụ: {OUTCOMES[one['outcome']]}"
                Console().print(f"{told} {escape(one['why'])}".rstrip())
        return 1 if any(one["outcome"] == "refused" for one in found) else 0

    return looking(data, work, begins=True)


async def shown(store: EventStore) -> None:
    """Brings the house's own views up to its events, where no process of it does."""
    projection = Projection(store, ROOMS[HOUSE].room.own)
    try:
        while await projection.step():
            pass
    finally:
        await projection.forget()


async def load_plans(store: EventStore, clock: Clock, files: Sequence[Path]) -> list[Loaded]:
    """What came of each file, in their order."""
    return [await load_plan(store, clock, path) for path in files]


async def load_plan(store: EventStore, clock: Clock, path: Path) -> Loaded:
    """One plan; a file that is no plan is refused with the field that is wrong."""
    told: Loaded = {"file": path.name, "plan": path.stem, "targets": 0, "tasks": 0, "outcome": "refused", "why": ""}
    try:
        facts = published(path)
        facts["decision"] = decision_of(facts)
        told |= {"plan": facts["key"], "targets": len(facts["targets"]), "tasks": len(facts["tasks"])}
        return told | {"outcome": await put_in(store, clock, facts)}
    except (KeyError, TypeError, yaml.YAMLError) as error:
        return told | {"why": f"không đúng dạng plan.schema.json / not of its form: {type(error).__name__} {error}"}
    except ValidationError as error:
        return told | {"why": said(error)}
    except Refusal as refusal:
        return told | {"why": f"{refusal.rule} ({refusal.field}): {refusal.message_vi} / {refusal.message_en}"}


async def put_in(store: EventStore, clock: Clock, facts: dict[str, Any]) -> str:
    id = plan_id_of(facts["key"])
    asked = PublishPlan.model_validate({**facts, "id": id, "on": day_of(facts)})
    stated = Programme(**{field: getattr(asked, field) for field in Programme.model_fields})
    have = await store.load(Plan, asked.id)
    if have is None:
        await carry_out(store, clock, asked, facts)
        return "published"
    if have.plan == stated:
        return "unchanged"
    await carry_out(store, clock, RevisePlan.model_validate({**facts, "plan_id": id, "reason": CHANGED}), facts)
    return "revised"


def day_of(facts: dict[str, Any]) -> date:
    """The date of the document; where the copy leaves it blank, the first day of the plan's period stands for it."""
    day: date = facts["document"]["dated"] or facts["period_from"]
    return day


def decision_of(facts: dict[str, Any]) -> dict[str, Any] | None:
    """None where the copy leaves number or date blank: nothing is made up."""
    paper = facts["document"]
    if not paper["number"] or not paper["dated"]:
        return None
    issuer = agencies().get(paper["issuer"])
    return {"number": paper["number"], "date": paper["dated"], "authority": issuer.vi if issuer else paper["issuer"]}


async def carry_out(store: EventStore, clock: Clock, command: Command, facts: dict[str, Any]) -> None:
    """As the chairman of the province, in whose name the machine's user puts the plan in."""
    digest = hashlib.sha256(command.model_dump_json().encode()).hexdigest()[:16]
    key, actor = f"plans {facts['key']} {digest}", Actor(f"plans:{user()}", "province_chairman", facts["province"])
    request = Request(id=key, actor=actor, action=f"{HOUSE}:publish-plan", correlation=key)
    await ROOMS[HOUSE].commands.execute(command, request, store, clock)
