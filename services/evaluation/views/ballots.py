"""Ballots by turn: sealed until their turn is counted or the council has decided."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from services.evaluation.domain.assessment import Assessment
from services.evaluation.domain.level import DISTRICT, place_of
from services.evaluation.views.tables import HOUSE, SQL, Changes, json
from shared.auth.permissions import Place
from shared.eventstore.aggregate import Changed
from shared.eventstore.views import Change, View

BALLOTS = View("ballots", ["sittings", "ballots"], HOUSE)


@BALLOTS.on(Assessment.SessionHeld)
def sitting(e: Assessment.SessionHeld) -> Changes:
    yield Change(SQL.sitting, (e.originator_id, e.level, e.about.province, e.about.commune, e.legal_date))


@BALLOTS.on(Assessment.BallotCast)
def ballot_cast(e: Assessment.BallotCast) -> Changes:
    m = e.member
    yield Change(
        SQL.ballot_cast,
        (e.originator_id, m.id, m.office_vi, m.office_en, m.seat, json(e.options), e.simulated, e.legal_date, e.turn,
         e.agree, e.parts and json({part: str(points) for part, points in e.parts.items()})),
    )  # fmt: skip


@BALLOTS.on(Assessment.BallotsCounted)
def ballots_counted(e: Assessment.BallotsCounted) -> Changes:
    yield from turn_opened(e, e.count.turn, e.count.totals)


@BALLOTS.on(Assessment.Decided)
def ballots_opened(e: Assessment.Decided) -> Changes:
    yield from turn_opened(e, e.turn, e.outcome.totals)
    yield Change(SQL.sitting_over, (e.originator_id, e.legal_date))


def turn_opened(e: Changed, turn: int, totals: Mapping[str, Fraction]) -> Changes:
    """All ballots of a turn are open from now on, those with a total by it."""
    yield Change(SQL.turn_opened, (e.originator_id, turn, e.legal_date))
    for member, total in totals.items():
        yield Change(SQL.ballot_opened, (e.originator_id, turn, member, str(total)))


def place_of_sitting(row: dict[str, Any]) -> Place:
    """Where a row of `sitting_of` is, for the question who may read its ballots."""
    level = "province" if row["level"] == DISTRICT else row["level"]  # a district's are read where it lay
    return place_of(level, row["province"], row["commune"])
