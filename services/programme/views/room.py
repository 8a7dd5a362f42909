"""The views of programme put together."""

from services.programme.views.duties import DUE
from services.programme.views.heard import ASSESSED, PLACED, PROMOTED, REGISTERED
from services.programme.views.plans import FIGURES, PLANS, REPORTS, TASKS, TRAININGS
from services.programme.views.recognitions import RECOGNITIONS
from services.programme.views.tables import HOUSE, TABLES
from shared.eventstore.views import Room

ROOM = Room(
    HOUSE,
    TABLES,
    [REGISTERED, PLACED, ASSESSED, RECOGNITIONS, PROMOTED, PLANS, TASKS, TRAININGS, FIGURES, REPORTS, DUE],
)
