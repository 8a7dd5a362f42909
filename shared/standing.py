"""How far a house has come, in numbers that say nothing of anybody: for the portal, for seasons, for who waits."""

from typing import Any

from fastapi import APIRouter, Request

from shared.eventstore.parking import parked_views


def standing_routes() -> APIRouter:
    routes = APIRouter(tags=["standing"])

    @routes.get("/standing")
    async def standing(request: Request) -> dict[str, Any]:
        """`today`: the house's day; `head`: its last position; `readers`: how far each has read whom; messages held and dead;
        the views that are parked, each before which position of whom."""
        house = request.app.state.house
        look = await house.store.standing()
        parked = await parked_views(house.store.pool)
        readers = [
            {"reader": reader, "source": source, "position": look.positions.get((reader, source), 0)}
            for reader, source in house.readers()
        ]
        return {
            "house": house.name, "today": house.clock.today(), "head": look.head, "readers": readers,
            "held": look.held, "dead": look.dead,
            "parked": [{"view": p.view, "source": p.source, "position": p.position} for p in parked],
        }  # fmt: skip

    return routes
