"""Assessments: where each stands, whose turn it is, and how it came there."""

from fractions import Fraction
from typing import Any

from services.evaluation.domain.assessment import Assessment
from services.evaluation.domain.level import DISTRICT, NATIONAL
from services.evaluation.domain.review import Review
from services.evaluation.published import two_places
from services.evaluation.views.tables import HOUSE, SQL, Changes, json
from shared import units
from shared.contracts.certification import CertificateIssued, CertificateReplaced
from shared.eventstore.aggregate import Changed
from shared.eventstore.views import Change, Fact, View
from shared.regulation.rulesets import load

ASSESSMENTS = View("assessments", ["assessments", "conflicts"], HOUSE)
CERTIFIED = View("certified", ["certified"], "certification")
ROLE_OF = {  # authority of the ruleset -> role
    "district_chairman": "district_chairman", "provincial_chairman": "province_chairman", "minister": "minister",
}  # fmt: skip
CHAIRMAN = {NATIONAL: "ministry", DISTRICT: "district_chairman"}  # who goes on after a decision; else the province's

# --- reception ---


@ASSESSMENTS.on(Assessment.Arrived)
def arrived(e: Assessment.Arrived, fact: Fact) -> Changes:
    a, p = e.about, e.about.product
    receiver = "ministry" if e.level == NATIONAL else "agency"
    yield Change(
        SQL.arrived,
        (e.originator_id, fact.position, e.dossier_id, p.id, p.code, p.name, p.set, p.group, a.producer.id,
         a.producer.name, a.province, a.commune, e.level, e.kind, e.ruleset, e.basis, e.own, e.follows, e.evidence,
         receiver, e.forwarded_on, e.referred_on, e.legal_date, e.stars_held, e.passes_to, e.again, len(e.conflicts), e.district,
         e.left_over, units.day_of_codes(a.province, a.commune, e.forwarded_on)),
    )  # fmt: skip
    for member in e.conflicts:
        yield Change(SQL.conflict, (e.originator_id, member, e.legal_date))


@ASSESSMENTS.on(Assessment.ConflictDeclared)
def conflict_declared(e: Assessment.ConflictDeclared) -> Changes:
    yield Change(SQL.conflict, (e.originator_id, e.member.id, e.legal_date))
    yield Change(SQL.conflict_counted, (e.originator_id, e.legal_date))


@ASSESSMENTS.on(Assessment.Opened)
def opened(e: Assessment.Opened) -> Changes:
    state, next_actor = ("advised", "secretary") if e.advised else ("opened", "advisory_team")
    yield Change(SQL.opened, (e.originator_id, e.legal_date, state, next_actor))


STEPS = {
    Assessment.SiteChecked: SQL.site_checked,
    Assessment.AdviceReported: SQL.advised,
    Assessment.BallotCast: SQL.ballot_counted,
    Assessment.ResultApproved: SQL.approved,
    Assessment.NotRecognised: SQL.not_recognised,
    Assessment.Annulled: SQL.annulled,
}


@ASSESSMENTS.on(*STEPS)
def stepped(e: Any) -> Changes:
    yield Change(STEPS[type(e)], (e.originator_id, e.legal_date))


# --- council ---


@ASSESSMENTS.on(Assessment.SentToCouncil)
def sent(e: Assessment.SentToCouncil) -> Changes:
    s = e.sending
    yield Change(SQL.sent, (e.originator_id, e.legal_date, s.council_id, s.round_id, e.members, s.season))


@ASSESSMENTS.on(Assessment.SessionAdjourned)
def adjourned(e: Assessment.SessionAdjourned) -> Changes:
    yield Change(SQL.adjourned, (e.originator_id, e.legal_date, e.to))


@ASSESSMENTS.on(Assessment.SessionHeld)
def session_held(e: Assessment.SessionHeld) -> Changes:
    yield Change(SQL.session_held, (e.originator_id, e.legal_date, len(e.present), e.mode))


@ASSESSMENTS.on(Assessment.BallotsCounted)
def counted(e: Assessment.BallotsCounted) -> Changes:
    c = e.count
    turn = turn_opened(c.turn, c.mode, e, c.average, c.spread, len(c.totals), len(c.against), e.discussion)
    yield Change(SQL.counted, (e.originator_id, e.legal_date, turn))


def turn_opened(
    number: int, mode: str, e: Changed, average: Fraction | None, spread: Fraction | None, ballots: int, against: int,
    discussion: str,
) -> str:  # fmt: skip
    """A turn of ballots once it is open, as one entry of a JSON list; average and spread are exact texts."""
    return json([{
        "turn": number, "mode": mode, "opened_on": e.legal_date, "ballots": ballots, "against": against,
        "average": None if average is None else str(average), "spread": None if spread is None else str(spread),
        "discussion": discussion,
    }])  # fmt: skip


@ASSESSMENTS.on(Assessment.Decided)
def decided(e: Assessment.Decided) -> Changes:
    o, certifier = e.outcome, certifier_of(e)
    average = None if o.average is None else str(o.average)
    after = None if e.recorded else CHAIRMAN.get(e.level, "province_chairman")
    yield Change(
        SQL.decided,
        (e.originator_id, e.legal_date, o.status, average, two_places(o.average), o.star_by_band, o.star, o.recognised,
         certifier, e.sent_up_to, e.simulated, "minister" if certifier == "minister" else after,
         turn_opened(e.turn, e.mode, e, o.average, o.spread, len(o.totals), 0, "")),
    )  # fmt: skip


def certifier_of(e: Assessment.Decided) -> str | None:
    """The role that certifies the star, null where nobody does or a higher level has yet to score."""
    if e.outcome.star is None or e.sent_up_to is not None:
        return None
    authority = load(e.ruleset).authority_for(e.outcome.star)
    return authority and ROLE_OF[authority]


# --- what follows ---


@ASSESSMENTS.on(Assessment.Referred)
def referred(e: Assessment.Referred) -> Changes:
    yield Change(SQL.referred, (e.originator_id, e.legal_date, e.next_assessment_id))


@ASSESSMENTS.on(Assessment.ResultReturned)
def returned(e: Assessment.ResultReturned) -> Changes:
    yield Change(SQL.returned, (e.originator_id, e.legal_date, json(e.improve)))


@ASSESSMENTS.on(Assessment.TakenBack)
def taken_back(e: Assessment.TakenBack) -> Changes:
    yield Change(SQL.taken_back, (e.originator_id, e.own_assessment_id, e.legal_date))


@ASSESSMENTS.on(Review.RedoDemanded)
def redo_demanded(e: Review.RedoDemanded) -> Changes:
    yield Change(SQL.redo_demanded, (e.assessment_id, e.legal_date))


@ASSESSMENTS.on(Review.AppealAnswered)
def appeal_answered(e: Review.AppealAnswered) -> Changes:
    if e.upheld:
        yield Change(SQL.to_be_redone, (e.assessment_id, e.legal_date, "ministry" if e.level == NATIONAL else "agency"))


@ASSESSMENTS.on(Review.Redone)
def redone(e: Review.Redone) -> Changes:
    yield Change(SQL.redone, (e.assessment_id, e.legal_date, e.next_assessment_id))


@CERTIFIED.on(CertificateIssued, CertificateReplaced)
def certified(fact: CertificateIssued) -> Changes:
    if fact.assessment_id:
        yield Change(SQL.certified, (fact.assessment_id, fact.number, fact.issued_on))
