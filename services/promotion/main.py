"""The promotion house put together."""

from services.promotion.api import ROUTES
from services.promotion.commands import COMMANDS
from services.promotion.policy import POLICY
from services.promotion.published import to_contract
from services.promotion.views import ROOM
from shared.house import Rooms

HOUSE = Rooms("promotion", COMMANDS, POLICY, to_contract, ROOM, ROUTES)
