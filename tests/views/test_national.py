"""Numbers of all houses across provinces: by every dimension, on any day, by both maps, against a count made by hand."""

import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import date
from typing import Any, get_args

import httpx
import pytest
from joserfc.jwk import OKPKey

from ocop.postgres import Server
from services.programme.main import HOUSE as PROGRAMME
from services.programme.views.heard import ASSESSED, PROMOTED, REGISTERED
from services.programme.views.measures import CYCLE, MEASURES, Dimension, What
from services.programme.views.recognitions import RECOGNITIONS
from shared import units
from shared.auth.tokens import ALGORITHM
from shared.bus.listening import Listening
from shared.clock import Clock
from shared.eventstore.migrate import migrate
from shared.house import House
from tests.cycling import Key, Teller, by_hand, envelopes, key_of
from tests.postgres import fresh_database

TODAY = date(2026, 12, 1)
DAYS = [date(2025, 6, 30), date(2026, 8, 31), date(2027, 12, 31)]
TOLD = Teller(seed=9, products=120)
VIEWS = {"registration": REGISTERED, "evaluation": ASSESSED, "certification": RECOGNITIONS, "promotion": PROMOTED}
HEARD: list[What] = [what for what in get_args(What) if MEASURES[what].source != "programme"]


@pytest.fixture(scope="module")
async def house(postgres: Server) -> AsyncIterator[House]:
    """Programme after it heard everything, in batches of any size, some of them twice."""
    dice, clock = random.Random(9), Clock()
    clock.play(TODAY)
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(fresh_database(postgres, "programme"))
        await migrate(database.owner_dsn, database.server_role, PROGRAMME.room)
        opened = House(PROGRAMME, database.server_dsn, clock, OKPKey.generate_key(ALGORITHM))
        await opened.store.open()
        stack.push_async_callback(opened.store.close)
        for name, story in TOLD.houses.items():
            sink, said, at = Listening(VIEWS[name], opened.store), envelopes(name, story.said), 0
            while at < len(said):
                batch = said[max(0, at - dice.randint(0, 3)) : at + dice.randint(1, 60)]
                await sink.send(name, batch, batch[-1].position)
                at = batch[-1].position
        yield opened


@pytest.fixture(scope="module")
async def client(house: House) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(house.app())
    async with httpx.AsyncClient(transport=transport, base_url="http://programme/programme/") as client:
        yield client


async def asked(client: httpx.AsyncClient, path: str, **query: Any) -> Any:
    wanted = {name: str(value) for name, value in query.items() if value is not None}
    answer = await client.get(f"http://programme{path}", params=wanted or None)
    assert answer.status_code == 200, answer.text
    return answer.json()


def key_in(row: dict[str, Any], by: Dimension, map: str) -> Key:
    """As in the count by hand."""
    if by == "province":
        return (row["value"], since("province", row) if map == "day" else None)
    if by == "commune":
        return (row["value"], row["province"], since("commune", row) if map == "day" else None)
    return (row["value"],)


def since(level: units.Level, row: dict[str, Any]) -> date | None:
    return units.same_land_since(level, row["value"], date.fromisoformat(row["known_on"]))


# --- numbers ---


def test_the_made_up_cycle_has_everything_that_is_counted() -> None:
    assert {one.what for one in TOLD.counted} == set(HEARD)
    assert list(MEASURES) == list(get_args(What))
    assert set(CYCLE) <= set(MEASURES)
    assert any(one.commune and one.now(TODAY)[1] is None for one in TOLD.counted)


@pytest.mark.parametrize("what", HEARD)
async def test_every_number_on_every_day_by_both_maps_is_that_made_by_hand(
    client: httpx.AsyncClient, what: What
) -> None:
    for by in MEASURES[what].by:
        for map in ("day", "today"):
            for day, year in [(DAYS[0], None), (DAYS[1], 2025), (DAYS[1], 2026), (DAYS[2], None)]:
                answer = await asked(client, "/national", what=what, by=by, on=day, year=year, map=map, limit=1000)
                found = {key_in(row, by, map): row["count"] for row in answer["values"]}
                wanted = by_hand(TOLD.counted, what, by, day=day, year=year, today=TODAY if map == "today" else None)
                assert found == wanted, (by, map, day, year)
                assert answer["total"] == wanted.total()


