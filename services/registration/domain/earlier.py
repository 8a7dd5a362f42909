"""Earlier recognitions as old registers tell them: which of them make a certificate, under which ids and numbers. Pure."""

from datetime import date
from typing import Self
from uuid import UUID, uuid5

from services.registration.domain.held import Held
from services.registration.domain.recorded import FRAMES
from shared.calendar import certificate_expiry
from shared.values import Decision, Value

EARLIER = UUID("6f0c1c5f-7a53-5d0a-8f0e-0c0b73c3b463")  # namespace of ids that follow from the content of old registers


def id_of(*content: object) -> UUID:
    """The id that follows from what was read, the same at every reading."""
    return uuid5(EARLIER, "\n".join(str(part) for part in content))


class Told(Value):
    """One recognition as it was read; what is not known is null. `expires_on`: what the book says where it has no date."""

    star: int | None
    on: date | None
    year: int | None
    decision: str | None
    authority: str | None
    expires_on: date | None = None

    def id(self, product_id: UUID) -> UUID:
        """By star and day; where no day is known, by all that is."""
        known = [self.on] if self.on else ["", self.year, self.decision, self.authority]
        return id_of(product_id, self.star, *known)

    def certificate(self, id: UUID, province: str, today: date, time: int) -> Held | None:
        """The certificate that follows from it, null where its star, its day or the law of its day is not known.

        `id`: the recognition's own; `time`: which time it is recorded, so that a number never comes back.
        """
        if self.star is None or self.on is None or self.on > today or ruleset_of(self.on) is None:
            return None
        mark = id.hex[:10] + (f"-{time}" if time > 1 else "")
        number = f"SC-{province}-{self.on.year}-{mark}"
        return Held(number=number, stars=self.star, issued_on=self.on, expires_on=certificate_expiry(self.on))

    @property
    def printed(self) -> Decision:
        """The decision of a dated recognition; its number and authority are empty where the book does not say."""
        assert self.on is not None
        return Decision(number=self.decision or "", date=self.on, authority=self.authority or "")

    @classmethod
    def of(cls, read: dict[str, object], expires_on: object) -> Self:
        """From the form in which a reader of old registers gives it."""
        return cls.model_validate({
            "star": read["star"], "on": read["date"], "year": read["year"], "decision": read["decision"],
            "authority": read["agency"], "expires_on": expires_on,
        })  # fmt: skip


def ruleset_of(day: date) -> str | None:
    """The ruleset under which a decision of that day was made, the latest where two were in force; null before the first."""
    found = [id for id, (first, last) in FRAMES.items() if first <= day <= (last or date.max)]
    return found[-1] if found else None
