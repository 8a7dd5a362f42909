"""Revocation (thu hồi, 26/2026 arts. 8, 10.1.b): what a decision rests on, and from which day its fifteen days run."""

from datetime import date
from typing import Literal
from uuid import UUID

from services.certification.domain.certificate import Held
from services.certification.domain.inspection import Inspection
from services.certification.domain.refusals import DecisionBeforeConclusion, NoBasis, NotAnnulled, UnknownGround
from shared.regulation.rulesets import Ruleset, load
from shared.values import Decision, Value

WRONG_RECOGNITION = "10.1b"  # said instead of a ground of art. 8.1
WITHDRAWN_VI = "Kết quả đánh giá đã bị hủy, quyết định công nhận sai bị thu hồi (Điều 10.1.b)"
STOPPED = "đ"  # art. 8.1.đ: the producer no longer produces
BY_INSPECTION_ONLY = {"b", STOPPED}  # b: "by an inspection conclusion"; đ: or by the commune's word


class Basis(Value):
    """The conclusion that a revocation rests on; `concluded_on` begins the fifteen days (art. 8.4)."""

    kind: Literal["inspection", "production_stop", "authority", "annulment"]
    concluded_on: date
    inspection_id: UUID | None = None
    conclusion: Decision | None = None


def grounds_of(ruleset: Ruleset) -> tuple[str, ...]:
    """The ids of the grounds of art. 8.1, in their order."""
    return tuple(ground.id for ground in ruleset.grounds)


def ground_text(ground: str, ruleset: str) -> str:
    """Why, as anyone may read it, with its article."""
    if ground == WRONG_RECOGNITION:
        return WITHDRAWN_VI
    named = load(ruleset).ground(ground)
    return f"{named.vi} ({named.ref})"


def basis_of(
    ground: str, held: Held, ruleset: Ruleset, *, inspection: Inspection | None, conclusion: Decision | None, on: date
) -> Basis:
    """What a revocation by this ground on this day rests on (art. 8.3.a, 8.4).

    An inspection of that certificate that concluded with that ground; the commune's word that production stopped (đ); or a
    conclusion of an authority, where the ground is not one that only an inspection shows.
    Raises UnknownGround, NoBasis, DecisionBeforeConclusion.
    """
    if ground not in grounds_of(ruleset):
        raise UnknownGround(field="ground", ground=ground, grounds=", ".join(grounds_of(ruleset)))
    basis = _named(ground, held, inspection, conclusion)
    if basis is None:
        raise NoBasis(field="ground", ground=ground)
    return _not_after(basis, on)


def _named(ground: str, held: Held, inspection: Inspection | None, conclusion: Decision | None) -> Basis | None:
    if inspection is not None:
        shown = inspection.certificate.number == held.number and inspection.ground == ground
        if shown and inspection.concluded_on:
            return Basis(kind="inspection", concluded_on=inspection.concluded_on, inspection_id=inspection.id)
        return None
    if ground == STOPPED and held.stopped_on:
        return Basis(kind="production_stop", concluded_on=held.stopped_on)
    if conclusion is not None and ground not in BY_INSPECTION_ONLY:
        return Basis(kind="authority", concluded_on=conclusion.date, conclusion=conclusion)
    return None


def annulment_of(held: Held, annulled: dict[UUID, date], on: date) -> Basis:
    """The annulled assessment behind a wrong recognition (art. 10.1.b). Raises NotAnnulled, DecisionBeforeConclusion."""
    if held.assessment_id is None or held.assessment_id not in annulled:
        raise NotAnnulled(number=held.number)
    return _not_after(Basis(kind="annulment", concluded_on=annulled[held.assessment_id]), on)


def _not_after(basis: Basis, on: date) -> Basis:
    if on < basis.concluded_on:
        raise DecisionBeforeConclusion(field="decision.date", decided=on, concluded=basis.concluded_on)
    return basis
