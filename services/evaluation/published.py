"""Which private events of evaluation are said to others, and how."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from services.evaluation.domain.appeal import Appeal
from services.evaluation.domain.assessment import Assessment
from services.evaluation.domain.council import Council
from services.evaluation.domain.round import Round
from shared.contracts import evaluation as said
from shared.eventstore.publishing import Published

PUBLISHED = Published("evaluation")

# --- round and council ---


@PUBLISHED.on(Round.Opened)
def round_opened(e: Round.Opened) -> said.RoundOpened:
    return said.RoundOpened(**about_round(e))


@PUBLISHED.on(Round.Closed)
def round_closed(e: Round.Closed) -> said.RoundClosed:
    return said.RoundClosed(**about_round(e))


def about_round(e: Round.Opened | Round.Closed) -> dict[str, Any]:
    facts = e.facts
    return {
        "legal_date": e.legal_date, "round_id": e.originator_id, "level": facts.level, "province": facts.province,
        "name": facts.name, "proposals_last": facts.proposals_last, "done_last": facts.done_last, "ruleset": e.ruleset,
        "district": facts.district, "backlog": facts.backlog,
    }  # fmt: skip


@PUBLISHED.on(Council.Formed)
def council_formed(e: Council.Formed) -> said.CouncilFormed:
    return said.CouncilFormed(
        legal_date=e.legal_date, council_id=e.originator_id, level=e.level, province=e.province,
        members=len(e.members), team=e.team.size, decision=e.decision, ruleset=e.ruleset, district=e.district,
    )  # fmt: skip


# --- assessment ---


@PUBLISHED.on(Assessment.Opened)
def assessment_opened(e: Assessment.Opened) -> said.AssessmentOpened:
    return said.AssessmentOpened(
        **e.carried(), assessment_id=e.originator_id, dossier_id=e.dossier_id, level=e.level, basis=e.basis, own=e.own,
        again=e.again,
    )  # fmt: skip


@PUBLISHED.on(Assessment.Referred)
def assessment_referred(e: Assessment.Referred) -> said.AssessmentReferred:
    return said.AssessmentReferred(
        **e.carried(), assessment_id=e.originator_id, dossier_id=e.dossier_id, level=e.level, to_level=e.to_level,
        next_assessment_id=e.next_assessment_id,
    )  # fmt: skip


@PUBLISHED.on(Assessment.Decided)
def product_scored(event: Assessment.Decided) -> said.ProductScored:
    outcome, standing = event.outcome, event.outcome.standing
    return said.ProductScored(
        **event.carried(),
        assessment_id=event.originator_id,
        dossier_id=event.dossier_id,
        level=event.level,
        round=event.round_id,
        kind=event.kind,
        outcome=outcome.status,
        average=None if outcome.average is None else str(outcome.average),
        average_2dp=two_places(outcome.average),
        parts=outcome.parts and floats(outcome.parts),
        star_by_band=outcome.star_by_band,
        star_after_gates=outcome.star,
        gates_missed=[
            said.GateMissed(criterion=g.criterion, mark=g.mark, need=number(g.need), have=number(g.have))
            for g in (standing.missed if standing else ())
        ],
        ballots=len(outcome.totals),
        spread=None if outcome.spread is None else float(outcome.spread),
        again=event.again,
        recognisable=outcome.recognised,
        sent_up_to=event.sent_up_to,
        simulated=event.simulated,
        recorded=event.recorded,
    )


@PUBLISHED.on(Assessment.Annulled)
def assessment_annulled(e: Assessment.Annulled) -> said.AssessmentAnnulled:
    return said.AssessmentAnnulled(
        **e.carried(), assessment_id=e.originator_id, dossier_id=e.dossier_id, level=e.level, reason=e.reason,
        decision=e.decision,
    )  # fmt: skip


# --- appeal ---


@PUBLISHED.on(Appeal.Lodged)
def appeal_lodged(e: Appeal.Lodged) -> said.AppealLodged:
    return said.AppealLodged(
        **e.carried(), appeal_id=e.originator_id, reference=e.reference, assessment_id=e.assessment_id,
        dossier_id=e.dossier_id, criteria=list(e.criteria), due_on=e.due_on,
    )  # fmt: skip


@PUBLISHED.on(Appeal.Decided)
def appeal_decided(e: Appeal.Decided) -> said.AppealDecided:
    return said.AppealDecided(
        **e.carried(), appeal_id=e.originator_id, reference=e.reference, assessment_id=e.assessment_id,
        dossier_id=e.dossier_id, upheld=e.upheld, decision=e.decision,
    )  # fmt: skip


# --- points as they are said ---


def two_places(points: Fraction | None) -> float | None:
    """For display; whatever decides reads the exact average."""
    return None if points is None else float(round(points, 2))


def number(points: int | Fraction) -> int | float:
    """Exact points as JSON says them."""
    return points.numerator if points.denominator == 1 else float(points)


def floats(points: Mapping[str, Fraction]) -> dict[str, float]:
    return {part: float(given) for part, given in points.items()}
