"""Certificates with their status on a day: for anyone, and with all that became of them."""

from datetime import date
from typing import Any

import orjson

from services.certification.domain.certificate import Certificate, Course, history
from services.certification.domain.public import facts_on, unknown
from services.certification.domain.recognition import Recognition
from services.certification.domain.revocation import ground_text
from services.certification.views.tables import HOUSE, SQL, Changes, about_product, map_day
from shared.eventstore.aggregate import ChangedAbout
from shared.eventstore.views import Change, Fact, View
from shared.values import Decision

CERTIFICATES = View("certificates", ["certificates"], HOUSE, remembers={"certificates": ["number"]})

__all__ = ["CERTIFICATES", "detailed", "public", "unknown"]

# --- issued, replaced, taken in ---


@CERTIFICATES.on(Recognition.CertificateIssued)
def issued(e: Recognition.CertificateIssued, fact: Fact) -> Changes:
    p = e.proposal
    yield entry(e, e.certificate, e.decision, (p.kind, p.assessment_id, p.dossier_id, p.simulated), None, fact)


@CERTIFICATES.on(Recognition.CertificateReplaced)
def replaced(e: Recognition.CertificateReplaced, fact: Fact) -> Changes:
    p, new = e.proposal, e.certificate
    yield Change(SQL.replaced, (e.replaces.number, new.issued_on, new.number, fact.at))
    yield entry(e, new, e.decision, (p.kind, p.assessment_id, p.dossier_id, p.simulated), None, fact)


@CERTIFICATES.on(Recognition.Recorded)
def recorded(e: Recognition.Recorded, fact: Fact) -> Changes:
    if e.replaces:
        yield Change(SQL.replaced, (e.replaces.number, e.certificate.issued_on, e.certificate.number, fact.at))
    origin = ("recorded", None, None, e.simulated)
    yield entry(e, e.certificate, e.decision, origin, e.printed, fact, map_on=e.recorded_on)


def entry(
    e: ChangedAbout, c: Certificate, decision: Decision, origin: tuple[Any, ...], printed: str | None, fact: Fact,
    map_on: date | None = None,
) -> Change:  # fmt: skip
    """`origin`: kind, assessment, dossier, simulated; `map_on`: whose map its place is of, by default that of its issue."""
    return Change(
        SQL.issued,
        (c.number, c.id, *about_product(e.about), c.stars, c.issued_on, c.expires_on, decision.model_dump_json(),
         *origin, e.ruleset, printed, map_on or map_day(e.about, c.issued_on), fact.at),
    )  # fmt: skip


# --- extended, expired, revoked ---


@CERTIFICATES.on(Recognition.CertificateExtended)
def extended(e: Recognition.CertificateExtended, fact: Fact) -> Changes:
    yield Change(SQL.extended, (e.certificate.number, e.until_at_most, fact.at))


@CERTIFICATES.on(Recognition.CertificateExpired)
def expired(e: Recognition.CertificateExpired, fact: Fact) -> Changes:
    yield Change(SQL.expired, (e.certificate.number, e.expired_on, fact.at))


@CERTIFICATES.on(Recognition.CertificateRevoked)
def revoked(e: Recognition.CertificateRevoked, fact: Fact) -> Changes:
    facts = {
        "ground": e.ground, "ground_vi": ground_text(e.ground, e.ruleset), "reason": e.reason or None,
        "decision": e.decision.model_dump(mode="json"), "basis": e.basis.model_dump(mode="json"),
    }  # fmt: skip
    yield Change(SQL.revoked, (e.certificate.number, e.legal_date, orjson.dumps(facts).decode(), fact.at))


# --- as it is read ---


def course_of(row: dict[str, Any]) -> Course:
    return Course.model_validate({field: row[field] for field in Course.model_fields})


def public(row: dict[str, Any], on: date) -> dict[str, Any]:
    """The public facts of a certificate with its status on a day, from a row of `certificate` or `certificates`."""
    revocation = row["revocation"] and orjson.loads(row["revocation"])
    return facts_on(
        course_of(row), on,
        product={"id": row["product_id"], "code": row["product_code"], "name": row["product_name"]},
        producer={"id": row["producer_id"], "name": row["producer_name"]}, province=row["province"],
        decision=orjson.loads(row["decision"]), reason=revocation and revocation["ground_vi"],
        replaced_by=row["replaced_by"],
    )  # fmt: skip


DETAILS = (
    "certificate_id", "issued_on", "expires_on", "commune", "set", "group", "producer_kind", "kind", "assessment_id",
    "dossier_id", "simulated", "ruleset", "printed", "extended_until", "expired_on", "revoked_on", "replaced_on",
)  # fmt: skip


def detailed(row: dict[str, Any], on: date) -> dict[str, Any]:
    """The public facts and what its printed form and its page show besides; `history`: every status with its days."""
    return public(row, on) | {field: row[field] for field in DETAILS} | {
        "successor": row["replaced_by"],
        "revocation": row["revocation"] and orjson.loads(row["revocation"]),
        "history": [
            {"status": period.status, "since": period.since, "until": period.until}
            for period in history(course_of(row))
        ],
    }  # fmt: skip


CHANGING = ("status", "since", "until", "reason", "replaced_by")
LASTING = ("number", "stars", "product", "producer", "province", "decision")


def in_time(row: dict[str, Any]) -> dict[str, Any]:
    """The public facts of every day: those that last, and by period those that change with its status."""
    periods = [public(row, day) for period in history(course_of(row)) if (day := period.until or period.since)]
    return {fact: periods[0][fact] for fact in LASTING} | {
        "periods": [{fact: period[fact] for fact in CHANGING} for period in periods]
    }
