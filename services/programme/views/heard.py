"""What the other houses said, as dated facts with their place: who began, filed, assessed, listed what, and on which day.

A fact is a row of its own under `(what, id)`, and the first saying of it counts, by its position: whatever order messages of
different keys come in, and however often one comes, the rows are the same.
"""

from dataclasses import dataclass
from datetime import date

from services.programme.views.recognitions import REGISTER_BEGAN
from services.programme.views.tables import SQL, Changes
from shared.contracts import evaluation as ev
from shared.contracts import promotion as pr
from shared.contracts import registration as reg
from shared.contracts.envelope import ProductContract
from shared.eventstore.views import Change, Fact, View
from shared.regulation.rulesets import naming
from shared.values import Known, ProducerRef

SAYING = ("what", "id", "said")  # an earlier saying takes the place of a later one for all time
REGISTERED = View("registered", ["registered"], remembers={"registered": SAYING}, source="registration")
ASSESSED = View("assessed", ["assessed"], remembers={"assessed": SAYING}, source="evaluation")
PROMOTED = View("promoted", ["promoted"], remembers={"promoted": SAYING}, source="promotion")
PLACED = View("placed", ["placings"], source="registration")


@dataclass(frozen=True, slots=True)
class Kept:
    """One kind of fact (`what`) of a table; writes its rows."""

    table: str
    what: str

    def product(
        self, e: ProductContract, id: object, fact: Fact, *, on: date | None = None, stars: int | None = None,
        simulated: bool | None = None, known: Known | None = None,
    ) -> Change:  # fmt: skip
        """About a product, on the contract's legal date unless `on` is another; `known`: with the places of its own day.

        What an empty text says to be not known is null.
        """
        p, producer, day = e.product, e.producer, on or e.legal_date
        province, commune, map_on = e.province, e.commune, e.legal_date if known else None
        if known and known.province and known.on:
            province, commune, map_on = known.province, known.commune or "", known.on
        return self._row(
            id, fact, day, names_of(e.ruleset, day), province, commune or None, p.group or None, stars,
            producer.kind or None, p.id, p.name, producer.id, producer.name, simulated, known=known, map_on=map_on,
        )  # fmt: skip

    def producer(self, producer: ProducerRef, fact: Fact, on: date, province: str, commune: str) -> Change:
        return self._row(
            producer.id, fact, on, names_of(None, on), province, commune or None, None, None, producer.kind or None, None,
            producer.name, producer.id, producer.name, None,
        )  # fmt: skip

    def place(self, name: str, id: object, fact: Fact, on: date, province: str, commune: str | None) -> Change:
        """About neither a product nor a producer."""
        return self._row(id, fact, on, None, province, commune, None, None, None, None, name, None, None, None)

    def _row(
        self, id: object, fact: Fact, *values: object, known: Known | None = None, map_on: date | None = None
    ) -> Change:
        more = (fact.at, map_on, known and known.confidence, known and known.source)
        return Change(SQL.kept.format(table=self.table), (self.what, str(id), fact.position, *values, *more))


def names_of(law: str | None, day: date) -> str:
    """The ruleset (id) whose names a fact bears: its own, or that of the day where it has none, or an id without data."""
    return naming(law, max(day, REGISTER_BEGAN)).id


# --- registration: producer, idea, business plan, product, dossier ---

PRODUCERS, PRODUCERS_VERIFIED = Kept("registered", "producers"), Kept("registered", "producers_verified")
IDEAS, IDEAS_ACCEPTED = Kept("registered", "ideas"), Kept("registered", "ideas_accepted")
IDEAS_WITHDRAWN = Kept("registered", "ideas_withdrawn")
PLANS_SUBMITTED, PLANS_APPROVED = Kept("registered", "plans_submitted"), Kept("registered", "plans_approved")
PRODUCTS, NOTED = Kept("registered", "products"), Kept("registered", "recognitions_noted")
DOSSIERS, DOSSIERS_RETURNED = Kept("registered", "dossiers"), Kept("registered", "dossiers_returned")
DOSSIERS_FORWARDED = Kept("registered", "dossiers_forwarded")


@PLACED.on(reg.ProductPlaced)
def product_placed(e: reg.ProductPlaced, fact: Fact) -> Changes:
    yield Change(SQL.placed_since, (e.product.id, e.was_commune, e.legal_date, fact.position, e.province, e.commune))


