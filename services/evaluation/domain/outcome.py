"""What a council's decision says and why, as it is kept for ever: replay never computes it again.

Points are exact (`Fraction`, in JSON `"n"` or `"n/d"`); nothing is rounded.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

from shared.regulation import results, sheets
from shared.regulation.ballots import Ballot, points_of
from shared.values import Value


@lru_cache(maxsize=4096)
def from_text(text: str) -> Fraction:
    """A decision holds hundreds of points, and most of them are the same few: reading one anew takes twenty times longer."""
    return Fraction(text)


def read(points: Any) -> Any:
    return from_text(points) if isinstance(points, str) else points


Points = Annotated[Fraction, BeforeValidator(read)]


class Gate(Value):
    """A criterion below the minimum of a star: points needed, the star mark that sets them, points had."""

    criterion: str
    mark: int
    need: Points
    have: Points


class Elimination(Value):
    """What ended the assessment, by its id on the sheet, and where (a criterion or `dossier`)."""

    id: str
    kind: sheets.ElimKind
    at: str
    by: Literal["option", "declared"]


class Standing(Value):
    """The star after gates, the gates that hold it below its band, and what is missing for one star more."""

    star: int
    recognised: bool
    missed: tuple[Gate, ...]
    next_star: int | None
    missed_for_next: tuple[Gate, ...]
    points_short: Points | None


class CriterionScore(Value):
    """One criterion: the agreed option with its points, and what the ballots gave (lowest, highest, mean)."""

    criterion: str
    option: int | None
    points: Points
    lowest: Points
    highest: Points
    mean: Points


class Outcome(Value):
    """A decided result. `standing` is null without ranking; `marks_read` is the other reading, for a sheet whose marks
    limit no star. `parts` are the ballots' means, `agreed_parts` those of the agreed options."""

    status: results.Status
    eliminations: tuple[Elimination, ...]
    average: Points | None
    spread: Points | None
    totals: dict[str, Points]
    parts: dict[str, Points] | None
    agreed: dict[str, int | None] | None
    agreed_parts: dict[str, Points] | None
    agreed_total: Points | None
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


def explain(
    sheet: sheets.Sheet | None, ballots: Mapping[str, Ballot], declared: Sequence[sheets.Elimination],
    result: results.Result,
) -> Outcome:  # fmt: skip
    """A result of the scoring as it is kept; `ballots` by member id, in the order in which they were scored.

    `sheet` is null where of the rules only the frame is known: no criteria, no eliminations.
    """
    return Outcome(
        status=result.status,
        eliminations=eliminations_of(sheet, declared, result) if sheet else (),
        average=result.average,
        spread=result.spread,
        totals=dict(zip(ballots, result.ballot_totals, strict=True)),
        parts=result.mean_parts,
        agreed=result.agreed,
        agreed_parts=result.parts_of_agreed,
        agreed_total=result.total_of_agreed,
        criteria=criteria_of(sheet, list(ballots.values()), result.agreed)
        if sheet and ballots and result.agreed
        else (),
        star_by_band=result.star_by_band,
        standing=standing_of(result) if result.star_after_gates is not None else None,
        marks_read=result.if_gates_applied and standing_of(result.if_gates_applied),
    )


def eliminations_of(
    sheet: sheets.Sheet, declared: Sequence[sheets.Elimination], result: results.Result
) -> tuple[Elimination, ...]:
    """Those of chosen options first; the result does not say which of the sheet's conditions was declared."""
    chosen = [one for one in result.eliminations if one.by == "option"]
    return (
        *(Elimination(id=chosen_at(sheet, one.at, result), kind=one.kind, at=one.at, by="option") for one in chosen),
        *(Elimination(id=meant.id, kind=meant.kind, at=meant.at, by="declared") for meant in declared),
    )


def chosen_at(sheet: sheets.Sheet, code: str, result: results.Result) -> str:
    """The id of the condition that the agreed option of a criterion meets."""
    option = (result.agreed or {})[code]
    found = option and sheet.criteria[code].options[option - 1].eliminates
    assert found
    return found


def standing_of(found: results.Standing) -> Standing:
    assert found.star_after_gates is not None
    return Standing(
        star=found.star_after_gates, recognised=found.recognised, missed=gates_of(found.blocking_for_band),
        next_star=found.next_star, missed_for_next=gates_of(found.blocking_for_next),
        points_short=found.points_short_for_next,
    )  # fmt: skip


def gates_of(missed: Sequence[results.Missed]) -> tuple[Gate, ...]:
    return tuple(Gate(criterion=m.criterion, mark=m.mark, need=m.need, have=m.have) for m in missed)


def criteria_of(sheet: sheets.Sheet, ballots: Sequence[Ballot], agreed: Ballot) -> tuple[CriterionScore, ...]:
    given = [points_of(sheet, ballot) for ballot in ballots]
    points = points_of(sheet, agreed)
    return tuple(
        CriterionScore(
            criterion=code, option=agreed.get(code), points=points[code], lowest=min(one[code] for one in given),
            highest=max(one[code] for one in given), mean=Fraction(sum(one[code] for one in given), len(given)),
        )
        for code in sheet.criteria
    )  # fmt: skip
