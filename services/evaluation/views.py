"""What can be read of evaluation: rounds, councils by office, assessments, explained results, opened ballots."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from services.evaluation.domain.assessment import Assessment
from services.evaluation.domain.council import Council, Office
from services.evaluation.domain.level import NATIONAL, place_of
from services.evaluation.domain.outcome import Elimination, Gate, Outcome, Standing
from services.evaluation.domain.round import Round
from services.evaluation.published import number, two_places
from shared.auth.permissions import Place
from shared.contracts.certification import CertificateIssued
from shared.eventstore.views import Change, Fact, Room, View
from shared.regulation.rulesets import load
from shared.regulation.sheets import Sheet

HOUSE = "evaluation"
ROUNDS = View("rounds", ["rounds"], HOUSE)
COUNCILS = View("councils", ["councils"], HOUSE)
ASSESSMENTS = View("assessments", ["assessments"], HOUSE)
RESULTS = View("results", ["results"], HOUSE)
BALLOTS = View("ballots", ["sittings", "ballots"], HOUSE)
CERTIFIED = View("certified", ["certified"], "certification")
ROOM = Room(HOUSE, Path(__file__).with_name("views.sql"), [ROUNDS, COUNCILS, ASSESSMENTS, RESULTS, BALLOTS, CERTIFIED])
SQL = ROOM.sql
Changes = Iterator[Change]
ROLE_OF = {"provincial_chairman": "province_chairman", "minister": "minister"}  # authority of the ruleset -> role


def json(value: Any) -> str:
    return orjson.dumps(value).decode()


# --- round ---


@ROUNDS.on(Round.Opened)
def round_opened(e: Round.Opened) -> Changes:
    f = e.facts
    yield Change(
        SQL.round_opened,
        (e.originator_id, f.level, f.province, f.name, f.year, str(f.number), f.proposals_last, f.done_last, f.basis,
         e.ruleset, e.legal_date),
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
         e.decision.model_dump_json(), e.ruleset, e.legal_date),
    )  # fmt: skip


def office_of(office: Office) -> dict[str, str | None]:
    return {"office_vi": office.office_vi, "office_en": office.office_en}


# --- assessment ---


@ASSESSMENTS.on(Assessment.Arrived)
def arrived(e: Assessment.Arrived, fact: Fact) -> Changes:
    a, p = e.about, e.about.product
    receiver = "ministry" if e.level == NATIONAL else "agency"
    yield Change(
        SQL.arrived,
        (e.originator_id, fact.position, e.dossier_id, p.id, p.code, p.name, p.set, p.group, a.producer.id,
         a.producer.name, a.province, a.commune, e.level, e.kind, e.ruleset, e.basis, e.own, e.follows, e.evidence,
         receiver, e.forwarded_on, e.referred_on, e.legal_date),
    )  # fmt: skip


STEPS = {
    Assessment.Opened: SQL.opened,
    Assessment.AdviceReported: SQL.advised,
    Assessment.BallotCast: SQL.ballot_counted,
    Assessment.ResultApproved: SQL.approved,
    Assessment.NotRecognised: SQL.not_recognised,
}


@ASSESSMENTS.on(*STEPS)
def stepped(e: Any) -> Changes:
    yield Change(STEPS[type(e)], (e.originator_id, e.legal_date))


@ASSESSMENTS.on(Assessment.SentToCouncil)
def sent(e: Assessment.SentToCouncil) -> Changes:
    yield Change(SQL.sent, (e.originator_id, e.legal_date, e.sending.council_id, e.sending.round_id))


@ASSESSMENTS.on(Assessment.SessionHeld)
def session_held(e: Assessment.SessionHeld) -> Changes:
    yield Change(SQL.session_held, (e.originator_id, e.legal_date, len(e.present)))


@ASSESSMENTS.on(Assessment.Decided)
def decided(e: Assessment.Decided) -> Changes:
    o, certifier = e.outcome, certifier_of(e)
    average = None if o.average is None else str(o.average)
    after = "ministry" if e.level == NATIONAL else "province_chairman"
    yield Change(
        SQL.decided,
        (e.originator_id, e.legal_date, o.status, average, two_places(o.average), o.star_by_band, o.star, o.recognised,
         certifier, e.sent_up_to, e.simulated, "minister" if certifier == "minister" else after),
    )  # fmt: skip


def certifier_of(e: Assessment.Decided) -> str | None:
    """The role that certifies the star, null where nobody does or a higher level has yet to score."""
    if e.outcome.star is None or e.sent_up_to is not None:
        return None
    authority = load(e.ruleset).authority_for(e.outcome.star)
    return authority and ROLE_OF[authority]


@ASSESSMENTS.on(Assessment.Referred)
def referred(e: Assessment.Referred) -> Changes:
    yield Change(SQL.referred, (e.originator_id, e.legal_date, e.next_assessment_id))


@ASSESSMENTS.on(Assessment.ResultReturned)
def returned(e: Assessment.ResultReturned) -> Changes:
    yield Change(SQL.returned, (e.originator_id, e.legal_date, json(e.improve)))


@ASSESSMENTS.on(Assessment.TakenBack)
def taken_back(e: Assessment.TakenBack) -> Changes:
    yield Change(SQL.taken_back, (e.originator_id, e.own_assessment_id, e.legal_date))


@CERTIFIED.on(CertificateIssued)
def certified(fact: CertificateIssued) -> Changes:
    if fact.assessment_id:
        yield Change(SQL.certified, (fact.assessment_id, fact.number, fact.issued_on))


# --- ballots: sealed until the council has decided ---


@BALLOTS.on(Assessment.SessionHeld)
def sitting(e: Assessment.SessionHeld) -> Changes:
    yield Change(SQL.sitting, (e.originator_id, e.level, e.about.province, e.about.commune, e.legal_date))


@BALLOTS.on(Assessment.BallotCast)
def ballot_cast(e: Assessment.BallotCast) -> Changes:
    m = e.member
    yield Change(
        SQL.ballot_cast,
        (e.originator_id, m.id, m.office_vi, m.office_en, m.seat, json(e.options), e.simulated, e.legal_date),
    )


@BALLOTS.on(Assessment.Decided)
def ballots_opened(e: Assessment.Decided) -> Changes:
    for member, total in e.outcome.totals.items():
        yield Change(SQL.ballot_opened, (e.originator_id, member, str(total)))
    yield Change(SQL.sitting_over, (e.originator_id, e.legal_date))


def place_of_sitting(row: dict[str, Any]) -> Place:
    """Where a row of `sitting_of` is, for the question who may read its ballots."""
    return place_of(row["level"], row["province"], row["commune"])


# --- result, and how it reads on the sheet ---


@RESULTS.on(Assessment.Decided)
def result(e: Assessment.Decided) -> Changes:
    a, p = e.about, e.about.product
    yield Change(
        SQL.result,
        (e.originator_id, e.dossier_id, p.id, p.code, p.name, p.set, a.producer.name, a.province, e.level, e.round_id,
         e.kind, e.ruleset, e.legal_date, e.sent_up_to, e.simulated, e.outcome.model_dump_json()),
    )  # fmt: skip


def explained(row: dict[str, Any]) -> dict[str, Any]:
    """A row of `result_of` with the sheet's own words: what was agreed on, how far apart, what holds it back."""
    outcome, sheet = Outcome.model_validate_json(row["outcome"]), load(row["ruleset"]).sheet(row["set"])
    standing = outcome.standing
    return row | {
        "outcome": outcome.status,
        "sheet_vi": sheet.name_vi,
        "sheet_en": sheet.name_en,
        "average": None if outcome.average is None else str(outcome.average),
        "average_2dp": two_places(outcome.average),
        "spread": None if outcome.spread is None else number(outcome.spread),
        "ballots": len(outcome.totals),
        "eliminations": [eliminated(sheet, one) for one in outcome.eliminations],
        "star_by_band": outcome.star_by_band,
        "stars": outcome.star,
        "recognisable": outcome.recognised,
        "gates_missed": missed(sheet, standing.missed if standing else ()),
        "next": next_star(sheet, standing),
        "marks_read": outcome.marks_read and {"stars": outcome.marks_read.star, **next_star(sheet, outcome.marks_read)},
        "parts": parts_of(sheet, outcome),
        "criteria": criteria_of(sheet, outcome),
    }


