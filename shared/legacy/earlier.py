"""What the earlier rows of a sheet held, so that a row can be known as one of them again; a few bytes a row."""

import hashlib
from typing import Any

from shared.legacy.rows import Verdict
from shared.legacy.text import fold

Row = dict[str, Any]


class Earlier:
    """The rows of one sheet so far, by product and subject."""

    def __init__(self) -> None:
        self._rows: dict[bytes, dict[bytes, int]] = {}

    def compare(self, row: int, verdict: Verdict, *, ties: bool = False) -> None:
        """Says E-DUPLICATE or W-REPEATED with the row that it repeats, then remembers this one.

        `ties`: the register itself joins rows of one product and subject, so that a repetition needs no person.
        """
        read = verdict.read
        if not read["product"]:
            return
        about = _mark(fold(read["product"]), fold(read["subject"] or ""))
        recognised = _mark(*_recognised(read))
        before = self._rows.setdefault(about, {})
        if recognised in before:
            verdict.codes.add("E-DUPLICATE")
            verdict.same_as = before[recognised]
        elif before and read["subject"] and not ties:
            verdict.codes.add("W-REPEATED")
            verdict.same_as = min(before.values())
        before.setdefault(recognised, row)


def _recognised(read: Row) -> list[str]:
    return [
        fold(value) if isinstance(value, str) else str(value)
        for recognition in read["recognitions"] for value in recognition.values()
    ]  # fmt: skip


def _mark(*texts: str) -> bytes:
    return hashlib.blake2b("\n".join(texts).encode(), digest_size=16).digest()
