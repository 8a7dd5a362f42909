"""What can be read of registration: producers, ideas, business plans, products, dossiers, and a product's timeline."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import orjson

from services.registration.domain.dossier import ADDITION, ADDITION_LIMIT, SETTLED, Dossier
from services.registration.domain.held import Held
from services.registration.domain.idea import Idea
from services.registration.domain.papers import Evidence
from services.registration.domain.plan import BusinessPlan
from services.registration.domain.producer import Producer
from services.registration.domain.product import Product
from services.registration.views.tables import HOUSE, SQL, Changes
from shared import metrics, units
from shared.eventstore import due
from shared.eventstore.aggregate import ChangedAbout
from shared.eventstore.views import Change, Fact, View
from shared.regulation import limits

PRODUCERS = View("producers", ["producers"], HOUSE)
IDEAS = View("ideas", ["ideas"], HOUSE)
PLANS = View("plans", ["plans"], HOUSE)
PRODUCTS = View("products", ["products"], HOUSE)
DOSSIERS = View("dossiers", ["dossiers"], HOUSE)
TIMELINE = View("timeline", ["timeline"], HOUSE)
DUE = View("due", ["due"], HOUSE)
STATES = tuple((state, "TW") for state in metrics.DOSSIER_STATES)  # that there are none is said, too
HANDLING = "commune_handling"
TRANSITION = ("transition_first_or_upgrade", "transition_reassess")

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


@PRODUCERS.on(Producer.Recorded)
def producer_recorded(e: Producer.Recorded) -> Changes:
    """Known by an earlier recognition, so verified from the start."""
    yield Change(
        SQL.producer_registered,
        (e.producer.id, e.producer.name, e.producer.kind, e.province, e.commune, e.legal_date),
    )
    yield Change(SQL.producer_verified, (e.originator_id, e.legal_date))


@PRODUCERS.on(Producer.Placed)
def producer_placed(e: Producer.Placed) -> Changes:
    yield Change(SQL.producer_placed, (e.originator_id, e.province, e.commune, e.legal_date))


# --- idea ---


@IDEAS.on(Idea.Registered)
def idea_registered(e: Idea.Registered) -> Changes:
    a = e.about
    yield Change(
        SQL.idea_registered,
        (e.originator_id, a.product.id, a.product.name, a.product.set, a.product.group, a.producer.id, a.producer.name,
         a.province, a.commune, e.ruleset, e.legal_date),
    )  # fmt: skip


IDEA_STATES: dict[type[ChangedAbout], str] = {
    Idea.Screened: "screened",
    Idea.Accepted: "accepted",
    Idea.Returned: "returned",
    Idea.SentAgain: "registered",
    Idea.Withdrawn: "withdrawn",
}


@IDEAS.on(*IDEA_STATES)
def idea_moved(e: ChangedAbout) -> Changes:
    yield Change(SQL.idea_moved, (e.originator_id, IDEA_STATES[type(e)], e.legal_date))


# --- business plan ---


@PLANS.on(BusinessPlan.Submitted)
def plan_submitted(e: BusinessPlan.Submitted) -> Changes:
    a = e.about
    yield Change(
        SQL.plan_submitted,
        (e.originator_id, e.idea_id, a.product.id, a.product.name, a.province, a.commune, e.legal_date,
         units.day_of_codes(a.province, a.commune, e.legal_date)),
    )  # fmt: skip


@PLANS.on(BusinessPlan.Approved)
def plan_approved(e: BusinessPlan.Approved) -> Changes:
    yield Change(SQL.plan_approved, (e.originator_id, e.decision.model_dump_json(), e.legal_date))


@PLANS.on(BusinessPlan.Returned)
def plan_returned(e: BusinessPlan.Returned) -> Changes:
    yield Change(SQL.plan_moved, (e.originator_id, "returned", e.legal_date))


@PLANS.on(BusinessPlan.SubmittedAgain)
def plan_submitted_again(e: BusinessPlan.SubmittedAgain) -> Changes:
    yield Change(SQL.plan_moved, (e.originator_id, "submitted", e.legal_date))


@PLANS.on(BusinessPlan.ProgressReported)
def plan_progressed(e: BusinessPlan.ProgressReported) -> Changes:
    yield Change(SQL.plan_progressed, (e.originator_id, e.done_percent, e.legal_date))


# --- product ---


@PRODUCTS.on(Product.Registered)
def product_registered(e: Product.Registered) -> Changes:
    yield product_entered(e, e.plan_id, e.known_on)


@PRODUCTS.on(Product.Recorded)
def product_recorded(e: Product.Recorded) -> Changes:
    """In the register by an earlier recognition, without idea and plan."""
    yield product_entered(e, None)
    yield certified(e, e.certificate)


def product_entered(
    e: Product.Registered | Product.Recorded | Product.Entered, plan_id: UUID | None, known_on: date | None = None
) -> Change:
    p, producer = e.about.product, e.about.producer
    return Change(
        SQL.product_registered,
        (p.id, p.code, p.name, p.set, p.group, producer.id, producer.name, producer.kind, e.about.province,
         e.about.commune, plan_id, e.legal_date, known_on or e.legal_date),
    )  # fmt: skip


@PRODUCTS.on(Product.Entered)
def product_brought_in(e: Product.Entered) -> Changes:
    """By an old register."""
    yield product_entered(e, None)


@PRODUCTS.on(Product.EarlierRecorded)
def earlier_recorded(e: Product.EarlierRecorded) -> Changes:
    """It is the product's certificate unless a later one is known."""
    held = e.certificate
    yield Change(SQL.product_earlier, (e.originator_id, held.number, held.stars, held.last, held.issued_on))


