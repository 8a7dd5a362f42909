"""Steps of programme: a plan published, tasks reported, a training held."""

from typing import TYPE_CHECKING

from ocop.season.acts.hands import Acts, authority_name, decision
from ocop.season.script import Step

if TYPE_CHECKING:
    from ocop.season.play import Player

ACTS = Acts()
HOUSE = "programme"


def plan_id(player: "Player", province: str) -> str:
    return player.id_of(f"programme/plan/{province}")


@ACTS.act
async def plan_published(player: "Player", _: None, step: Step) -> None:
    facts, province = step.facts, step.facts["province"]
    body = {
        "id": plan_id(player, province), "name": facts["name_vi"], "province": province,
        "period_from": str(facts["period"][0]), "period_to": str(facts["period"][1]),
        "targets": [target | {"by": str(target["by"])} for target in facts["targets"]],
        "decision": decision(f"KH-{province}", step.day, authority_name(province)),
    }  # fmt: skip
    await player.post(HOUSE, "/plans", role=step.by, place=province, key=step.key, body=body)


@ACTS.act
async def task_reported(player: "Player", _: None, step: Step) -> None:
    facts, province = step.facts, step.facts["province"]
    body = {
        "name": facts["task_vi"], "plan_id": plan_id(player, province), "province": province,
        "done_percent": facts["done_percent"], "account": f"Đã làm được {facts['done_percent']}% khối lượng",
    }  # fmt: skip
    task = player.id_of(f"programme/task/{province}/{facts['task_vi']}")
    await player.post(HOUSE, f"/tasks/{task}/reports", role=step.by, place=province, key=step.key, body=body)


@ACTS.act
async def training_held(player: "Player", _: None, step: Step) -> None:
    facts, province = step.facts, step.facts["province"]
    body = {
        "id": player.id_of(f"training/{step.day}"), "subject": facts["subject_vi"], "province": province,
        "producers": facts["attended"]["producers"], "officers": facts["attended"]["officers"],
    }  # fmt: skip
    await player.post(HOUSE, "/trainings", role=step.by, place=province, key=step.key, body=body)
