"""What a house could not take yet."""

from shared.eventstore.store import EventStore


async def held_and_dead(store: EventStore) -> tuple[int, int]:
    """(messages held, of these dead)."""
    standing = await store.standing()
    return standing.held, standing.dead