@PRODUCTS.on(Product.EarlierTakenBack)
def earlier_taken_back(e: Product.EarlierTakenBack) -> Changes:
    """It has what it had before, as far as old registers told."""
    left = e.left
    yield Change(
        SQL.product_taken_back,
        (
            e.originator_id,
            e.number,
            left and left.number,
            left and left.stars,
            left and left.last,
            left and left.issued_on,
        ),
    )
    if e.product_too:
        yield Change(SQL.product_gone, (e.originator_id,))


@PRODUCTS.on(Product.Placed)
def product_placed(e: Product.Placed) -> Changes:
    yield Change(SQL.product_placed, (e.originator_id, e.about.province, e.about.commune, e.legal_date))


@PRODUCTS.on(Product.Classified)
def product_classified(e: Product.Classified) -> Changes:
    yield Change(SQL.product_classified, (e.originator_id, e.about.product.set))


@PRODUCTS.on(Product.CertificateNoted)
def product_certified(e: Product.CertificateNoted) -> Changes:
    yield certified(e, e.certificate)


def certified(e: ChangedAbout, held: Held) -> Change:
    """The last certificate; `certified_until` is its last day, also where it ended before its printed one."""
    until = min(held.last, held.ended_on - timedelta(days=1)) if held.ended_on else held.last
    return Change(SQL.product_certified, (e.originator_id, held.number, held.stars, until, held.issued_on))


@PRODUCTS.on(Product.CodeGiven)
def product_coded(e: Product.CodeGiven) -> Changes:
    yield Change(SQL.product_coded, (e.originator_id, e.code))


# --- dossier ---


@DOSSIERS.on(Dossier.Submitted)
def dossier_submitted(e: Dossier.Submitted) -> Changes:
    a, p = e.about, e.about.product
    yield Change(
        SQL.dossier_submitted,
        (e.originator_id, p.id, p.code, p.name, a.producer.name, p.set, p.group, a.province, a.commune, e.ruleset,
         e.kind, len(e.evidence), e.legal_date, check_by(e), e.previous, list(e.changed), e.admitted_by,
         e.stars_held, ticks(e), papers(e.evidence), e.left_over),
    )  # fmt: skip


@DOSSIERS.on(Dossier.Returned)
def dossier_returned(e: Dossier.Returned) -> Changes:
    yield Change(SQL.dossier_returned, (e.originator_id, list(e.missing), e.legal_date))


