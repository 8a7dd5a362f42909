"""What follows a council's result, step by step: up to the next level, back to the province or the producer, void,
and the same dossier anew. The assessment keeps the state; each function decides one step of it.
"""

from collections.abc import Sequence
from uuid import UUID, uuid5

from services.evaluation.domain import refusals as no
from services.evaluation.domain.assessment import RENEWAL, Assessment
from services.evaluation.domain.level import NATIONAL
from services.evaluation.domain.outcome import Outcome
from services.evaluation.domain.review import Review
from services.evaluation.domain.ticking import check_known
from shared.regulation.rulesets import Ruleset
from shared.regulation.sheets import Sheet
from shared.values import Decision, Moment

CONCLUDED = ("decided", "not-recognised", "returned")  # there is a result, and nothing has taken its place

# --- up to the next level ---


def approve_result(assessment: Assessment, decision: Decision, when: Moment) -> None:
    """The chairman approves a result that goes up (art. 7.3.e). Raises NotDecided, NotSentUp."""
    assessment.require_result("decided")
    if assessment.sent_up_to is None:
        raise no.NotSentUp()
    assessment.trigger_event(Assessment.ResultApproved, when=when, decision=decision)


def refer(assessment: Assessment, ruleset: Ruleset, when: Moment) -> Assessment:
    """The file goes up after the approval (art. 7.3.e); a renewal that is only passed on, after the report (art. 7.6).

    Older rules ask for no approval that we know of. Returns the assessment of the next level; a renewal keeps its report
    there. Raises NotApproved.
    """
    ready = {"approved": assessment.sent_up_to, "advised": assessment.passes_to}
    if ruleset.is_frame:
        ready["decided"] = assessment.sent_up_to
    level = ready.get(assessment.state)
    if level is None:
        raise no.NotApproved(state=assessment.state)
    next_id = uuid5(assessment.id, level)
    assessment.trigger_event(
        Assessment.Referred, when=when, dossier_id=assessment.dossier_id, level=assessment.level, to_level=level,
        next_assessment_id=next_id,
    )  # fmt: skip
    return assessment.followed_by(
        next_id, when, level=level, basis=ruleset.level(level).ref, referred_on=when.on,
        advised=assessment.kind == RENEWAL and ruleset.assesses_renewals_apart,
    )  # fmt: skip


# --- no recognition, and back ---


def not_recognise(assessment: Assessment, decision: Decision, when: Moment) -> None:
    """Below three stars, stopped or rejected (art. 4.1.a). Raises NotDecided, SentUp, Recognised."""
    outcome = assessment.require_result("decided", "returned")
    if assessment.refused:
        raise no.NotDecided(state=assessment.state)
    require_unrecognised(assessment, outcome)
    assessment.trigger_event(Assessment.NotRecognised, when=when, decision=decision)


def require_unrecognised(assessment: Assessment, outcome: Outcome) -> None:
    """Raises SentUp, Recognised."""
    assessment.require_staying()
    if outcome.recognised:
        raise no.Recognised(star=outcome.star)


def return_result(assessment: Assessment, improve: Sequence[str], note: str, sheet: Sheet | None, when: Moment) -> None:
    """The centre gives its result back to the province, whatever it is (art. 7.4.g); a province tells a producer what
    to improve. Raises NotDecided, SentUp, Recognised, UnknownCriterion.
    """
    outcome = assessment.require_result("decided", "not-recognised")
    if assessment.returned:
        raise no.NotDecided(state=assessment.state)
    if assessment.level != NATIONAL:
        require_unrecognised(assessment, outcome)
    if sheet:
        check_known(sheet, improve, "improve")
    assessment.trigger_event(Assessment.ResultReturned, when=when, improve=tuple(improve), note=note)


def take_back(assessment: Assessment, own_id: UUID, ruleset: Ruleset, when: Moment) -> Assessment:
    """The province's own assessment of what the centre returned (art. 7.4.g), open at once and outside the rounds.

    Raises OwnNotOpen, OwnOpened.
    """
    outcome = assessment.outcome if assessment.returned else None
    average = outcome.average if outcome and outcome.status == "ranked" else None
    level = ruleset.level_below(assessment.level, average) if average is not None else None
    if level is None:
        raise no.OwnNotOpen()
    if assessment.own_assessment:
        raise no.OwnOpened(assessment=assessment.own_assessment)
    down = ruleset.level(assessment.level).sends_down
    assessment.trigger_event(Assessment.TakenBack, when=when, own_assessment_id=own_id)
    own = assessment.followed_by(own_id, when, level=level, basis=(down and down.ref) or assessment.basis, own=True)
    own.receive(when)
    return own


def note_certificate(assessment: Assessment, number: str, when: Moment) -> None:
    """A certificate was issued on this result."""
    assessment.trigger_event(Assessment.Certified, when=when, number=number)


# --- appeal, annulment, and the same dossier anew ---


def require_standing(assessment: Assessment) -> None:
    """There is a result that stays here and was not annulled. Raises NotDecided, SentUp."""
    assessment.require_result(*CONCLUDED)
    assessment.require_staying()


def demand_redo(assessment: Assessment, review: Review, reason: str, when: Moment) -> None:
    """The ministry finds a province's result wrong and asks for another assessment (art. 10.1.b).

    Raises CentresOwnResult, NotDecided, SentUp, BeingRedone, DemandedAlready.
    """
    if assessment.level == NATIONAL:
        raise no.CentresOwnResult()
    require_standing(assessment)
    review.demand(reason, when)


def annul(assessment: Assessment, review: Review | None, decision: Decision, reason: str, when: Moment) -> None:
    """Void on the ministry's demand; nothing is erased (art. 10.1.b). Raises NotDemanded, NotDecided."""
    if review is None or not review.demanded:
        raise no.NotDemanded()
    assessment.require_result(*CONCLUDED)
    assessment.trigger_event(
        Assessment.Annulled, when=when, dossier_id=assessment.dossier_id, level=assessment.level, reason=reason,
        decision=decision,
    )  # fmt: skip


def reassess(assessment: Assessment, review: Review, new_id: UUID, when: Moment) -> Assessment:
    """The same dossier anew with its report, received at once, for this round or a later one.

    Only after an annulment or an appeal that was upheld, and once. Raises NothingToRedo, RedoneAlready.
    """
    review.redo(new_id, annulled=assessment.state == "annulled", when=when)
    following = assessment.followed_by(
        new_id, when, level=assessment.level, basis=assessment.basis, own=assessment.own,
        referred_on=assessment.referred_on, advised=True, again=True, district=assessment.district,
    )  # fmt: skip
    following.receive(when)
    return following
