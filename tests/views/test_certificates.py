"""From result to certificate, catalogue and counts: three houses over a real PostgreSQL, through their own doors."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import asyncpg
import pytest

from ocop.postgres import Server
from services.certification.main import HOUSE as CERTIFICATION
from shared.auth.actors import Role
from shared.bus.listening import Listening, ToldFacts
from shared.eventstore.fsck import Findings, check_views
from shared.eventstore.sources import OwnFacts, Source
from shared.eventstore.views import View
from shared.values import About
from tests.given import about
from tests.given_facts import Given
from tests.issuing import CHAIRMAN, MINISTER, Register, opened

GARLIC = about("Tỏi Lý Sơn", code="51-21548-1-2026")
SALT = about("Muối Sa Huỳnh", code="51-21548-2-2026")
TEA = about("Chè Đỗ Trọng", code="51-21548-3-2026", set="11")
FISH = about("Nước mắm Đức Lợi", code="51-21548-4-2026", set="09")


@pytest.fixture(scope="module")
async def register(postgres: Server) -> AsyncIterator[Register]:
    """Garlic had 3 stars, let them lapse and has 4; salt has 4 on the central result; tea has 5; fish sauce waits."""
    async with AsyncExitStack() as stack:
        register = await opened(stack, postgres)
        await register.score(GARLIC, 3, "province", "2026-09-20")
        await register.score(SALT, 4, "national", "2026-09-21")
        await register.score(TEA, 5, "national", "2026-09-22")
        await register.day("2026-10-05")
        assert (await register.issue(GARLIC, 3, "2026-10-01")).status_code == 201
        for facts, stars, who in ((SALT, 4, CHAIRMAN), (TEA, 5, MINISTER)):
            assert (await register.issue(facts, stars, "2026-10-05", who)).status_code == 201
        await register.score(GARLIC, 4, "province", "2029-10-03")
        assert (await register.issue(GARLIC, 4, "2029-10-03")).status_code == 201
        await register.score(FISH, 3, "province", "2029-10-04")
        yield register


# --- what a certificate says on a day ---


@pytest.mark.parametrize(
    ("day", "status", "since", "until"),
    [
        ("2026-09-30", "not-yet-valid", None, "2026-09-30"),
        ("2026-10-01", "valid", "2026-10-01", "2029-10-01"),
        ("2029-10-01", "valid", "2026-10-01", "2029-10-01"),
        ("2029-10-02", "expired", "2029-10-02", None),
    ],
)
async def test_a_certificate_tells_its_status_on_any_day(
    register: Register, day: str, status: str, since: str | None, until: str | None
) -> None:
    response = await register.get("certification", "/certificates/GCN-51-2026-00001", on=day)
    assert response.status_code == 200
    assert response.json() == {
        "number": "GCN-51-2026-00001", "on": day, "status": status, "since": since, "until": until, "stars": 3,
        "product": {"id": str(GARLIC.product.id), "code": "51-21548-1-2026", "name": "Tỏi Lý Sơn"},
        "producer": {"id": str(GARLIC.producer.id), "name": "Hợp tác xã Tỏi Lý Sơn"}, "province": "51",
        "decision": {"number": "12/QĐ-UBND", "date": "2026-10-01", "authority": "Chủ tịch UBND tỉnh Quảng Ngãi"},
        "reason": None, "replaced_by": None,
    }  # fmt: skip


async def test_the_day_is_the_houses_own_today_unless_asked(register: Register) -> None:
    body = (await register.get("certification", "/certificates/GCN-51-2026-00001")).json()
    assert (body["on"], body["status"]) == ("2029-10-04", "expired")


@pytest.mark.parametrize("number", ["GCN-51-2026-00009", "a%00b", "%20", "GCN-51-2026-00001'"])
async def test_a_number_that_no_certificate_has_is_unknown(register: Register, number: str) -> None:
    known = (await register.get("certification", "/certificates/GCN-51-2026-00001")).json()
    response = await register.get("certification", f"/certificates/{number}", on="2026-10-01")
    body = response.json()
    assert (response.status_code, body["status"], body["on"]) == (404, "unknown", "2026-10-01")
    assert list(body) == list(known)
    assert {value for key, value in body.items() if key not in {"number", "on", "status"}} == {None}


@pytest.mark.parametrize("day", ["0", "20261001", "2026-13-01", "2026-02-30", "hôm nay", ""])
async def test_a_malformed_day_is_a_problem(register: Register, day: str) -> None:
    response = await register.get("certification", "/certificates/GCN-51-2026-00001", on=day)
    assert (response.status_code, response.headers["content-type"]) == (422, "application/problem+json")
    assert [error["field"] for error in response.json()["errors"]] == ["on"]


async def test_a_list_gives_each_certificate_with_its_status_on_the_day(register: Register) -> None:
    rows = (await register.get("certification", "/certificates", product=GARLIC.product.id, on="2030-01-01")).json()
    assert [(row["number"], row["status"], row["stars"], row["simulated"]) for row in rows] == [
        ("GCN-51-2026-00001", "expired", 3, True),
        ("GCN-51-2029-00001", "valid", 4, True),
    ]
    assert rows[1] == (await register.get(
        "certification", "/certificates/GCN-51-2029-00001/details", on="2030-01-01"
    )).json()  # fmt: skip


# --- who issues, and what is refused ---


async def test_numbers_run_by_province_and_by_the_ministry(register: Register) -> None:
    rows = (await register.get("certification", "/certificates")).json()
    assert [(row["number"], row["product"]["name"], row["stars"]) for row in rows] == [
        ("GCN-51-2026-00001", "Tỏi Lý Sơn", 3),
        ("GCN-51-2026-00002", "Muối Sa Huỳnh", 4),
        ("GCN-TW-2026-00001", "Chè Đỗ Trọng", 5),
        ("GCN-51-2029-00001", "Tỏi Lý Sơn", 4),
    ]


@pytest.mark.parametrize(
    ("facts", "stars", "day", "who", "expected"),
    [
        (FISH, 3, "2029-10-04", ("agency", "51"), (403, "forbidden")),
        (FISH, 3, "2029-10-04", ("province_chairman", "01"), (403, "forbidden")),
        (FISH, 3, "2029-10-04", MINISTER, (409, "wrong-authority")),
        (FISH, 4, "2029-10-04", CHAIRMAN, (422, "no-proposal")),
        (FISH, 3, "2029-10-05", CHAIRMAN, (422, "date-in-future")),
        (FISH, 3, "2029-10-03", CHAIRMAN, (422, "decision-before-result")),
        (SALT, 4, "2026-10-06", CHAIRMAN, (422, "certificate-in-force")),
    ],
)
async def test_what_the_rules_do_not_allow_is_refused_and_nothing_is_written(
    register: Register, facts: About, stars: int, day: str, who: tuple[Role, str], expected: tuple[int, str]
) -> None:
    before = await register.certification.store.head()
    response = await register.issue(facts, stars, day, who)
    assert (response.status_code, response.json()["rule"]) == expected
    assert await register.certification.store.head() == before


async def test_asking_again_with_the_same_key_gives_the_same_certificate(register: Register) -> None:
    before = await register.certification.store.head()
    again = await register.issue(GARLIC, 4, "2029-10-03")
    assert (again.status_code, again.json()["number"]) == (201, "GCN-51-2029-00001")
    assert await register.certification.store.head() == before


async def test_only_results_that_wait_are_shown_as_proposals_once_each(register: Register) -> None:
    before = await register.certification.store.head()
    await register.certification.reactions.send("evaluation", [register.heard], register.scored)
    rows = (await register.get("certification", "/proposals", province="51", after="evaluation:5")).json()
    assert [(row["product_name"], row["stars"], row["authority"]) for row in rows] == [
        ("Nước mắm Đức Lợi", 3, "provincial_chairman")
    ]
    assert await register.certification.store.head() == before


# --- catalogue ---


@pytest.mark.parametrize(
    ("q", "names"),
    [
        ("toi ly son", ["Tỏi Lý Sơn"]),
        ("TỎI", ["Tỏi Lý Sơn"]),
        ("do trong", ["Chè Đỗ Trọng"]),
        ("quang ngai", ["Chè Đỗ Trọng", "Muối Sa Huỳnh", "Tỏi Lý Sơn"]),
        ("51-21548-2-2026", ["Muối Sa Huỳnh"]),
        ("nuoc mam", []),
        ("%", ["Chè Đỗ Trọng", "Muối Sa Huỳnh", "Tỏi Lý Sơn"]),
    ],
)
async def test_the_catalogue_is_searched_without_accents(register: Register, q: str, names: list[str]) -> None:
    rows = (await register.get("promotion", "/catalogue", q=q)).json()
    assert [row["product_name"] for row in rows] == names


async def test_the_catalogue_shows_a_product_once_by_its_latest_certificate(register: Register) -> None:
    row = (await register.get("promotion", f"/catalogue/{GARLIC.product.id}")).json()
    assert (row["certificate"], row["stars"], row["listed_on"]) == ("GCN-51-2029-00001", 4, "2029-10-03")


# --- counts ---


@pytest.mark.parametrize(
    ("day", "valid", "ever", "products"),
    [
        ("2026-09-30", {}, {}, 0),
        ("2026-10-01", {3: 1}, {3: 1}, 1),
        ("2026-10-05", {3: 1, 4: 1, 5: 1}, {3: 1, 4: 1, 5: 1}, 3),
        ("2029-10-02", {4: 1, 5: 1}, {3: 1, 4: 1, 5: 1}, 3),
        ("2029-10-03", {4: 2, 5: 1}, {3: 1, 4: 2, 5: 1}, 3),
    ],
)
async def test_recognitions_are_counted_as_of_any_day(
    register: Register, day: str, valid: dict[int, int], ever: dict[int, int], products: int
) -> None:
    counts = (await register.get("programme", "/recognised", on=day, by="stars")).json()
    assert {row["value"]: row["count"] for row in counts["valid"]["values"]} == valid
    assert {row["value"]: row["count"] for row in counts["ever"]["values"]} == ever
    assert counts["valid"]["total"] == sum(valid.values())
    assert counts["ever"]["total"] == products
    assert "issued_on <= on <= expires_on" in counts["valid"]["definition"]["en"]


@pytest.mark.parametrize("by", ["province", "commune", "group", "set", "stars", "producer_kind"])
async def test_every_number_has_as_many_products_behind_it(register: Register, by: str) -> None:
    day = "2029-10-03"
    counts = (await register.get("programme", "/recognised", on=day, by=by)).json()
    for count in ("valid", "ever"):
        assert counts[count]["values"]
        for row in counts[count]["values"]:
            behind = await register.get("programme", "/recognised/list", on=day, count=count, **{by: row["value"]})
            assert len({product["product_id"] for product in behind.json()}) == len(behind.json()) == row["count"]
            assert row["label_vi"] != str(row["value"]) != row["label_en"]


# --- views ---


@pytest.mark.parametrize("name", ["certification", "promotion", "programme"])
async def test_every_view_made_again_is_the_same(register: Register, name: str) -> None:
    room, result = register.houses[name].room, Findings()
    for view in room.views:
        await register.houses[name].freshness.wait(view, register.last)

    def source_of(view: View) -> Source:
        if view.source not in register.houses:
            return Given()
        store = register.houses[view.source].store
        if view in room.own:
            return OwnFacts(store, view)
        return ToldFacts(store, CERTIFICATION.published, Listening(view, register.houses[name].store))

    connection = await asyncpg.connect(register.databases[name].owner_dsn)
    try:
        await check_views(connection, room, source_of, result)
    finally:
        await connection.close()
    assert result.findings == []
    assert result.checked["view rows"] >= 3
