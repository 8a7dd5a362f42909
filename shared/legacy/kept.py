"""A row as it is kept between its reading and its recording, as JSON; and a kept row that a person mended, judged anew."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from shared.legacy.cells import is_filled
from shared.legacy.places import OLD_DAY, Place, places, province_of_old
from shared.legacy.reading import Judged, Reading, Register
from shared.legacy.rows import COLUMNS, NAMES, PERSONAL, Given, Verdict, judge
from shared.legacy.text import tidy
from shared.values import Known, Refusal

Row = dict[str, Any]
LONGEST = 1_000  # letters of a cell that are kept
OF_OTHER_ROWS = {"E-DUPLICATE", "W-REPEATED"}
ABOUT = ("product", "subject", "recognitions")  # what makes a row one of the earlier ones again


class UnknownColumn(Refusal):
    rule = "import-unknown-column"
    vi = "Không có cột {name}; các cột: {known}."
    en = "There is no column {name}; there are {known}."


def kept(judged: Judged, reading: Reading, register: Register) -> Row:
    """A data row. Its personal columns are left out, whatever they hold."""
    assert judged.verdict is not None
    cells = {
        column: stored(value) for column, value in enumerate(judged.given.cells, 1)
        if column not in PERSONAL and is_filled(value)
    }  # fmt: skip
    known = judged.given.known or known_by(f"{reading.workbook}#{register.name}!{judged.row}", judged.verdict.place)
    return {"row": judged.row, "cells": cells, **said(judged.verdict), "known": known.model_dump(mode="json")}


def said(verdict: Verdict) -> Row:
    return {
        "status": verdict.status, "codes": sorted(verdict.codes), "info": verdict.info, "same_as": verdict.same_as,
        "read": as_json(verdict.read),
    }  # fmt: skip


def known_by(source: str, place: Place | None) -> Known:
    """Where a book's row is known from, with the codes of its day where the book itself names the old commune."""
    old = place.old if place else None
    if old is None:
        return Known(source=source)
    return Known(source=source, province=province_of_old(old), commune=old.code, on=OLD_DAY)


def mended(before: Row, cells: Mapping[str, Any], province: str | None, as_of: date) -> Row:
    """A kept row with other values in the named columns, judged as a row that was read. Raises UnknownColumn."""
    for name in cells:
        if name not in NAMES:
            raise UnknownColumn(field=f"cells.{name}", name=name, known=", ".join(NAMES))
    whole = {int(column): value for column, value in before["cells"].items()}
    whole |= {NAMES[name]: written(value) for name, value in cells.items()}
    whole = {column: value for column, value in whole.items() if value is not None}
    merged = "I-MERGED" in before["info"]
    values = [restored(whole.get(column)) for column in range(1, COLUMNS + 1)]
    verdict = judge(Given(values, merged), places(province, as_of), as_of)
    row = {**before, "cells": whole, **said(verdict)}
    if all(row["read"][name] == as_json(before["read"])[name] for name in ABOUT):
        return _still_repeats(row, before)
    return row


def _still_repeats(row: Row, before: Row) -> Row:
    """What other rows say of it stays said, while it is about the same."""
    codes = sorted({*row["codes"], *(OF_OTHER_ROWS & set(before["codes"]))})
    status = "error" if "E-DUPLICATE" in codes else row["status"] if not codes or row["status"] != "ok" else "warning"
    return {**row, "codes": codes, "status": status, "same_as": before["same_as"]}


def written(value: Any) -> Any:
    """A value as a person gives it: YYYY-MM-DD is a date, an empty text nothing."""
    if isinstance(value, str):
        text = tidy(value)
        try:
            return {"date": date.fromisoformat(text).isoformat()} if len(text) == 10 else text or None
        except ValueError:
            return text
    return value


def stored(value: Any) -> Any:
    if isinstance(value, date):
        day = value.date() if isinstance(value, datetime) else value
        return {"date": day.isoformat()}
    return value[:LONGEST] if isinstance(value, str) else value


def restored(value: Any) -> Any:
    return date.fromisoformat(value["date"]) if isinstance(value, dict) else value


def as_json(value: Any) -> Any:
    """Dates as text, at any depth."""
    if isinstance(value, dict):
        return {key: as_json(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(inner) for inner in value]
    return value.isoformat() if isinstance(value, date) else value
