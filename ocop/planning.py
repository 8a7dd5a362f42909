"""Commands about plans: putting them in, and their reports."""

import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from ocop.asking import KNOWN_AT, Day, PlanName
from ocop.options import AS_JSON, DATA

FILES = click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
FORMAT = click.Choice(["json", "xlsx", "docx", "pdf"])


@click.group()
def plans() -> None:
    """Kế hoạch của các tỉnh / plans of provinces."""


@plans.command()
@DATA
@FILES
@AS_JSON
def load(data: Path, files: tuple[Path, ...], as_json: bool) -> None:
    """Ban hành năm kế hoạch có sẵn, hoặc FILES / publish the five plans that come with the program, or FILES (YAML)."""
    from ocop.plans import run_load

    sys.exit(run_load(data, files, as_json=as_json))


@click.command()
@DATA
@click.option(
    "--plan", required=True, type=PlanName(), metavar="ID", help="Tên hoặc UUID của kế hoạch / the plan's name or id"
)
@click.option("--on", required=True, type=Day(), help="Ngày số liệu / the day of the figures")
@click.option("--format", "form", type=FORMAT, default="json", show_default=True)
@click.option(
    "--out", type=click.Path(path_type=Path), help="Ghi ra tệp / write to FILE; JSON otherwise goes to stdout"
)
@click.option("--draft", is_flag=True, help="Lập mới, kể cả đã ban hành / drawn up anew, also where one was issued")
@KNOWN_AT
def report(
    data: Path, plan: UUID, on: date, form: Any, out: Path | None, draft: bool, known_at: datetime | None
) -> None:  # fmt: skip
    """Báo cáo của một kế hoạch / a plan's report of a day: as it was issued, or drawn up from what is known now."""
    from ocop.report import write_report

    asked = {"on": on, "format": form, "draft": draft, "known_at": known_at}
    sys.exit(write_report(data, str(plan), asked, out))


COMMANDS = (plans, report)
