"""Terms that run in evaluation: a renewal from reception to recognition, an appeal from lodging to its answer."""

from services.evaluation.domain.appeal import Appeal
from services.evaluation.domain.assessment import RENEWAL, Assessment
from services.evaluation.domain.level import NATIONAL
from services.evaluation.views.tables import HOUSE, Changes
from shared import calendar
from shared.eventstore import due
from shared.eventstore.views import View
from shared.regulation import limits
from shared.regulation.rulesets import load

DUE = View("due", ["due"], HOUSE)
REASSESS = "reassess_duration_max"
APPEAL = "appeal"


@DUE.on(Assessment.Opened)
def renewal_received(e: Assessment.Opened) -> Changes:
    """The level that decides has the whole dossier (art. 7.6.g); older rules state no term."""
    if e.kind != RENEWAL or e.passes_to or not limits.has(REASSESS, e.ruleset):
        return
    term = load(e.ruleset).deadline(REASSESS)
    yield due.opened(
        REASSESS, e.originator_id, begun_on=e.legal_date, due_on=calendar.due(e.legal_date, term.value, term.unit),
        owner="ministry" if e.level == NATIONAL else "agency", ref=term.ref, about=e.about, reminders=due.REMIND,
    )  # fmt: skip


@DUE.on(Assessment.Certified, Assessment.NotRecognised, Assessment.Referred, Assessment.Annulled)
def renewal_over(e: Assessment.Certified) -> Changes:
    """Recognised or not, or gone up, where the term begins anew."""
    yield due.closed(REASSESS, e.originator_id, e.legal_date)


@DUE.on(Appeal.Lodged)
def appeal_lodged(e: Appeal.Lodged) -> Changes:
    yield due.opened(
        APPEAL, e.originator_id, begun_on=e.legal_date, due_on=e.due_on,
        owner="minister" if e.level == NATIONAL else "province_chairman", ref="Quy chế Hội đồng", about=e.about,
        reminders=due.REMIND,
    )  # fmt: skip


@DUE.on(Appeal.Decided)
def appeal_decided(e: Appeal.Decided) -> Changes:
    yield due.closed(APPEAL, e.originator_id, e.legal_date)
