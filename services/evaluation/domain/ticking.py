"""What may be ticked or declared on a sheet: ballots, agreed options, eliminations that a council declares."""

from collections.abc import Mapping, Sequence

from services.evaluation.domain import refusals as no
from shared.regulation.faults import Declared, faults_of
from shared.regulation.sheets import Sheet
from shared.values import Value

FAULTS = {kind.rule: kind for kind in (no.UnknownCriterion, no.UnknownOption, no.BlankNotAllowed)}


class Declaration(Value):
    """A condition of the sheet that the council declares to be met: by its id, or by kind and place."""

    id: str | None = None
    kind: str | None = None
    at: str | None = None


def check_options(sheet: Sheet, options: Mapping[str, int | None], at: str) -> None:
    """Raises UnknownCriterion, UnknownOption or BlankNotAllowed with the first fault's field, such as `options.6.1`."""
    faults = faults_of(sheet, options, at)
    if faults:
        raise FAULTS[faults[0].rule](field=faults[0].field, fault=faults[0])


def check_known(sheet: Sheet, criteria: Sequence[str], at: str) -> None:
    """Raises UnknownCriterion with the first code that the sheet does not have, such as `improve.99`."""
    for fault in faults_of(sheet, dict.fromkeys(criteria), at):
        if fault.rule == no.UnknownCriterion.rule:
            raise no.UnknownCriterion(field=fault.field, fault=fault)


def declared_on(sheet: Sheet, declaration: Declaration, field: str) -> Declared:
    """The sheet's own condition that is meant. Raises UnknownElimination."""
    wanted = declaration.model_dump(exclude_none=True)
    for condition in sheet.eliminations:
        if condition.trigger == "declared" and wanted and all(getattr(condition, k) == v for k, v in wanted.items()):
            return Declared(condition.kind, condition.at)
    raise no.UnknownElimination(field=field, set=sheet.set)
