"""What may be ticked or declared on a sheet: ballots, agreed options, eliminations that a council declares."""

from collections.abc import Mapping, Sequence

from services.evaluation.domain import refusals as no
from shared.regulation.faults import faults_of
from shared.regulation.sheets import Elimination, Sheet
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
