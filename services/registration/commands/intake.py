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
from typing import Any
from uuid import UUID

from services.registration.commands.importing import (
    FinishReading,
    OpenImport,
    RecordRows,
    StageRows,
    TakeBackImport,
    TakeBackRows,
)
from services.registration.domain.importing import PAGE, Import, Row
from shared.eventstore.commands import Answer, Command
from shared.legacy.kept import kept
from shared.legacy.reading import Reading, Register, read
from shared.legacy.text import fold

AT_ONCE = 4  # pages; more only wait for each other
CHUNK = 1 << 20

Say = Callable[[Command], Awaitable[Answer]]
Known = Callable[[str], Awaitable[Iterable[Mapping[str, Any]]]]  # the products of a province: id, name, producer_name
Tell = Callable[[int], None]
Key = tuple[int, int]  # sheet, page


@dataclass
class Intake:
    """Says the commands of an import in its name; `tell` hears how many rows were passed."""

    say: Say
    products_of: Known
    tell: Tell = lambda _: None
    committed: dict[str, int] = field(default_factory=lambda: {"producers": 0, "products": 0, "recognitions": 0})

    # --- staged ---

    async def stage(self, path: Path, as_of: date, province: str | None = None) -> tuple[UUID, dict[str, int]]:
        """Reads a file and stages its rows; the import's id and its rows by status.

        Raises the refusals of a broken file, and those of the commands.
        """
        digest = await asyncio.to_thread(sha256_of, path)
        id = Import.id_of(digest, province)
        with ExitStack() as stack:
            reading = await asyncio.to_thread(stack.enter_context, read(path, as_of, province))
            sheets = tuple((register.name, register.province) for register in reading.registers)
            opened = await self.say(OpenImport(id=id, name=path.name, sha256=digest, as_of=as_of, sheets=sheets))
            if not opened.facts["whole"]:
                await self._all_pages(id, reading)
        return id, dict(reading.totals)

    async def _all_pages(self, id: UUID, reading: Reading) -> None:
        """Reading is work for a thread; what is staged meanwhile is on its way to the database."""
        pages, under_way = list[Key](), set[asyncio.Task[Any]]()
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
        await asyncio.gather(*under_way)
        await self.say(FinishReading(import_id=id, pages=tuple(pages), totals=dict(reading.totals)))

    # --- recorded ---

    async def record(
        self, id: UUID, pages: Iterable[tuple[Key, str | None]], rows: Mapping[Key, Iterable[Any]]
    ) -> None:
        """Records what can be recorded of the pages (with their provinces); `rows`: number, product and subject of each row."""
        known = {province: index(await self.products_of(province)) for _, province in pages if province}
        commands = [
            RecordRows(import_id=id, sheet=key[0], page=key[1], known=matches(known[province], rows.get(key, ())))
            for key, province in pages if province
        ]  # fmt: skip
        for answer in await self._some_at_once(commands):
            for name in self.committed:
                self.committed[name] += answer.facts.get(name, 0)

    # --- taken back ---

    async def take_back(self, id: UUID, pages: Iterable[Key], reason: str) -> int:
        """How many recognitions were taken back."""
        commands = [TakeBackRows(import_id=id, sheet=sheet, page=page, reason=reason) for sheet, page in pages]
        answers = await self._some_at_once(commands)
        await self.say(TakeBackImport(import_id=id, reason=reason))
        return sum(answer.facts["recognitions"] for answer in answers)

    async def _some_at_once(self, commands: list[Any]) -> list[Answer]:
        room = asyncio.Semaphore(AT_ONCE)

        async def one(command: Command) -> Answer:
            async with room:
                return await self._passed(command, PAGE)

        return await asyncio.gather(*map(one, commands))

    async def _passed(self, command: Command, rows: int) -> Answer:
        answer = await self.say(command)
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