def next_star(sheet: Sheet, standing: Standing | None) -> dict[str, Any]:
    """What one star more needs: points (exact text) and gates."""
    if standing is None or standing.next_star is None:
        return {"star": None, "points_short": None, "missing": []}
    return {
        "star": standing.next_star,
        "points_short": str(standing.points_short),
        "missing": missed(sheet, standing.missed_for_next),
    }


def missed(sheet: Sheet, gates: tuple[Gate, ...]) -> list[dict[str, Any]]:
    return [
        {"criterion": g.criterion, **labels(sheet.criteria[g.criterion]), "mark": g.mark, "need": number(g.need),
         "have": number(g.have)}
        for g in gates
    ]  # fmt: skip


def labels(labelled: Any) -> dict[str, str]:
    return {"label_vi": labelled.label_vi, "label_en": labelled.label_en}


def eliminated(sheet: Sheet, found: Elimination) -> dict[str, Any]:
    return found.model_dump() | labels(sheet.elimination(found.id))


def parts_of(sheet: Sheet, outcome: Outcome) -> list[dict[str, Any]]:
    """Parts A, B, C: the ballots' mean and the agreed options' points, of how many."""
    if outcome.parts is None or outcome.agreed_parts is None:
        return []
    return [
        {"part": part.code, **labels(part), "max": number(part.max), "mean": two_places(outcome.parts[part.code]),
         "agreed": number(outcome.agreed_parts[part.code])}
        for part in sheet.parts
    ]  # fmt: skip


def criteria_of(sheet: Sheet, outcome: Outcome) -> list[dict[str, Any]]:
    """Each criterion: the option agreed on, its points, the ballots' lowest, highest and mean, the star marks."""
    rows = []
    for score in outcome.criteria:
        criterion = sheet.criteria[score.criterion]
        option = criterion.options[score.option - 1] if score.option else None
        marks = {
            star: needs[score.criterion] for star, needs in sheet.gates.minimum.items() if score.criterion in needs
        }
        rows.append({
            "criterion": score.criterion, "part": sheet.part_of[score.criterion], **labels(criterion),
            "max": number(criterion.max), "option": score.option, "option_vi": option and option.label_vi,
            "option_en": option and option.label_en, "points": number(score.points), "lowest": number(score.lowest),
            "highest": number(score.highest), "mean": two_places(score.mean),
            "marks": [{"star": s, "need": number(n), "met": score.points >= n} for s, n in sorted(marks.items())],
        })  # fmt: skip
    return rows
