"""The doors to a house's dead letters, the same in every house: looked at and decided about by who runs the system."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request

from shared.auth.permissions import DECIDE_LETTERS, READ_LETTERS
from shared.bus.decisions import LETTER_ID, DropLetter, EditLetter, Kind, RetryLetter
from shared.web import After, Page, Skip, officer, takes

LetterId = Annotated[str, Path(pattern=LETTER_ID, description="<house>:<n>, or <topic>/<partition>/<offset>")]
OfKind = Annotated[Kind | None, Query(description="refused, malformed, failed, queued, unreadable")]
Waiting = Annotated[bool, Query(description="cả thư đang chờ thử lại / also what is tried again or queues")]
ONE = "/dead-letters/{letter_id:path}"


def letter_routes(house: str) -> APIRouter:
    """`house`: whose actions the routes ask for. Its letters are no view: `after` waits for its reactions."""
    routes = APIRouter(tags=["dead letters"])
    may_read = officer(f"{house}:{READ_LETTERS}")

    @routes.get("/dead-letters", dependencies=[may_read])
    async def letters(
        request: Request, key: str | None = None, kind: OfKind = None, waiting: Waiting = False, limit: Page = 100,
        offset: Skip = 0, after: After = None,
    ) -> list[dict[str, Any]]:  # fmt: skip
        """Messages that this house could not take and that wait for a person, in the order in which it heard them."""
        at_work = request.app.state.house
        await at_work.freshness.wait_for_reactions(after)
        return await at_work.letters.listed(key=key, kind=kind, waiting=waiting, limit=limit, offset=offset)

    @routes.get(ONE, dependencies=[may_read])
    async def letter(request: Request, letter_id: LetterId, after: After = None) -> dict[str, Any]:
        """One of them as it came, why it was not taken, and every decision about it; also when it is held no longer."""
        at_work = request.app.state.house
        await at_work.freshness.wait_for_reactions(after)
        return await at_work.letters.shown(letter_id)

    decide = f"{house}:{DECIDE_LETTERS}"
    takes(routes, f"{ONE}/retry", RetryLetter, decide)
    takes(routes, f"{ONE}/edit", EditLetter, decide)
    takes(routes, f"{ONE}/drop", DropLetter, decide)
    return routes
