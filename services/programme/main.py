"""The programme house put together."""

from services.programme.api.room import ROUTES
from services.programme.commands import COMMANDS
from services.programme.policy import POLICY
from services.programme.published import PUBLISHED
from services.programme.views.room import ROOM
from shared.house import Rooms

HOUSE = Rooms("programme", COMMANDS, POLICY, PUBLISHED, ROOM, ROUTES)

if __name__ == "__main__":
    from shared.process import run  # a process of its own: what it takes to be one is not loaded with the others

    run(HOUSE)
