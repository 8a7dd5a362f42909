"""What anyone may know of a certificate on a day: what its page, its JSON and its state on the bus tell alike."""

from datetime import date
from typing import Any

from services.certification.domain.certificate import Course, Held, status
from services.certification.domain.recognition import Recognition
from services.certification.domain.revocation import ground_text

STATED = ("stars", "product", "producer", "province", "decision", "reason", "replaced_by")


def unknown(number: str, on: date) -> dict[str, Any]:
    """The public facts of a number that no certificate has."""
    return {"number": number, "on": on, "status": "unknown", "since": None, "until": None} | dict.fromkeys(STATED)


def facts_on(
    course: Course, on: date, *, product: dict[str, Any], producer: dict[str, Any], province: str,
    decision: dict[str, Any], reason: str | None, replaced_by: str | None,
) -> dict[str, Any]:  # fmt: skip
    """The public facts of a certificate with its status on a day.

    `product`: id, code, name; `producer`: id, name; `decision`: number, date, authority. `reason` is told while it is
    revoked, `replaced_by` while it is replaced: before that day it stays what it was.
    """
    is_now = status(course, on)
    return {
        "number": course.number, "on": on, "status": is_now.status, "since": is_now.since, "until": is_now.until,
        "stars": course.stars, "product": product, "producer": producer, "province": province, "decision": decision,
        "reason": reason if is_now.status == "revoked" else None,
        "replaced_by": replaced_by if is_now.status == "replaced" else None,
    }  # fmt: skip


def held_on(held: Held, on: date) -> dict[str, Any]:
    """The public facts of a certificate as its recognition remembers it."""
    product, producer = held.about.product, held.about.producer
    return facts_on(
        held, on,
        product={"id": product.id, "code": product.code, "name": product.name},
        producer={"id": producer.id, "name": producer.name}, province=held.about.province,
        decision=held.decision.model_dump(),
        reason=ground_text(held.ground, held.revoked_under) if held.ground and held.revoked_under else None,
        replaced_by=held.replaced_by,
    )  # fmt: skip


def certificates_on(recognition: Recognition, on: date) -> list[dict[str, Any]]:
    """The public facts of every certificate of a product, each with its `certificate_id`, in order of issue."""
    return [held_on(held, on) | {"certificate_id": held.id} for held in recognition.certificates]
