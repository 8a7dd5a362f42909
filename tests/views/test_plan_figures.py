"""A whole plan over a real PostgreSQL: each target with its figure, tasks, duties, calendar, versions, who may."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest

from ocop.postgres import Server
from services.programme.main import HOUSE
from services.programme.views.heard import PROMOTED
from services.programme.views.recognitions import RECOGNITIONS
from shared.areas import area
from shared.calendar import certificate_expiry
from shared.contracts.certification import CertificateIssued
from shared.contracts.promotion import SalesPointClosed, SalesPointOpened, StoryPublished
from shared.values import Decision
from tests.given import an_id
from tests.houses import at_work
from tests.postgres import fresh_database
from tests.views.planning import AGENCY, BODY, CHAIRMAN, END, ISSUE, PLAN, Desk, Who, of_product
from tests.whole import KEY

DISTRICTS = area("42", date(2025, 1, 1), date(2025, 3, 1)).districts
COMMUNES = area("42", date(2025, 1, 1), date(2025, 3, 1)).communes
SAYS = {"office": "Sở Nông nghiệp và Môi trường", "source": "Báo cáo 12/BC-SNN"}
T = f"/plans/{PLAN}/targets"


@pytest.fixture
async def desk(postgres: Server) -> AsyncIterator[Desk]:
    async with fresh_database(postgres, "programme") as database, at_work(HOUSE, database, KEY) as (house, client):
        opened = Desk(house, client)
        await opened.done("/plans", BODY | {"id": PLAN}, CHAIRMAN, "2025-01-10")
        yield opened


def certificate(name: str, day: str, stars: int) -> CertificateIssued:
    d = date.fromisoformat(day)
    return CertificateIssued(
        **of_product(name, day), number=f"GCN {name}", certificate_id=an_id(name), stars=stars, issued_on=d,
        expires_on=certificate_expiry(d), kind="first", assessment_id=None,
        decision=Decision(number="1", date=d, authority="UBND tỉnh"),
    )  # fmt: skip


def point(name: str, day: str, commune: str) -> SalesPointOpened:
    return SalesPointOpened(legal_date=date.fromisoformat(day), sales_point_id=an_id(name), name=name, province="42",
                            commune=commune, area_m2=20, products=[])  # fmt: skip


# --- figures ---


async def test_every_figure_says_target_actual_as_of_and_how_it_was_counted(desk: Desk) -> None:
    await desk.hear(RECOGNITIONS, certificate("Cam", "2025-02-01", 3), certificate("Cu đơ", "2025-03-01", 4))
    before, after = await desk.targets("2025-02-28"), await desk.targets("2025-04-01")
    assert (before["t1"]["actual"], before["t1"]["met"]) == (1, False)
    assert (after["t1"]["actual"], after["t1"]["met"], after["t1"]["counted_on"]) == (2, True, "2025-04-01")
    assert (after["t2"]["actual"], after["t2"]["unit"]["id"]) == (50, "percent")
    for target in after.values():
        assert target["definition"]["vi"] != target["definition"]["en"]
        assert target["how"]["by"] in ("events", "partly", "hand")
        assert target["map"] == {"on": "2025-04-01", "province": "42", "name": "tỉnh Hà Tĩnh"}
        assert target["name"] == target["id"]
    assert after["t3"]["actual"] is after["t3"]["met"] is None


async def test_a_figure_by_hand_is_shown_with_who_when_and_from_what(desk: Desk) -> None:
    await desk.done(f"{T}/t3/figures", SAYS | {"value": 9}, day="2025-06-10")
    await desk.done(f"{T}/t3/figures", SAYS | {"value": 11, "on": "2025-09-30"}, day="2025-10-02")
    assert (await desk.targets("2025-06-09"))["t3"]["actual"] is None
    june, october = (await desk.targets("2025-07-01"))["t3"], (await desk.targets("2025-10-01"))["t3"]
    assert (june["actual"], june["met"], june["beyond"]) == (9, True, False)
    assert june["reported"] == {"value": 9, "as_of": "2025-06-10", "note": None, **SAYS}
    assert (october["actual"], october["met"], october["beyond"]) == (11, True, True)
    history = await desk.get(f"{T}/t3/figures")
    assert [row["value"] for row in history] == [11, 9]


async def test_what_events_count_is_not_overruled_by_hand_and_both_are_shown(desk: Desk) -> None:
    await desk.hear(RECOGNITIONS, certificate("Cam", "2025-02-01", 3))
    await desk.done(f"{T}/t1/figures", SAYS | {"value": 300}, day="2025-04-01")
    t1 = (await desk.targets("2025-04-01"))["t1"]
    assert (t1["actual"], t1["met"], t1["how"]["by"], t1["reported"]["value"]) == (1, False, "events", 300)


async def test_each_district_has_to_meet_it_on_the_map_of_its_own_day(desk: Desk) -> None:
    """Districts ended on 30/6/2025: what is told later by the new map lies where its commune was made from."""
    everywhere = {district: next(c.code for c in COMMUNES.values() if c.parent == district) for district in DISTRICTS}
    *most, last = everywhere.items()
    await desk.hear(PROMOTED, *(point(f"Điểm {d}", "2025-03-01", commune) for d, commune in most))
    march = (await desk.targets("2025-03-31"))["t4"]
    assert (march["actual"], march["met"], len(march["parts"])) == (0, False, len(DISTRICTS))
    assert [one["unit"] for one in march["parts"] if not one["met"]] == [last[0]]
    await desk.hear(PROMOTED, point("Điểm cuối", "2025-04-01", last[1]))
    assert (await desk.targets("2025-04-01"))["t4"]["met"] is True
    closed = point("Điểm cuối", "2025-04-01", last[1])
    await desk.hear(PROMOTED, SalesPointClosed(
        legal_date=date(2025, 11, 1), sales_point_id=closed.sales_point_id, name="x", province="42", commune=last[1], reason="x"
    ))  # fmt: skip
    october, november = await desk.targets("2025-10-31"), await desk.targets("2025-11-01")
    assert (october["t4"]["met"], november["t4"]["met"]) == (True, False)
    assert november["t4"]["map"]["on"] == "2025-06-30"
    assert november["t1"]["map"]["on"] == "2025-11-01"


async def test_each_commune_by_hand_is_open_until_all_are_told(desk: Desk) -> None:
    *most, last = COMMUNES
    values = [{"unit": code, "value": 1} for code in most]
    await desk.done(f"{T}/t5/figures", SAYS | {"values": values}, day="2025-03-01")
    t5 = (await desk.targets("2025-03-01"))["t5"]
    assert (t5["actual"], t5["met"], len(t5["parts"])) == (1, None, len(COMMUNES))
    await desk.done(f"{T}/t5/figures", SAYS | {"values": [{"unit": last, "value": 0}]}, day="2025-03-02")
    assert (await desk.targets("2025-03-02"))["t5"]["met"] is False
    await desk.done(f"{T}/t5/figures", SAYS | {"values": [{"unit": last, "value": 2}]}, day="2025-03-03")
    assert (await desk.targets("2025-03-03"))["t5"]["met"] is True


async def test_a_list_that_nobody_keeps_makes_no_zero(desk: Desk) -> None:
    assert (await desk.targets("2025-03-01"))["t6"]["actual"] is None
    await desk.hear(RECOGNITIONS, certificate("Cam", "2025-02-01", 3))
    village = {"key": "lang-cam", "name": "Làng cam", "producers": [str(an_id("producer of Cam"))]}
    await desk.done("/lists/42/craft_villages/entries", SAYS | {"entry": village}, day="2025-03-01")
    await desk.done("/lists/42/craft_villages/entries", SAYS | {"entry": {"key": "lang-gom", "name": "Làng gốm"}})
    assert (await desk.targets("2025-03-01"))["t6"]["actual"] == 50
    await desk.done("/lists/42/craft_villages/entries/lang-gom/removal", {"reason": "Không còn nghề"}, day="2025-04-01")
    assert [(await desk.targets(day))["t6"]["actual"] for day in ("2025-03-31", "2025-04-01")] == [50, 100]
    assert [row["key"] for row in await desk.get("/lists/42", on="2025-03-31")] == ["lang-cam", "lang-gom"]


async def test_each_product_of_a_criterion(desk: Desk) -> None:
    linked = [{"key": name, "name": name, "product_id": str(an_id(name)), "revenue_year_1": of} for name, of in
              (("cam", 600), ("buoi", 400))]  # fmt: skip
    for entry in linked:
        await desk.done("/lists/42/linked_products/entries", SAYS | {"entry": entry}, day="2025-03-01")
    t7 = (await desk.targets("2025-03-01"))["t7"]
    assert (t7["criterion"], t7["actual"], t7["met"], len(t7["parts"])) == (True, 400, False, 2)


async def test_trainings_and_news_of_the_plan(desk: Desk) -> None:
    held = {"subject": "OCOP", "province": "42", "producers": 20, "officers": 5, "plan_id": PLAN, "line": "h1"}
    await desk.done("/trainings", held, day="2025-03-01")
    await desk.done("/trainings", held | {"kind": "study_tour", "subject": "Tham quan"})
    await desk.hear(PROMOTED, StoryPublished(**of_product("Cam", "2025-03-05"), title="x", text="x"))
    await desk.done(f"{T}/t9/figures", SAYS | {"value": 4}, day="2025-03-10")
    found = await desk.targets("2025-03-10")
    assert (found["t8"]["actual"], found["t8"]["met"]) == (1, True)
    assert [line["held"] for line in (await desk.get(f"/plans/{PLAN}", on="2025-03-10"))["training"]] == [2]
    assert (found["t9"]["actual"], found["t9"]["how"]["by"]) == (5, "partly")


# --- tasks, duties, calendar ---


async def test_tasks_come_overdue_first_with_who_does_their_work_today(desk: Desk) -> None:
    found = await desk.get(f"/plans/{PLAN}/tasks", on="2025-03-10")
    assert [(one["id"], one["state"], one["days_late"]) for one in found] == [
        ("k1", "overdue", 10),
        ("k2", "running", 0),
        ("k3", "later", 0),
    ]
    assert found[0]["lead"] == [{"id": "dard", "name_vi": "Sở Nông nghiệp và Phát triển nông thôn",
                                 "name_en": "Department of Agriculture and Rural Development",
                                 "today": "Sở Nông nghiệp và Môi trường"}]  # fmt: skip
    assert found[2]["lead"][0]["name_vi"] == "Hội Nông sản sạch"
    report = {"done_percent": 100, "account": "Đã họp ngày 5/3", "agency": "dard", "obstacles": "Họp muộn"}
    await desk.done(f"/plans/{PLAN}/tasks/k1/reports", report, day="2025-03-10")
    district = next(iter(DISTRICTS))
    await desk.done(f"/plans/{PLAN}/tasks/k2/reports", {"done_percent": 10, "account": "Đã họp", "unit": district})
    after = {one["id"]: one for one in await desk.get(f"/plans/{PLAN}/tasks", on="2025-03-10")}
    assert (after["k1"]["state"], after["k1"]["last_report"]["obstacles"]) == ("done", "Họp muộn")
    assert (after["k2"]["done_percent"], after["k2"]["units"][0]["unit"]) == (0, district)
    assert {one["id"]: one["state"] for one in await desk.get(f"/plans/{PLAN}/tasks", on="2025-03-09")}[
        "k1"
    ] == "overdue"


async def test_reporting_duties_are_due_and_done(desk: Desk) -> None:
    async def state(day: str) -> list[str]:
        quarterly = (await desk.get(f"/plans/{PLAN}/duties", on=day))[0]
        return [one["state"] for one in quarterly["expected"]]

    assert await state("2025-03-24") == ["open", "later", "later", "later"]
    assert await state("2025-03-25") == ["overdue", "later", "later", "later"]
    row = await desk.house.store.pool.fetch("SELECT due_on, owner, province, closed_on FROM views.due ORDER BY due_on")
    assert [(one["due_on"].isoformat(), one["owner"], one["province"]) for one in row] == [
        (day, "agency", "42") for day in ("2025-03-24", "2025-06-24", "2025-09-24", "2025-12-24")
    ]
    await desk.done(f"/plans/{PLAN}/reports", {"issue": ISSUE, "on": "2025-03-20"}, day="2025-03-21")
    assert await state("2025-03-25") == ["issued", "later", "later", "later"]
    closed = await desk.house.store.pool.fetchval("SELECT closed_on FROM views.due WHERE due_on = '2025-03-24'")
    assert closed == date(2025, 3, 21)


async def test_the_calendar_has_rounds_tasks_and_report_days(desk: Desk) -> None:
    june = await desk.get(f"/plans/{PLAN}/calendar", **{"from": "2025-06-01", "to": "2025-06-30"})
    assert [(one["on"], one["what"], one["id"]) for one in june] == [
        ("2025-06-24", "report-due", "r1"), ("2025-06-29", "round-ends", "d1"),
    ]  # fmt: skip
    assert all(one["title_vi"] for one in await desk.get(f"/plans/{PLAN}/calendar"))


# --- versions ---


async def test_a_changed_plan_keeps_what_it_said_before(desk: Desk) -> None:
    fewer = BODY | {"targets": BODY["targets"][:2], "reporting": [], "reason": "Điều chỉnh giữa kỳ"}
    answer = await desk.done(f"/plans/{PLAN}/versions", fewer, CHAIRMAN, "2025-07-01")
    assert answer["version"] == 2
    old, new = await desk.get(f"/plans/{PLAN}", on="2025-06-30"), await desk.get(f"/plans/{PLAN}", on="2025-07-01")
    assert (old["version"], len(old["targets"]), new["version"], len(new["targets"])) == (1, 9, 2, 2)
    assert (await desk.get(f"/plans/{PLAN}", on="2025-08-01", version=1))["version"] == 1
    assert [(one["version"], one["reason"]) for one in new["versions"]] == [(1, None), (2, "Điều chỉnh giữa kỳ")]
    assert [row["version"] for row in await desk.get("/plans", province="42")] == [2]
    open_rows = await desk.house.store.pool.fetchval("SELECT count(*) FROM views.due WHERE closed_on IS NULL")
    assert open_rows == 0
    assert (await desk.get("/national", what="provincial_plans"))["total"] == 1


# --- what is refused ---


@pytest.mark.parametrize(
    ("path", "body", "who", "expected"),
    [
        (f"{T}/t3/figures", SAYS | {"value": 9}, CHAIRMAN, (403, "forbidden")),
        (f"{T}/t3/figures", SAYS | {"value": 9}, ("agency", "51"), (403, "forbidden")),
        (f"{T}/t3/figures", SAYS | {"value": -1}, AGENCY, (422, "invalid-input")),
        (f"{T}/t3/figures", {"value": 9, "office": "x"}, AGENCY, (422, "invalid-input")),
        (f"{T}/t99/figures", SAYS | {"value": 9}, AGENCY, (422, "target-unknown")),
        (f"{T}/t2/figures", SAYS | {"value": 101}, AGENCY, (422, "figure-over-100-percent")),
        (f"{T}/t4/figures", SAYS | {"value": 9}, AGENCY, (422, "figure-unit-missing")),
        (f"{T}/t4/figures", SAYS | {"values": [{"unit": "522", "value": 1}]}, AGENCY, (422, "unit-outside-the-plan")),
        (f"{T}/t5/figures", SAYS | {"values": [{"unit": "21548", "value": 1}]}, AGENCY, (422, "unit-outside-the-plan")),
        (f"/plans/{PLAN}/tasks/k9/reports", {"done_percent": 1, "account": "x"}, AGENCY, (422, "task-unknown")),
        (f"/plans/{PLAN}/tasks/k1/reports", {"done_percent": 1, "account": "x", "agency": "provincial_pc"}, AGENCY,
         (422, "agency-not-of-the-task")),
        (f"/plans/{PLAN}/tasks/k1/reports", {"done_percent": 1, "account": "x", "unit": "522"}, AGENCY,
         (422, "unit-outside-the-plan")),
        (f"/plans/{PLAN}/reports", {"issue": ISSUE | {"duty": "r9"}}, AGENCY, (422, "duty-unknown")),
        (f"/plans/{PLAN}/reports", {"issue": ISSUE, "on": "2024-12-31"}, AGENCY, (422, "report-before-the-plan")),
        (f"/plans/{PLAN}/reports", {"issue": ISSUE, "on": "2025-12-31"}, AGENCY, (422, "date-in-future")),
        (f"/plans/{PLAN}/reports", {"issue": ISSUE, "issued_on": "2025-12-31"}, AGENCY, (422, "date-in-future")),
        (f"/plans/{PLAN}/reports", {"issue": ISSUE | {"number": ""}}, AGENCY, (422, "invalid-input")),
        (f"/plans/{PLAN}/reports", {"issue": ISSUE}, ("agency", "51"), (403, "forbidden")),
        (f"/plans/{PLAN}/reports", {"issue": ISSUE}, ("inspector", "42"), (403, "forbidden")),
        (f"/plans/{PLAN}/versions", BODY | {"reason": "x"}, AGENCY, (403, "forbidden")),
        (f"/plans/{PLAN}/versions", BODY | {"reason": "x"}, CHAIRMAN, (409, "plan-unchanged")),
        ("/plans", BODY | {"agencies": [{"id": "lạ"}]}, CHAIRMAN, (422, "invalid-input")),
        ("/plans", BODY | {"agencies": [*BODY["agencies"], {"id": "la"}]}, CHAIRMAN, (422, "agency-unknown")),
        ("/plans", BODY | {"province_then": "99"}, CHAIRMAN, (422, "unknown-province")),
        ("/lists/42/craft_villages/entries", SAYS | {"entry": {"key": "x", "name": "x"}}, ("agency", "51"),
         (403, "forbidden")),
        ("/lists/42/founded/entries", SAYS | {"entry": {"key": "x", "name": "x"}}, AGENCY, (422, "entry-incomplete")),
        ("/lists/42/nothing/entries", SAYS | {"entry": {"key": "x", "name": "x"}}, AGENCY, (422, "invalid-input")),
        ("/lists/42/founded/entries/x/removal", {"reason": "x"}, AGENCY, (404, "not-found")),
        ("/trainings", {"subject": "x", "province": "42", "producers": 1, "officers": 0, "plan_id": PLAN, "line": "h9"},
         AGENCY, (422, "training-line-unknown")),
        ("/trainings", {"subject": "x", "province": "51", "producers": 1, "officers": 0, "plan_id": PLAN}, AGENCY,
         (422, "plan-of-another-province")),
    ],
)  # fmt: skip
async def test_what_is_not_allowed_is_refused_and_nothing_is_written(
    desk: Desk, path: str, body: dict[str, Any], who: Who, expected: tuple[int, str]
) -> None:
    before = await desk.house.store.head()
    answer = await desk.post(path, body, who)
    assert (answer.status_code, answer.json()["rule"]) == expected, answer.text
    assert await desk.house.store.head() == before


async def test_a_plan_is_asked_for_by_its_id_or_name_and_an_unknown_one_is_not_found(desk: Desk) -> None:
    for path in ("", "/tasks", "/duties", "/calendar", "/report"):
        for name in ("khong-co-ke-hoach-nay", str(an_id("nothing"))):
            answer = await desk.client.get(f"/plans/{name}{path}")
            assert (answer.status_code, answer.json()["rule"]) == (404, "not-found")
    assert (await desk.get(f"/plans/{PLAN}"))["period_to"] == END
