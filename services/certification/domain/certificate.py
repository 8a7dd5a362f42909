"""Certificate (giấy chứng nhận, 26/2026 art. 4): what it states, and its status as a function of its facts and a day."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal
from uuid import UUID, uuid5

from shared.values import Value

CERTIFICATES = UUID("6f0c1c5f-7a53-5d0a-8f0e-0c0b63657274")  # namespace of the ids that follow from numbers
DAY = timedelta(days=1)

Kind = Literal["first", "upgrade", "renewal"]


class Certificate(Value):
    """What a certificate states, and all that its status depends on; `expires_on` is its last day."""

    number: str
    stars: int
    issued_on: date
    expires_on: date

    @property
    def id(self) -> UUID:
        """The id that follows from the number, for ever."""
        return uuid5(CERTIFICATES, self.number)


@dataclass(frozen=True, slots=True)
class Status:
    """What a certificate is from `since` through `until`, both included; null where that side is open."""

    status: Literal["not-yet-valid", "valid", "expired"]
    since: date | None
    until: date | None


def history(certificate: Certificate) -> tuple[Status, ...]:
    """All that a certificate is in its time, in order, without a gap and without overlap (26/2026 art. 4.3)."""
    return (
        Status("not-yet-valid", None, certificate.issued_on - DAY),
        Status("valid", certificate.issued_on, certificate.expires_on),
        Status("expired", certificate.expires_on + DAY, None),
    )


def status(certificate: Certificate, on: date) -> Status:
    """What a certificate is on a day: valid from the day of issue through its expiry date, expired from the next."""
    return next(period for period in history(certificate) if period.until is None or on <= period.until)
