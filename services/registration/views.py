"""What can be read of registration: producers, ideas, business plans, products, dossiers, and a product's timeline."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from services.registration.domain.dossier import Dossier
from services.registration.domain.idea import Idea
from services.registration.domain.plan import BusinessPlan
from services.registration.domain.producer import Producer
from services.registration.domain.product import Product
from shared.calendar import due
from shared.eventstore.aggregate import ChangedAbout
from shared.eventstore.views import Change, Fact, Room, View
from shared.regulation.rulesets import load

HOUSE = "registration"
PRODUCERS = View("producers", ["producers"], HOUSE)
IDEAS = View("ideas", ["ideas"], HOUSE)
PLANS = View("plans", ["plans"], HOUSE)
PRODUCTS = View("products", ["products"], HOUSE)
DOSSIERS = View("dossiers", ["dossiers"], HOUSE)
TIMELINE = View("timeline", ["timeline"], HOUSE)
ROOM = Room(HOUSE, Path(__file__).with_name("views.sql"), [PRODUCERS, IDEAS, PLANS, PRODUCTS, DOSSIERS, TIMELINE])
SQL = ROOM.sql
Changes = Iterator[Change]

# --- producer ---


@PRODUCERS.on(Producer.Registered)
def producer_registered(e: Producer.Registered) -> Changes:
    yield Change(
        SQL.producer_registered,
        (e.producer.id, e.producer.name, e.producer.kind, e.province, e.commune, e.legal_date),
    )


@PRODUCERS.on(Producer.Verified)
def producer_verified(e: Producer.Verified) -> Changes:
    yield Change(SQL.producer_verified, (e.originator_id, e.legal_date))


# --- idea ---


@IDEAS.on(Idea.Registered)
def idea_registered(e: Idea.Registered) -> Changes:
    a = e.about
    yield Change(
        SQL.idea_registered,
        (e.originator_id, a.product.id, a.product.name, a.product.set, a.product.group, a.producer.id, a.producer.name,
         a.province, a.commune, e.ruleset, e.legal_date),
    )  # fmt: skip


@IDEAS.on(Idea.Screened, Idea.Accepted)
def idea_moved(e: Idea.Screened | Idea.Accepted) -> Changes:
    state = "screened" if isinstance(e, Idea.Screened) else "accepted"
    yield Change(SQL.idea_moved, (e.originator_id, state, e.legal_date))


# --- business plan ---


@PLANS.on(BusinessPlan.Submitted)
def plan_submitted(e: BusinessPlan.Submitted) -> Changes:
    a = e.about
    yield Change(
        SQL.plan_submitted,
        (e.originator_id, e.idea_id, a.product.id, a.product.name, a.province, a.commune, e.legal_date),
    )


@PLANS.on(BusinessPlan.Approved)
def plan_approved(e: BusinessPlan.Approved) -> Changes:
    yield Change(SQL.plan_approved, (e.originator_id, e.decision.model_dump_json(), e.legal_date))


@PLANS.on(BusinessPlan.ProgressReported)
def plan_progressed(e: BusinessPlan.ProgressReported) -> Changes:
    yield Change(SQL.plan_progressed, (e.originator_id, e.done_percent, e.legal_date))


# --- product ---


@PRODUCTS.on(Product.Registered)
def product_registered(e: Product.Registered) -> Changes:
    p, producer = e.about.product, e.about.producer
    yield Change(
        SQL.product_registered,
        (p.id, p.name, p.set, p.group, producer.id, producer.name, producer.kind, e.about.province, e.about.commune,
         e.plan_id, e.legal_date),
    )  # fmt: skip


@PRODUCTS.on(Product.CodeGiven)
def product_coded(e: Product.CodeGiven) -> Changes:
    yield Change(SQL.product_coded, (e.originator_id, e.code))


# --- dossier ---


@DOSSIERS.on(Dossier.Submitted)
def dossier_submitted(e: Dossier.Submitted) -> Changes:
    a, p = e.about, e.about.product
    term = load(e.ruleset).deadline("commune_handling")
    yield Change(
        SQL.dossier_submitted,
        (e.originator_id, p.id, p.code, p.name, a.producer.name, p.set, p.group, a.province, a.commune, e.ruleset,
         e.kind, len(e.evidence), e.legal_date, due(e.legal_date, term.value, term.unit)),
    )  # fmt: skip


@DOSSIERS.on(Dossier.Forwarded)
def dossier_forwarded(e: Dossier.Forwarded) -> Changes:
    yield Change(SQL.dossier_forwarded, (e.originator_id, e.about.product.code, e.legal_date))


@DOSSIERS.on(Dossier.Moved)
def dossier_moved(e: Dossier.Moved) -> Changes:
    yield Change(SQL.dossier_moved, (e.originator_id, e.state, e.legal_date))


# --- timeline: every step of a product, in the words of its event ---

STEPS: dict[type[ChangedAbout], str] = {
    Idea.Registered: "idea-registered",
    Idea.Screened: "idea-screened",
    Idea.Accepted: "idea-accepted",
    BusinessPlan.Submitted: "plan-submitted",
    BusinessPlan.Approved: "plan-approved",
    BusinessPlan.ProgressReported: "plan-progress",
    Product.Registered: "product-registered",
    Product.CodeGiven: "product-coded",
    Dossier.Submitted: "dossier-submitted",
    Dossier.Forwarded: "dossier-forwarded",
}
SHOWN = {"code", "decision", "done_percent", "opinion", "kind"}


@TIMELINE.on(*STEPS)
def step(e: ChangedAbout, fact: Fact) -> Changes:
    shown: dict[str, Any] = e.model_dump(mode="json", include=SHOWN)
    yield Change(
        SQL.said, (e.about.product.id, fact.position, e.legal_date, STEPS[type(e)], orjson.dumps(shown).decode())
    )
