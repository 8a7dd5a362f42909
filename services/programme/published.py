"""Which private events of programme are said to others, and how."""

from services.programme.domain import Plan, Task, Training
from shared.contracts import programme as said
from shared.eventstore.publishing import Published

PUBLISHED = Published("programme")


@PUBLISHED.on(Plan.Published)
def plan_published(e: Plan.Published) -> said.PlanPublished:
    plan = e.plan
    return said.PlanPublished(
        legal_date=e.legal_date, plan_id=e.originator_id, name=plan.name, province=plan.province,
        period_from=plan.period_from, period_to=plan.period_to, decision=plan.decision,
        targets=[said.TargetSet(**target.model_dump()) for target in plan.targets],
    )  # fmt: skip


@PUBLISHED.on(Task.Opened, Task.Reported)
def task_reported(e: Task.Opened | Task.Reported) -> said.TaskReported:
    facts = e.progress
    return said.TaskReported(
        legal_date=e.legal_date, task_id=e.originator_id, plan_id=facts.plan_id, name=facts.name,
        province=facts.province, done_percent=facts.done_percent,
    )  # fmt: skip


@PUBLISHED.on(Training.Held)
def training_held(e: Training.Held) -> said.TrainingHeld:
    return said.TrainingHeld(
        legal_date=e.legal_date, training_id=e.originator_id, subject=e.subject, province=e.province,
        producers=e.producers, officers=e.officers,
    )  # fmt: skip
