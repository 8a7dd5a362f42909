"""A whole old register taken in, page after page: each page is a command of its own, so that a break in the middle loses nothing.

Done again it goes on where it stopped: a file, a page and a recognition have ids that follow from their content.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import obstore
from obstore.store import ObjectStore

from services.registration.commands.importing import (
    FinishReading,
    OpenImport,
    RecordRows,
    StageRows,
    TakeBackImport,
    TakeBackRows,
)
from services.registration.domain.importing import PAGE, Import, Row
from shared import placenames, units
from shared.eventstore.commands import Answer, Command
from shared.legacy.kept import kept
from shared.legacy.places import places
from shared.legacy.reading import Reading, Register, read
from shared.legacy.rows import ADDRESS, COMMUNE
from shared.legacy.text import fold

ACTION = "registration:import-register"
AT_ONCE = 4  # pages; more only wait for each other
CHUNK = 1 << 20

Say = Callable[[Command], Awaitable[Answer]]
Known = Callable[[str], Awaitable[Iterable[Mapping[str, Any]]]]  # the products of a province: id, name, producer_name
Tell = Callable[[int], None]
Key = tuple[int, int]  # sheet, page
Facts = Mapping[str, Any]


async def no_products(_: str) -> Iterable[Facts]:
    return ()


@dataclass
class Intake:
    """Says the commands of an import in its name; `tell` hears how many rows were passed."""

    say: Say
    products_of: Known
    tell: Tell = lambda _: None
    committed: dict[str, int] = field(default_factory=lambda: {"producers": 0, "products": 0, "recognitions": 0})

    position: str | None = None  # of the last command

    # --- staged ---

    async def stage_kept(
        self, files: ObjectStore, sha256: str, name: str, as_of: date, province: str | None
    ) -> tuple[UUID, dict[str, int]]:
        """As `stage`, of a file that is kept as evidence."""
        content = bytes(await (await obstore.get_async(files, sha256)).bytes_async())
        with TemporaryDirectory() as folder:
            path = Path(folder) / name
            await asyncio.to_thread(path.write_bytes, content)
            return await self.stage(path, as_of, province)

    async def stage(self, path: Path, as_of: date, province: str | None = None) -> tuple[UUID, dict[str, int]]:
        """Reads a file and stages its rows; the import's id and its rows by status.

        Raises the refusals of a broken file, and those of the commands.
        """
        digest = await asyncio.to_thread(sha256_of, path)
        id = Import.id_of(digest, province)
        with ExitStack() as stack:
            reading = await asyncio.to_thread(stack.enter_context, read(path, as_of, province))
            sheets = tuple((register.name, register.province) for register in reading.registers)
            opened = await self._passed(OpenImport(id=id, name=path.name, sha256=digest, as_of=as_of, sheets=sheets), 0)
            if not opened.facts["whole"]:
                await self._all_pages(id, reading)
        return id, dict(reading.totals)

    async def _all_pages(self, id: UUID, reading: Reading) -> None:
        """Reading is work for a thread; what is staged meanwhile is on its way to the database."""
        pages, under_way = list[Key](), set[asyncio.Task[Any]]()
        try:
            async for register, sheet, page, rows in in_thread(pages_of(reading)):
                pages.append((sheet, page))
                command = StageRows(
                    import_id=id, sheet=sheet, page=page, province=register.province, ties=register.ties, rows=rows
                )
                under_way.add(asyncio.create_task(self._passed(command, len(rows))))
                if len(under_way) >= AT_ONCE:
                    done, under_way = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
                    for task in done:
                        task.result()
        finally:  # whoever hears of a failure hears that nothing is at work any more
            ended = await asyncio.gather(*under_way, return_exceptions=True)
        for answer in ended:
            if isinstance(answer, BaseException):
                raise answer
        await self._passed(FinishReading(import_id=id, pages=tuple(pages), totals=dict(reading.totals)), 0)

    # --- recorded ---

    async def record(self, id: UUID, pages: Iterable[Facts], rows: Iterable[Facts]) -> None:
        """Records what can be recorded of the pages (sheet, page, province); `rows`: of each also row, product, subject."""
        pages = [page for page in pages if page["province"]]
        known = {province: index(await self.products_of(province)) for province in {page["province"] for page in pages}}
        named: dict[Key, list[Facts]] = {}
        for row in rows:
            named.setdefault((row["sheet"], row["page"]), []).append(row)
        commands = [
            RecordRows(
                import_id=id, sheet=page["sheet"], page=page["page"],
                known=matches(known[page["province"]], named.get((page["sheet"], page["page"]), ())),
            )
            for page in pages
        ]  # fmt: skip
        for answer in await self._some_at_once(commands):
            for name in self.committed:
                self.committed[name] += answer.facts.get(name, 0)

    # --- taken back ---

    async def take_back(self, id: UUID, pages: Iterable[Facts], reason: str) -> int:
        """How many recognitions were taken back."""
        commands = [TakeBackRows(import_id=id, sheet=page["sheet"], page=page["page"], reason=reason) for page in pages]
        answers = await self._some_at_once(commands)
        await self._passed(TakeBackImport(import_id=id, reason=reason), 0)
        return sum(answer.facts["recognitions"] for answer in answers)

    async def _some_at_once(self, commands: list[Any]) -> list[Answer]:
        """Each of a few takes a stretch: pages beside each other name the same producers, and would wait for each other."""
        long = -(-len(commands) // AT_ONCE) or 1

        async def stretch(first: int) -> list[Answer]:
            return [await self._passed(command, PAGE) for command in commands[first : first + long]]

        found = await asyncio.gather(*(stretch(first) for first in range(0, len(commands), long)))
        return [answer for answers in found for answer in answers]

    async def _passed(self, command: Command, rows: int) -> Answer:
        answer = await self.say(command)
        self.position = answer.position
        self.tell(rows)
        return answer


def pages_of(reading: Reading) -> Iterator[tuple[Register, int, int, tuple[Row, ...]]]:
    """The data rows of a book in pages: sheet and number of each, by the numbers of its rows."""
    for sheet, (register, judged) in enumerate(reading.sheets()):
        number, rows = 0, list[Row]()
        for one in judged:
            if one.verdict is None:
                continue
            if rows and one.row // PAGE != number:
                yield register, sheet, number, tuple(rows)
                rows.clear()
            number = one.row // PAGE
            rows.append(Row.model_validate(kept(one, reading, register)))
        if rows:
            yield register, sheet, number, tuple(rows)


async def in_thread(found: Iterator[Any]) -> AsyncIterator[Any]:
    """The next of what takes long to find, one at a time, without holding up anybody else."""
    over = object()
    while (one := await asyncio.to_thread(next, found, over)) is not over:
        yield one


def sha256_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            digest.update(piece)
    return digest.hexdigest()


# --- which product of the register a row is ---

Index = dict[tuple[str, str], set[UUID]]


def index(products: Iterable[Mapping[str, Any]]) -> Index:
    """Products by their own and their producer's name, as names are compared; not those without a producer's."""
    found: Index = {}
    for product in products:
        if product["producer_name"]:
            found.setdefault((fold(product["name"]), fold(product["producer_name"])), set()).add(product["id"])
    return found


def matches(known: Index, rows: Iterable[Any]) -> dict[int, UUID]:
    """Rows of which it is certain which product they are: both names are the same, and of one product only."""
    certain: dict[int, UUID] = {}
    for row in rows:
        if row["product"] and row["subject"]:
            found = known.get((fold(row["product"]), fold(row["subject"])), set())
            if len(found) == 1:
                certain[row["row"]] = next(iter(found))
    return certain


def communes_for(row: Facts, on: date) -> list[dict[str, str]]:
    """The communes of today that a row may mean, where none was chosen: by its own words, else by names that ended."""
    cells = row["cells"]
    text = str(cells.get(str(COMMUNE)) or cells.get(COMMUNE) or "")
    if not text or not row["province"] or row["read"]["commune_code_now"]:
        return []
    address = str(cells.get(str(ADDRESS)) or "")
    meant = places(row["province"], on).find(text, address).candidates
    return [{"code": unit.code, "name": unit.full_name} for unit in meant] or _ended(text, row["province"], on)


def _ended(text: str, province: str, on: date) -> list[dict[str, str]]:
    """The communes of today in which a name lies that ended before the map of 2025."""
    found = {
        unit["code"]: {"code": unit["code"], "name": unit["name"]}
        for one in placenames.named(text, level="commune") if one.by == "former"
        for unit in placenames.shown(one, on)["today"]
    }  # fmt: skip
    inside = {unit.code for unit in units.communes_of(province, on)}
    return [unit for code, unit in found.items() if code in inside]
