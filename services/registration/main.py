"""The registration house put together."""

from services.registration.api import ROUTES
from services.registration.commands.registry import COMMANDS
from services.registration.policy import POLICY
from services.registration.published import PUBLISHED
from services.registration.views.room import GAUGES, ROOM
from shared.house import Rooms

HOUSE = Rooms("registration", COMMANDS, POLICY, PUBLISHED, ROOM, ROUTES, gauges=GAUGES)

if __name__ == "__main__":
    from shared.process import run  # a process of its own: what it takes to be one is not loaded with the others

    run(HOUSE)
