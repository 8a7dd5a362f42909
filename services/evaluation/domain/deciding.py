"""What a council's decision says of the last ballots, the options agreed on, and what is declared."""

from collections.abc import Mapping, Sequence

from services.evaluation.domain import refusals as no
from services.evaluation.domain import voting
from services.evaluation.domain.outcome import Outcome, explain
from services.evaluation.domain.ticking import (
    Declaration,
    PartTotalsWanted,
    StarsScored,
    StarsWanted,
    check_options,
    declared_on,
)
from shared.regulation import frames
from shared.regulation.bylaw import Bylaw
from shared.regulation.faults import Declared
from shared.regulation.rulesets import Ruleset
from shared.regulation.scoring import score


def conclude(
    turn: voting.Turn, bylaw: Bylaw, ruleset: Ruleset, set_no: str | None, agreed: Mapping[str, int | None] | None,
    declared: Sequence[Declaration], stars: int | None = None,
) -> Outcome:  # fmt: skip
    """The explained outcome; `stars` are recorded where the rules know no points.

    Raises UnknownElimination, ElimNotClear, BallotsMissing, SpreadTooWide, WrittenOpinionsDisagree, StarsScored, and as
    check_options and by_frame. A declared elimination needs neither every ballot nor that they lie close.
    """
    if stars is not None and ruleset.scale is not None:
        raise StarsScored(field="stars", ruleset=ruleset.id)
    if ruleset.is_frame:
        return by_frame(turn, bylaw, ruleset, set_no, agreed, declared, stars)
    sheet = ruleset.sheet(set_no)
    ends = [declared_on(sheet, one, f"declared[{n}]") for n, one in enumerate(declared)]
    if not ends:
        voting.check_complete(turn)
    if agreed:
        check_options(sheet, agreed, "agreed")
    fates = [Declared(end.kind, end.at) for end in ends]
    result = score(ruleset, set_no, list(turn.ballots.values()), agreed=agreed or None, declared=fates, bylaw=bylaw)
    if not ends:
        voting.check_agreement(turn, bylaw, result)
    return explain(sheet, turn.ballots, ends, result)


def by_frame(
    turn: voting.Turn, bylaw: Bylaw, ruleset: Ruleset, set_no: str | None, agreed: Mapping[str, int | None] | None,
    declared: Sequence[Declaration], stars: int | None,
) -> Outcome:  # fmt: skip
    """By part totals, or as recorded; no criteria to agree on and no eliminations are known.

    Raises UnknownElimination, PartTotalsWanted, StarsWanted, NoSuchStar, BallotsMissing, SpreadTooWide.
    """
    if declared:
        raise no.UnknownElimination(field="declared[0]", set=ruleset.id)
    if agreed:
        raise PartTotalsWanted(field="agreed", ruleset=ruleset.id)
    if ruleset.scale is None:
        if stars is None:
            raise StarsWanted(field="stars", ruleset=ruleset.id)
        return explain(None, {}, (), frames.recorded(ruleset, set_no, stars))
    voting.check_complete(turn)
    result = score(ruleset, set_no, list(turn.ballots.values()), bylaw=bylaw)
    voting.check_agreement(turn, bylaw, result)
    return explain(None, turn.ballots, (), result)
