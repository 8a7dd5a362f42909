"""What can be read of certification: results that await recognition, and certificates with their status on a day."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import orjson

from services.certification.domain.certificate import Certificate, status
from services.certification.domain.recognition import Recognition
from shared.eventstore.views import Change, Room, View
from shared.regulation.rulesets import load

HOUSE = "certification"
PROPOSALS = View("proposals", ["proposals"], HOUSE)
CERTIFICATES = View("certificates", ["certificates"], HOUSE)
ROOM = Room(HOUSE, Path(__file__).with_name("views.sql"), [PROPOSALS, CERTIFICATES])
SQL = ROOM.sql
Changes = Iterator[Change]

# --- proposal ---


@PROPOSALS.on(Recognition.Proposed)
def proposed(e: Recognition.Proposed) -> Changes:
    a, p = e.about, e.proposal
    authority = load(e.ruleset).authority_for(p.stars)
    yield Change(
        SQL.proposed,
        (a.product.id, a.product.code, a.product.name, a.product.set, a.product.group, a.producer.id, a.producer.name,
         a.province, a.commune, p.stars, authority, p.level, p.assessment_id, p.dossier_id, p.kind, p.simulated,
         e.ruleset, p.scored_on),
    )  # fmt: skip


@PROPOSALS.on(Recognition.CertificateIssued)
def settled(e: Recognition.CertificateIssued) -> Changes:
    yield Change(SQL.settled, (e.about.product.id,))


# --- certificate ---


@CERTIFICATES.on(Recognition.CertificateIssued)
def issued(e: Recognition.CertificateIssued) -> Changes:
    a, c, p = e.about, e.certificate, e.proposal
    yield Change(
        SQL.issued,
        (c.number, c.id, a.product.id, a.product.code, a.product.name, a.product.set, a.product.group, a.producer.id,
         a.producer.name, a.producer.kind, a.province, a.commune, c.stars, c.issued_on, c.expires_on,
         e.decision.model_dump_json(), p.kind, p.assessment_id, p.dossier_id, p.simulated, e.ruleset),
    )  # fmt: skip


STATED = ("stars", "product", "producer", "province", "decision", "reason", "replaced_by")


def unknown(number: str, on: date) -> dict[str, Any]:
    """The public facts of a number that no certificate has."""
    return {"number": number, "on": on, "status": "unknown", "since": None, "until": None} | dict.fromkeys(STATED)


def public(row: dict[str, Any], on: date) -> dict[str, Any]:
    """The public facts of a certificate with its status on a day, from a row of `certificate` or `certificates`."""
    is_now = status(Certificate.model_validate({field: row[field] for field in Certificate.model_fields}), on)
    facts: dict[str, Any] = {
        "status": is_now.status, "since": is_now.since, "until": is_now.until, "stars": row["stars"],
        "product": {"id": row["product_id"], "code": row["product_code"], "name": row["product_name"]},
        "producer": {"id": row["producer_id"], "name": row["producer_name"]},
        "province": row["province"],
        "decision": orjson.loads(row["decision"]),
    }  # fmt: skip
    return unknown(row["number"], on) | facts


DETAILS = (
    "certificate_id", "issued_on", "expires_on", "commune", "set", "group", "producer_kind", "kind", "assessment_id",
    "dossier_id", "simulated", "ruleset",
)  # fmt: skip


def detailed(row: dict[str, Any], on: date) -> dict[str, Any]:
    """The public facts and what its printed form and its page show besides."""
    return public(row, on) | {field: row[field] for field in DETAILS}
