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
from services.programme.views.heard import PLACED, REGISTERED
from services.programme.views.recognitions import RECOGNITIONS
from shared import units
from shared.auth.actors import Actor, Role
from shared.auth.tokens import ALGORITHM, DEV_TOKEN_LASTS, sign
from shared.bus.listening import Listening
from shared.calendar import certificate_expiry
from shared.clock import Clock, machine_time
from shared.contracts.certification import CertificateIssued
from shared.contracts.registration import IdeaRegistered, ProductPlaced
from shared.house import House
from shared.values import Decision
from tests.cycling import envelopes
from tests.given import about as about_garlic
from tests.given import an_id
from tests.houses import at_work
from tests.postgres import fresh_database

KEY = OKPKey.generate_key(ALGORITHM)
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
    for cached in (
        units._table,
        units._index,
        units.map_days,
        units.within,
        units.day_of_codes,
        maps._moved,
        nation.area,
    ):
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
async def client(at_work_after: tuple[House, httpx.AsyncClient]) -> httpx.AsyncClient:
    return at_work_after[1]


@pytest.fixture
async def at_work_after(merged: None, database: HouseDatabase) -> AsyncIterator[tuple[House, httpx.AsyncClient]]:
    """Programme on a day after the merger, having heard of ideas and certificates of the day before and after."""
    clock = Clock()
    clock.play(AFTER)
    async with at_work(PROGRAMME, database, KEY, clock=clock) as (house, client):
        await hear(house)
        yield house, client


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
    issued = [(key, certificate(n, idea)) for n, (key, idea) in enumerate(said)]
    found = envelopes("certification", issued)
    await Listening(RECOGNITIONS, house.store).send("certification", found, len(found))


def certificate(n: int, idea: IdeaRegistered) -> CertificateIssued:
    """One of three stars for the product of an idea, in the same place on the same day."""
    day = idea.legal_date
    return CertificateIssued(
        product=idea.product, producer=idea.producer, province=idea.province, commune=idea.commune, legal_date=day,
        ruleset="qd-26-2026", number=f"GCN-{idea.province}-{day.year}-{n:05}", certificate_id=an_id(f"certificate {n}"),
        stars=3, issued_on=day, expires_on=certificate_expiry(day), kind="first", assessment_id=None,
        decision=Decision(number="1", date=day, authority="x"),
    )  # fmt: skip


async def decide(house: House, n: int, commune: str, province: str, at: int) -> None:
    """A person decided where the product of the split commune belongs: said by registration."""
    garlic = about_garlic(f"product {n}")
    placed = ProductPlaced(
        product=garlic.product, producer=garlic.producer, province=province, commune=commune,
        legal_date=date(2028, 2, 1), ruleset="qd-26-2026", was_province="44", was_commune="19441", known_on=BEFORE,
        candidates=["18100", "19441"], chosen=True,
    )  # fmt: skip
    [envelope] = envelopes("registration", [(str(garlic.product.id), placed)])
    await Listening(PLACED, house.store).send(
        "registration", [envelope.model_copy(update={"id": f"registration:{at}"})], at
    )


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


# --- what a person decided, and what the centre tells ---


async def test_what_a_person_decided_of_a_split_counts_in_the_place_that_was_chosen(
    at_work_after: tuple[House, httpx.AsyncClient],
) -> None:
    house, client = at_work_after
    await decide(house, 0, "18100", "42", 101)
    assert counts(await ideas(client, by="province")) == {("42",): 3, ("31",): 1, ("51",): 1, (None,): 1}
    communes = counts(await ideas(client, by="commune"), "province")
    assert (communes["18100", "42"], communes[None, None]) == (3, 1)
    assert counts(await ideas(client, by="province", map="day"))[("44",)] == 2  # by the map of its day nothing moves
    await decide(house, 1, "19441", "44", 102)
    assert counts(await ideas(client, by="province")) == {("42",): 3, ("44",): 1, ("31",): 1, ("51",): 1}
    await decide(house, 1, "18100", "42", 103)  # put right
    assert counts(await ideas(client, by="province")) == {("42",): 4, ("31",): 1, ("51",): 1}


async def recognised(client: httpx.AsyncClient, by: str, map: str, **query: str) -> dict[Any, int]:
    answer = await client.get("/recognised", params={"by": by, "map": map, **query})
    assert answer.status_code == 200, answer.text
    found = answer.json()["valid"]
    assert sum(row["count"] for row in found["values"]) == found["total"]
    return {row["value"]: row["count"] for row in found["values"]}


async def test_recognised_products_are_counted_by_either_map(at_work_after: tuple[House, httpx.AsyncClient]) -> None:
    house, client = at_work_after
    assert await recognised(client, "province", "day") == {"44": 2, "42": 2, "22": 1, "51": 1}
    assert await recognised(client, "province", "today") == {None: 2, "42": 2, "31": 1, "51": 1}
    assert await recognised(client, "province", "today", province="31") == {"31": 1}
    assert await recognised(client, "province", "today", province="22") == {}
    assert await recognised(client, "commune", "today") == {None: 2, "18100": 2, "06970": 1, "21548": 1}
    await decide(house, 0, "19441", "44", 101)
    assert await recognised(client, "province", "today") == {None: 1, "42": 2, "31": 1, "44": 1, "51": 1}
    listed = await client.get("/recognised/list", params={"map": "today", "province": "44"})
    assert [(row["province"], row["in_province"], row["in_commune"]) for row in listed.json()] == [
        ("44", "44", "19441")
    ]
    named = (await client.get("/recognised", params={"by": "province", "map": "today"})).json()["valid"]["values"]
    assert {row["label_vi"] for row in named} == {
        "chưa rõ", "tỉnh Hà Tĩnh", "thành phố Hải Phòng", "tỉnh Quảng Trị", "tỉnh Quảng Ngãi",
    }  # fmt: skip


def bearer(role: Role, place: str) -> dict[str, str]:
    return {"authorization": f"Bearer {sign(Actor('x', role, place), KEY, machine_time() + DEV_TOKEN_LASTS)}"}


async def test_a_merger_is_rows_of_data_and_one_event_and_no_migration(client: httpx.AsyncClient) -> None:
    decision = {"number": "1/2027/QH16", "date": "2027-11-20", "authority": "Quốc hội"}
    body = {"takes_effect": MERGER, "decision": decision, "on": "2027-11-25"}
    forbidden = await client.post("/unit-changes", json=body, headers=bearer("agency", "44"))
    assert forbidden.status_code == 403
    told = await client.post("/unit-changes", json=body, headers=bearer("ministry", "TW"))
    assert told.status_code == 201, told.text
    assert told.json()["moves"] == len(MOVES)
    [event] = (await client.get("/events", params={"types": "UnitsMerged"})).json()["events"]
    assert event["data"]["counts"] == {"commune": 4, "province": 1}
    assert event["data"]["takes_effect"] == MERGER
    moves = [(m["level"], m["old_code"], m["new_code"], m["partly"]) for m in event["data"]["moves"]]
    assert sorted(moves) == sorted((level, old, new, partly == "1") for level, old, new, _, partly in MOVES)
    again = await client.post("/unit-changes", json=body, headers=bearer("ministry", "TW"))
    assert again.json()["rule"] == "units-change-told-already"
    nothing = await client.post(
        "/unit-changes", json=body | {"takes_effect": "2027-12-31"}, headers=bearer("ministry", "TW")
    )
    assert nothing.json()["rule"] == "no-units-changed-that-day"
    assert counts(await ideas(client, by="province")) == {("42",): 2, ("31",): 1, ("51",): 1, (None,): 2}
