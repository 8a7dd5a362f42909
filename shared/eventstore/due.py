"""Limits as rows: what a person must do by which day, or what a house's clock does on it. Written by each house's view.

A house lists `View("due", ["due"], HOUSE)` among its views; its handlers yield `opened` and `closed`, and the room makes
the table. How a row stands is a function of the row and the day: open, remind, overdue, met, met-late.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, get_args
from uuid import UUID

import orjson

from shared import units
from shared.calendar import working_days_before
from shared.eventstore.views import DUE, Change
from shared.regulation import limits
from shared.values import About

VIEW = "due"  # its name in every house that has it
REMIND = limits.REMIND  # working days before the last day on which whoever must act is reminded
State = Literal["open", "remind", "overdue", "met", "met-late"]
STATES: tuple[str, ...] = get_args(State)


@dataclass(frozen=True, slots=True)
class DueRow:
    """One limit as it stands in the view. `due_on`: a person's last day, or the day on which the clock acts."""

    limit_id: str
    subject: UUID
    begun_on: date
    due_on: date
    acts: bool
    owner: str
    ref: str
    province: str
    commune: str
    product_id: UUID | None
    product_name: str | None
    producer_id: UUID | None
    reminders: tuple[date, ...]
    what: dict[str, Any]
    closed_on: date | None

    @property
    def request(self) -> str:
        """The id under which the clock does it: once, however often the day is played."""
        return f"{self.limit_id}:{self.subject}:{self.due_on.isoformat()}"

    @property
    def queue(self) -> UUID:
        """What acts one after another: all of a product, or else of the subject."""
        return self.product_id or self.subject


def row_of(record: Mapping[str, Any]) -> DueRow:
    """A row from the statement `acting`."""
    return DueRow(**{**record, "reminders": tuple(record["reminders"]), "what": orjson.loads(record["what"])})


def shown(house: str, record: Mapping[str, Any]) -> dict[str, Any]:
    """A row from the statement `on_a_day` as it is read."""
    return {"house": house, **record, "what": orjson.loads(record["what"])}


def opened(
    limit_id: str, subject: UUID, *, begun_on: date, due_on: date, owner: str, ref: str, about: About | None = None,
    province: str = "", commune: str = "", map_on: date | None = None, acts: bool = False,
    reminders: Sequence[int] | None = None, what: Mapping[str, Any] | None = None,
) -> Change:  # fmt: skip
    """A limit begins: `owner` (a role) has until the end of `due_on`; with `acts` the house's clock acts on that day.

    `reminders`: so many working days before `due_on`, where left out REMIND, and none where the clock acts; those that
    are not after `begun_on` are left out. `what`: facts that the timer's rule needs besides (JSON). Place, product and
    producer come from `about`, where there is one. `map_on`: the day whose map the place is of, by default the last until
    `begun_on` that fits.
    """
    steps = reminders if reminders is not None else () if acts else REMIND
    days = sorted({day for step in steps if (day := working_days_before(due_on, step)) > begun_on})
    product = (about.product.id, about.product.name, about.producer.id) if about else (None, None, None)
    place = (about.province, about.commune) if about else (province, commune)
    return Change(
        DUE.open,
        (limit_id, subject, begun_on, due_on, acts, owner, ref, *place, *product, days,
         orjson.dumps(dict(what or {}), default=str).decode(), map_on or units.day_of_codes(*place, begun_on)),
    )  # fmt: skip


def begun(
    limit_id: str, subject: UUID, *, on: date, owner: str, ruleset: str, about: About | None = None,
    province: str = "", commune: str = "",
) -> Change:  # fmt: skip
    """A limit of the ruleset or of the usual bylaw begins: its last day and its article follow. Raises NotInRuleset."""
    limit = limits.limit(ruleset, limit_id)
    return opened(
        limit_id, subject, begun_on=on, due_on=limits.due(limit_id, on, ruleset), owner=owner, ref=limit.ref,
        about=about, province=province, commune=commune,
    )  # fmt: skip


def closed(limit_id: str, subject: UUID, on: date) -> Change:
    """What was to be done is done, or no longer asked for: every open row of this limit and subject ends on this day."""
    return Change(DUE.close, (limit_id, subject, on))
