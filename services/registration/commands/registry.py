"""The commands of the registration house, and what several of them ask."""

from datetime import date
from typing import Annotated

from pydantic import StringConstraints

from shared import units
from shared.eventstore.commands import Commands
from shared.regulation.rulesets import Ruleset
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


class GroupMissing(Refusal):
    rule = "product-group-missing"
    vi = "Bộ quy tắc {ruleset} không có bộ sản phẩm: phải ghi nhóm sản phẩm."
    en = "Ruleset {ruleset} has no product sets: the group is needed."


class OtherGroup(Refusal):
    rule = "product-group-of-another-set"
    article = "Phụ lục I"
    vi = "Bộ sản phẩm {set} thuộc nhóm {group}."
    en = "Product set {set} is of group {group}."


def check_place(province: str, code: str, on: date) -> None:
    """Raises WrongPlace unless the commune is in the province that day."""
    above = units.province_of(code, on)
    if above is None or above.code != province:
        raise WrongPlace(field="commune", commune=code, province=province, on=on)


def classified(ruleset: Ruleset, set_no: str | None, group: str | None) -> str:
    """The group of a product: of its set where the rules have sets, else as given. Raises UnknownSheet, GroupMissing,
    NotInRuleset, OtherGroup.
    """
    if not ruleset.is_frame or set_no is not None:
        found = ruleset.group_of(set_no)
        if group not in {None, found}:
            raise OtherGroup(field="group", set=set_no, group=found)
        return found
    if group is None:
        raise GroupMissing(field="group", ruleset=ruleset.id)
    return ruleset.group(group).id


def check_kind(ruleset: Ruleset, kind: str, field: str = "kind") -> None:
    """Raises UnknownKind."""
    known = {named.id for named in (*ruleset.producers.types, *ruleset.producers.tourism_also)}
    if kind not in known:
        raise UnknownKind(field=field, kind=kind)
