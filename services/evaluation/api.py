"""The doors of evaluation: who may ask what, and what can be read."""

from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Query, Request

from services.evaluation.commands import appeals as appealing
from services.evaluation.commands import councils, following, reception, session
from services.evaluation.views.appeals import APPEALS, place_of_appeal
from services.evaluation.views.assessments import ASSESSMENTS
from services.evaluation.views.ballots import BALLOTS, place_of_sitting
from services.evaluation.views.councils import COUNCILS, ROUNDS
from services.evaluation.views.results import RESULTS, explained
from shared.auth.actors import Actor
from shared.auth.permissions import NOWHERE, Forbidden, require
from shared.auth.tokens import actor_from_bearer
from shared.placed import ANYWHERE, IN_PLACE, IN_PROVINCE, Where, of_office
from shared.values import Refusal
from shared.web import Reading, found, officer, reads, takes

ROUTES = APIRouter()
PAGE = Annotated[int, Query(ge=1, le=1000)]
SKIP = Annotated[int, Query(ge=0, le=10_000_000)]
READ = "evaluation:read-internal"


class BallotsSealed(Refusal):
    rule = "ballots-sealed"
    article = "Quy chế Hội đồng"
    vi = "Phiếu đánh giá được niêm phong đến khi hội đồng quyết định."
    en = "Ballots are sealed until the council has decided."


# --- round ---

takes(ROUTES, "/rounds", councils.OpenRound, "evaluation:open-round", status=201)
takes(ROUTES, "/rounds/{round_id}/closing", councils.CloseRound, "evaluation:close-round")


@ROUTES.get("/rounds")
async def all_rounds(
    level: str | None = None, place: Where = IN_PROVINCE, state: str | None = None, district: str | None = None,
    limit: PAGE = 100, offset: SKIP = 0, view: Reading = reads(ROUNDS),
) -> list[dict[str, Any]]:  # fmt: skip
    return await view.fetch(view.sql.rounds, level, state, district, limit, offset, *place.arguments)


@ROUTES.get("/rounds/{round_id}")
async def one_round(round_id: UUID, view: Reading = reads(ROUNDS)) -> dict[str, Any]:
    return found(await view.row(view.sql.round, round_id), "round", round_id)


@ROUTES.get("/rounds/{round_id}/results")
async def round_results(
    round_id: UUID, limit: PAGE = 100, offset: SKIP = 0, view: Reading = reads(ROUNDS, ASSESSMENTS)
) -> dict[str, Any]:
    """A round with its products and what they came to, and how many came to what in all."""
    row = found(await view.row(view.sql.round, round_id), "round", round_id)
    return {
        "round": row,
        "tally": await view.fetch(view.sql.round_tally, round_id),
        "rows": await view.fetch(view.sql.in_round, round_id, limit, offset),
    }  # fmt: skip


# --- council ---

takes(ROUTES, "/councils", councils.FormCouncil, "evaluation:form-council", status=201)
takes(ROUTES, "/councils/{council_id}/bylaw", councils.AmendBylaw, "evaluation:amend-bylaw")


@ROUTES.get("/councils")
async def all_councils(
    level: str | None = None, place: Where = IN_PROVINCE, district: str | None = None, limit: PAGE = 100,
    offset: SKIP = 0, view: Reading = reads(COUNCILS),
) -> list[dict[str, Any]]:  # fmt: skip
    rows = await view.fetch(view.sql.councils, level, district, limit, offset, *place.arguments)
    return [opened(row, "decision") for row in rows]


@ROUTES.get("/councils/{council_id}")
async def council(council_id: UUID, view: Reading = reads(COUNCILS)) -> dict[str, Any]:
    """Members and secretary by office; names are not public. `bylaws`: the settings with the day since when they held."""
    row = found(await view.row(view.sql.council, council_id), "council", council_id)
    return opened(row, "decision", "seats", "secretary", "team_offices", "bylaw", "bylaws")


# --- assessment: who may see it ---


