"""The commands of the registration house, and what several of them ask."""

from datetime import date
from typing import Annotated

from pydantic import StringConstraints

from shared.eventstore.commands import Commands
from shared.regulation.rulesets import Ruleset
from shared.units import commune
from shared.values import Refusal

COMMANDS = Commands("registration")
handler = COMMANDS.handler

Words = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)
]  # what is said, not blank


class WrongPlace(Refusal):
    rule = "commune-not-in-province"
    article = "19/2025/QĐ-TTg"
    vi = "Xã {commune} không thuộc tỉnh {province} vào ngày {on}."
    en = "Commune {commune} is not in province {province} on {on}."


class UnknownKind(Refusal):
    rule = "unknown-producer-kind"
    article = "Điều 2.3"
    vi = "Bộ quy tắc không có loại chủ thể {kind}."
    en = "The ruleset has no producer kind {kind}."


def check_place(province: str, code: str, on: date) -> None:
    """Raises WrongPlace unless the commune is in the province that day."""
    place = commune(code, on)
    if place is None or place.parent != province:
        raise WrongPlace(field="commune", commune=code, province=province, on=on)


def check_kind(ruleset: Ruleset, kind: str, field: str = "kind") -> None:
    """Raises UnknownKind."""
    known = {named.id for named in (*ruleset.producers.types, *ruleset.producers.tourism_also)}
    if kind not in known:
        raise UnknownKind(field=field, kind=kind)
