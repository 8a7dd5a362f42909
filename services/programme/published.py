"""Which private events of programme are said to others: it has none yet."""

from shared.contracts.envelope import Contract
from shared.eventstore.aggregate import Changed


def to_contract(event: Changed) -> Contract | None:
    """None for what stays inside the house."""
    return None
