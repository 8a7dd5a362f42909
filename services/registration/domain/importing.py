"""An old register on its way in: the file once, and its rows in pages, each kept as it was read until it is recorded.

A page holds the data rows among a hundred rows of a sheet. It is a stream of its own, so that nothing about a book grows
with the book: neither an event nor what a command has to load.
"""

from datetime import date
from typing import Any, Literal, Self
from uuid import UUID

from services.registration.domain.earlier import id_of
from shared.auth.permissions import Place
from shared.eventstore.aggregate import Aggregate, Begun, Changed, event
from shared.values import Known, Moment, Refusal, Value

PAGE = 100  # rows
State = Literal["staged", "recorded", "taken-back"]


class NoSuchRow(Refusal):
    rule = "import-no-such-row"
    vi = "Trang này không có dòng dữ liệu {row}."
    en = "This sheet has no data row {row}."


class RowRecorded(Refusal):
    rule = "import-row-recorded"
    vi = "Dòng {row} đã ghi vào sổ; hãy hoàn tác trước khi sửa."
    en = "Row {row} is recorded already; take it back before mending it."


class Row(Value):
    """A data row: its cells by column (personal ones never), what was said about it and read of it."""

    row: int
    cells: dict[int, Any]
    status: str
    codes: tuple[str, ...]
    info: tuple[str, ...] = ()
    same_as: int | None = None
    read: dict[str, Any]
    known: Known
    product_id: UUID | None = None  # the product of the register that a person says it is


class Recorded(Value):
    """What became of a row: its product, and the recognitions that it brought."""

    row: int
    product_id: UUID
    recognitions: tuple[UUID, ...]


class Import(Aggregate):
    TOPIC = "registration.Import"

    class Opened(Begun):
        """`sheets`: name and province (code, null where none is known) of every register in the file."""

        TOPIC = "registration.ImportOpened"
        name: str
        sha256: str
        as_of: date
        sheets: tuple[tuple[str, str | None], ...]

    class Read(Changed):
        """Every row is staged; `pages`: sheet and number of each page, `totals` by status."""

        TOPIC = "registration.ImportRead"
        pages: tuple[tuple[int, int], ...]
        totals: dict[str, int]

    class TakenBack(Changed):
        TOPIC = "registration.ImportTakenBack"
        reason: str

    @staticmethod
    def id_of(sha256: str, province: str | None) -> UUID:
        """By the file's content and the province that was said for it: the same file is the same import."""
        return id_of("import", sha256, province or "")

    @classmethod
    def open(
        cls, id: UUID, *, name: str, sha256: str, as_of: date, sheets: tuple[tuple[str, str | None], ...], when: Moment
    ) -> Self:
        return cls._create(cls.Opened, id=id, when=when, name=name, sha256=sha256, as_of=as_of, sheets=sheets)

    @event(Opened)
    def __init__(self, name: str, as_of: date, sheets: tuple[tuple[str, str | None], ...]) -> None:
        self.name = name
        self.as_of = as_of
        self.sheets = sheets
        self.pages: tuple[tuple[int, int], ...] | None = None  # null until every row is staged

    @property
    def place(self) -> Place:
        """The one province of all its sheets; of several, or of none, only the ministry's."""
        provinces = {province for _, province in self.sheets}
        return Place(province=(provinces.pop() or "") if len(provinces) == 1 else "")

    def read(self, pages: tuple[tuple[int, int], ...], totals: dict[str, int], when: Moment) -> None:
        """Said once; a file that is read again changes nothing."""
        if self.pages is None:
            self.trigger_event(self.Read, when=when, pages=pages, totals=totals)

    @event(Read)
    def _read(self, pages: tuple[tuple[int, int], ...]) -> None:
        self.pages = pages

    def take_back(self, reason: str, when: Moment) -> None:
        self.trigger_event(self.TakenBack, when=when, reason=reason)

    @event(TakenBack)
    def _taken_back(self) -> None:
        pass


class ImportPage(Aggregate):
    TOPIC = "registration.ImportPage"

    class Staged(Begun):
        TOPIC = "registration.ImportRowsStaged"
        import_id: UUID
        sheet: int
        province: str | None
        ties: bool
        rows: tuple[Row, ...]

    class Mended(Changed):
        """A person put other values into a row; it was judged anew."""

        TOPIC = "registration.ImportRowMended"
        import_id: UUID
        sheet: int
        row: Row

    class RowsRecorded(Changed):
        TOPIC = "registration.ImportRowsRecorded"
        import_id: UUID
        sheet: int
        rows: tuple[Recorded, ...]

    class RowsTakenBack(Changed):
        TOPIC = "registration.ImportRowsTakenBack"
        import_id: UUID
        sheet: int
        rows: tuple[int, ...]

    @staticmethod
    def id_of(import_id: UUID, sheet: int, number: int) -> UUID:
        return id_of("page", import_id, sheet, number)

    @classmethod
    def stage(
        cls, id: UUID, *, import_id: UUID, sheet: int, province: str | None, ties: bool, rows: tuple[Row, ...],
        when: Moment,
    ) -> Self:  # fmt: skip
        """`ties`: whether rows of one product and subject are one product, as in a table that says so."""
        return cls._create(
            cls.Staged, id=id, when=when, import_id=import_id, sheet=sheet, province=province, ties=ties, rows=rows
        )

    @event(Staged)
    def __init__(self, import_id: UUID, sheet: int, province: str | None, ties: bool, rows: tuple[Row, ...]) -> None:
        self.import_id = import_id
        self.sheet = sheet
        self.province = province
        self.ties = ties
        self.rows = {row.row: row for row in rows}
        self.recorded: dict[int, Recorded] = {}

    @property
    def place(self) -> Place:
        return Place(province=self.province or "")

    def waiting(self) -> list[Row]:
        """The rows that can be recorded and are not yet; rows with an error wait for a person."""
        return [row for row in self.rows.values() if row.status != "error" and row.row not in self.recorded]

    def require(self, row: int) -> Row:
        """A row that may still be mended. Raises NoSuchRow, RowRecorded."""
        if row not in self.rows:
            raise NoSuchRow(field="row", row=row)
        if row in self.recorded:
            raise RowRecorded(field="row", row=row)
        return self.rows[row]

    def mend(self, row: Row, when: Moment) -> None:
        self.require(row.row)
        self.trigger_event(self.Mended, when=when, import_id=self.import_id, sheet=self.sheet, row=row)

    @event(Mended)
    def _mended(self, row: Row) -> None:
        self.rows[row.row] = row

    def record(self, rows: tuple[Recorded, ...], when: Moment) -> None:
        if rows:
            self.trigger_event(self.RowsRecorded, when=when, import_id=self.import_id, sheet=self.sheet, rows=rows)

    @event(RowsRecorded)
    def _recorded(self, rows: tuple[Recorded, ...]) -> None:
        self.recorded |= {row.row: row for row in rows}

    def take_back(self, when: Moment) -> None:
        """What its rows brought was taken back; they can be mended and recorded again."""
        if self.recorded:
            self.trigger_event(
                self.RowsTakenBack, when=when, import_id=self.import_id, sheet=self.sheet, rows=tuple(self.recorded)
            )

    @event(RowsTakenBack)
    def _taken_back(self) -> None:
        self.recorded = {}
