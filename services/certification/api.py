"""The doors of certification: who may ask what, and what can be read."""

from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from fastapi import APIRouter, Query, Request, Response

from services.certification.commands import complaint as complaining
from services.certification.commands import ending, inspection, recognition
from services.certification.views.certificates import CERTIFICATES, detailed, in_time, public, unknown
from services.certification.views.complaints import (
    COMPLAINTS,
    anyone_may_read,
    officers_may_read,
    place_of,
    sealed_in,
)
from services.certification.views.inspections import INSPECTIONS
from services.certification.views.proposals import PROPOSALS
from shared.auth.actors import Actor
from shared.auth.permissions import require
from shared.placed import IN_PLACE, Where
from shared.sealing import Erased, unseal
from shared.values import NotFound
from shared.web import Day, Page, Reading, Skip, Stars, holder, officer, reads, takes
from shared.web import found as found_or_not

ROUTES = APIRouter()
READ = "certification:read-internal"
ANSWER = "certification:answer-complaint"


# --- proposal ---

takes(ROUTES, "/proposals/{assessment_id}/upgrade-failure", recognition.FailUpgrade, "certification:fail-upgrade")


@ROUTES.get("/proposals")
async def proposals(
    place: Where = IN_PLACE, authority: str | None = None, limit: Page = 100, offset: Skip = 0,
    view: Reading = reads(PROPOSALS),
) -> list[dict[str, Any]]:  # fmt: skip
    """Results that await recognition; `authority` is an id of the ruleset."""
    return await view.fetch(view.sql.proposals, authority, limit, offset, *place.arguments)


# --- certificate ---

takes(ROUTES, "/certificates", recognition.IssueCertificate, "certification:issue", status=201)
takes(
    ROUTES, "/certificates/{number}/production-stop", ending.ConfirmProductionStop,
    "certification:confirm-production-stop",
)  # fmt: skip
takes(ROUTES, "/certificates/{number}/revocation", ending.RevokeCertificate, "certification:revoke")
takes(ROUTES, "/certificates/{number}/withdrawal", ending.WithdrawRecognition, "certification:withdraw")


@ROUTES.get("/certificates")
async def certificates(
    product: UUID | None = None, place: Where = IN_PLACE, stars: Stars = None, on: Day = None,
    limit: Page = 100, offset: Skip = 0, view: Reading = reads(CERTIFICATES),
) -> list[dict[str, Any]]:  # fmt: skip
    """Every certificate ever issued, each with its status on the day; places by today's map, or by that of a day."""
    rows = await view.fetch(view.sql.certificates, product, stars, limit, offset, *place.arguments)
    return [detailed(row, on or view.today) for row in rows]


@ROUTES.get("/certificates/{number}")
async def certificate(
    number: str, answer: Response, on: Day = None, view: Reading = reads(CERTIFICATES)
) -> dict[str, Any]:
    """What anyone may know of a certificate: its status on the day, and since and until when (26/2026 art. 4.3)."""
    row, day = await found(view, number), on or view.today
    if row is None:
        answer.status_code = 404
        return unknown(number, day)
    return public(row, day)


@ROUTES.get("/certificates/{number}/details")
async def details(number: str, on: Day = None, view: Reading = reads(CERTIFICATES)) -> dict[str, Any]:
    """The same with its place, its dossier, all its statuses in time, and how it was revoked or replaced."""
    row = await found(view, number)
    if row is None:
        raise NotFound(what="certificate", id=number)
    return detailed(row, on or view.today)


async def found(view: Reading, number: str) -> dict[str, Any] | None:
    """A number comes from whoever scans or types it; PostgreSQL takes no NUL in a text."""
    return await view.row(view.sql.certificate, number) if number.isprintable() else None


