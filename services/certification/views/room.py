"""The views of certification with their statements; each module brings the handlers of its own."""

from services.certification.views import certificates, complaints, deadlines, inspections, proposals
from services.certification.views.tables import FILE, HOUSE
from shared.eventstore.views import Room

ROOM = Room(
    HOUSE, FILE,
    [proposals.PROPOSALS, certificates.CERTIFICATES, inspections.INSPECTIONS, complaints.COMPLAINTS,
     deadlines.DEADLINES],
)  # fmt: skip
