"""What a council's decision says of the last ballots, the options agreed on, and what is declared."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from services.evaluation.domain import voting
from services.evaluation.domain.outcome import Outcome, explain
from services.evaluation.domain.ticking import Declaration, check_options, declared_on
from shared.regulation.bylaw import Bylaw
from shared.regulation.faults import Declared
from shared.regulation.rulesets import Ruleset
from shared.regulation.scoring import score


def conclude(
    turn: voting.Turn, bylaw: Bylaw, ruleset: Ruleset, set_no: str, agreed: Mapping[str, int | None] | None,
    declared: Sequence[Declaration],
) -> tuple[Outcome, Fraction | None]:  # fmt: skip
    """The explained outcome, and the exact average by which it may go up: null where it is not ranked.

    Raises UnknownElimination, ElimNotClear, BallotsMissing, SpreadTooWide, WrittenOpinionsDisagree, and as
    check_options. A declared elimination needs neither every ballot nor that they lie close.
    """
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
    return explain(sheet, turn.ballots, ends, result), result.average if result.status == "ranked" else None
