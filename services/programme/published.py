"""Which private events of programme are said to others, and how."""

from services.programme.domain.document import Target
from services.programme.domain.plan import Plan, Programme
from services.programme.domain.report import Report
from services.programme.domain.task import Task
from services.programme.domain.training import Training
from services.programme.domain.unit_change import UnitChange
from shared.contracts import programme as said
from shared.eventstore.publishing import Published

PUBLISHED = Published("programme")


@PUBLISHED.on(Plan.Published, Plan.Revised)
def plan_published(e: Plan.Published | Plan.Revised) -> said.PlanPublished:
    """Each version as a whole."""
    plan = e.plan
    return said.PlanPublished(
        legal_date=e.legal_date, plan_id=e.originator_id, name=plan.name, province=plan.province,
        period_from=plan.period_from, period_to=plan.period_to, decision=plan.decision,
        targets=[target_set(target) for target in plan.targets], version=e.originator_version, key=plan.key,
        ruleset=plan.ruleset, tasks=tasks_set(plan),
    )  # fmt: skip


def target_set(target: Target) -> said.TargetSet:
    """`between` is met from its lower figure on: that is what those hear who know no upper one."""
    facts = target.model_dump(include={"metric", "value", "by", "id", "upto", "scope"})
    return said.TargetSet(comparator=">=" if target.comparator == "between" else target.comparator, **facts)


def tasks_set(plan: Programme) -> list[said.TaskSet]:
    return [
        said.TaskSet(id=task.id, name=task.title_vi, kind=task.kind, lead=list(task.lead),
                     supporting=list(task.supporting), starts=task.starts, ends=task.ends)
        for task in plan.tasks
    ]  # fmt: skip


@PUBLISHED.on(Task.Opened, Task.Reported)
def task_reported(e: Task.Opened | Task.Reported) -> said.TaskReported:
    facts = e.progress
    return said.TaskReported(
        legal_date=e.legal_date, task_id=e.originator_id, plan_id=facts.plan_id, name=facts.name,
        province=facts.province, done_percent=facts.done_percent, key=facts.key, kind=facts.kind, unit=facts.unit,
        agency=facts.agency,
    )  # fmt: skip


@PUBLISHED.on(Training.Held)
def training_held(e: Training.Held) -> said.TrainingHeld:
    return said.TrainingHeld(
        legal_date=e.legal_date, training_id=e.originator_id, subject=e.subject, province=e.province,
        producers=e.producers, officers=e.officers, plan_id=e.plan_id, line=e.line, kind=e.kind, leaders=e.leaders,
        attended=list(e.attended),
    )  # fmt: skip


@PUBLISHED.on(Report.Issued)
def report_issued(e: Report.Issued) -> said.ReportIssued:
    issue = e.issue
    return said.ReportIssued(
        legal_date=e.legal_date, report_id=e.originator_id, plan_id=e.plan_id, plan_version=e.plan_version,
        province=e.province, on=e.on, known_at=e.known_at, number=issue.number, agency=issue.agency,
        recipients=list(issue.recipients), duty=issue.duty, due_on=issue.due_on,
    )  # fmt: skip


@PUBLISHED.on(UnitChange.Told)
def units_merged(e: UnitChange.Told) -> said.UnitsMerged:
    return said.UnitsMerged(
        legal_date=e.legal_date, takes_effect=e.takes_effect, decision=e.decision, counts=e.counts,
        moves=[said.UnitMoved(**move.model_dump()) for move in e.moves],
    )  # fmt: skip
