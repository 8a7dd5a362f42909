"""The certification house put together."""

from services.certification.api import ROUTES
from services.certification.commands.registry import COMMANDS
from services.certification.policy import POLICY, TIMER
from services.certification.published import PUBLISHED
from services.certification.views.room import ROOM
from shared.house import Rooms

HOUSE = Rooms("certification", COMMANDS, POLICY, PUBLISHED, ROOM, ROUTES, TIMER)
