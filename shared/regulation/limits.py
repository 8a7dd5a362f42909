"""How long someone has: terms of a ruleset first, then the settings of the usual bylaw (`limits.yaml`)."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from shared import calendar
from shared.regulation.files import read_yaml
from shared.regulation.rulesets import NotInRuleset, in_force, load


@dataclass(frozen=True, slots=True)
class Limit:
    """A term of `value` days, working days or months, and the article (or setting) that it comes from."""

    id: str
    value: int
    unit: calendar.TermUnit
    ref: str


_FILE = read_yaml(Path(__file__).with_suffix(".yaml"))
SETTINGS: dict[str, Limit] = {entry["id"]: Limit(**entry) for entry in _FILE["limits"]}
NAMES: dict[str, str] = _FILE["names"]
REMIND: tuple[int, ...] = tuple(_FILE["remind_working_days"])


def limit(ruleset_id: str, limit_id: str) -> Limit:
    """A term by its id, such as `commune_handling` or `complaint`; raises UnknownRuleset, NotInRuleset."""
    for term in load(ruleset_id).deadlines:
        if term.id == limit_id:
            return Limit(term.id, term.value, term.unit, term.ref)
    if limit_id in SETTINGS:
        return SETTINGS[limit_id]
    raise NotInRuleset(ruleset=ruleset_id, what="limit", id=limit_id)


@dataclass(frozen=True, slots=True)
class Running:
    """A limit with the days between which it runs."""

    limit: Limit
    begun_on: date
    due_on: date


def transition(ruleset_id: str, kind: str) -> Running | None:
    """How long what was filed under a ruleset that lapses may still be assessed by it: from the day on which the next one took
    effect (26/2026 art. 12.2). `kind`: of the dossier. None where nothing is said. Raises UnknownRuleset.
    """
    own = load(ruleset_id)
    if own.decision.lapses is None or own.decision.last is None:
        return None
    after = in_force(own.decision.last + timedelta(days=1))
    found = limit(after.id, "transition_reassess" if kind == "renewal" else "transition_first_or_upgrade")
    begun_on = after.decision.effective
    return Running(found, begun_on, calendar.due(begun_on, found.value, found.unit))


def has(limit_id: str, ruleset_id: str) -> bool:
    """Whether a ruleset, or the usual bylaw, states this term. Raises UnknownRuleset."""
    return limit_id in SETTINGS or any(term.id == limit_id for term in load(ruleset_id).deadlines)


def due(limit_id: str, start: date, ruleset_id: str) -> date:
    """The last day of a term that runs forward from `start` (Civil Code arts. 147-148). Raises as `limit` does."""
    term = limit(ruleset_id, limit_id)
    return calendar.due(start, term.value, term.unit)
