"""The certification house put together."""

from services.certification.api import ROUTES
from services.certification.commands import COMMANDS
from services.certification.policy import POLICY
from services.certification.published import PUBLISHED
from services.certification.views import ROOM
from shared.house import Rooms

HOUSE = Rooms("certification", COMMANDS, POLICY, PUBLISHED, ROOM, ROUTES)
