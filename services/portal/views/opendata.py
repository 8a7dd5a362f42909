"""Open data: what the register says to everyone, as tables with a dictionary, a licence and the day as of which they are.

A table is read from its house page by page. CSV and JSON go out as they are read; Parquet is made beside the event loop.
"""

import asyncio
import csv
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import date
from io import BytesIO, StringIO
from typing import Any, Literal

import orjson
from arro3.core import Array, DataType, Table
from arro3.io import write_parquet

from services.portal.views.houses import Houses
from services.portal.views.words import Text

Row = dict[str, Any]
Form = Literal["csv", "json", "parquet"]
Kind = Literal["text", "date", "integer", "number", "boolean"]
MEDIA: dict[Form, str] = {
    "csv": "text/csv; charset=utf-8; header=present", "json": "application/json",
    "parquet": "application/vnd.apache.parquet",
}  # fmt: skip
LICENCE = {
    "id": "CC-BY-4.0", "url": "https://creativecommons.org/licenses/by/4.0/",
    "vi": "Được dùng lại cho mọi mục đích, kể cả thương mại; ghi nguồn: Sổ đăng ký quốc gia OCOP, kèm ngày của dữ liệu.",
    "en": "May be used again for any purpose, also commercially; name the source: National OCOP register, with the day of "
    "the data.",
}  # fmt: skip
PAGE = 1000  # rows of a question to a house
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a cell that begins so would be carried out by a spreadsheet
DAY_ZERO = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, what it is, what it means, and where it stands in a house's row (`product.id`)."""

    name: str
    kind: Kind
    means: Text
    source: str


@dataclass(frozen=True, slots=True)
class Dataset:
    """A table: which house has it, by which question, with which columns."""

    id: str
    title: Text
    about: Text
    path: tuple[str, ...]
    columns: tuple[Column, ...]
    dated: bool = False  # whether it can be asked for as of a day
    wanted: Callable[[Row], bool] = lambda row: True

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)


def col(name: str, kind: Kind, vi: str, en: str, source: str | None = None) -> Column:
    return Column(name, kind, Text(vi, en), source or name)


PLACE = (
    col(
        "province",
        "text",
        "Mã tỉnh theo Quyết định 19/2025/QĐ-TTg, hai chữ số",
        "Province code (Decision 19/2025), two digits",
    ),
    col("commune", "text", "Mã xã, năm chữ số", "Commune code, five digits"),
)
PRODUCT = (
    col("set", "text", "Bộ sản phẩm theo phụ lục của quyết định", "Product set of the decision's annex"),
    col("group", "text", "Nhóm sản phẩm", "Product group"),
)
SIMULATED = col(
    "simulated", "boolean", "Đúng khi là kết quả mô phỏng, không phải thật", "True where it is simulated, not real"
)
RULESET = col("ruleset", "text", "Bộ quy định được áp dụng", "Ruleset under which it was decided")