@PLACED.on(reg.ProducerPlaced)
def producer_placed(e: reg.ProducerPlaced, fact: Fact) -> Changes:
    yield Change(SQL.placed_since, (e.producer.id, e.was_commune, e.legal_date, fact.position, e.province, e.commune))


@REGISTERED.on(reg.ProducerRegistered)
def producer_registered(e: reg.ProducerRegistered, fact: Fact) -> Changes:
    yield PRODUCERS.producer(e.producer, fact, e.legal_date, e.province, e.commune)


@REGISTERED.on(reg.ProducerVerified)
def producer_verified(e: reg.ProducerVerified, fact: Fact) -> Changes:
    yield PRODUCERS_VERIFIED.producer(e.producer, fact, e.legal_date, e.province, e.commune)


@REGISTERED.on(reg.IdeaRegistered)
def idea_registered(e: reg.IdeaRegistered, fact: Fact) -> Changes:
    yield IDEAS.product(e, e.idea_id, fact)


@REGISTERED.on(reg.IdeaAccepted)
def idea_accepted(e: reg.IdeaAccepted, fact: Fact) -> Changes:
    yield IDEAS_ACCEPTED.product(e, e.idea_id, fact)


@REGISTERED.on(reg.IdeaWithdrawn)
def idea_withdrawn(e: reg.IdeaWithdrawn, fact: Fact) -> Changes:
    yield IDEAS_WITHDRAWN.product(e, e.idea_id, fact)


@REGISTERED.on(reg.PlanSubmitted)
def plan_submitted(e: reg.PlanSubmitted, fact: Fact) -> Changes:
    yield PLANS_SUBMITTED.product(e, e.plan_id, fact)


@REGISTERED.on(reg.PlanApproved)
def plan_approved(e: reg.PlanApproved, fact: Fact) -> Changes:
    yield PLANS_APPROVED.product(e, e.plan_id, fact)


@REGISTERED.on(reg.ProductRegistered)
def product_registered(e: reg.ProductRegistered, fact: Fact) -> Changes:
    yield PRODUCTS.product(e, e.product.id, fact)


@REGISTERED.on(reg.RecognitionRecorded)
def recognition_recorded(e: reg.RecognitionRecorded, fact: Fact) -> Changes:
    """Taken in with its producer on the day of recording, with the places of that day; its ruleset is an id only."""
    day = e.recorded_on
    if e.producer.name:
        yield PRODUCERS.producer(e.producer, fact, day, e.province, e.commune)
    yield PRODUCTS.product(e, e.product.id, fact, on=day, simulated=e.simulated)


@REGISTERED.on(reg.RecognitionNoted)
def recognition_noted(e: reg.RecognitionNoted, fact: Fact) -> Changes:
    """It counts from its day on, or from the end of its year; where neither is told, from the day of its recording."""
    if e.producer.name:
        yield PRODUCERS.producer(e.producer, fact, e.legal_date, e.province, e.commune)
    year_ends = date(e.year, 12, 31) if e.year else e.legal_date
    day = min(e.decided_on or year_ends, e.legal_date)
    yield NOTED.product(e, e.recognition_id, fact, on=day, stars=e.stars, known=e.known)


@REGISTERED.on(reg.RecognitionTakenBack)
def recognition_taken_back(e: reg.RecognitionTakenBack, fact: Fact) -> Changes:
    yield Change(SQL.noted_taken_back, (str(e.recognition_id), fact.at))
    if e.product_too:
        yield Change(SQL.product_taken_back, (e.product.id, e.legal_date, fact.at))


@REGISTERED.on(reg.DossierSubmitted)
def dossier_submitted(e: reg.DossierSubmitted, fact: Fact) -> Changes:
    yield DOSSIERS.product(e, e.dossier_id, fact)


@REGISTERED.on(reg.DossierReturned)
def dossier_returned(e: reg.DossierReturned, fact: Fact) -> Changes:
    yield DOSSIERS_RETURNED.product(e, e.dossier_id, fact)


@REGISTERED.on(reg.DossierForwarded)
def dossier_forwarded(e: reg.DossierForwarded, fact: Fact) -> Changes:
    yield DOSSIERS_FORWARDED.product(e, e.dossier_id, fact)


