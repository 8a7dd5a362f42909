"""The door to a house's limits: `GET /due`, the same in every house."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request

from shared.eventstore import due
from shared.eventstore.views import DUE
from shared.placed import IN_PLACE, Where
from shared.web import After, Day, Page, Skip, reader

OnlyState = Annotated[due.State | None, Query(description="open, remind, overdue, met, met-late")]


def due_routes() -> APIRouter:
    routes = APIRouter(tags=["due"])

    @routes.get("/due", dependencies=[Depends(reader)])
    async def limits(
        request: Request, place: Where = IN_PLACE, on: Day = None, state: OnlyState = None,
        product: UUID | None = None, limit: Page = 100, offset: Skip = 0, after: After = None,
    ) -> list[dict[str, Any]]:  # fmt: skip
        """Limits that had begun by the day, by their last day, each as it stood on that day; for officers.

        `open`; `remind` from the first reminder on; `overdue` after the last day; `met` or `met-late` once done.
        """
        house = request.app.state.house
        if due.VIEW not in {view.name for view in house.room.views}:
            return []
        await house.freshness.wait(house.room.view(due.VIEW), after)
        day = on or house.clock.today()
        rows = await house.store.pool.fetch(DUE.on_a_day, day, state, product, limit, offset, *place.arguments)
        return [due.shown(house.name, row) for row in rows]

    return routes