async def asker(request: Request) -> Actor | None:
    """Whoever shows a token; None without one. Raises BadToken."""
    return actor_from_bearer(request.headers.get("authorization"), request.app.state.house.key)


ASKER = Depends(asker)


async def without_conflict(
    assessment_id: UUID, actor: Actor | None = ASKER, view: Reading = reads(ASSESSMENTS)
) -> None:
    """Raises Forbidden for a member who declared a conflict of interest on this dossier."""
    if actor and await view.value(view.sql.in_conflict, assessment_id, actor.id):
        raise Forbidden(READ, actor.role, NOWHERE)


UNCONFLICTED = [Depends(without_conflict)]

# --- assessment: reception, session, what follows ---

takes(ROUTES, "/assessments/{assessment_id}/receipt", reception.ReceiveDossier, "evaluation:receive-dossier")
takes(ROUTES, "/assessments/{assessment_id}/advice", reception.ReportAdvice, "evaluation:report-advice")
takes(ROUTES, "/assessments/{assessment_id}/site-check", reception.CheckSite, "evaluation:check-site")
takes(ROUTES, "/assessments/{assessment_id}/conflicts", reception.DeclareConflict, "evaluation:declare-conflict")
takes(ROUTES, "/assessments/{assessment_id}/sending", session.SendToCouncil, "evaluation:send-dossiers")
takes(ROUTES, "/assessments/{assessment_id}/session", session.HoldSession, "evaluation:hold-session")
takes(ROUTES, "/assessments/{assessment_id}/adjournment", session.AdjournSession, "evaluation:adjourn-session")
takes(ROUTES, "/assessments/{assessment_id}/ballots", session.CastBallot, "evaluation:cast-ballot")
takes(ROUTES, "/assessments/{assessment_id}/count", session.CountBallots, "evaluation:count-ballots")
takes(ROUTES, "/assessments/{assessment_id}/decision", session.Decide, "evaluation:decide")
takes(ROUTES, "/assessments/{assessment_id}/approval", following.ApproveResult, "evaluation:approve-result")
takes(ROUTES, "/assessments/{assessment_id}/referral", following.ReferDossier, "evaluation:refer")
takes(ROUTES, "/assessments/{assessment_id}/non-recognition", following.NotRecognise, "certification:not-recognise")
takes(ROUTES, "/assessments/{assessment_id}/return", following.ReturnResult, "evaluation:return-result")
takes(
    ROUTES, "/assessments/{assessment_id}/own-assessment", following.OpenOwnAssessment,
    "evaluation:open-own-assessment", status=201,
)  # fmt: skip
takes(ROUTES, "/assessments/{assessment_id}/redo-demand", following.DemandRedo, "evaluation:demand-redo")
takes(ROUTES, "/assessments/{assessment_id}/annulment", following.AnnulAssessment, "evaluation:annul")
takes(ROUTES, "/assessments/{assessment_id}/reassessment", following.Reassess, "evaluation:reassess", status=201)


@ROUTES.get("/assessments")
async def all_assessments(
    dossier: UUID | None = None, product: UUID | None = None, place: Where = IN_PLACE, state: str | None = None,
    level: str | None = None, round_id: Annotated[UUID | None, Query(alias="round")] = None, limit: PAGE = 100,
    offset: SKIP = 0, actor: Actor | None = ASKER, view: Reading = reads(ASSESSMENTS),
) -> list[dict[str, Any]]:  # fmt: skip
    """Oldest first, without those on which the asking member declared a conflict. `ballot_rounds`: those opened so far."""
    member = actor and actor.id
    wanted = (dossier, product, state, level, round_id, limit, offset, member)
    rows = await view.fetch(view.sql.assessments, *wanted, *place.arguments)
    return [opened(row, "improve", "ballot_rounds") for row in rows]


@ROUTES.get("/assessments/{assessment_id}", dependencies=UNCONFLICTED)
async def assessment(assessment_id: UUID, view: Reading = reads(ASSESSMENTS)) -> dict[str, Any]:
    row = found(await view.row(view.sql.assessment, assessment_id), "assessment", assessment_id)
    return opened(row, "improve", "ballot_rounds")


