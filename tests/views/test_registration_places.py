"""Places of registration through its doors: old codes in their time, a split that waits for a person, lists by either map,
and what was filed under the rules before 22 May 2026.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from obstore.store import LocalStore

from ocop.databases import HouseDatabase
from services.registration.main import HOUSE
from tests.given import an_id
from tests.houses import at_work
from tests.views.test_registration_doors import FORM_01, FORM_03, KEY, Desk, Who, form_02, scored

DRAGON, SEA = str(an_id("thanh long")), str(an_id("bien"))
OLD_AGENCY: Who = ("agency", "60")  # Bình Thuận, until 30 June 2025
TODAYS_AGENCY: Who = ("agency", "68")  # Lâm Đồng, which it joined
SPLIT = "23053"


@pytest.fixture
async def desk(database: HouseDatabase, tmp_path: Path) -> AsyncIterator[Desk]:
    async with at_work(HOUSE, database, KEY, files=LocalStore(tmp_path)) as (house, client):
        desk = Desk(house, client)
        desk.day("2026-05-25")
        yield desk


async def product(
    desk: Desk, name: str, province: str, commune: str, day: str, agency: Who, *, group: str = "food"
) -> str:
    """A producer of its own and its product, entered on a day of older rules; returns the product's id."""
    owner, idea, plan = (str(an_id(f"{what} of {name}")) for what in ("producer", "idea", "plan"))
    producer: Who = ("producer", owner)
    person = dict.fromkeys(("name", "gender", "ethnicity", "phone", "email"), "minh họa")
    at = {"province": province, "commune": commune, "on": day}
    await desk.do(
        "/producers", producer, id=owner, name=f"HTX {name}", kind="cooperative", registration_number="1",
        representative=person, **at,
    )  # fmt: skip
    await desk.do(f"/producers/{owner}/verification", ("commune", commune), on=day)
    summary = {"description": "x", "raw_material": "x", "local_character": "x"}
    done = await desk.do(
        "/ideas", producer, id=idea, producer_id=owner, product_name=name, group=group, summary=summary, on=day
    )
    await desk.do(f"/ideas/{idea}/screening", ("commune", commune), opinion="x", on=day)
    await desk.do(f"/ideas/{idea}/acceptance", agency, on=day)
    content = {"situation": "x", "means": "x", "revenue_first_year": 1, "revenue_third_year": 2}
    await desk.do("/plans", producer, id=plan, idea_id=idea, content=content, on=day)
    await desk.do(f"/plans/{plan}/approval", agency, decision={"number": "1", "date": day, "authority": "x"}, on=day)
    await desk.do("/products", agency, plan_id=plan, on=day)
    return str(done["product_id"])


def owner_of(name: str) -> Who:
    return ("producer", str(an_id(f"producer of {name}")))


async def names(desk: Desk, path: str, **query: Any) -> list[str]:
    return [row.get("name") or row["product_name"] for row in await desk.get(path, **query)]


async def test_lists_are_asked_for_by_todays_map_or_by_that_of_a_day(desk: Desk) -> None:
    await product(desk, "Cà phê", "45", "19441", "2024-05-06", ("agency", "45"))
    await product(desk, "Khoai deo", "44", "18991", "2024-05-06", ("agency", "44"))
    assert await names(desk, "/products", province="44") == ["Cà phê", "Khoai deo"]
    assert await names(desk, "/products", province="45") == []
    assert await names(desk, "/products", province="45", map="day", known_on="2024-05-06") == ["Cà phê"]
    assert await names(desk, "/products", province="44", map="day", known_on="2024-05-06") == ["Khoai deo"]
    assert await names(desk, "/products", province="44", map="day") == []
    assert await names(desk, "/products", commune="19441") == ["Cà phê"]
    assert sorted(await names(desk, "/ideas", province="44", state="accepted")) == ["Cà phê", "Khoai deo"]
    assert len(await desk.get("/plans", province="44")) == len(await desk.get("/producers", province="44")) == 2


