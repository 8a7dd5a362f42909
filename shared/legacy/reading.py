"""An old register read whole: verdicts sheet by sheet and row by row, in the form that the doors show. Keeps no rows."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from shared.legacy import sheets, table
from shared.legacy.earlier import Earlier
from shared.legacy.places import places
from shared.legacy.rows import Given, Kind, Verdict, judge, kind_of

Register = sheets.Register | table.Register


@dataclass(frozen=True, slots=True)
class Judged:
    """A row by its number; `verdict` is None where its kind is not data."""

    row: int
    kind: Kind
    given: Given
    verdict: Verdict | None = None

    @property
    def status(self) -> str:
        return self.verdict.status if self.verdict else "not data"

    def shown(self) -> dict[str, Any]:
        """The form of the doors."""
        shown: dict[str, Any] = {"row": self.row, "kind": self.kind}
        if self.verdict is None:
            return shown
        shown |= {"status": self.status, "codes": sorted(self.verdict.codes), "info": self.verdict.info}
        if self.verdict.same_as is not None:
            shown["same_as"] = self.verdict.same_as
        return shown | {"read": self.verdict.read}


@dataclass
class Reading:
    """A workbook being read: what `sheets` has passed so far is counted."""

    workbook: str
    as_of: date
    ignored: list[str]
    registers: Sequence[Register]
    totals: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)

    def sheets(self) -> Iterator[tuple[Register, Iterator[Judged]]]:
        """Every register with its rows; the rows of one are to be taken before the next is asked for."""
        for register in self.registers:
            yield register, self._judged(register)

    def _judged(self, register: Register) -> Iterator[Judged]:
        known, earlier = places(register.province, self.as_of), Earlier()
        for number, given in register.rows():
            kind = kind_of(given)
            verdict = None
            if kind == "data":
                verdict = judge(given, known, self.as_of, register.epoch)
                earlier.compare(number, verdict, ties=register.ties)
                self.codes.update([*verdict.codes, *verdict.info])
            judged = Judged(number, kind, given, verdict)
            self.totals[judged.status] += 1
            yield judged


@contextmanager
def read(path: Path, as_of: date, province: str | None = None) -> Iterator[Reading]:
    """A context: the workbook stays open while its rows are taken. Raises the refusals of `guard`; OSError."""
    if path.suffix.lower() == ".csv":
        with table.opened(path, as_of) as registers:
            yield Reading(path.name, as_of, [], registers)
        return
    with sheets.opened(path, as_of, province) as book:
        yield Reading(book.name, as_of, book.ignored, book.registers)
