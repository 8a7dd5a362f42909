"""What can be asked about old registers: opened, their rows staged, mended, recorded by their own days, taken back."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import Field

from services.registration.commands.registry import Words, handler
from services.registration.domain.earlier import Told, id_of
from services.registration.domain.importing import PAGE, Import, ImportPage, Recorded, Row
from services.registration.domain.producer import Producer
from services.registration.domain.product import Product
from shared import units
from shared.eventstore.commands import Command, Session
from shared.legacy.kept import mended
from shared.legacy.text import fold
from shared.regulation.rulesets import in_force
from shared.values import About, ProducerRef, ProductRef, Refusal

JOINED_BY_HAND = "W-REPEATED"


class UnknownProvince(Refusal):
    rule = "import-unknown-province"
    vi = "Không có tỉnh mã {province} ngày {on}."
    en = "No province has the code {province} on {on}."


class OpenImport(Command):
    """A file comes in; opened again it answers as the first time."""

    id: UUID
    name: str = Field(min_length=1, max_length=300)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    as_of: date
    sheets: tuple[tuple[str, str | None], ...]


@handler
async def open_import(command: OpenImport, session: Session) -> None:
    found = await session.find(Import, command.id)
    if found is None:
        for _, province in command.sheets:
            if province and units.province(province, command.as_of) is None:
                raise UnknownProvince(field="province", province=province, on=command.as_of)
        found = Import.open(
            command.id, name=command.name, sha256=command.sha256, as_of=command.as_of, sheets=command.sheets,
            when=session.when,
        )  # fmt: skip
    session.save(found, id=command.id, whole=found.pages is not None)


class StageRows(Command):
    """The data rows of one page as they were read; a page that is there already stays as it is."""

    import_id: UUID
    sheet: int
    page: int
    province: str | None
    ties: bool
    rows: tuple[Row, ...]


@handler
async def stage_rows(command: StageRows, session: Session) -> None:
    id = ImportPage.id_of(command.import_id, command.sheet, command.page)
    if await session.find(ImportPage, id) is None:
        session.save(ImportPage.stage(
            id, import_id=command.import_id, sheet=command.sheet, province=command.province, ties=command.ties,
            rows=command.rows, when=session.when,
        ))  # fmt: skip


class FinishReading(Command):
    """Every row of the file is staged."""

    import_id: UUID
    pages: tuple[tuple[int, int], ...]
    totals: dict[str, int]


@handler
async def finish_reading(command: FinishReading, session: Session) -> None:
    found = await session.load(Import, command.import_id)
    found.read(command.pages, command.totals, session.when)
    session.save(found)


class MendRow(Command):
    """A person puts other values into a row (by the names of its columns); it is judged anew by the same rules.

    `product_id`: the product of the register that it is, where a person knows. Dates are YYYY-MM-DD or as in the books.
    """

    import_id: UUID
    sheet: int = Field(ge=0)
    row: int = Field(ge=1)
    cells: dict[str, str | int | float | None] = Field(default_factory=dict, max_length=30)
    product_id: UUID | None = None


@handler
async def mend_row(command: MendRow, session: Session) -> None:
    book = await session.load(Import, command.import_id)
    page = await session.load(ImportPage, ImportPage.id_of(book.id, command.sheet, command.row // PAGE))
    before = page.require(command.row)
    if command.product_id:
        await session.load(Product, command.product_id)
    said = mended(before.model_dump(), command.cells, page.province, book.as_of)
    row = Row.model_validate(said | {"product_id": command.product_id or before.product_id})
    page.mend(row, session.when)
    session.save(page, row=row.row, status=row.status, codes=row.codes, read=row.read)


# --- recorded ---


class RecordRows(Command):
    """The rows of a page that are no errors come into the register, with their products and producers where these are new.

    `known`: rows of which it is certain which product of the register they are.
    """

    import_id: UUID
    sheet: int
    page: int
    known: dict[int, UUID] = Field(default_factory=dict)


@handler
async def record_rows(command: RecordRows, session: Session) -> None:
    page = await session.load(ImportPage, ImportPage.id_of(command.import_id, command.sheet, command.page))
    taking = Taking(page, command.known, session)
    if page.province:
        await taking.look_up()
        page.record(tuple([await taking.row(row) for row in page.waiting()]), session.when)
    session.save(page, *taking.producers.values(), *taking.products.values(), **taking.counts)


class Taking:
    """A page's rows on their way into the register: each product and producer is loaded or made once."""

    def __init__(self, page: ImportPage, known: dict[int, UUID], session: Session) -> None:
        self.page, self.known, self.session = page, known, session
        self.products: dict[UUID, Product] = {}
        self.producers: dict[UUID, Producer] = {}
        self.counts = {"producers": 0, "products": 0, "recognitions": 0}
        self.ids: dict[int, tuple[UUID, UUID]] = {}  # of product and producer, by row
        self.there: set[UUID] = set()

    async def look_up(self) -> None:
        """Which products and producers of the page there are: to load each that is not there would take most of the time."""
        for row in self.page.waiting():
            product = row.product_id or self.known.get(row.row) or self._id(row)
            self.ids[row.row] = product, id_of("producer", self.page.province, fold(row.read["subject"] or ""))
        self.there = await self.session.store.begun({id for ids in self.ids.values() for id in ids})

    async def row(self, row: Row) -> Recorded:
        product = await self._product(row)
        taken = []
        for told in sorted(told_by(row.read), key=lambda told: (told.on is None, told.on or date.min)):
            if id := product.take_in(told, row.known, self.session.when):
                taken.append(id)
        self.counts["recognitions"] += len(taken)
        return Recorded(row=row.row, product_id=product.id, recognitions=tuple(taken))

    async def _product(self, row: Row) -> Product:
        id, _ = self.ids[row.row]
        if id in self.products:
            return self.products[id]
        found = await self.session.find(Product, id) if id in self.there else None
        if found is None:
            self.counts["products"] += 1
            found = await self._new(row, id)
        self.products[id] = found
        return found

    async def _new(self, row: Row, id: UUID) -> Product:
        """What the book does not say is an empty text: see the contracts."""
        read, when, province = row.read, self.session.when, self.page.province or ""
        ref = ProductRef(id=id, name=read["product"], set="", group=read["group"] or "")
        producer = await self._producer(row, id)
        about = About(product=ref, producer=producer, province=province, commune=read["commune_code_now"] or "")
        return Product.enter(about, in_force(when.on).id, row.known, when)

    async def _producer(self, row: Row, product_id: UUID) -> ProducerRef:
        read, province = row.read, self.page.province or ""
        name, kind = read["subject"] or "", read["subject_type"] or ""
        if not name:
            return ProducerRef(id=id_of("producer", product_id), name="", kind=kind)
        _, id = self.ids[row.row]
        if id not in self.producers:
            found = await self.session.find(Producer, id) if id in self.there else None
            if found is None:
                self.counts["producers"] += 1
                ref = ProducerRef(id=id, name=name, kind=kind)
                commune = read["commune_code_now"] or ""
                found = Producer.record(ref, province=province, commune=commune, when=self.session.when)
            self.producers[id] = found
        return self.producers[id].producer

    def _id(self, row: Row) -> UUID:
        """By province, product and subject; where these do not tell products apart, by what was recognised, too."""
        read, about = row.read, ["product", self.page.province, fold(row.read["product"])]
        recognised = [str(one[name]) for one in read["recognitions"] for name in ("star", "date", "year", "decision")]
        if not read["subject"]:
            return id_of(*about, "", read["commune_code_now"] or "", *recognised)
        joined = self.page.ties or JOINED_BY_HAND not in row.codes
        return id_of(*about, fold(read["subject"]), *([] if joined else recognised))


