"""What no event tells: figures of targets reported by hand, and the lists that a province keeps for its figures.

Both say who reports and from which paper, and for which day they hold.
"""

from datetime import date
from typing import Literal, Self
from uuid import UUID

from pydantic import Field

from services.programme.domain.document import Target
from shared.auth.permissions import Place
from shared.eventstore.aggregate import Aggregate, Begun, Changed, event
from shared.values import Moment, Refusal, Value


class UnitMissing(Refusal):
    rule = "figure-unit-missing"
    vi = "Chỉ tiêu {target} tính cho từng {scope}: mỗi số cần nêu mã đơn vị (values), không báo một số chung."
    en = "The target {target} is one of {scope}: name a unit with each figure (values), not one figure for all."


class UnitNotAsked(Refusal):
    rule = "figure-unit-not-asked"
    vi = "Chỉ tiêu {target} tính cho toàn tỉnh: báo một số (value), không theo từng đơn vị."
    en = "The target {target} is one of the whole province: report one figure (value), not by units."


class FigureTooLarge(Refusal):
    rule = "figure-over-100-percent"
    vi = "Tỷ lệ {value}% lớn hơn 100%."
    en = "A share of {value}% is over 100%."


class ForUnit(Value):
    """A figure of one district, commune (code) or product (id)."""

    unit: str = Field(min_length=1, max_length=50)
    value: float = Field(ge=0, allow_inf_nan=False)


class ByHand(Value):
    """A figure, or one for each unit; `office`: who reports; `source`: the paper or list it is taken from."""

    value: float | None
    values: tuple[ForUnit, ...]
    office: str
    source: str
    note: str | None


class Figure(Aggregate):
    """All figures reported by hand for one target of a plan; a later one for the same day takes the place of an earlier."""

    TOPIC = "programme.Figure"

    class Opened(Begun):
        TOPIC = "programme.FigureOpened"
        plan_id: UUID
        province: str
        target: str
        reported: ByHand

    class Reported(Changed):
        TOPIC = "programme.FigureReported"
        plan_id: UUID
        target: str
        reported: ByHand

    @classmethod
    def begin(cls, id: UUID, *, plan_id: UUID, province: str, target: Target, reported: ByHand, when: Moment,
              percent: bool) -> Self:  # fmt: skip
        """The first figure of a target; `percent`: it is a share. Raises UnitMissing, UnitNotAsked, FigureTooLarge."""
        check(target, reported, percent)
        return cls._create(
            cls.Opened, id=id, when=when, plan_id=plan_id, province=province, target=target.name, reported=reported
        )

    @event(Opened)
    def __init__(self, plan_id: UUID, province: str, target: str) -> None:
        self.plan_id = plan_id
        self.province = province
        self.name = target

    @property
    def place(self) -> Place:
        return Place(province=self.province)

    def report(self, target: Target, reported: ByHand, when: Moment, *, percent: bool) -> None:
        """Raises as `begin`."""
        check(target, reported, percent)
        self.trigger_event(self.Reported, when=when, plan_id=self.plan_id, target=target.name, reported=reported)

    @event(Reported)
    def _reported(self) -> None:
        """Nothing of it decides about the next."""


def check(target: Target, reported: ByHand, percent: bool) -> None:
    whole = target.scope == "province"
    if whole and (reported.value is None or reported.values):
        raise UnitNotAsked(field="value", target=target.name)
    if not whole and (reported.value is not None or not reported.values):
        raise UnitMissing(field="values", target=target.name, scope=target.scope)
    for value in [reported.value or 0.0, *(one.value for one in reported.values)]:
        if percent and value > 100:
            raise FigureTooLarge(field="value", value=value)


# --- lists kept by hand ---

ListName = Literal[
    "craft_villages", "flagship_products", "founded", "advised_producers", "modern_channels", "officers_in_charge",
    "linked_products",
]  # fmt: skip


