"""The promotion house put together."""

from services.promotion.api import ROUTES
from services.promotion.commands import COMMANDS
from services.promotion.policy import POLICY
from services.promotion.published import PUBLISHED
from services.promotion.views import ROOM
from shared.house import Rooms

HOUSE = Rooms("promotion", COMMANDS, POLICY, PUBLISHED, ROOM, ROUTES)

if __name__ == "__main__":
    from shared.process import run  # a process of its own: what it takes to be one is not loaded with the others

    run(HOUSE)
