"""What may be ticked or declared on a sheet: ballots, agreed options, eliminations that a council declares."""

from collections.abc import Mapping, Sequence

from services.evaluation.domain import refusals as no
from shared.regulation import frames
from shared.regulation.ballots import Ballot
from shared.regulation.faults import Fault, faults_of
from shared.regulation.rulesets import Ruleset
from shared.regulation.sheets import Elimination, Sheet
from shared.values import Refusal, Value

FAULTS = {kind.rule: kind for kind in (no.UnknownCriterion, no.UnknownOption, no.BlankNotAllowed, no.PointsOutsidePart)}
Paper = Sheet | Ruleset  # what a ballot is filled in on: the sheet, or the frame where no sheet is known


class PartTotalsWanted(Refusal):
    rule = "part-totals-wanted"
    vi = "Bộ quy tắc {ruleset} chỉ có khung: phiếu ghi tổng điểm từng phần A, B, C, không ghi phương án."
    en = "Of ruleset {ruleset} only the frame is known: a ballot gives the totals of parts A, B and C, no options."


class NoPartTotals(Refusal):
    rule = "options-wanted"
    article = "Phụ lục II"
    vi = "Bộ quy tắc {ruleset} có bộ tiêu chí: phiếu ghi phương án từng tiêu chí, không ghi tổng điểm từng phần."
    en = "Ruleset {ruleset} has sheets: a ballot ticks options, it gives no part totals."


class StarsWanted(Refusal):
    rule = "stars-wanted"
    vi = "Bộ quy tắc {ruleset} không có thang điểm: quyết định của hội đồng ghi hạng sao."
    en = "Ruleset {ruleset} has no scale of points: the council's decision records the stars."


class StarsScored(Refusal):
    rule = "stars-follow-from-points"
    vi = "Theo bộ quy tắc {ruleset} hạng sao tính từ điểm, hội đồng không ghi trực tiếp."
    en = "Under ruleset {ruleset} stars follow from points, a council does not record them itself."


class Declaration(Value):
    """A condition of the sheet that the council declares to be met: by its id, or by kind and place."""

    id: str | None = None
    kind: str | None = None
    at: str | None = None


def paper_of(ruleset: Ruleset, set_no: str | None) -> Paper:
    """The sheet of a product set, or the frame itself. Raises UnknownSheet."""
    return ruleset if ruleset.is_frame else ruleset.sheet(set_no)


def checked(paper: Paper, options: Mapping[str, int | None], parts: frames.PartTotals | None) -> Ballot:
    """A ballot as it counts: options of the sheet, or part totals of the frame.

    Raises PartTotalsWanted, NoPartTotals, NoScale, PointsOutsidePart, and as check_options.
    """
    if isinstance(paper, Sheet):
        if parts is not None:
            raise NoPartTotals(field="parts", ruleset=paper.ruleset)
        check_options(paper, options, "options")
        return dict(options)
    if paper.scale is None:
        raise frames.NoScale(ruleset=paper.id)
    if parts is None or options:
        raise PartTotalsWanted(field="parts", ruleset=paper.id)
    refuse(frames.faults_of(paper, parts, "parts"))
    return dict(parts)


def check_options(sheet: Sheet, options: Mapping[str, int | None], at: str) -> None:
    """Raises UnknownCriterion, UnknownOption or BlankNotAllowed with the first fault's field, such as `options.6.1`."""
    refuse(faults_of(sheet, options, at))


def refuse(faults: Sequence[Fault]) -> None:
    """Raises the refusal of the first fault."""
    if faults:
        raise FAULTS[faults[0].rule](field=faults[0].field, fault=faults[0])


def check_known(sheet: Sheet, criteria: Sequence[str], at: str) -> None:
    """Raises UnknownCriterion with the first code that the sheet does not have, such as `improve.99`."""
    for fault in faults_of(sheet, dict.fromkeys(criteria), at):
        if fault.rule == no.UnknownCriterion.rule:
            raise no.UnknownCriterion(field=fault.field, fault=fault)


def declared_on(sheet: Sheet, declaration: Declaration, field: str) -> Elimination:
    """The sheet's one condition that is meant, since a forged dossier and a missing paper are both a rejected dossier.

    Raises UnknownElimination, ElimNotClear.
    """
    wanted = declaration.model_dump(exclude_none=True)
    meant = [
        condition
        for condition in sheet.eliminations
        if condition.trigger == "declared" and all(getattr(condition, key) == value for key, value in wanted.items())
    ]
    if not meant or not wanted:
        raise no.UnknownElimination(field=field, set=sheet.set)
    if len(meant) > 1:
        raise no.ElimNotClear(field=field, ids=", ".join(condition.id for condition in meant))
    return meant[0]
