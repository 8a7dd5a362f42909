"""The certification house put together."""

from services.certification.api import ROUTES
from services.certification.commands.registry import COMMANDS
from services.certification.policy import POLICY, TIMER
from services.certification.published import PUBLISHED, STATES
from services.certification.views.room import GAUGES, ROOM
from shared.house import Rooms

HOUSE = Rooms("certification", COMMANDS, POLICY, PUBLISHED, ROOM, ROUTES, TIMER, STATES, GAUGES)

if __name__ == "__main__":
    from shared.process import run  # a process of its own: what it takes to be one is not loaded with the others

    run(HOUSE)