@ROUTES.get("/assessments/{assessment_id}/result", dependencies=UNCONFLICTED)
async def result(assessment_id: UUID, view: Reading = reads(RESULTS)) -> dict[str, Any]:
    """The council's decision, explained criterion by criterion in the sheet's own words."""
    return explained(found(await view.row(view.sql.result_of, assessment_id), "result", assessment_id))


@ROUTES.get("/assessments/{assessment_id}/ballots", dependencies=[officer(READ), *UNCONFLICTED])
async def ballots(
    assessment_id: UUID, actor: Actor = officer(READ), view: Reading = reads(BALLOTS)
) -> list[dict[str, Any]]:
    """Who ticked what, by turn and office, for officers of the place: turns that were counted or decided on.

    Raises BallotsSealed before the first is open.
    """
    sitting = found(await view.row(view.sql.sitting_of, assessment_id), "session", assessment_id)
    require(actor, READ, place_of_sitting(sitting))
    rows = await view.fetch(view.sql.ballots_of, assessment_id)
    if sitting["decided_on"] is None and not rows:
        raise BallotsSealed()
    return [opened(row, "options", "parts") for row in rows]


@ROUTES.get("/products/{product_id}/results")
async def results(
    product_id: UUID, actor: Actor | None = ASKER, view: Reading = reads(ASSESSMENTS, RESULTS)
) -> list[dict[str, Any]]:
    """The assessments of a product, oldest first, each with its `result` as above; null while it has none."""
    member = actor and actor.id
    wanted = (None, product_id, None, None, None, 1000, 0, member)
    rows = await view.fetch(view.sql.assessments, *wanted, *ANYWHERE.arguments)
    decided = {row["assessment_id"]: explained(row) for row in await view.fetch(view.sql.results_of, product_id)}
    return [opened(row, "improve", "ballot_rounds") | {"result": decided.get(row["id"])} for row in rows]


# --- appeal ---

takes(ROUTES, "/appeals", appealing.LodgeAppeal, "evaluation:lodge-appeal", status=201)
takes(ROUTES, "/appeals/{appeal_id}/decision", appealing.DecideAppeal, "evaluation:decide-appeal")


@ROUTES.get("/appeals")
async def all_appeals(
    place: Where = IN_PLACE, state: str | None = None, assessment: UUID | None = None,
    product: UUID | None = None, limit: PAGE = 100, offset: SKIP = 0, actor: Actor = officer(READ),
    view: Reading = reads(APPEALS),
) -> list[dict[str, Any]]:  # fmt: skip
    """Those of the officer's own place, oldest first."""
    own = of_office(actor.place, view.today)
    wanted = (state, assessment, product, limit, offset)
    rows = await view.fetch(view.sql.appeals, *wanted, *place.arguments, *own.arguments)
    return [opened(row, "criteria", "decision") for row in rows]


@ROUTES.get("/appeals/by-reference/{reference}")
async def appeal_by_reference(reference: str, view: Reading = reads(APPEALS)) -> dict[str, Any]:
    """For whoever knows the reference: how the appeal stands and its answer, nothing else."""
    return found(await view.row(view.sql.appeal_by_reference, reference), "appeal", reference)


@ROUTES.get("/appeals/{appeal_id}")
async def one_appeal(appeal_id: UUID, actor: Actor = officer(READ), view: Reading = reads(APPEALS)) -> dict[str, Any]:
    row = found(await view.row(view.sql.appeal, appeal_id), "appeal", appeal_id)
    require(actor, READ, place_of_appeal(row))
    return opened(row, "criteria", "decision")


# --- counts ---


@ROUTES.get("/counts")
async def counts(view: Reading = reads(ASSESSMENTS)) -> dict[str, Any]:
    """How many rounds, councils and assessments there are, and how far these have come."""
    return found(await view.row(view.sql.counts), "counts", "")


def opened(row: dict[str, Any], *columns: str) -> dict[str, Any]:
    """A row with its JSON columns read."""
    return row | {column: row[column] and orjson.loads(row[column]) for column in columns}