async def test_codes_of_the_old_map_are_those_of_its_days_only(desk: Desk) -> None:
    body = {"id": str(an_id("x")), "name": "HTX", "kind": "cooperative", "registration_number": "1",
            "representative": dict.fromkeys(("name", "gender", "ethnicity", "phone", "email"), "x")}  # fmt: skip
    wrong = await desk.ask("/producers", ("producer", str(an_id("x"))), province="45", commune="19441", **body)
    assert wrong.json()["rule"] == "commune-not-in-province"
    wrong = await desk.ask(
        "/producers", ("producer", str(an_id("x"))), province="44", commune="19441", on="2024-05-06", **body
    )
    assert wrong.json()["rule"] == "commune-not-in-province"


async def test_under_older_rules_a_product_has_a_group_and_no_set(desk: Desk) -> None:
    await product(desk, "Cà phê", "45", "19441", "2024-05-06", ("agency", "45"))
    [row] = await desk.get("/products", province="44")
    assert (row["group"], row["set"]) == ("food", "")
    idea = {"producer_id": str(an_id("producer of Cà phê")), "product_name": "Tiêu", "on": "2024-05-07",
            "summary": {"description": "x", "raw_material": "x", "local_character": "x"}}  # fmt: skip
    for more, rule in (
        ({}, "product-group-missing"), ({"group": "cars"}, "not-in-ruleset"), ({"group": "food", "set": "07"}, "unknown-sheet"),
    ):  # fmt: skip
        answer = await desk.ask("/ideas", owner_of("Cà phê"), **idea, **more)
        assert answer.json()["rule"] == rule, answer.text
    today = await desk.ask("/ideas", owner_of("Cà phê"), **idea | {"on": None}, group="drinks", set="07")
    assert today.json()["rule"] == "product-group-of-another-set"


async def test_what_lay_in_a_split_commune_waits_for_a_persons_decision(desk: Desk) -> None:
    id = await product(desk, "Thanh long", "60", SPLIT, "2024-05-06", OLD_AGENCY)
    paper = await desk.paper("EV01", "giấy")
    filing = {"product_id": id, "set": "01", "form_01": FORM_01, "form_02": form_02(), "evidence": [paper]}
    owner = owner_of("Thanh long")
    waits = await desk.ask("/dossiers", owner, id=str(an_id("d")), **filing)
    assert waits.json()["rule"] == "place-to-be-chosen"
    assert "23041, 23053" in waits.json()["detail"]
    idea = {"producer_id": owner[1], "product_name": "Nước ép", "set": "17",
            "summary": {"description": "x", "raw_material": "x", "local_character": "x"}}  # fmt: skip
    assert (await desk.ask("/ideas", owner, **idea)).json()["rule"] == "place-to-be-chosen"
    assert (await desk.get("/products", commune="23041")) == (await desk.get("/products", commune=SPLIT)) == []
    assert await names(desk, "/products", province="68") == ["Thanh long"]  # its province stayed whole

    path, decided = f"/products/{id}/placing", {"commune": "23041", "reason": "Thôn Hồng Chính"}
    assert (await desk.ask(path, OLD_AGENCY, **decided)).status_code == 403  # there is no Bình Thuận today
    assert (await desk.ask(path, ("agency", "82"), **decided)).status_code == 403
    wrong = await desk.ask(path, TODAYS_AGENCY, **decided | {"commune": "22960"})
    assert wrong.json()["rule"] == "place-not-a-candidate"
    done = await desk.do(path, TODAYS_AGENCY, **decided)
    assert (done["province"], done["commune"]) == ("68", "23041")
    assert await names(desk, "/products", commune="23041") == ["Thanh long"]
    [placed] = await desk.told("ProductPlaced")
    assert placed["data"]["was_commune"] == SPLIT
    assert placed["data"]["candidates"] == ["23041", "23053"]
    steps = await desk.get(f"/products/{id}/timeline")
    assert steps[-1]["what"] == "product-placed"
    await desk.do("/dossiers", owner, id=str(an_id("d")), **filing)
    [row] = await desk.get("/dossiers", commune="23041")
    assert (row["province"], row["set"], row["ruleset"]) == ("68", "01", "qd-26-2026")

    await desk.do(path, TODAYS_AGENCY, commune=SPLIT, reason="Đã xem lại")  # put right
    assert (await desk.ask(path, TODAYS_AGENCY, commune="22960", reason="x")).json()["rule"] == "place-not-a-candidate"
    await desk.do(f"/producers/{owner[1]}/placing", TODAYS_AGENCY, **decided)
    await desk.do("/ideas", owner, **idea)
    assert [event["data"]["commune"] for event in await desk.told("ProducerPlaced")] == ["23041"]