def told_by(read: dict[str, Any]) -> Iterable[Told]:
    """The recognitions of a row; where it has none, the star that it says the product has."""
    found = read["recognitions"] or [dict.fromkeys(("date", "year", "decision", "agency")) | {"star": read["star"]}]
    for at, one in enumerate(found, 1):
        stated = read["expiry"] if at == len(found) and one["date"] is None else None
        yield Told.of(one, stated)


# --- taken back ---


class TakeBackRows(Command):
    """What the rows of a page brought in is taken back by facts that say so; the rows wait again."""

    import_id: UUID
    sheet: int
    page: int
    reason: Words


@handler
async def take_back_rows(command: TakeBackRows, session: Session) -> None:
    page = await session.load(ImportPage, ImportPage.id_of(command.import_id, command.sheet, command.page))
    products: dict[UUID, Product] = {}
    for recorded in page.recorded.values():
        id = recorded.product_id
        product = products[id] = products.get(id) or await session.load(Product, id)
        for recognition in recorded.recognitions:
            product.take_back(recognition, command.reason, session.when)
    taken = sum(len(recorded.recognitions) for recorded in page.recorded.values())
    page.take_back(session.when)
    session.save(page, *products.values(), recognitions=taken)


class TakeBackImport(Command):
    """Every page of an import was taken back, for this reason."""

    import_id: UUID
    reason: Words


@handler
async def take_back_import(command: TakeBackImport, session: Session) -> None:
    found = await session.load(Import, command.import_id)
    found.take_back(command.reason, session.when)
    session.save(found)
