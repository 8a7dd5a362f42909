"""The views of certification with their statements; each module brings the handlers of its own."""

from services.certification.views import certificates, complaints, deadlines, inspections, proposals
from services.certification.views.tables import FILE, HOUSE, SQL
from shared import metrics
from shared.eventstore.gauged import Gauged, overdue
from shared.eventstore.views import Room

ROOM = Room(
    HOUSE, FILE,
    [proposals.PROPOSALS, certificates.CERTIFICATES, inspections.INSPECTIONS, complaints.COMPLAINTS,
     deadlines.DEADLINES],
)  # fmt: skip
STATUSES = tuple((status,) for status in metrics.CERTIFICATE_STATUSES)
GAUGES = (Gauged(metrics.CERTIFICATES, SQL.by_status, always=STATUSES), overdue(HOUSE))
