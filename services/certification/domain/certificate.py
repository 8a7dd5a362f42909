"""Certificate (giấy chứng nhận, 26/2026 art. 4): what it states, what became of it, and its status on any day."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, Self
from uuid import UUID, uuid5

from shared.calendar import days_before
from shared.regulation.rulesets import Ruleset
from shared.values import About, Decision, Value

CERTIFICATES = UUID("6f0c1c5f-7a53-5d0a-8f0e-0c0b63657274")  # namespace of the ids that follow from numbers
DAY = timedelta(days=1)

REMINDERS = (
    180,
    150,
    120,
    30,
)  # days before the last day: the window's two ends (art. 7.6.a), its middle, the last month
RENEWAL_DUE = {
    f"renewal-due-{days}": days for days in REMINDERS
}  # the clock's limits, and how many days they remind of
EXPIRY = "certificate-expiry"  # acts on the first day after the last
EXTENSION = "certificate-extension"  # the same, of an extension

Kind = Literal["first", "upgrade", "renewal"]
State = Literal["not-yet-valid", "valid", "extended", "expired", "revoked", "replaced"]
IN_FORCE = ("valid", "extended")


class Certificate(Value):
    """What a certificate states; `expires_on` is its last day."""

    number: str
    stars: int
    issued_on: date
    expires_on: date

    @property
    def id(self) -> UUID:
        """The id that follows from the number, for ever."""
        return uuid5(CERTIFICATES, self.number)


class Course(Certificate):
    """A certificate with all that its status depends on.

    `extended_until`: the last day of an extension (art. 12.3); `expired_on`, `revoked_on`, `replaced_on`: the first day
    on which it is that. It expires by its own dates also before anyone says so.
    """

    extended_until: date | None = None
    expired_on: date | None = None
    revoked_on: date | None = None
    replaced_on: date | None = None

    @property
    def lasts_until(self) -> date:
        """Its last day as things stand, unless it is revoked or replaced."""
        return self.extended_until or self.expires_on

    @property
    def has_ended(self) -> bool:
        """Whether its end was said."""
        return any((self.expired_on, self.revoked_on, self.replaced_on))


class Held(Course):
    """A certificate of a product as its recognition remembers it.

    `about` and `decision`: whose it is and what recognised it, on the day of issue; `ruleset` and `assessment_id`: what it
    was issued under and on, null for a recorded one; `stopped_on`: the day on which the commune confirmed that production
    stopped; `ground` under the ruleset `revoked_under`: why it was revoked; `replaced_by`: the number that took its place.
    """

    about: About
    decision: Decision
    ruleset: str
    assessment_id: UUID | None = None
    stopped_on: date | None = None
    ground: str | None = None
    revoked_under: str | None = None
    replaced_by: str | None = None

    @classmethod
    def of(
        cls, certificate: Certificate, about: About, decision: Decision, ruleset: str, assessment_id: UUID | None,
        **course: date | None,
    ) -> Self:  # fmt: skip
        return cls(
            **certificate.model_dump(), about=about, decision=decision, ruleset=ruleset, assessment_id=assessment_id,
            **course,
        )  # fmt: skip

    @property
    def stated(self) -> Certificate:
        """What is printed on it."""
        return Certificate(**{field: getattr(self, field) for field in Certificate.model_fields})


@dataclass(frozen=True, slots=True)
class Status:
    """What a certificate is from `since` through `until`, both included; null where that side is open."""

    status: State
    since: date | None
    until: date | None


def history(course: Course) -> tuple[Status, ...]:
    """All that a certificate is in its time, in order, without a gap and without overlap (26/2026 arts. 4.3, 8, 12.3).

    The first end counts: what is revoked never expires, what expired is never replaced.
    """
    ends: list[tuple[date | None, State]] = [
        (course.revoked_on, "revoked"),
        (course.replaced_on, "replaced"),
        (course.expired_on or course.lasts_until + DAY, "expired"),
    ]
    end, last = min(((day, state) for day, state in ends if day), key=lambda one: one[0])
    lives: list[tuple[date, State]] = [(course.issued_on, "valid")]
    if course.extended_until:
        lives.append((course.expires_on + DAY, "extended"))
    begins: list[tuple[date | None, State]] = [
        (None, "not-yet-valid"), *(life for life in lives if life[0] < end), (end, last),
    ]  # fmt: skip
    untils = [day - DAY for day, _ in begins[1:] if day]
    return tuple(Status(state, day, until) for (day, state), until in zip(begins, [*untils, None], strict=True))


def status(course: Course, on: date) -> Status:
    """What a certificate is on a day: valid from the day of issue through its expiry date, expired from the next."""
    return next(period for period in history(course) if period.until is None or on <= period.until)


def in_force(course: Course, on: date) -> bool:
    """Whether its product is recognised by it on that day: valid, or extended (art. 12.3)."""
    return status(course, on).status in IN_FORCE


def meet(held: Course, certificate: Certificate) -> bool:
    """Whether a certificate is in force on any of the days that another states."""
    return any(
        period.status in IN_FORCE and period.since <= certificate.expires_on
        and (period.until is None or certificate.issued_on <= period.until)
        for period in history(held) if period.since
    )  # fmt: skip


def window(expires_on: date, ruleset: Ruleset) -> tuple[date, date]:
    """The first and last day to file a renewal, counted back from the last day (art. 7.6.a)."""
    earliest, latest = (ruleset.deadline(f"reassess_submit_{end}").value for end in ("earliest", "latest"))
    return days_before(expires_on, earliest), days_before(expires_on, latest)
