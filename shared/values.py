"""Values that every house speaks of: when, about what, and why not. No I/O."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict


@dataclass(frozen=True, slots=True)
class Moment:
    """The two times of a fact: its legal date (Asia/Ho_Chi_Minh) and the instant (UTC) at which it is recorded."""

    on: date
    at: datetime


class Value(BaseModel):
    """A frozen value; unknown fields are refused, so that a misspelt name never passes unnoticed."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ProducerRef(Value):
    """A producer (chủ thể) as other facts name it: its registered trading name is public."""

    id: UUID
    name: str
    kind: str


class ProductRef(Value):
    """A product as other facts name it; `set` and `group` are ids of the ruleset, `code` is null until forwarded."""

    id: UUID
    code: str | None = None
    name: str
    set: str
    group: str


class About(Value):
    """What a fact about a product is about; place codes are those of the legal date."""

    product: ProductRef
    producer: ProducerRef
    province: str
    commune: str


class Decision(Value):
    """A decision (quyết định): number and authority as printed, date of signing."""

    number: str
    date: date
    authority: str


class Refusal(Exception):
    """A rule said no. Subclasses name the rule, its article and both texts; `{names}` in the texts are filled in."""

    rule: ClassVar[str]
    article: ClassVar[str | None] = None
    vi: ClassVar[str]
    en: ClassVar[str]

    def __init__(self, field: str | None = None, **have: object) -> None:
        self.field = field
        self.have = have
        super().__init__(f"{self.rule}: {self.message_en}")

    @property
    def message_vi(self) -> str:
        return self.vi.format(**self.have)

    @property
    def message_en(self) -> str:
        return self.en.format(**self.have)


class NotFound(Refusal):
    rule = "not-found"
    vi = "Không tìm thấy {what} {id}."
    en = "There is no {what} {id}."
