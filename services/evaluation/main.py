"""The evaluation house put together."""

from services.evaluation.api import ROUTES
from services.evaluation.commands.desk import COMMANDS
from services.evaluation.policy import POLICY
from services.evaluation.published import PUBLISHED
from services.evaluation.views.room import GAUGES, ROOM
from shared.house import Rooms

HOUSE = Rooms("evaluation", COMMANDS, POLICY, PUBLISHED, ROOM, ROUTES, gauges=GAUGES)

if __name__ == "__main__":
    from shared.process import run  # a process of its own: what it takes to be one is not loaded with the others

    run(HOUSE)
