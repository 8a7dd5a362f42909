"""The views of registration put together."""

from services.registration.views.importing import IMPORTS
from services.registration.views.register import DOSSIERS, DUE, IDEAS, PLANS, PRODUCERS, PRODUCTS, STATES, TIMELINE
from services.registration.views.tables import HOUSE, SQL, TABLES
from shared import metrics
from shared.eventstore.gauged import Gauged, overdue
from shared.eventstore.views import Room

ROOM = Room(HOUSE, TABLES, [PRODUCERS, IDEAS, PLANS, PRODUCTS, DOSSIERS, TIMELINE, DUE, IMPORTS])
GAUGES = (Gauged(metrics.DOSSIERS, SQL.dossiers_by_state, always=STATES, as_it_stands=True), overdue(HOUSE))