@DOSSIERS.on(Dossier.Completed)
def dossier_completed(e: Dossier.Completed) -> Changes:
    """The commune's working days begin anew; the day of the first filing stays."""
    yield Change(SQL.dossier_completed, (e.originator_id, ticks(e), e.legal_date, check_by(e)))
    yield papers_added(e)


def ticks(e: Dossier.Submitted | Dossier.Completed) -> str:
    return orjson.dumps(e.form_02.self_assessment if e.form_02 else {}).decode()


def check_by(e: Dossier.Submitted | Dossier.Completed) -> date | None:
    """The last day of the commune's check; null where the rules state no term."""
    return limits.due(HANDLING, e.legal_date, e.ruleset) if limits.has(HANDLING, e.ruleset) else None


@DOSSIERS.on(Dossier.Forwarded)
def dossier_forwarded(e: Dossier.Forwarded) -> Changes:
    yield Change(SQL.dossier_forwarded, (e.originator_id, e.about.product.code, e.legal_date))


@DOSSIERS.on(Dossier.AdditionRequested)
def addition_requested(e: Dossier.AdditionRequested) -> Changes:
    yield Change(SQL.addition_requested, (e.originator_id, ADDITION, list(e.wants), e.due_on, e.legal_date))


@DOSSIERS.on(Dossier.AdditionSupplied)
def addition_supplied(e: Dossier.AdditionSupplied) -> Changes:
    yield Change(SQL.dossier_moved, (e.originator_id, "in-assessment", e.legal_date))
    yield papers_added(e)


@DOSSIERS.on(Dossier.Moved)
def dossier_moved(e: Dossier.Moved) -> Changes:
    yield Change(SQL.dossier_moved, (e.originator_id, e.state, e.legal_date))


def papers_added(e: Dossier.Completed | Dossier.AdditionSupplied) -> Change:
    return Change(SQL.dossier_papers, (e.originator_id, len(e.evidence), papers(e.evidence)))


def papers(evidence: tuple[Evidence, ...]) -> str:
    return orjson.dumps([paper.model_dump() for paper in evidence]).decode()


def compared(row: dict[str, Any], before: dict[str, Any] | None) -> dict[str, Any]:
    """What changed from the dossier before: each criterion with both ticks, and the papers that came and went.

    Without one in the register: the criteria that the producer names, and no papers.
    """
    ticks, earlier = orjson.loads(row["ticks"]), orjson.loads(before["ticks"]) if before else {}
    criteria = [
        {"criterion": code, "before": earlier.get(code), "after": ticks.get(code)} for code in row["changed"] or ()
    ]
    if before is None:
        return {"criteria": criteria, "evidence_added": [], "evidence_removed": []}
    now, then = orjson.loads(row["papers"]), orjson.loads(before["papers"])
    return {
        "criteria": criteria, "evidence_added": [paper for paper in now if not among(paper, then)],
        "evidence_removed": [paper for paper in then if not among(paper, now)],
    }  # fmt: skip


def among(paper: dict[str, Any], others: list[dict[str, Any]]) -> bool:
    return any(paper["sha256"] == other["sha256"] and paper["kind"] == other["kind"] for other in others)


# --- what is due: the commune's check, papers that were asked for ---


@DUE.on(Dossier.Submitted)
def filed(e: Dossier.Submitted) -> Changes:
    """What was filed before 22/5/2026 is assessed under its own rules within 60 or 30 days from then (26/2026 art. 12.2);
    whatever has its result by that day never comes under that limit.
    """
    yield from check_due(e)
    runs = limits.transition(e.ruleset, e.kind)
    if runs:
        yield due.opened(
            runs.limit.id, e.originator_id, begun_on=runs.begun_on, due_on=runs.due_on, owner="agency",
            ref=runs.limit.ref, about=e.about,
        )  # fmt: skip