PRODUCTS = Dataset(
    "products",
    Text("Sản phẩm trong sổ", "Products in the register"),
    Text("Mỗi dòng là một sản phẩm, kể cả chưa được công nhận.", "A row for each product, also those not recognised yet."),
    ("registration", "products"),
    (
        col("product_id", "text", "Mã định danh, không đổi (UUID)", "Identifier, never changes (UUID)", "id"),
        col("code", "text", "Mã sản phẩm: tỉnh – xã – số – năm", "Product code: province, commune, number, year"),
        col("name", "text", "Tên sản phẩm", "Name of the product"),
        *PRODUCT,
        col("producer_id", "text", "Mã chủ thể (UUID)", "Producer's identifier (UUID)"),
        col("producer_name", "text", "Tên đăng ký của chủ thể", "Producer's registered trading name"),
        col("producer_kind", "text", "Loại chủ thể", "Kind of producer"),
        *PLACE,
        col("registered_on", "date", "Ngày vào sổ", "Day on which it came into the register"),
        col("certificate", "text", "Số giấy chứng nhận gần nhất", "Number of its latest certificate"),
        col("stars", "integer", "Hạng sao của giấy đó", "Stars of that certificate"),
        col("certified_until", "date", "Ngày cuối cùng của giấy đó", "Last day of that certificate"),
    ),
)  # fmt: skip
CERTIFICATES = Dataset(
    "certificates",
    Text("Giấy chứng nhận", "Certificates"),
    Text("Mỗi dòng là một giấy chứng nhận từng được cấp, với hiện trạng trong ngày của dữ liệu.",
         "A row for each certificate ever issued, with its status on the day of the data."),
    ("certification", "certificates"),
    (
        col("number", "text", "Số giấy; tra tại /c/{number}", "Its number; look it up at /c/{number}"),
        col("status", "text", "valid, extended, not-yet-valid, expired, revoked hoặc replaced",
            "valid, extended, not-yet-valid, expired, revoked or replaced"),
        col("since", "date", "Ngày đầu của hiện trạng", "First day of the status"),
        col("until", "date", "Ngày cuối của hiện trạng", "Last day of the status"),
        col("stars", "integer", "Hạng sao", "Stars"),
        col("product_id", "text", "Mã sản phẩm (UUID)", "Product's identifier (UUID)", "product.id"),
        col("product_code", "text", "Mã sản phẩm", "Product code", "product.code"),
        col("product_name", "text", "Tên sản phẩm", "Name of the product", "product.name"),
        *PRODUCT,
        col("producer_id", "text", "Mã chủ thể (UUID)", "Producer's identifier (UUID)", "producer.id"),
        col("producer_name", "text", "Tên đăng ký của chủ thể", "Producer's registered trading name", "producer.name"),
        col("producer_kind", "text", "Loại chủ thể", "Kind of producer"),
        *PLACE,
        col("issued_on", "date", "Ngày cấp", "Day of issue"),
        col("expires_on", "date", "Ngày hết hạn in trên giấy", "Expiry date as printed"),
        col("kind", "text", "first, upgrade, renewal hoặc recorded (công nhận trước đây)",
            "first, upgrade, renewal, or recorded (an earlier recognition)"),
        col("decision_number", "text", "Số quyết định", "Number of the decision", "decision.number"),
        col("decision_date", "date", "Ngày quyết định", "Date of the decision", "decision.date"),
        col("decision_authority", "text", "Cơ quan quyết định, như in trên giấy", "Authority, as printed", "decision.authority"),
        col("replaced_by", "text", "Số giấy thay thế", "Number of the certificate that replaced it"),
        col("reason", "text", "Căn cứ thu hồi", "Ground of the revocation"),
        RULESET, SIMULATED,
    ),
    dated=True,
)  # fmt: skip
RESULTS = Dataset(
    "results",
    Text("Kết quả đánh giá", "Results of councils"),
    Text("Mỗi dòng là một kết luận của hội đồng; phiếu của thành viên không công khai.",
         "A row for each decision of a council; members' ballots are not public."),
    ("evaluation", "assessments"),
    (
        col("assessment_id", "text", "Mã lượt đánh giá (UUID)", "Identifier of the assessment (UUID)", "id"),
        col("product_id", "text", "Mã sản phẩm (UUID)", "Product's identifier (UUID)"),
        col("product_name", "text", "Tên sản phẩm", "Name of the product"),
        *PRODUCT, *PLACE,
        col("level", "text", "Cấp đánh giá", "Level of the council"),
        col("kind", "text", "first, upgrade hoặc renewal", "first, upgrade or renewal"),
        col("decided_on", "date", "Ngày hội đồng kết luận", "Day of the decision"),
        col("outcome", "text", "ranked, stopped, rejected hoặc not_assessed", "ranked, stopped, rejected or not_assessed"),
        col("average", "number", "Điểm trung bình, cắt ở hai chữ số", "Average, cut to two decimals", "average_2dp"),
        col("star_by_band", "integer", "Hạng sao theo điểm", "Stars by points"),
        col("stars", "integer", "Hạng sao sau tiêu chí bắt buộc", "Stars after the gates"),
        col("annulled_on", "date", "Ngày bị hủy", "Day on which it was annulled"),
        RULESET, SIMULATED,
    ),
    wanted=lambda row: row["decided_on"] is not None,
)  # fmt: skip
DATASETS = {one.id: one for one in (PRODUCTS, CERTIFICATES, RESULTS)}


