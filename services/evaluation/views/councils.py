"""Rounds, and councils by office with their bylaw as it was on each day."""

from typing import Any

from services.evaluation.domain.council import Council, Office
from services.evaluation.domain.round import Round
from services.evaluation.views.tables import HOUSE, SQL, Changes, json
from shared.eventstore.views import Change, View

ROUNDS = View("rounds", ["rounds"], HOUSE)
COUNCILS = View("councils", ["councils"], HOUSE)

# --- round ---


@ROUNDS.on(Round.Opened)
def round_opened(e: Round.Opened) -> Changes:
    f = e.facts
    yield Change(
        SQL.round_opened,
        (e.originator_id, f.level, f.province, f.name, f.year, str(f.number), f.proposals_last, f.done_last, f.basis,
         e.ruleset, e.legal_date, f.district, f.backlog),
    )  # fmt: skip


@ROUNDS.on(Round.Closed)
def round_closed(e: Round.Closed) -> Changes:
    yield Change(SQL.round_closed, (e.originator_id, e.legal_date))


# --- council: offices, never names ---


@COUNCILS.on(Council.Formed)
def council_formed(e: Council.Formed) -> Changes:
    seats = [office_of(member) | {"seat": member.seat} for member in e.members]
    yield Change(
        SQL.council_formed,
        (e.originator_id, e.level, e.province, len(e.members), e.team.size, json(seats), json(office_of(e.secretary)),
         json([office_of(office) for office in e.team.offices]), e.bylaw.model_dump_json(),
         json([settled(e)]), e.decision.model_dump_json(), e.ruleset, e.legal_date, e.district),
    )  # fmt: skip


def office_of(office: Office) -> dict[str, str | None]:
    return {"office_vi": office.office_vi, "office_en": office.office_en}


@COUNCILS.on(Council.BylawAmended)
def bylaw_amended(e: Council.BylawAmended) -> Changes:
    yield Change(SQL.bylaw_amended, (e.originator_id, e.bylaw.model_dump_json(), json([settled(e)])))


def settled(e: Council.Formed | Council.BylawAmended) -> dict[str, Any]:
    """The bylaw's settings with the day from which they hold and the decision that says so."""
    return {
        "since": e.legal_date, "decision": e.decision.model_dump(mode="json"), "bylaw": e.bylaw.model_dump(mode="json")
    }  # fmt: skip