async def test_a_province_of_today_holds_what_was_decided_in_the_provinces_that_it_is_made_of(
    client: httpx.AsyncClient,
) -> None:
    """Kon Tum (62) joined Quảng Ngãi (51): by today's map its ideas are counted there, by that of the day they are not."""
    ideas = [one for one in TOLD.counted if one.what == "ideas"]
    there = sum(one.province == "62" for one in ideas)
    now = await asked(client, "/national", what="ideas", by="group", province="51", on=DAYS[2])
    then = await asked(client, "/national", what="ideas", by="group", province="51", on=DAYS[2], map="day")
    assert there > 0
    assert now["total"] == then["total"] + there == sum(one.province in ("51", "62") for one in ideas)
    assert (await asked(client, "/national", what="ideas", province="62", on=DAYS[2]))["total"] == 0


@pytest.mark.parametrize(("code", "known_on", "name"), [
    ("44", "2025-06-30", "tỉnh Quảng Bình"), ("44", "2026-06-30", "tỉnh Quảng Trị"),
    ("22", "2026-06-30", "thành phố Quảng Ninh"), ("22", "2026-12-01", "thành phố Quảng Ninh"),
])  # fmt: skip
async def test_by_the_map_of_the_day_a_code_is_counted_as_the_place_that_it_meant(
    client: httpx.AsyncClient, code: str, known_on: str, name: str
) -> None:
    """That Quảng Ninh became a city changed no border: it stays one row, by its latest name."""
    area = units.same_land_since("province", code, date.fromisoformat(known_on))
    wanted = by_hand(TOLD.counted, "dossiers", "province", day=DAYS[2], year=None, today=None)[(code, area)]
    rows = (await asked(client, "/national", what="dossiers", on=DAYS[2], map="day"))["values"]
    found = [row for row in rows if row["value"] == code and since("province", row) == area]
    assert [(row["count"], row["label_vi"]) for row in found] == [(wanted, name)]
    scope = {"what": "dossiers", "on": DAYS[2], "map": "day", "province": code, "known_on": known_on}
    assert (await asked(client, "/national", by="year", **scope))["total"] == wanted


async def test_what_lay_in_a_split_commune_is_counted_under_its_province_with_the_candidates_told(
    client: httpx.AsyncClient,
) -> None:
    split = [one for one in TOLD.counted if one.what == "ideas" and one.commune == "23053"]
    answer = await asked(client, "/national", what="ideas", by="commune", on=DAYS[2])
    (row,) = [row for row in answer["values"] if row["value"] is None]
    assert (row["province"], row["count"], row["label_vi"]) == ("68", len(split), "chưa xác định")
    assert answer["unassigned"]["commune"]["count"] == len(split) > 0
    assert answer["unassigned"]["province"]["count"] == 0
    assert answer["values"][-1] == row
    provinces = await asked(client, "/national", what="ideas", by="province", on=DAYS[2])
    assert {row["value"]: row["count"] for row in provinces["values"]}["68"] == len(split)
    for listed in (answer["unassigned"]["commune"]["list"], row["list"]):
        rows = await asked(client, f"/{listed}")
        assert {fact["id"] for fact in rows} == {one.id for one in split}
        assert all(fact["candidates"] == ["23041", "23053"] and fact["commune"] == "23053" for fact in rows)
        assert all((fact["in_province"], fact["in_commune"]) == ("68", None) for fact in rows)


# --- the list behind ---


@pytest.mark.parametrize("map", ["day", "today"])
@pytest.mark.parametrize("what", ["ideas", "scored", "certificates_valid", "certificates_expired", "sales_points"])
async def test_every_number_has_the_list_of_the_facts_that_it_counts(
    client: httpx.AsyncClient, what: What, map: str
) -> None:
    wanted = {one.id for one in TOLD.counted if one.what == what and one.stands(DAYS[2], None)}
    for by in MEASURES[what].by:
        answer = await asked(client, "/national", what=what, by=by, on=DAYS[2], map=map, limit=1000)
        seen: set[str] = set()
        for row in answer["values"]:
            rows = await asked(client, f"/{row['list']}&limit=1000")
            assert len(rows) == row["count"], row
            seen |= {fact["id"] for fact in rows}
        assert seen == wanted


async def test_numbers_and_lists_come_in_pages(client: httpx.AsyncClient) -> None:
    whole = await asked(client, "/national", what="ideas", by="commune", on=DAYS[2])
    page = await asked(client, "/national", what="ideas", by="commune", on=DAYS[2], limit=2, offset=1)
    assert page["values"] == whole["values"][1:3]
    assert (page["total"], page["rows"]) == (whole["total"], len(whole["values"]))
    listed = await asked(client, "/national/list", what="ideas", on=DAYS[2], limit=1000)
    assert await asked(client, "/national/list", what="ideas", on=DAYS[2], limit=3, offset=2) == listed[2:5]