@ROUTES.get("/histories")
async def histories(
    request: Request, number: str | None = None, product: Annotated[list[UUID] | None, Query(max_length=100)] = None,
    beyond: str = "", limit: Page = 100, view: Reading = reads(CERTIFICATES, now=True),
) -> Response:  # fmt: skip
    """Certificates with their public facts of every day, for whoever keeps a copy: one, those of products, or all in the
    order of their numbers, `beyond` one. They hold at least all events up to `position`.
    """
    position = await request.app.state.house.store.position(CERTIFICATES.reader, CERTIFICATES.source)
    if number is not None:
        row = await found(view, number)
        rows = [row] if row else []
    elif product is not None:
        rows = await view.fetch(view.sql.histories_of, product)
    else:
        rows = await view.fetch(view.sql.histories, beyond, limit)
    page = {"position": position, "certificates": [in_time(row) for row in rows]}
    return Response(orjson.dumps(page, default=str), media_type="application/json")


# --- inspection ---

takes(ROUTES, "/inspections", inspection.OpenInspection, "certification:open-inspection", status=201)
takes(ROUTES, "/inspections/{inspection_id}/samples", inspection.DrawSamples, "certification:draw-samples")
takes(
    ROUTES, "/inspections/{inspection_id}/conclusion", inspection.ConcludeInspection,
    "certification:conclude-inspection",
)  # fmt: skip
takes(ROUTES, "/inspections/{inspection_id}/mending", inspection.ReportMending, "certification:report-mending")


@ROUTES.get("/inspections", dependencies=[officer(READ)])
async def inspections(
    place: Where = IN_PLACE, product: UUID | None = None, kind: str | None = None, limit: Page = 100,
    offset: Skip = 0, view: Reading = reads(INSPECTIONS),
) -> list[dict[str, Any]]:  # fmt: skip
    """Inspections with their findings; what stands against a producer is read by officers."""
    return await view.fetch(view.sql.inspections, product, kind, limit, offset, *place.arguments)


# --- complaint ---

takes(
    ROUTES, "/certificates/{number}/complaints", complaining.MakeComplaint, "certification:complain", status=201,
    anyone=True,
)  # fmt: skip
takes(ROUTES, "/complaints/{reference}/answer", complaining.AnswerComplaint, ANSWER)


@ROUTES.get("/complaints", dependencies=[officer(READ)])
async def complaints(
    place: Where = IN_PLACE, number: str | None = None, state: Literal["open", "answered"] | None = None,
    limit: Page = 100, offset: Skip = 0, view: Reading = reads(COMPLAINTS),
) -> list[dict[str, Any]]:  # fmt: skip
    """Complaints in order of arrival, without what was written."""
    rows = await view.fetch(view.sql.complaints, number, state, limit, offset, *place.arguments)
    return [officers_may_read(row) for row in rows]


@ROUTES.get("/complaints/{reference}")
async def one_complaint(reference: str, view: Reading = reads(COMPLAINTS)) -> dict[str, Any]:
    """State and answer for whoever has the reference."""
    return anyone_may_read(await complaint_of(reference, view))


@ROUTES.get("/complaints/{reference}/details")
async def opened_complaint(
    reference: str, request: Request, actor: Actor = holder(ANSWER), view: Reading = reads(COMPLAINTS)
) -> dict[str, Any]:
    """With what was written and how to reach the writer, for those who answer; null where it was erased."""
    row = await complaint_of(reference, view)
    require(actor, ANSWER, place_of(row))
    opened: dict[str, str | None] = {}
    for field, box in sealed_in(row).items():
        try:
            opened[field] = await unseal(request.app.state.house.store.pool, box) if box else None
        except Erased:
            opened[field] = None
    return officers_may_read(row) | opened


async def complaint_of(reference: str, view: Reading) -> dict[str, Any]:
    row = await view.row(view.sql.complaint, reference.upper()) if reference.isprintable() else None
    return found_or_not(row, "complaint", reference)


# --- counts ---


@ROUTES.get("/counts")
async def counts(view: Reading = reads(PROPOSALS, INSPECTIONS, CERTIFICATES, now=True)) -> dict[str, Any]:
    """How many results await recognition, how many certificates were ever issued, and how they stand today.

    `ending_180`: in force and without a day left in 180 days; `renewed`: issued on a re-assessment or an upgrade.
    """
    return (await view.fetch(view.sql.counts, view.today))[0]
