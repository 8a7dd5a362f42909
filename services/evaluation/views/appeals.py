"""Appeals: for officers with all that was said, for everyone else by reference and without it."""

from typing import Any

from services.evaluation.domain.appeal import Appeal
from services.evaluation.domain.level import NATIONAL
from services.evaluation.views.tables import HOUSE, SQL, Changes, json
from shared import units
from shared.auth.permissions import Place
from shared.eventstore.views import Change, View

APPEALS = View("appeals", ["appeals"], HOUSE)


@APPEALS.on(Appeal.Lodged)
def lodged(e: Appeal.Lodged) -> Changes:
    a, p = e.about, e.about.product
    decider = "minister" if e.level == NATIONAL else "province_chairman"
    yield Change(
        SQL.appeal_lodged,
        (e.originator_id, e.reference, e.assessment_id, e.dossier_id, p.id, p.code, p.name, a.producer.id,
         a.producer.name, a.province, a.commune, e.level, json(e.criteria), e.reason, e.legal_date, e.due_on, decider,
         units.day_of_codes(a.province, a.commune, e.legal_date)),
    )  # fmt: skip


@APPEALS.on(Appeal.Decided)
def decided(e: Appeal.Decided) -> Changes:
    state = "upheld" if e.upheld else "dismissed"
    yield Change(
        SQL.appeal_decided, (e.originator_id, state, e.legal_date, e.decision.model_dump_json(), e.answer, e.upheld)
    )


def place_of_appeal(row: dict[str, Any]) -> Place:
    """Where a row is, for the question who may read it: its province reads also what the centre has to answer."""
    return Place(province=row["province"], commune=row["commune"])
