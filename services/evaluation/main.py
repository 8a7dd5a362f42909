"""The evaluation house put together."""

from services.evaluation.api import ROUTES
from services.evaluation.commands.desk import COMMANDS
from services.evaluation.policy import POLICY
from services.evaluation.published import PUBLISHED
from services.evaluation.views.room import ROOM
from shared.house import Rooms

HOUSE = Rooms("evaluation", COMMANDS, POLICY, PUBLISHED, ROOM, ROUTES)
