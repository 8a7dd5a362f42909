"""The reports that duties of plans ask for, as limits: who must report is reminded, and what is late is seen.

A report whose last day had passed before its plan was put in reminds nobody: of the years before the register there is no
saying what was handed in.
"""

from collections.abc import Iterable
from uuid import UUID, uuid5

from services.programme.domain.plan import Awaited, Plan, Programme, awaited
from services.programme.domain.report import Report
from services.programme.views.tables import HOUSE, Changes
from shared.calendar import HANOI
from shared.eventstore import due
from shared.eventstore.views import View

DUE = View(due.VIEW, ["due"], HOUSE)
LIMIT = "plan-report"


def subject(plan_id: UUID, duty: str, first: object) -> UUID:
    return uuid5(plan_id, f"report/{duty}/{first}")


@DUE.on(Plan.Published)
def plan_published(e: Plan.Published) -> Changes:
    yield from asked(e, e.plan, awaited(e.plan))


@DUE.on(Plan.Revised)
def plan_revised(e: Plan.Revised) -> Changes:
    for one in e.withdrawn:
        yield due.closed(LIMIT, subject(e.originator_id, one.duty, one.first), e.legal_date)
    yield from asked(e, e.plan, e.added)


def asked(e: Plan.Published | Plan.Revised, plan: Programme, reports: Iterable[Awaited]) -> Changes:
    recorded_on = e.timestamp.astimezone(HANOI).date()
    words = {duty.id: duty.due.words for duty in plan.reporting if duty.due}
    for one in reports:
        if one.due_on >= recorded_on:
            yield due.opened(
                LIMIT, subject(e.originator_id, one.duty, one.first), begun_on=one.first, due_on=one.due_on,
                owner="agency", ref=words[one.duty], province=plan.province, map_on=recorded_on,
                what={"plan": e.originator_id, "name": plan.name, **one.model_dump(mode="json")},
            )  # fmt: skip


@DUE.on(Report.Issued)
def report_issued(e: Report.Issued) -> Changes:
    if e.issue.duty and e.first:
        yield due.closed(LIMIT, subject(e.plan_id, e.issue.duty, e.first), e.legal_date)
