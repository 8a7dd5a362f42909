"""The registration house put together."""

from services.registration.api import ROUTES
from services.registration.commands.registry import COMMANDS
from services.registration.policy import POLICY
from services.registration.published import PUBLISHED
from services.registration.views import ROOM
from shared.house import Rooms

HOUSE = Rooms("registration", COMMANDS, POLICY, PUBLISHED, ROOM, ROUTES)
