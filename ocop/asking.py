"""Commands that ask what was: on a legal date (`--on`), or as it was known at an instant (`--known-at`)."""

import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from ocop.options import AS_JSON, DATA
from shared.contracts.topics import HOUSES
from shared.units import Map


class Instant(click.ParamType):
    """With its time zone; the same form as `?known_at=`."""

    name = "instant"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        from pydantic_core import PydanticCustomError

        from shared.asof import as_instant

        try:
            return as_instant(value)
        except PydanticCustomError:
            self.fail(f"{value}: cần thời điểm có múi giờ / needs its time zone: 2026-11-27T05:38:00Z", param, ctx)


class Day(click.ParamType):
    """YYYY-MM-DD."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return datetime.strptime(value, "%Y-%m-%d").date()
        except ValueError:
            self.fail(f"{value}: YYYY-MM-DD", param, ctx)


class PlanName(click.ParamType):
    """The name of a plan, such as `ha-tinh-2023-2025`, or its id."""

    name = "plan"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        from shared.plans import plan_id_of

        try:
            return UUID(str(plan_id_of(value)))
        except ValueError:
            self.fail(f"{value}: tên hoặc UUID của kế hoạch / a plan's name or id", param, ctx)


ON = click.option(
    "--on", type=Day(), help="Vào ngày pháp lý này, mặc định hôm nay / on this legal date, today by default"
)
KNOWN_AT = click.option(
    "--known-at",
    type=Instant(),
    help="Theo những gì đã biết lúc này / as it was known at this instant, with its time zone",
)

PROVINCE = click.option("--province", help="Mã tỉnh / province code")
MAP = click.option(
    "--map", "which", type=click.Choice(["today", "day"]), default="today", show_default=True,
    help="Bản đồ hành chính / whose map places are of",
)  # fmt: skip


@click.command()
@DATA
@click.argument("house", type=click.Choice(HOUSES))
@click.argument("aggregate", metavar="TYPE")
@click.argument("id", type=click.UUID)
@click.option("--on", type=Day(), help="Các việc tính đến ngày này / by what counts on this legal date")
@KNOWN_AT
@click.option("--position", type=click.IntRange(1), help="Đến vị trí này / by what stands up to this position")
@AS_JSON
def show(
    data: Path, house: str, aggregate: str, id: UUID, on: date | None, known_at: datetime | None, position: int | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Xem một đối tượng, nay hoặc trước đây / show an aggregate (Dossier, Assessment, Recognition, …) as it stands or stood."""
    from ocop.asof import show_aggregate
    from shared.eventstore.stood import Upto

    sys.exit(show_aggregate(data, house, aggregate, id, Upto(on, known_at, position), as_json=as_json))


@click.command()
@DATA
@click.argument("number")
@ON
@KNOWN_AT
@AS_JSON
def certificate(data: Path, number: str, on: date | None, known_at: datetime | None, as_json: bool) -> None:
    """Tra một giấy chứng nhận / look up a certificate: its status on a day; exit 1 where no certificate has the number."""
    from ocop.asof import show_certificate

    sys.exit(show_certificate(data, number, on, known_at, as_json=as_json))


@click.command()
@DATA
@click.argument("what", default="certificates_valid")
@click.option("--by", default="province", show_default=True, help="Tính theo / by: province, commune, stars, group, …")
@ON
@KNOWN_AT
@click.option("--year", type=click.IntRange(1900, 2999), help="Chỉ việc của năm / only facts of this year")
@PROVINCE
@MAP
@AS_JSON
def count(
    data: Path, what: str, by: str, on: date | None, known_at: datetime | None, year: int | None, province: str | None,
    which: str, as_json: bool,
) -> None:  # fmt: skip
    """Đếm trên cả nước / count across the nation: certificates_valid, dossiers, producers, …"""
    from ocop.asof import show_count

    asked = {"what": what, "by": by, "on": on, "known_at": known_at, "year": year, "province": province, "map": which}
    sys.exit(show_count(data, asked, as_json=as_json))


@click.command()
@DATA
@click.argument("id", type=PlanName())
@ON
@KNOWN_AT
@AS_JSON
def plan(data: Path, id: UUID, on: date | None, known_at: datetime | None, as_json: bool) -> None:
    """Xem kế hoạch và chỉ tiêu / show a plan and how its targets stand on a day."""
    from ocop.asof import show_plan

    sys.exit(show_plan(data, id, on, known_at, as_json=as_json))


@click.command()
@DATA
@PROVINCE
@MAP
@click.option("--known-on", type=Day(), help="--map day: ngày của bản đồ có mã tỉnh / the day whose map the code is of")
@ON
@click.option(
    "--state", help="Tình trạng, cách nhau bằng dấu phẩy / states, separated by commas: open,remind,overdue,…"
)
@AS_JSON
def due(
    data: Path, province: str | None, which: Map, known_on: date | None, on: date | None,
    state: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Xem các thời hạn của mọi nhà / list the limits of all houses: whose, until when, open, overdue or met."""
    from ocop.due import print_due

    sys.exit(print_due(data, (province, which, known_on), on=on, states=state, as_json=as_json))


COMMANDS = (show, certificate, count, plan, due)