def described(dataset: Dataset, on: date) -> Row:
    """What stands beside the data: as of which day, under which licence, and what each column means."""
    return {
        "dataset": dataset.id, "title": dataset.title._asdict(), "about": dataset.about._asdict(), "as_of": on,
        "licence": LICENCE,
        "columns": [
            {"name": column.name, "type": column.kind, **column.means._asdict()} for column in dataset.columns
        ],
    }  # fmt: skip


# --- reading ---


async def pages(houses: Houses, dataset: Dataset, on: date | None) -> AsyncIterator[list[list[Any]]]:
    """The rows, a page at a time, each in the order of the columns. Raises HouseSaid, HouseSilent."""
    offset = 0
    asked = {"on": on} if dataset.dated else {}
    while True:
        rows = await houses.get(*dataset.path, limit=PAGE, offset=offset, **asked)
        yield [[at(row, column.source) for column in dataset.columns] for row in rows if dataset.wanted(row)]
        if len(rows) < PAGE:
            return
        offset += PAGE


def at(row: Row, source: str) -> Any:
    """What stands at `product.id` of a row."""
    found: Any = row
    for part in source.split("."):
        found = found[part]
    return found


async def content(
    houses: Houses, dataset: Dataset, form: Form, on: date, *, asked: date | None
) -> AsyncIterator[bytes]:
    """The table in a form; `on`: the day as of which it is, `asked` where it is another than today."""
    found = pages(houses, dataset, asked)
    if form == "parquet":
        rows = [row async for page in found for row in page]
        yield await asyncio.to_thread(parquet, dataset, rows, on)
        return
    writes = as_csv if form == "csv" else as_json
    async for part in writes(dataset, found, on):
        yield part


async def after(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for part in rest:
        yield part


# --- forms ---


async def as_csv(dataset: Dataset, found: AsyncIterator[list[list[Any]]], _: date) -> AsyncIterator[bytes]:
    """RFC 4180 in UTF-8 with its mark, so that a spreadsheet reads Vietnamese."""
    yield b"\xef\xbb\xbf" + csv_of([[column.name for column in dataset.columns]])
    async for page in found:
        yield csv_of([[cell(value) for value in row] for row in page])


def csv_of(rows: list[list[Any]]) -> bytes:
    out = StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode()


def cell(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula is quoted with an apostrophe."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


async def as_json(dataset: Dataset, found: AsyncIterator[list[list[Any]]], on: date) -> AsyncIterator[bytes]:
    """One object: what is said of the table, then its `rows` as objects."""
    names = [column.name for column in dataset.columns]
    head = orjson.dumps(described(dataset, on))
    yield head[:-1] + b',"rows":['
    first = True
    async for page in found:
        if page:
            body = orjson.dumps([dict(zip(names, row, strict=True)) for row in page])[1:-1]
            yield body if first else b"," + body
            first = False
    yield b"]}"


def parquet(dataset: Dataset, rows: list[list[Any]], on: date) -> bytes:
    columns = list(zip(*rows, strict=True)) or [()] * len(dataset.columns)
    arrays = {
        column.name: array(column.kind, values) for column, values in zip(dataset.columns, columns, strict=True)
    }  # fmt: skip
    out = BytesIO()
    says = {"as_of": on.isoformat(), "licence": LICENCE["id"], "title": dataset.title.vi}
    write_parquet(Table.from_pydict(arrays), out, compression="zstd(3)", key_value_metadata=says)
    return out.getvalue()


def array(kind: Kind, values: tuple[Any, ...]) -> Array:
    match kind:
        case "date":
            days = [None if value is None else date.fromisoformat(value).toordinal() - DAY_ZERO for value in values]
            return Array(days, DataType.int32()).cast(DataType.date32())
        case "integer":
            return Array(values, DataType.int64())
        case "number":
            return Array([None if value is None else float(value) for value in values], DataType.float64())
        case "boolean":
            return Array(values, DataType.bool())
        case "text":
            return Array(values, DataType.utf8())
