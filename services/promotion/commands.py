"""What can be asked of the promotion house: load, decide, save."""

from services.promotion.domain import Listing, Shown
from shared.eventstore.commands import Command, Commands, Session
from shared.values import About

COMMANDS = Commands("promotion")
handler = COMMANDS.handler


# --- catalogue ---


class ListProduct(Command):
    """A product comes into the catalogue with its certificate; said by the policy."""

    about: About
    ruleset: str
    shown: Shown


@handler
async def list_product(command: ListProduct, session: Session) -> None:
    about, ruleset, when = command.about, command.ruleset, session.when
    listing = await session.find(Listing, Listing.id_of(about.product.id))
    listing = listing or Listing.open(about, ruleset, when)
    listing.show(command.shown, about, ruleset, when)
    session.save(listing)
