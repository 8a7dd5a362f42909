"""Which private events of promotion are said to others, and how."""

from services.promotion.domain import Listing
from shared.contracts import promotion as said
from shared.contracts.envelope import Contract
from shared.eventstore.aggregate import Changed


def to_contract(event: Changed) -> Contract | None:
    """None for what stays inside the house."""
    match event:
        case Listing.Listed(shown=shown):
            return said.ProductListed(**event.carried(), **shown.model_dump())
    return None
