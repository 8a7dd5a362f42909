"""What a council's decision says and why, as it is kept for ever: replay never computes it again.

Points are exact (`Fraction`, in JSON `"n"` or `"n/d"`); nothing is rounded.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Literal

from shared.regulation import scoring
from shared.regulation.ballots import Ballot, points_of
from shared.regulation.sheets import ElimKind, Sheet
from shared.values import Value


class Gate(Value):
    """A criterion below the minimum of a star: points needed, the star mark that sets them, points had."""

    criterion: str
    mark: int
    need: Fraction
    have: Fraction


class Elimination(Value):
    """What ended the assessment, at which criterion (or `dossier`): by an option or declared."""

    kind: ElimKind
    at: str
    by: Literal["option", "declared"]


class Standing(Value):
    """The star after gates, the gates that hold it below its band, and what is missing for one star more."""

    star: int
    recognised: bool
    missed: tuple[Gate, ...]
    next_star: int | None
    missed_for_next: tuple[Gate, ...]
    points_short: Fraction | None


class CriterionScore(Value):
    """One criterion: the agreed option with its points, and what the ballots gave (lowest, highest, mean)."""

    criterion: str
    option: int | None
    points: Fraction
    lowest: Fraction
    highest: Fraction
    mean: Fraction


class Outcome(Value):
    """A decided result. `standing` is null without ranking; `marks_read` is the other reading, for a sheet whose marks
    limit no star. `parts` are the ballots' means, `agreed_parts` those of the agreed options."""

    status: scoring.Status
    eliminations: tuple[Elimination, ...]
    average: Fraction | None
    spread: Fraction | None
    totals: dict[str, Fraction]
    parts: dict[str, Fraction] | None
    agreed: dict[str, int | None] | None
    agreed_parts: dict[str, Fraction] | None
    agreed_total: Fraction | None
    criteria: tuple[CriterionScore, ...]
    star_by_band: int | None
    standing: Standing | None
    marks_read: Standing | None

    @property
    def star(self) -> int | None:
        return self.standing.star if self.standing else None

    @property
    def recognised(self) -> bool:
        """Three stars or more (art. 4.1)."""
        return self.standing is not None and self.standing.recognised


def explain(sheet: Sheet, ballots: Mapping[str, Ballot], result: scoring.Result) -> Outcome:
    """A result of the scoring as it is kept; `ballots` by member id, in the order in which they were scored."""
    return Outcome(
        status=result.status,
        eliminations=tuple(Elimination(kind=e.kind, at=e.at, by=e.by) for e in result.eliminations),
        average=result.average,
        spread=result.spread,
        totals=dict(zip(ballots, result.ballot_totals, strict=True)),
        parts=result.mean_parts,
        agreed=result.agreed,
        agreed_parts=result.parts_of_agreed,
        agreed_total=result.total_of_agreed,
        criteria=criteria_of(sheet, list(ballots.values()), result.agreed) if ballots and result.agreed else (),
        star_by_band=result.star_by_band,
        standing=standing_of(result) if result.star_by_band is not None else None,
        marks_read=result.if_gates_applied and standing_of(result.if_gates_applied),
    )


def standing_of(found: scoring.Standing) -> Standing:
    assert found.star_after_gates is not None
    return Standing(
        star=found.star_after_gates, recognised=found.recognised, missed=gates_of(found.blocking_for_band),
        next_star=found.next_star, missed_for_next=gates_of(found.blocking_for_next),
        points_short=found.points_short_for_next,
    )  # fmt: skip


def gates_of(missed: Sequence[scoring.Missed]) -> tuple[Gate, ...]:
    return tuple(Gate(criterion=m.criterion, mark=m.mark, need=m.need, have=m.have) for m in missed)


def criteria_of(sheet: Sheet, ballots: Sequence[Ballot], agreed: Ballot) -> tuple[CriterionScore, ...]:
    given = [points_of(sheet, ballot) for ballot in ballots]
    points = points_of(sheet, agreed)
    return tuple(
        CriterionScore(
            criterion=code, option=agreed.get(code), points=points[code], lowest=min(one[code] for one in given),
            highest=max(one[code] for one in given), mean=Fraction(sum(one[code] for one in given), len(given)),
        )
        for code in sheet.criteria
    )  # fmt: skip