# --- the cycle ---


@pytest.mark.parametrize(("map", "today"), [("today", TODAY), ("day", None)])
async def test_the_cycle_shows_every_stage_by_province_and_year(
    client: httpx.AsyncClient, map: str, today: date | None
) -> None:
    answer = await asked(client, "/national/cycle", on=DAYS[2], map=map)
    found: Counter[Key] = Counter()
    for row in answer["rows"]:
        place = (row["province"], None if today else since("province", row | {"value": row["province"]}))
        found |= Counter({(*place, row["year"], what): n for what, n in row["counts"].items() if n})
    wanted: Counter[Key] = Counter(
        (*key_of(one, "province", today), one.day.year, one.what)
        for one in TOLD.counted if one.what in CYCLE and one.stands(DAYS[2], None)
    )  # fmt: skip
    assert found == wanted
    assert answer["total"] == {what: sum(n for key, n in wanted.items() if key[-1] == what) for what in CYCLE}
    assert [stage["what"] for stage in answer["stages"]] == list(CYCLE)


async def test_the_cycle_of_one_province_and_year_is_that_part_of_the_whole(client: httpx.AsyncClient) -> None:
    whole = await asked(client, "/national/cycle", on=DAYS[2])
    part = await asked(client, "/national/cycle", on=DAYS[2], province="51", year=2026)
    assert part["rows"] == [row for row in whole["rows"] if (row["province"], row["year"]) == ("51", 2026)] != []


# --- what is said with a number, and what is refused ---


async def test_a_number_comes_with_its_definition_and_how_places_are_meant(client: httpx.AsyncClient) -> None:
    answer = await asked(client, "/national", map="day")
    assert (answer["what"], answer["by"], answer["on"]) == ("certificates_valid", "province", str(TODAY))
    assert "gia hạn" in answer["definition"]["vi"]
    assert "replaced or revoked" in answer["definition"]["en"]
    assert "ngày ghi nhận" in answer["places"]["vi"]


@pytest.mark.parametrize("by", get_args(Dimension))
async def test_every_value_has_a_name_in_both_languages(client: httpx.AsyncClient, by: Dimension) -> None:
    """Also of earlier recognitions in the catalogue, whose ruleset is an id without data."""
    for what in ("scored", "certificates", "products_listed", "recognitions_noted"):
        if by not in MEASURES[what].by:
            continue
        answer = await asked(client, "/national", what=what, by=by, on=DAYS[2])
        for row in answer["values"]:
            assert str(row["label_vi"]) != str(row["value"])
            assert row["label_en"]


@pytest.mark.parametrize(("path", "query", "field", "rule"), [
    ("/national", {"what": "ideas", "by": "stars"}, "by", "not-counted-by"),
    ("/national", {"what": "trainings", "by": "commune"}, "by", "not-counted-by"),
    ("/national", {"what": "partners", "by": "year", "commune": "21548"}, "commune", "not-counted-by"),
    ("/national/list", {"what": "ideas", "stars": "3"}, "stars", "not-counted-by"),
    ("/national", {"what": "unknown"}, "what", "literal-error"),
    ("/national", {"by": "district"}, "by", "literal-error"),
    ("/national", {"map": "tomorrow"}, "map", "literal-error"),
    ("/national", {"year": "20266"}, "year", "less-than-equal"),
    ("/national", {"on": "2026-02-30"}, "on", "date-from-datetime-parsing"),
    ("/national/list", {"unassigned": "district"}, "unassigned", "literal-error"),
    ("/national/cycle", {"known_on": "1"}, "known_on", "date-parsing"),
])  # fmt: skip
async def test_what_cannot_be_counted_is_refused_by_field_and_rule(
    client: httpx.AsyncClient, path: str, query: dict[str, str], field: str, rule: str
) -> None:
    answer = await client.get(f"http://programme{path}", params=query)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [(error["field"], error["rule"]) for error in answer.json()["errors"]] == [(field, rule)]


async def test_a_code_that_no_place_has_counts_nothing(client: httpx.AsyncClient) -> None:
    for map in ("day", "today"):
        assert (await asked(client, "/national", province="99", map=map))["total"] == 0
        assert await asked(client, "/national/list", commune="", map=map) == []