# --- evaluation: assessment, appeal ---

ASSESSMENTS, SCORED = Kept("assessed", "assessments"), Kept("assessed", "scored")
SCORED_IN_PROVINCE = Kept("assessed", "scored_in_province")  # of plans only: by the council of the province itself
ANNULLED, APPEALS = Kept("assessed", "annulled"), Kept("assessed", "appeals")


@ASSESSED.on(ev.AssessmentOpened)
def assessment_opened(e: ev.AssessmentOpened, fact: Fact) -> Changes:
    yield ASSESSMENTS.product(e, e.assessment_id, fact)


@ASSESSED.on(ev.ProductScored)
def product_scored(e: ev.ProductScored, fact: Fact) -> Changes:
    yield SCORED.product(e, e.assessment_id, fact, stars=e.star_after_gates or 0, simulated=e.simulated)
    if e.level == "province":
        stars = e.star_after_gates or 0
        yield SCORED_IN_PROVINCE.product(e, e.assessment_id, fact, stars=stars, simulated=e.simulated)


@ASSESSED.on(ev.AssessmentAnnulled)
def assessment_annulled(e: ev.AssessmentAnnulled, fact: Fact) -> Changes:
    yield ANNULLED.product(e, e.assessment_id, fact)


@ASSESSED.on(ev.AppealLodged)
def appeal_lodged(e: ev.AppealLodged, fact: Fact) -> Changes:
    yield APPEALS.product(e, e.appeal_id, fact)


# --- promotion: catalogue, story, shelf, sales point, fair, partner ---

LISTED, STORIES, SHELVES = Kept("promoted", "products_listed"), Kept("promoted", "stories"), Kept("promoted", "shelves")
SHELVES_CLOSED = Kept("promoted", "shelves_closed")  # of plans only
SALES_POINTS, FAIRS, PARTNERS = (
    Kept("promoted", "sales_points"),
    Kept("promoted", "fairs"),
    Kept("promoted", "partners"),
)


@PROMOTED.on(pr.ProductListed)
def product_listed(e: pr.ProductListed, fact: Fact) -> Changes:
    """A listing ends where the product is listed under its next certificate."""
    yield Change(SQL.left_catalogue, (e.product.id, e.legal_date, fact.position, fact.at))
    yield LISTED.product(e, fact.id, fact, stars=e.stars, simulated=e.simulated)


@PROMOTED.on(pr.ProductDelisted)
def product_delisted(e: pr.ProductDelisted, fact: Fact) -> Changes:
    yield Change(SQL.left_catalogue, (e.product.id, e.legal_date, fact.position, fact.at))


@PROMOTED.on(pr.StoryPublished)
def story_published(e: pr.StoryPublished, fact: Fact) -> Changes:
    yield STORIES.product(e, e.product.id, fact)


@PROMOTED.on(pr.ShelfOpened)
def shelf_opened(e: pr.ShelfOpened, fact: Fact) -> Changes:
    yield SHELVES.product(e, e.shelf_id, fact)


@PROMOTED.on(pr.ShelfClosed)
def shelf_closed(e: pr.ShelfClosed, fact: Fact) -> Changes:
    yield SHELVES_CLOSED.product(e, e.shelf_id, fact)


@PROMOTED.on(pr.SalesPointOpened)
def sales_point_opened(e: pr.SalesPointOpened, fact: Fact) -> Changes:
    yield SALES_POINTS.place(e.name, e.sales_point_id, fact, e.legal_date, e.province, e.commune)


@PROMOTED.on(pr.SalesPointClosed)
def sales_point_closed(e: pr.SalesPointClosed, fact: Fact) -> Changes:
    yield Change(SQL.sales_point_closed, (str(e.sales_point_id), e.legal_date, fact.at))


@PROMOTED.on(pr.FairHeld)
def fair_held(e: pr.FairHeld, fact: Fact) -> Changes:
    yield FAIRS.place(e.name, e.fair_id, fact, e.legal_date, e.province, e.commune)


@PROMOTED.on(pr.PartnerJoined)
def partner_joined(e: pr.PartnerJoined, fact: Fact) -> Changes:
    yield PARTNERS.place(e.name, e.partner_id, fact, e.legal_date, e.province, None)
