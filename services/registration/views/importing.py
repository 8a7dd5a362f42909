"""What can be read of old registers on their way in: the files, and every row with what was said and came of it."""

from typing import Any

import orjson

from services.registration.domain.importing import PAGE, Import, ImportPage, Row
from services.registration.views.tables import HOUSE, SQL, Changes
from shared.eventstore.views import Change, View

IMPORTS = View("imports", ["imports", "import_rows"], HOUSE)


@IMPORTS.on(Import.Opened)
def opened(e: Import.Opened) -> Changes:
    sheets = orjson.dumps([{"sheet": name, "province": province} for name, province in e.sheets]).decode()
    provinces = sorted({province for _, province in e.sheets if province})
    yield Change(SQL.import_opened, (e.originator_id, e.name, e.sha256, e.as_of, provinces, sheets, e.legal_date))


@IMPORTS.on(Import.Read)
def all_read(e: Import.Read) -> Changes:
    yield Change(SQL.import_read, (e.originator_id, orjson.dumps(e.totals).decode()))


@IMPORTS.on(Import.TakenBack)
def import_taken_back(e: Import.TakenBack) -> Changes:
    yield Change(SQL.import_taken_back, (e.originator_id, e.reason, e.legal_date))


# --- rows ---


@IMPORTS.on(ImportPage.Staged)
def staged(e: ImportPage.Staged) -> Changes:
    for row in e.rows:
        yield Change(SQL.row_staged, row_of(e, row, e.province), together=True)


@IMPORTS.on(ImportPage.Mended)
def mended(e: ImportPage.Mended) -> Changes:
    yield Change(SQL.row_mended, row_of(e, e.row, None))


def row_of(e: ImportPage.Staged | ImportPage.Mended, row: Row, province: str | None) -> tuple[Any, ...]:
    facts = {
        "cells": row.cells,
        "info": row.info,
        "same_as": row.same_as,
        "read": row.read,
        "known": row.known.model_dump(mode="json"),
    }
    return (
        e.import_id, e.sheet, row.row, row.row // PAGE, province, row.status, orjson.dumps(row.codes).decode(),
        row.read["product"], row.read["subject"], orjson.dumps(facts, option=orjson.OPT_NON_STR_KEYS).decode(),
        row.product_id,
    )  # fmt: skip


@IMPORTS.on(ImportPage.RowsRecorded)
def recorded(e: ImportPage.RowsRecorded) -> Changes:
    for row in e.rows:
        yield Change(
            SQL.row_recorded, (e.import_id, e.sheet, row.row, row.product_id, len(row.recognitions)), together=True
        )


@IMPORTS.on(ImportPage.RowsTakenBack)
def taken_back(e: ImportPage.RowsTakenBack) -> Changes:
    yield Change(SQL.rows_taken_back, (e.import_id, e.sheet, list(e.rows)))


# --- as it is read ---


def shown(row: dict[str, Any]) -> dict[str, Any]:
    """A row with its facts."""
    facts = orjson.loads(row["facts"])
    codes = orjson.loads(row["codes"])
    return {name: value for name, value in row.items() if name not in ("facts", "codes")} | {"codes": codes, **facts}


def listed(row: dict[str, Any]) -> dict[str, Any]:
    """An import with what it holds."""
    return row | {"sheets": orjson.loads(row["sheets"]), "totals": row["totals"] and orjson.loads(row["totals"])}
