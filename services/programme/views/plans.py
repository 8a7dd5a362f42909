"""Plans with all their versions, tasks with how far they are, trainings held, figures and lists by hand, reports issued."""

import orjson

from services.programme.domain.figure import Figure, KeptList
from services.programme.domain.plan import Plan
from services.programme.domain.report import Report
from services.programme.domain.task import Task
from services.programme.domain.training import OfficersAt, Training
from services.programme.views.tables import HOUSE, SQL, Changes
from shared import units
from shared.calendar import local_date
from shared.eventstore.views import Change, Fact, View

PLANS = View("plans", ["plans"], HOUSE, remembers={"plans": ["id", "version"]})
TASKS = View("tasks", ["tasks", "task_reports"], HOUSE, remembers={"tasks": ["id"], "task_reports": ["place"]})
TRAININGS = View("trainings", ["trainings"], HOUSE, remembers={"trainings": ["id"]})
FIGURES = View(
    "figures", ["figures", "list_entries"], HOUSE,
    remembers={"figures": ["place", "unit"], "list_entries": ["place"]},
)  # fmt: skip
REPORTS = View("reports", ["reports"], HOUSE, remembers={"reports": ["id"]})

# --- plan ---


@PLANS.on(Plan.Published, Plan.Revised)
def plan_published(e: Plan.Published | Plan.Revised, fact: Fact) -> Changes:
    plan = e.plan
    targets = orjson.dumps([target.model_dump(mode="json") for target in plan.targets]).decode()
    decision = plan.decision and plan.decision.model_dump_json()
    yield Change(
        SQL.plan_published,
        (e.originator_id, e.originator_version, plan.name, plan.province, plan.period_from, plan.period_to, targets,
         decision, e.legal_date, plan.key, getattr(e, "reason", None), plan.model_dump_json(), fact.at,
         local_date(fact.at)),
    )  # fmt: skip


# --- task ---


@TASKS.on(Task.Opened, Task.Reported)
def task_reported(e: Task.Opened | Task.Reported, fact: Fact) -> Changes:
    """A task of a plan has the plan's province, by the map of the day on which that was recorded."""
    p = e.progress
    map_on = units.day_of_codes(p.province, "", local_date(fact.at) if p.plan_id else e.legal_date)
    yield Change(
        SQL.task_reported,
        (e.originator_id, p.plan_id, p.name, p.province, p.done_percent, p.account, e.legal_date, fact.position, p.key,
         fact.at, map_on),
    )  # fmt: skip
    yield Change(
        SQL.report_kept,
        (fact.position, e.originator_id, p.name, p.done_percent, p.account, e.legal_date, p.plan_id, p.key, p.kind,
         p.unit, p.agency, p.obstacles, fact.at),
    )  # fmt: skip


# --- training ---


@TRAININGS.on(Training.Held)
def training_held(e: Training.Held, fact: Fact) -> Changes:
    at = e.officers_at or OfficersAt()
    yield Change(
        SQL.training_held,
        (e.originator_id, e.subject, e.province, e.producers, e.officers, e.legal_date, e.plan_id, e.line, e.kind,
         e.leaders, at.province, at.district, at.commune, list(e.attended), fact.at),
    )  # fmt: skip


# --- figure ---


@FIGURES.on(Figure.Opened, Figure.Reported)
def figure_reported(e: Figure.Opened | Figure.Reported, fact: Fact) -> Changes:
    told = e.reported
    figures = [("", told.value)] if told.value is not None else [(one.unit, one.value) for one in told.values]
    for unit, value in dict(figures).items():
        yield Change(
            SQL.figure_reported,
            (fact.position, e.plan_id, e.target, unit, value, e.legal_date, told.office, told.source, told.note,
             fact.at),
        )  # fmt: skip


@FIGURES.on(KeptList.Opened, KeptList.EntryKept)
def entry_kept(e: KeptList.Opened | KeptList.EntryKept, fact: Fact) -> Changes:
    entry = e.entry.model_dump_json()
    yield Change(
        SQL.entry_said,
        (fact.position, e.province, e.list, e.entry.key, e.legal_date, entry, e.office, e.source, fact.at),
    )


@FIGURES.on(KeptList.EntryDropped)
def entry_dropped(e: KeptList.EntryDropped, fact: Fact) -> Changes:
    yield Change(
        SQL.entry_said, (fact.position, e.province, e.list, e.key, e.legal_date, None, None, e.reason, fact.at)
    )


# --- report ---


@REPORTS.on(Report.Issued)
def report_issued(e: Report.Issued, fact: Fact) -> Changes:
    issue = e.issue
    yield Change(
        SQL.report_issued,
        (e.originator_id, e.plan_id, e.plan_version, e.province, e.on, e.legal_date, e.known_at, issue.duty,
         issue.due_on, issue.model_dump_json(), fact.at),
    )  # fmt: skip
