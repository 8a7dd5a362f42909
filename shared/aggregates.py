"""The door to a house's aggregates as they stood, the same in every house: for those who supervise what is in its place."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from shared.asof import KnownAt
from shared.auth.actors import Actor
from shared.auth.permissions import NOWHERE, READ_AGGREGATE, require
from shared.eventstore.freshness import POSITION, MalformedPosition
from shared.eventstore.stood import Upto, stood
from shared.web import Day, holder, told_as_known

Position = Annotated[str | None, Query(description="<house>:<n>: by the facts up to this position of this house")]


def aggregate_routes(house: str) -> APIRouter:
    """`house`: whose action the route asks for."""
    routes = APIRouter(tags=["aggregates"])
    action = f"{house}:{READ_AGGREGATE}"

    @routes.get("/aggregates/{aggregate}/{aggregate_id}")
    async def as_it_stood(
        aggregate: str, aggregate_id: UUID, request: Request, answer: Response, actor: Actor = holder(action), on: Day = None,
        known_at: KnownAt = None, position: Position = None,
    ) -> dict[str, Any]:  # fmt: skip
        """Any aggregate by its facts: all of them, those that count on a legal date, that were recorded at an instant, or
        that stand up to a position; several of these narrow further. What is sealed is not shown. Raises NotFound, Forbidden.
        """
        at_work = request.app.state.house
        told_as_known(at_work, answer, known_at)
        found = await stood(at_work.store, aggregate, aggregate_id, Upto(on, known_at, number_of(position, house)))
        require(actor, action, getattr(found.now, "place", None) or getattr(found.now, "lies_in", None) or NOWHERE)
        return found.shown

    return routes


def number_of(position: str | None, house: str) -> int | None:
    """Raises MalformedPosition, also for one of another house."""
    if position is None:
        return None
    match = POSITION.fullmatch(position)
    if match is None or match[1] != house:
        raise MalformedPosition(field="position", after=position)
    return int(match[2])
