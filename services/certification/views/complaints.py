"""Complaints: by reference for anyone, without what was written; the sealed texts for those who answer."""

from typing import Any

import orjson

from services.certification.domain.complaint import Complaint
from services.certification.views.tables import HOUSE, SQL, Changes, about_product, map_day
from shared.auth.permissions import Place
from shared.eventstore.views import Change, View
from shared.sealing import Sealed

COMPLAINTS = View("complaints", ["complaints"], HOUSE)


@COMPLAINTS.on(Complaint.Made)
def made(e: Complaint.Made) -> Changes:
    yield Change(
        SQL.complaint_made,
        (e.reference, *about_product(e.about), e.number, e.legal_date, e.due_on, e.text.model_dump_json(),
         e.contact and e.contact.model_dump_json(), map_day(e.about, e.legal_date)),
    )  # fmt: skip


@COMPLAINTS.on(Complaint.Answered)
def answered(e: Complaint.Answered) -> Changes:
    yield Change(SQL.complaint_answered, (e.reference, e.legal_date, e.answer))


ANYONE = ("reference", "number", "state", "made_on", "due_on", "answered_on", "answer")
OFFICERS = (*ANYONE, "product_id", "product_code", "product_name", "producer_name", "province", "commune")


def anyone_may_read(row: dict[str, Any]) -> dict[str, Any]:
    """What the page of a reference shows: never what was written, or by whom."""
    return {field: row[field] for field in ANYONE}


def officers_may_read(row: dict[str, Any]) -> dict[str, Any]:
    return {field: row[field] for field in OFFICERS}


def sealed_in(row: dict[str, Any]) -> dict[str, Sealed[str] | None]:
    """The sealed text and contact of a row."""
    return {
        field: Sealed[str].model_validate(orjson.loads(row[field])) if row[field] else None
        for field in ("text", "contact")
    }


def place_of(row: dict[str, Any]) -> Place:
    return Place(province=row["province"], commune=row["commune"])
