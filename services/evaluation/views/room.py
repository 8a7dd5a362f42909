"""The views of evaluation with their statements; each module brings the handlers of its own."""

from services.evaluation.views import appeals, assessments, ballots, councils, due, results
from services.evaluation.views.tables import FILE, HOUSE
from shared.eventstore.gauged import overdue
from shared.eventstore.views import Room

ROOM = Room(
    HOUSE, FILE,
    [councils.ROUNDS, councils.COUNCILS, assessments.ASSESSMENTS, results.RESULTS, ballots.BALLOTS, appeals.APPEALS,
     assessments.CERTIFIED, due.DUE],
)  # fmt: skip
GAUGES = (overdue(HOUSE),)
