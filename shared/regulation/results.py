"""What a scoring says: the star, what holds it back, what is missing for one star more; and why a case has none."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from shared.regulation.faults import Fault
from shared.regulation.rulesets import Ruleset
from shared.regulation.sheets import ElimKind
from shared.values import Refusal

Status = Literal["ranked", "stopped", "rejected", "not_assessed"]
Number = int | Fraction


class InvalidBallots(Refusal):
    """The case cannot be scored; `faults` says all that is wrong with it."""

    rule = "invalid-ballots"
    vi = "Không chấm được: {first.message_vi}"
    en = "This cannot be scored: {first.message_en}"

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(faults[0].field, first=faults[0])


@dataclass(frozen=True, slots=True)
class Eliminated:
    """What ended the assessment: by an option chosen at this criterion, or declared."""

    kind: ElimKind
    at: str
    by: Literal["option", "declared"]


@dataclass(frozen=True, slots=True)
class Missed:
    """A gate that is missed: the points needed, the star mark that sets them, the points had."""

    criterion: str
    mark: int
    need: Number
    have: Number


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The star after gates, what holds it below its band, and what is missing for one star more."""

    star_after_gates: int | None = None
    recognised: bool = False
    blocking_for_band: tuple[Missed, ...] = ()
    next_star: int | None = None
    blocking_for_next: tuple[Missed, ...] = ()
    points_short_for_next: Fraction | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result(Standing):
    """The outcome of an assessment; points throughout, the average exact.

    `mean_parts` are the ballots' means and null without ballots; what is read on the agreed options is null without
    any. `if_gates_applied` is the other reading, for a sheet whose marks limit no star.
    """

    ruleset: str
    set: str | None
    ballot_totals: tuple[Number, ...]
    average: Fraction | None
    spread: Number | None
    mean_parts: Mapping[str, Fraction] | None
    agreed: Mapping[str, int | None] | None
    parts_of_agreed: Mapping[str, Number] | None
    total_of_agreed: Number | None
    status: Status
    eliminations: tuple[Eliminated, ...]
    star_by_band: int | None = None
    if_gates_applied: Standing | None = None


def nothing_missed(_: int) -> tuple[Missed, ...]:
    """Where no minimum limits a star."""
    return ()


def standing(
    ruleset: Ruleset, average: Fraction, band: int, missed: Callable[[int], tuple[Missed, ...]] = nothing_missed
) -> Standing:
    """Where an average of this band stands; `missed` says which minima of a star are not met."""
    lowest = ruleset.lowest_recognised
    held = next((star for star in range(band, lowest - 1, -1) if not missed(star)), lowest - 1)
    star = min(band, held)
    top = star == ruleset.top_star
    needed = None if top else ruleset.band_of(star + 1).from_
    return Standing(
        star_after_gates=star,
        recognised=star >= lowest,
        blocking_for_band=missed(band),
        next_star=None if top else star + 1,
        blocking_for_next=() if top else missed(star + 1),
        points_short_for_next=Fraction(0) if needed is None else max(Fraction(0), needed - average),
    )
