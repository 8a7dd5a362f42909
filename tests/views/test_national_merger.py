"""A merger to come, made up: a commune split between two provinces, a province that joins another, a code given anew."""

import csv
from collections.abc import AsyncIterator, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc.jwk import OKPKey

from ocop.databases import HouseDatabase
from ocop.postgres import Server
from services.programme.main import HOUSE as PROGRAMME
from services.programme.views import maps, nation
from services.programme.views.heard import REGISTERED
from shared import units
from shared.auth.tokens import ALGORITHM
from shared.bus.listening import Listening
from shared.clock import Clock
from shared.contracts.registration import IdeaRegistered
from shared.house import House
from tests.cycling import envelopes
from tests.given import about as about_garlic
from tests.given import an_id
from tests.houses import at_work
from tests.postgres import fresh_database

MERGER = "2028-01-01"
BEFORE, AFTER = date(2027, 6, 1), date(2028, 6, 1)
# On that day the commune 19441 of Quảng Trị (44) is split between 44 and Hà Tĩnh (42), 18073 of Hà Tĩnh becomes a part of the
# commune 18100 there, and Quảng Ninh (22) with its commune 06970 joins Hải Phòng (31).
MOVES = [
    ("commune", "19441", "19441", "2", "1"), ("commune", "19441", "18100", "2", "1"),
    ("commune", "18073", "18100", "1", "0"), ("commune", "06970", "06970", "1", "0"), ("province", "22", "31", "1", "0"),
]  # fmt: skip
NEW_UNITS = [
    ("commune", "19441", "44", "Hướng Phùng", "xã"), ("commune", "18100", "42", "Thành Sen Mới", "phường"),
    ("commune", "06970", "31", "Ba Chẽ", "xã"),
]  # fmt: skip
FACTS = [("44", "19441"), ("44", "19441"), ("42", "18073"), ("22", "06970"), ("51", "21548")]


def forget() -> None:
    """What was read from the tables."""
    for cached in (units._table, units._index, units.map_days, maps._moved, nation.area):
        cached.cache_clear()


@pytest.fixture
def merged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The tables with that day added as they are to be added: rows closed, rows and changes appended."""
    for name in ("units.csv", "unit_changes.csv"):
        with (units.DATA / name).open(encoding="utf-8", newline="") as file:
            head, *rows = list(csv.reader(file))
        if name == "units.csv":
            gone = {(level, old) for level, old, *_ in MOVES}
            rows = [[*row[:6], MERGER, *row[7:]] if (row[0], row[1]) in gone and not row[6] else row for row in rows]
            rows += [[*unit, MERGER, "", ""] for unit in NEW_UNITS]
        else:
            rows += [[level, old, new, MERGER, targets, partly, ""] for level, old, new, targets, partly in MOVES]
        with (tmp_path / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([head, *rows])
    monkeypatch.setattr(units, "DATA", tmp_path)
    forget()
    yield
    monkeypatch.undo()
    forget()


@pytest.fixture
async def database(postgres: Server) -> AsyncIterator[HouseDatabase]:
    async with fresh_database(postgres, "programme") as fresh:
        yield fresh


@pytest.fixture
async def client(merged: None, database: HouseDatabase) -> AsyncIterator[httpx.AsyncClient]:
    """Programme on a day after the merger, having heard of ideas of the day before and after."""
    clock = Clock()
    clock.play(AFTER)
    async with at_work(PROGRAMME, database, OKPKey.generate_key(ALGORITHM), clock=clock) as (house, client):
        await hear(house)
        yield client


async def hear(house: House) -> None:
    said = []
    for n, (day, place) in enumerate([(BEFORE, place) for place in FACTS] + [(AFTER, ("42", "18100"))]):
        garlic = about_garlic(f"product {n}")
        idea = IdeaRegistered(
            product=garlic.product, producer=garlic.producer, province=place[0], commune=place[1], legal_date=day,
            ruleset="qd-26-2026", idea_id=an_id(f"idea {n}"),
        )  # fmt: skip
        said.append((str(garlic.product.id), idea))
    found = envelopes("registration", said)
    await Listening(REGISTERED, house.store).send("registration", found, len(found))


async def ideas(client: httpx.AsyncClient, path: str = "/national", **query: Any) -> Any:
    answer = await client.get(path, params={"what": "ideas", **query})
    assert answer.status_code == 200, answer.text
    return answer.json()


def counts(answer: dict[str, Any], *more: str) -> dict[Any, int]:
    return {(row["value"], *(row[name] for name in more)): row["count"] for row in answer["values"]}


async def test_by_todays_map_a_commune_split_between_provinces_is_unassigned_and_the_rest_is_carried_over(
    client: httpx.AsyncClient,
) -> None:
    provinces = await ideas(client, by="province")
    assert counts(provinces) == {("42",): 2, ("31",): 1, ("51",): 1, (None,): 2}
    assert provinces["unassigned"]["province"]["count"] == provinces["unassigned"]["commune"]["count"] == 2
    communes = await ideas(client, by="commune")
    assert counts(communes, "province") == {
        ("18100", "42"): 2, ("06970", "31"): 1, ("21548", "51"): 1, (None, None): 2,
    }  # fmt: skip
    rows = (await client.get(f"/{provinces['unassigned']['province']['list']}")).json()
    assert [row["candidates"] for row in rows] == [["18100", "19441"]] * 2
    assert (await ideas(client, by="year", province="31"))["total"] == 1
    assert (await ideas(client, by="year", province="22"))["total"] == 0


async def test_by_the_map_of_the_day_each_keeps_its_place_and_a_code_whose_area_changed_has_two_rows(
    client: httpx.AsyncClient,
) -> None:
    communes = await ideas(client, by="commune", map="day")
    assert counts(communes, "known_on") == {
        ("19441", str(BEFORE)): 2, ("18073", str(BEFORE)): 1, ("06970", str(BEFORE)): 1, ("21548", str(BEFORE)): 1,
        ("18100", str(AFTER)): 1,
    }  # fmt: skip
    assert (await ideas(client, by="year", province="22", map="day", known_on=str(BEFORE)))["total"] == 1
    assert (await ideas(client, by="year", province="22", map="day", known_on=str(AFTER)))["total"] == 0


async def test_a_day_before_the_merger_is_asked_for_by_todays_map_too(client: httpx.AsyncClient) -> None:
    answer = await ideas(client, by="province", on=str(BEFORE))
    assert counts(answer) == {("42",): 1, ("31",): 1, ("51",): 1, (None,): 2}
    assert answer["today"] == str(AFTER)


async def test_the_cycle_shows_what_has_no_single_province_of_today_last(client: httpx.AsyncClient) -> None:
    rows = (await client.get("/national/cycle")).json()["rows"]
    assert [(row["province"], row["year"], row["counts"]["ideas"]) for row in rows] == [
        ("31", 2027, 1), ("42", 2027, 1), ("42", 2028, 1), ("51", 2027, 1), (None, 2027, 2),
    ]  # fmt: skip