@DUE.on(Dossier.Completed)
def check_due(e: Dossier.Submitted | Dossier.Completed) -> Changes:
    """Counted from the last complete filing; a return stops it. Older rules state no term."""
    if limits.has(HANDLING, e.ruleset):
        yield due.begun(HANDLING, e.originator_id, on=e.legal_date, owner="commune", ruleset=e.ruleset, about=e.about)


@DUE.on(Dossier.Returned, Dossier.Forwarded)
def check_done(e: Dossier.Returned | Dossier.Forwarded) -> Changes:
    yield due.closed(HANDLING, e.originator_id, e.legal_date)


@DUE.on(Dossier.AdditionRequested)
def addition_due(e: Dossier.AdditionRequested) -> Changes:
    yield due.opened(
        ADDITION_LIMIT, e.originator_id, begun_on=e.legal_date, due_on=e.due_on, owner="producer",
        ref=limits.limit(e.ruleset, ADDITION_LIMIT).ref, about=e.about, what={"wants": e.wants},
    )  # fmt: skip


@DUE.on(Dossier.AdditionSupplied)
def addition_done(e: Dossier.AdditionSupplied | Dossier.Moved) -> Changes:
    """Supplied, or the assessment went on without it."""
    yield due.closed(ADDITION_LIMIT, e.originator_id, e.legal_date)


@DUE.on(Dossier.Moved)
def gone_on(e: Dossier.Moved) -> Changes:
    """Its result also ends the transition, where it came under that."""
    yield from addition_done(e)
    for limit in TRANSITION if e.state in SETTLED and limits.transition(e.ruleset, "first") else ():
        yield due.closed(limit, e.originator_id, e.legal_date)


# --- timeline: every step of a product, in the words of its event ---

STEPS: dict[type[ChangedAbout], str] = {
    Idea.Registered: "idea-registered",
    Idea.Screened: "idea-screened",
    Idea.Accepted: "idea-accepted",
    Idea.Returned: "idea-returned",
    Idea.SentAgain: "idea-sent-again",
    Idea.Withdrawn: "idea-withdrawn",
    BusinessPlan.Submitted: "plan-submitted",
    BusinessPlan.Approved: "plan-approved",
    BusinessPlan.Returned: "plan-returned",
    BusinessPlan.SubmittedAgain: "plan-submitted-again",
    BusinessPlan.ProgressReported: "plan-progress",
    Product.Registered: "product-registered",
    Product.Recorded: "recognition-recorded",
    Product.Entered: "product-entered",
    Product.EarlierRecorded: "recognition-recorded",
    Product.EarlierNoted: "recognition-noted",
    Product.EarlierTakenBack: "recognition-taken-back",
    Product.CodeGiven: "product-coded",
    Product.Placed: "product-placed",
    Product.Classified: "product-classified",
    Dossier.Submitted: "dossier-submitted",
    Dossier.Returned: "dossier-returned",
    Dossier.Completed: "dossier-completed",
    Dossier.Forwarded: "dossier-forwarded",
    Dossier.AdditionRequested: "addition-requested",
    Dossier.AdditionSupplied: "addition-supplied",
    Dossier.Moved: "dossier-moved",
}
INNER = {Dossier.Moved}  # told by the houses themselves; in a dossier's own history all the same
SHOWN = {
    "code", "decision", "done_percent", "opinion", "kind", "guidance", "reason", "missing", "wants", "note", "due_on",
    "admitted_by", "certificate", "state", "told", "known", "chosen",
}  # fmt: skip


@TIMELINE.on(*STEPS)
def step(e: ChangedAbout, fact: Fact) -> Changes:
    shown: dict[str, Any] = e.model_dump(mode="json", include=SHOWN, exclude_none=True)
    yield Change(
        SQL.said,
        (e.about.product.id, fact.position, e.legal_date, STEPS[type(e)], orjson.dumps(shown).decode(),
         e.originator_id, type(e) in INNER),
        together=True,
    )  # fmt: skip


def told(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Steps as they are read: position, day, what happened, and its facts."""
    return [row | {"facts": orjson.loads(row["facts"])} for row in rows]