class NotListed(Refusal):
    rule = "entry-not-listed"
    vi = "Danh sách {list} không có mục {key}."
    en = "The list {list} has no entry {key}."


class EntryIncomplete(Refusal):
    rule = "entry-incomplete"
    vi = "Danh sách {list} cần trường {needs}."
    en = "The list {list} needs the field {needs}."


class Entry(Value):
    """One entry; which fields count depends on the list.

    craft_villages: `producers` of the village. flagship_products: `product_id`. linked_products: `product_id` and the revenue
    that its business plan promises, in million đồng. founded: `producer_id` and
    the `day` of founding. advised_producers, modern_channels: `producer_id`. officers_in_charge: `count` at a `level`.
    """

    key: str = Field(pattern="^[a-z0-9]+([_-][a-z0-9]+)*$", max_length=100)
    name: str = Field(min_length=1, max_length=300)
    producers: tuple[UUID, ...] = Field(default=(), max_length=1000)
    producer_id: UUID | None = None
    product_id: UUID | None = None
    day: date | None = None
    count: int | None = Field(default=None, ge=0, le=1_000_000)
    level: Literal["province", "district", "commune"] | None = None
    revenue_year_1: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    revenue_year_3: float | None = Field(default=None, ge=0, allow_inf_nan=False)


NEEDS: dict[ListName, tuple[str, ...]] = {
    "craft_villages": (), "flagship_products": ("product_id",), "linked_products": ("product_id",),
    "founded": ("producer_id", "day"), "advised_producers": ("producer_id",), "modern_channels": ("producer_id",),
    "officers_in_charge": ("count", "level"),
}  # fmt: skip


class KeptList(Aggregate):
    """A list that a province keeps by hand; it begins with its first entry, and an entry kept again is changed."""

    TOPIC = "programme.KeptList"

    class Opened(Begun):
        TOPIC = "programme.ListOpened"
        province: str
        list: str
        entry: Entry
        office: str
        source: str

    class EntryKept(Changed):
        TOPIC = "programme.ListEntryKept"
        province: str
        list: str
        entry: Entry
        office: str
        source: str

    class EntryDropped(Changed):
        TOPIC = "programme.ListEntryDropped"
        province: str
        list: str
        key: str
        reason: str

    @classmethod
    def begin(cls, id: UUID, province: str, list: ListName, entry: Entry, *, office: str, source: str,
              when: Moment) -> Self:  # fmt: skip
        """Raises EntryIncomplete."""
        check_entry(list, entry)
        return cls._create(
            cls.Opened, id=id, when=when, province=province, list=list, entry=entry, office=office, source=source
        )

    @event(Opened)
    def __init__(self, province: str, list: str, entry: Entry) -> None:
        self.province = province
        self.list = list
        self.keys = {entry.key}

    @property
    def place(self) -> Place:
        return Place(province=self.province)

    def keep(self, list: ListName, entry: Entry, *, office: str, source: str, when: Moment) -> None:
        """Raises EntryIncomplete."""
        check_entry(list, entry)
        self.trigger_event(
            self.EntryKept, when=when, province=self.province, list=self.list, entry=entry, office=office, source=source
        )

    @event(EntryKept)
    def _kept(self, entry: Entry) -> None:
        self.keys = self.keys | {entry.key}

    def drop(self, key: str, reason: str, when: Moment) -> None:
        """Raises NotListed."""
        if key not in self.keys:
            raise NotListed(field="key", list=self.list, key=key)
        self.trigger_event(self.EntryDropped, when=when, province=self.province, list=self.list, key=key, reason=reason)

    @event(EntryDropped)
    def _dropped(self, key: str) -> None:
        self.keys = self.keys - {key}


def check_entry(list: ListName, entry: Entry) -> None:
    for field in NEEDS[list]:
        if getattr(entry, field) is None:
            raise EntryIncomplete(field=f"entry.{field}", list=list, needs=field)
