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
    set: str  # an empty text where the rules of its time have no sets that we know of
    group: str


class About(Value):
    """What a fact about a product is about; place codes are those of the legal date."""

    product: ProductRef
    producer: ProducerRef
    province: str
    commune: str


class Known(Value):
    """Where an earlier recognition is known from.

    `source`: a book with its row, or the mark of a public source; `confidence`: how far that source is to be trusted (A, B1,
    C, P), null for a book of the province itself; `province`, `commune`: codes of the map of the day `on`, that of the
    recognition; null where not known.
    """

    source: str
    confidence: str | None = None
    province: str | None = None
    commune: str | None = None
    on: date | None = None


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


NAMES_VI = {
    "appeal": "khiếu nại", "assessment": "lần đánh giá", "businessplan": "phương án", "certificate": "giấy chứng nhận",
    "certificatenumbers": "dãy số giấy chứng nhận", "printednumber": "số in trên giấy chứng nhận",
    "complaint": "phản ánh", "council": "hội đồng", "counts": "số liệu", "dead letter": "thư chết",
    "dossier": "hồ sơ", "fair": "hội chợ",
    "idea": "ý tưởng", "list": "danh sách", "import": "lần nhập sổ cũ", "importpage": "trang của sổ cũ", "row": "dòng của sổ cũ",
    "inspection": "cuộc kiểm tra", "listing": "mục trong danh mục", "plan": "kế hoạch hoặc phương án",
    "producer": "chủ thể", "product": "sản phẩm", "recognition": "kết quả công nhận", "result": "kết quả đánh giá",
    "round": "đợt đánh giá", "sales point": "điểm bán hàng", "salespoint": "điểm bán hàng", "schema": "lược đồ",
    "session": "phiên họp", "shelf": "gian hàng", "story": "câu chuyện sản phẩm", "task": "nhiệm vụ",
}  # fmt: skip


class NotFound(Refusal):
    """`what`: a name of NAMES_VI, or the class of an aggregate."""

    rule = "not-found"
    vi = "Không tìm thấy {what_vi} {id}."
    en = "There is no {what} {id}."

    def __init__(self, *, what: str, id: object, field: str | None = None) -> None:
        super().__init__(field, what=what, what_vi=NAMES_VI.get(what.lower(), what), id=id)
