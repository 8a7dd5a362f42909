"""The programme house over a real PostgreSQL, through its own doors: a plan's targets beside what the register counts."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import asyncpg
import httpx
import pytest
from joserfc.jwk import OKPKey

from ocop.databases import HouseDatabase
from ocop.postgres import Server
from services.programme.main import HOUSE
from services.programme.views.recognitions import RECOGNITIONS
from services.programme.views.room import ROOM
from shared.auth.actors import Actor, Role
from shared.auth.tokens import ALGORITHM, sign
from shared.bus.listening import Listening
from shared.bus.saying import envelope_of
from shared.calendar import certificate_expiry
from shared.contracts.certification import CertificateIssued, CertificateReplaced, CertificateRevoked
from shared.contracts.envelope import Envelope, ProductContract
from shared.eventstore.fsck import Findings, check_views
from shared.eventstore.sources import OwnFacts, Source
from shared.eventstore.views import Fact, View
from shared.house import House
from shared.values import Decision
from tests.given import about, an_id, on
from tests.given_facts import Given
from tests.houses import at_work
from tests.postgres import fresh_database

KEY = OKPKey.generate_key(ALGORITHM)
CHAIRMAN: tuple[Role, str] = ("province_chairman", "51")
AGENCY: tuple[Role, str] = ("agency", "51")
BY = "2026-12-31"
HEARD_AT = on("2026-07-22").at
PLAN: dict[str, Any] = {
    "id": str(an_id("plan")), "name": "Kế hoạch OCOP tỉnh Quảng Ngãi năm 2026 (minh họa)", "province": "51",
    "period_from": "2026-06-02", "period_to": BY,
    "decision": {"number": "7/KH-UBND", "date": "2026-06-02", "authority": "UBND tỉnh Quảng Ngãi"},
    "targets": [
        {"metric": "products_newly_recognised_min_star_3", "comparator": ">=", "value": 2, "by": BY},
        {"metric": "products_certified_star_4", "comparator": ">=", "value": 2, "by": BY},
        {"metric": "newspaper_issues", "comparator": ">=", "value": 4, "by": BY},
    ],
}  # fmt: skip
TASK = {"name": "Kết nối điểm bán hàng", "province": "51", "plan_id": PLAN["id"], "account": "Đã ký ba nơi."}


class Desk:
    """Speaks to the house as whoever it takes, and tells it of certificates."""

    def __init__(self, house: House, client: httpx.AsyncClient) -> None:
        self.house, self.client, self.last, self.said = house, client, "programme:0", []
        self.sink = Listening(RECOGNITIONS, house.store)

    async def post(self, path: str, body: dict[str, Any], who: tuple[Role, str], day: str = "") -> httpx.Response:
        if day:
            self.house.clock.play(date.fromisoformat(day))
        token = sign(Actor("x", *who), KEY, datetime.now(UTC) + timedelta(hours=1))
        answer = await self.client.post(path, json=body, headers={"authorization": f"Bearer {token}"})
        self.last = answer.json().get("position", self.last)
        return answer

    async def get(self, path: str, **query: Any) -> Any:
        answer = await self.client.get(path, params={"after": self.last, **query})
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def hear(self, *contracts: ProductContract) -> None:
        for fact in contracts:
            self.said.append(fact)
            n = len(self.said)
            envelope = Envelope(
                id=f"certification:{n}", type=fact.type_name(), source="/ocop/certification", subject="s",
                time=HEARD_AT, dataschema="/x", key=str(fact.product.id), data=fact.model_dump(mode="json"),
            )  # fmt: skip
            await self.sink.send("certification", [envelope], n)

    async def targets(self, day: str) -> list[tuple[float | None, bool | None, str | None]]:
        plan = await self.get(f"/plans/{PLAN['id']}", on=day)
        return [(target["actual"], target["met"], target["counted_on"]) for target in plan["targets"]]


def facts(name: str, day: str, stars: int) -> dict[str, Any]:
    a = about(name, code="51-21548-1-2026")
    return {
        "product": a.product, "producer": a.producer, "province": a.province, "commune": a.commune, "stars": stars,
        "ruleset": "qd-26-2026", "legal_date": date.fromisoformat(day), "number": f"GCN {name} {day}",
        "certificate_id": an_id(f"{name} {day}"),
    }  # fmt: skip


def issued(name: str, day: str, stars: int, replaces: str | None = None, kind: str = "first") -> Any:
    d = date.fromisoformat(day)
    old = {"replaces_number": f"GCN {name} {replaces}", "replaces_certificate_id": an_id(f"{name} {replaces}")}
    return (CertificateReplaced if replaces else CertificateIssued)(
        **facts(name, day, stars), issued_on=d, expires_on=certificate_expiry(d), kind=kind, assessment_id=None,
        decision=Decision(number="1", date=d, authority="x"), **(old if replaces else {}),
    )  # fmt: skip


def withdrawn(name: str, issued_on: str, day: str) -> CertificateRevoked:
    d = date.fromisoformat(day)
    own = facts(name, issued_on, 4) | {"legal_date": d}
    decision = Decision(number="2", date=d, authority="x")
    return CertificateRevoked(**own, ground="10.1b", concluded_on=d, decision=decision, effective_on=d)


@pytest.fixture
async def database(postgres: Server) -> AsyncIterator[HouseDatabase]:
    async with fresh_database(postgres, "programme") as fresh:
        yield fresh


@pytest.fixture
async def desk(database: HouseDatabase) -> AsyncIterator[Desk]:
    async with at_work(HOUSE, database, KEY) as (house, client):
        opened = Desk(house, client)
        assert (await opened.post("/plans", PLAN, CHAIRMAN, "2026-06-02")).status_code == 201
        yield opened


# --- plan ---


async def test_a_plan_is_shown_as_it_was_published(desk: Desk) -> None:
    (row,) = await desk.get("/plans", province="51", on="2026-06-02")
    assert {field: row[field] for field in PLAN.keys() - {"targets"}} == {
        k: v for k, v in PLAN.items() if k != "targets"
    }
    for shown, stated in zip(row["targets"], PLAN["targets"], strict=True):
        assert {field: shown[field] for field in stated} == stated
    assert row["published_on"] == "2026-06-02"
    assert await desk.get("/plans", on="2027-01-01") == []
    assert await desk.get("/plans", province="42") == []


async def test_targets_are_counted_as_of_any_day_and_not_after_their_own(desk: Desk) -> None:
    """Garlic had three stars before; salt is new and rises to four; fish sauce was wrongly recognised, then rightly."""
    await desk.hear(
        issued("Tỏi", "2024-01-10", 3, kind="recorded"),
        issued("Muối", "2026-09-25", 3),
        issued("Nước mắm", "2026-09-25", 4),
        withdrawn("Nước mắm", "2026-09-25", "2026-11-13"),
        issued("Tỏi", "2026-12-01", 4, replaces="2024-01-10", kind="upgrade"),
        issued("Muối", "2026-12-18", 4, replaces="2026-09-25", kind="upgrade"),
        issued("Nước mắm", "2026-12-18", 3),
        issued("Quế", "2027-01-05", 4),
    )
    none = None  # nobody has reported newspapers
    counted = {
        "2026-09-24": ((0, False), (0, False)), "2026-11-12": ((2, True), (1, False)),
        "2026-11-13": ((1, False), (0, False)), "2026-12-17": ((1, False), (1, False)),
        "2026-12-18": ((2, True), (2, True)),
    }  # fmt: skip
    for day, (new, four_stars) in counted.items():
        assert await desk.targets(day) == [(*new, day), (*four_stars, day), (none, none, day)]
    assert await desk.targets("2027-03-31") == [(2, True, BY), (2, True, BY), (none, none, BY)]
    plan = await desk.get(f"/plans/{PLAN['id']}", on="2027-03-31")
    assert [target["how"]["by"] for target in plan["targets"]] == ["events", "events", "hand"]
    assert all(target["definition"]["vi"] != target["definition"]["en"] for target in plan["targets"])
    assert plan["on"] == "2027-03-31"


async def test_an_unknown_plan_is_not_found(desk: Desk) -> None:
    answer = await desk.client.get(f"/plans/{an_id('no plan')}")
    assert (answer.status_code, answer.json()["rule"]) == (404, "not-found")


# --- task, training ---


async def test_a_task_shows_its_latest_report_and_keeps_the_earlier_ones(desk: Desk) -> None:
    path = f"/tasks/{an_id('task')}/reports"
    assert (await desk.post(path, TASK | {"done_percent": 60}, AGENCY, "2026-09-29")).status_code == 201
    without_plan = {key: value for key, value in TASK.items() if key != "plan_id"}
    more = without_plan | {"done_percent": 100, "account": "Xong."}
    assert (await desk.post(path, more, AGENCY, "2026-12-15")).status_code == 201
    (row,) = await desk.get("/tasks", province="51", plan=PLAN["id"])
    assert (row["done_percent"], row["account"], row["reported_on"]) == (100, "Xong.", "2026-12-15")
    whole = await desk.get(f"/tasks/{an_id('task')}")
    assert [(report["done_percent"], report["reported_on"]) for report in whole["reports"]] == [
        (60, "2026-09-29"), (100, "2026-12-15"),
    ]  # fmt: skip


async def test_a_training_is_listed_with_how_many_attended(desk: Desk) -> None:
    body = {"id": str(an_id("t")), "subject": "Lập hồ sơ", "province": "51", "producers": 45, "officers": 15}
    assert (await desk.post("/trainings", body, AGENCY, "2026-06-09")).json()["id"] == body["id"]
    assert await desk.get("/trainings", province="51") == [
        body | {"held_on": "2026-06-09", "plan_id": None, "line": None, "kind": "class", "leaders": 0}
    ]


async def test_all_that_is_told_is_said(desk: Desk) -> None:
    await desk.post(f"/tasks/{an_id('task')}/reports", TASK | {"done_percent": 60}, AGENCY, "2026-09-29")
    body = {"subject": "Lập hồ sơ", "province": "51", "producers": 45, "officers": 15}
    await desk.post("/trainings", body, AGENCY)
    said = [envelope_of("programme", row, HOUSE.published) for row in await desk.house.store.feed(0)]
    assert [e and (e.name, e.province, e.legaldate) for e in said] == [
        ("PlanPublished", "51", date(2026, 6, 2)), ("TaskReported", "51", date(2026, 9, 29)),
        ("TrainingHeld", "51", date(2026, 9, 29)),
    ]  # fmt: skip


# --- the nation's numbers of what programme itself is told ---


async def test_plans_tasks_and_trainings_are_counted_by_province_and_year_once_they_are_written(desk: Desk) -> None:
    path = f"/tasks/{an_id('task')}/reports"
    await desk.post(path, TASK | {"done_percent": 60}, AGENCY, "2026-09-29")
    await desk.post(path, TASK | {"done_percent": 100}, AGENCY, "2027-01-15")
    body = {"subject": "Lập hồ sơ", "province": "51", "producers": 45, "officers": 15}
    await desk.post("/trainings", body, AGENCY, "2027-02-09")

    async def by_year(what: str, **query: str) -> dict[int, int]:
        answer = await desk.get("/national", what=what, by="year", **query)
        return {row["value"]: row["count"] for row in answer["values"]}

    assert await by_year("provincial_plans") == {2026: 1}
    assert await by_year("tasks") == {2026: 1}
    assert await by_year("tasks_done") == {2027: 1}
    assert await by_year("tasks_done", on="2026-12-31") == {}
    assert await by_year("trainings", province="51") == {2027: 1}
    assert await by_year("trainings", province="42") == {}
    (row,) = await desk.get("/national/list", what="trainings")
    assert (row["name"], row["in_province"], row["day"]) == ("Lập hồ sơ", "51", "2027-02-09")
    (part,) = (await desk.get("/national", what="tasks"))["values"]
    assert (part["value"], part["label_vi"], part["count"]) == ("51", "tỉnh Quảng Ngãi", 1)


async def test_a_number_waits_for_the_house_whose_facts_it_counts_and_for_no_other(desk: Desk) -> None:
    await desk.hear(issued("Muối", "2026-09-25", 3))
    for what in ("certificates", "dossiers"):
        at = await desk.client.get("/national", params={"what": what, "after": "certification:1"})
        assert at.status_code == 200
    desk.house.freshness.wait = partial(desk.house.freshness.wait, most=0.05)  # type: ignore[method-assign]
    for path, what in (("/national", "certificates"), ("/national/list", "certificates"), ("/national/cycle", "")):
        behind = await desk.client.get(path, params={"after": "certification:2"} | ({"what": what} if what else {}))
        assert (behind.status_code, behind.json()["rule"]) == (412, "view-behind")
    other = await desk.client.get("/national", params={"what": "dossiers", "after": "certification:2"})
    assert (other.status_code, other.json()["total"]) == (200, 0)


# --- what is refused ---


@pytest.mark.parametrize(
    ("path", "body", "who", "expected"),
    [
        ("/plans", PLAN | {"id": str(an_id("p2"))}, AGENCY, (403, "forbidden")),
        ("/plans", PLAN | {"id": str(an_id("p2"))}, ("province_chairman", "42"), (403, "forbidden")),
        ("/plans", PLAN | {"id": str(an_id("p2")), "province": "45"}, ("province_chairman", "45"),
         (422, "unknown-province")),
        ("/plans", PLAN | {"id": str(an_id("p2")), "period_to": "2026-01-01"}, CHAIRMAN,
         (422, "plan-period-backwards")),
        ("/plans", PLAN | {"id": str(an_id("p2")), "targets": PLAN["targets"] * 2}, CHAIRMAN, (422, "target-twice")),
        ("/plans", PLAN | {"id": str(an_id("p2")), "period_to": "2026-12-30"}, CHAIRMAN,
         (422, "target-outside-period")),
        ("/tasks/{task}/reports", TASK | {"done_percent": 101}, AGENCY, (422, "invalid-input")),
        ("/tasks/{task}/reports", TASK | {"done_percent": 1}, ("agency", "42"), (403, "forbidden")),
        ("/tasks/{task}/reports", TASK | {"done_percent": 1, "province": "42"}, ("agency", "42"), (403, "forbidden")),
        ("/tasks/{task}/reports", TASK | {"done_percent": 1, "plan_id": str(an_id("no plan"))}, AGENCY,
         (404, "not-found")),
        ("/trainings", {"subject": "x", "province": "51", "producers": 0, "officers": 0}, AGENCY,
         (422, "training-without-attendants")),
        ("/trainings", {"subject": "x", "province": "51", "producers": 1, "officers": 0}, CHAIRMAN, (403, "forbidden")),
    ],
)  # fmt: skip
async def test_what_is_not_allowed_is_refused_and_nothing_is_written(
    desk: Desk, path: str, body: dict[str, Any], who: tuple[Role, str], expected: tuple[int, str]
) -> None:
    before = await desk.house.store.head()
    answer = await desk.post(path.format(task=an_id("task")), body, who)
    assert (answer.status_code, answer.json()["rule"]) == expected, answer.text
    assert await desk.house.store.head() == before


# --- views ---


async def test_every_view_made_again_is_the_same(desk: Desk, database: HouseDatabase) -> None:
    await desk.hear(
        issued("Muối", "2026-09-25", 3),
        issued("Muối", "2026-12-18", 4, replaces="2026-09-25", kind="upgrade"),
        issued("Nước mắm", "2026-09-25", 4),
        withdrawn("Nước mắm", "2026-09-25", "2026-11-13"),
    )
    path = f"/tasks/{an_id('task')}/reports"
    for percent in (10, 20):
        await desk.post(path, TASK | {"done_percent": percent}, AGENCY, "2026-09-29")
    await desk.post("/trainings", {"subject": "x", "province": "51", "producers": 1, "officers": 0}, AGENCY)
    for view in ROOM.own:
        await desk.house.freshness.wait(view, f"programme:{await desk.house.store.head()}")

    def source_of(view: View) -> Source:
        said = [Fact(n, fact, view.source, HEARD_AT) for n, fact in enumerate(desk.said, start=1)]
        return Given(said) if view in ROOM.foreign else OwnFacts(desk.house.store, view)

    result = Findings()
    connection = await asyncpg.connect(database.owner_dsn)
    try:
        await check_views(connection, ROOM, source_of, result)
    finally:
        await connection.close()
    assert result.findings == []
    assert result.checked["view rows"] == 3 + 1 + 1 + 1 + 2 + 1  # the task as it was before its second report
