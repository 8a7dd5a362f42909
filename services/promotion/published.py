"""Which private events of promotion are said to others, and how."""

from services.promotion.domain import Listing
from shared.contracts import promotion as said
from shared.eventstore.publishing import Published

PUBLISHED = Published("promotion")


@PUBLISHED.on(Listing.Listed)
def product_listed(e: Listing.Listed) -> said.ProductListed:
    return said.ProductListed(**e.carried(), **e.shown.model_dump())