async def test_a_commune_that_stayed_whole_is_carried_over_by_rule(desk: Desk) -> None:
    id = await product(desk, "Cà phê", "45", "19441", "2024-05-06", ("agency", "45"))
    kept = await desk.ask(f"/products/{id}/placing", ("agency", "44"), commune="19441", reason="x")
    assert kept.json()["rule"] == "place-not-split"
    paper = await desk.paper("EV01", "giấy")
    await desk.do(
        "/dossiers", owner_of("Cà phê"), id=str(an_id("d")), product_id=id, set="13", form_01=FORM_01, form_02=form_02(),
        evidence=[paper],
    )  # fmt: skip
    [placed] = await desk.told("ProductPlaced")
    assert (placed["data"]["province"], placed["data"]["commune"], placed["data"]["chosen"]) == ("44", "19441", False)
    done = await desk.do(f"/dossiers/{an_id('d')}/forwarding", ("commune", "19441"), form_03=FORM_03)
    assert done["code"] == "44-19441-1-2026"


async def test_old_names_are_offered_and_never_chosen(desk: Desk) -> None:
    told = await desk.get("/units", name="Sơn Bình", within="42", on="2023-05-01")
    [former] = told["candidates"]
    assert (former["by"], [unit["name"] for unit in former["today"]]) == ("former", ["xã Tứ Mỹ"])
    assert len((await desk.get("/units", name="Kỳ Anh", level="district"))["candidates"]) == 2
    assert (await desk.get("/units", name="Không có nơi này"))["candidates"] == []
    wrong = await desk.client.get("/units", params={"name": "x", "within": "1"})
    assert wrong.status_code == 422


# --- filed before 22 May 2026: art. 12.2 ---


async def test_what_was_filed_before_the_decision_is_due_sixty_or_thirty_days_after_it(desk: Desk) -> None:
    names_of = {"Cà phê": "2026-03-02", "Tiêu": "2026-04-20", "Chè": "2026-02-02"}
    for name, day in names_of.items():
        id = await product(desk, name, "44", "19441", "2026-01-05", ("agency", "44"))
        await desk.do("/dossiers", owner_of(name), id=str(an_id(name)), product_id=id, on=day)
        await desk.do(f"/dossiers/{an_id(name)}/forwarding", ("commune", "19441"), form_03=FORM_03, on=day)
    row = await desk.get(f"/dossiers/{an_id('Cà phê')}")
    assert (row["ruleset"], row["product_code"]) == ("qd-148-2023+1489", "44-19441-1-2026")
    await desk.hear(scored("Chè", str(an_id("Chè")), 2, "2026-05-04"))  # had its result before that day
    rows = [row for row in await desk.get("/due", on="2026-06-01") if row["limit"].startswith("transition")]
    assert [(row["limit"], row["begun_on"], row["due_on"], row["state"], row["ref"]) for row in rows] == [
        ("transition_first_or_upgrade", "2026-05-22", "2026-07-21", "open", "Điều 12.2.a")
    ] * 2
    assert not [row for row in await desk.get("/due", on="2026-05-21") if row["limit"].startswith("transition")]
    await desk.hear(scored("Tiêu", str(an_id("Tiêu")), 2, "2026-05-25"))
    states = {
        row["product"]: row["state"] for row in await desk.get("/due", on="2026-07-22") if "transition" in row["limit"]
    }
    assert states == {"Cà phê": "overdue", "Tiêu": "met"}
