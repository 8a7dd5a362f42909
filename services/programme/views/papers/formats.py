"""A report in the format that is asked for, made beside the event loop."""

import asyncio
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal, get_args

import orjson
import typst

from services.programme.views.papers.document import MOTTO, Document, document
from services.programme.views.papers.word import word
from services.programme.views.papers.workbook import workbook
from services.programme.views.reports import as_json

Format = Literal["json", "xlsx", "docx", "pdf"]
FORMATS: tuple[Format, ...] = get_args(Format)
OFFICE = "application/vnd.openxmlformats-officedocument"
TYPES: dict[Format, str] = {
    "json": "application/json", "xlsx": f"{OFFICE}.spreadsheetml.sheet", "docx": f"{OFFICE}.wordprocessingml.document",
    "pdf": "application/pdf",
}  # fmt: skip
TEMPLATE = Path(__file__).with_name("report.typ")


def pdf(of: Document) -> bytes:
    """The same document gives the same bytes."""
    inputs = {"document": orjson.dumps({**asdict(of), "motto": MOTTO}).decode()}
    return typst.compile(TEMPLATE, format="pdf", ignore_system_fonts=True, sys_inputs=inputs)


PAPERS: dict[Format, Callable[[Document], bytes]] = {"xlsx": workbook, "docx": word, "pdf": pdf}


async def rendered(report: dict[str, Any], format: Format) -> bytes:
    """The bytes of a report."""
    if format == "json":
        return as_json(report)
    return await asyncio.to_thread(lambda: PAPERS[format](document(report)))


def file_name(report: dict[str, Any], format: Format) -> str:
    """Safe in a header and in every file system."""
    key = report["plan"]["key"] or str(report["plan"]["id"])
    return f"bao-cao-{key}-{report['on']:%Y-%m-%d}.{format}"
