"""Which private events of evaluation are said to others, and how."""

from collections.abc import Mapping
from fractions import Fraction

from services.evaluation.domain.assessment import Assessment
from services.evaluation.domain.council import Council
from services.evaluation.domain.round import Round
from shared.contracts import evaluation as said
from shared.contracts.envelope import Contract
from shared.eventstore.aggregate import Changed


def to_contract(event: Changed) -> Contract | None:
    """None for what stays inside the house: ballots, names, reports, and what a chairman or a ministry answers."""
    match event:
        case Round.Opened() | Round.Closed():
            return round_said(event)
        case Council.Formed():
            return council_said(event)
        case Assessment.Opened():
            return said.AssessmentOpened(
                **event.carried(), assessment_id=event.originator_id, dossier_id=event.dossier_id, level=event.level,
                basis=event.basis, own=event.own,
            )  # fmt: skip
        case Assessment.Decided():
            return scored(event)
        case Assessment.Referred():
            return said.AssessmentReferred(
                **event.carried(), assessment_id=event.originator_id, dossier_id=event.dossier_id, level=event.level,
                to_level=event.to_level, next_assessment_id=event.next_assessment_id,
            )  # fmt: skip
    return None


def round_said(event: Round.Opened | Round.Closed) -> said.RoundOpened:
    contract = said.RoundOpened if isinstance(event, Round.Opened) else said.RoundClosed
    facts = event.facts
    return contract(
        legal_date=event.legal_date, round_id=event.originator_id, level=facts.level, province=facts.province,
        name=facts.name, proposals_last=facts.proposals_last, done_last=facts.done_last, ruleset=event.ruleset,
    )  # fmt: skip


def council_said(event: Council.Formed) -> said.CouncilFormed:
    return said.CouncilFormed(
        legal_date=event.legal_date, council_id=event.originator_id, level=event.level, province=event.province,
        members=len(event.members), team=event.team.size, decision=event.decision, ruleset=event.ruleset,
    )  # fmt: skip


def scored(event: Assessment.Decided) -> said.ProductScored:
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
        recognisable=outcome.recognised,
        sent_up_to=event.sent_up_to,
        simulated=event.simulated,
    )


def two_places(points: Fraction | None) -> float | None:
    """For display; whatever decides reads the exact average."""
    return None if points is None else float(round(points, 2))


def number(points: int | Fraction) -> int | float:
    """Exact points as JSON says them."""
    return points.numerator if points.denominator == 1 else float(points)


def floats(points: Mapping[str, Fraction]) -> dict[str, float]:
    return {part: float(given) for part, given in points.items()}
