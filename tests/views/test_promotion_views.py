"""The promotion house over a real PostgreSQL, through its own doors, hearing certificates as the relay delivers them."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import asyncpg
import httpx
import pytest
from joserfc.jwk import OKPKey

from ocop.databases import HouseDatabase
from ocop.postgres import Server
from services.promotion.main import HOUSE
from services.promotion.views import ROOM
from shared.auth.actors import Actor, Role
from shared.auth.tokens import ALGORITHM, sign
from shared.bus.saying import envelope_of
from shared.contracts.certification import (
    CertificateExpired,
    CertificateExtended,
    CertificateIssued,
    CertificateReplaced,
    CertificateRevoked,
)
from shared.contracts.envelope import Envelope, ProductContract
from shared.eventstore.fsck import Findings, check_views
from shared.eventstore.sources import OwnFacts
from shared.house import House
from shared.values import About, Decision
from tests.given import about, an_id, on
from tests.holding import held_and_dead
from tests.houses import at_work
from tests.postgres import fresh_database

KEY = OKPKey.generate_key(ALGORITHM)
POTS, SALT, SAUCE, GARLIC, TEA = (
    about(name, code=f"51-21548-{n}-2026")
    for n, name in enumerate(["Gốm Mỹ Thiện", "Muối Sa Huỳnh", "Nước mắm", "Tỏi Lý Sơn", "Trà thảo dược"], start=1)
)
GRAPEFRUIT = about("Bưởi Phúc Trạch", code="42-18547-1-2026").model_copy(
    update={"province": "42", "commune": "18547"}
)  # fmt: skip
DECISION = Decision(number="1/QĐ-UBND", date=date(2026, 9, 25), authority="Chủ tịch UBND tỉnh")
TALE = {"title": "Đất và lửa", "text": "Làng gốm bên sông Trà Bồng."}
POINT = {
    "name": "Điểm OCOP Cẩm Thành", "province": "51", "commune": "21025", "area_m2": 32,
    "rules": {"min_products": 3, "min_area_m2": 20},
}  # fmt: skip


class Stall:
    """Speaks to the house as whoever it takes, and tells it of certificates."""

    def __init__(self, house: House, client: httpx.AsyncClient) -> None:
        self.house, self.client, self.last, self.heard = house, client, "promotion:0", 0

    async def post(
        self, path: str, body: dict[str, Any], who: tuple[Role, str] = ("agency", "51"), day: str | None = None
    ) -> httpx.Response:
        self.day(day)
        token = sign(Actor("x", *who), KEY, datetime.now(UTC) + timedelta(hours=1))
        answer = await self.client.post(path, json=body, headers={"authorization": f"Bearer {token}"})
        self.last = answer.json().get("position", self.last)
        return answer

    async def get(self, path: str, who: tuple[Role, str] | None = None, **query: Any) -> Any:
        headers = {}
        if who:
            token = sign(Actor("x", *who), KEY, datetime.now(UTC) + timedelta(hours=1))
            headers = {"authorization": f"Bearer {token}"}
        answer = await self.client.get(path, params={"after": self.last, **query}, headers=headers)
        assert answer.status_code in (200, 401, 403, 404), answer.text
        return answer.json() if answer.status_code == 200 else answer.status_code

    def day(self, day: str | None) -> None:
        if day:
            self.house.clock.play(date.fromisoformat(day))

    async def hear(self, contract: ProductContract, day: str) -> None:
        """Said and heard on this day, and delivered twice; nothing may be held."""
        self.day(day)
        self.heard += 1
        envelope = Envelope(
            id=f"certification:{self.heard}", type=contract.type_name(), source="/ocop/certification", subject="s",
            time=on(day).at, dataschema="/x.json", key=str(contract.product.id), data=contract.model_dump(mode="json"),
        )  # fmt: skip
        for _ in range(2):
            await self.house.reactions.send("certification", [envelope], self.heard)
        assert await held_and_dead(self.house.store) == (0, 0)
        self.last = f"certification:{self.heard}"

    async def said(self) -> list[tuple[str, date]]:
        """The contracts of the house with their legal dates, in order."""
        stored = await self.house.store.feed(0)
        envelopes = [envelope_of("promotion", row, HOUSE.published) for row in stored]
        return [(e.name, e.legaldate) for e in envelopes if e and e.legaldate]


def facts(a: About, number: str, day: str, stars: int = 4) -> dict[str, Any]:
    return {
        "product": a.product, "producer": a.producer, "province": a.province, "commune": a.commune,
        "ruleset": "qd-26-2026", "legal_date": date.fromisoformat(day), "number": number,
        "certificate_id": an_id(number), "stars": stars,
    }  # fmt: skip


def issued(a: About, number: str, day: str, kind: str = "first", expires: str = "2029-09-25", **other: Any) -> Any:
    return (CertificateReplaced if other else CertificateIssued)(
        **facts(a, number, day), issued_on=date.fromisoformat(day), expires_on=date.fromisoformat(expires),
        decision=DECISION, kind=kind, assessment_id=None, simulated=True, **other,
    )  # fmt: skip


def expired(a: About, number: str, day: str) -> CertificateExpired:
    return CertificateExpired(**facts(a, number, day), expired_on=date.fromisoformat(day))


def revoked(a: About, number: str, day: str) -> CertificateRevoked:
    d = date.fromisoformat(day)
    return CertificateRevoked(**facts(a, number, day), ground="b", concluded_on=d, decision=DECISION, effective_on=d)


@pytest.fixture
async def database(postgres: Server) -> AsyncIterator[HouseDatabase]:
    async with fresh_database(postgres, "promotion") as fresh:
        yield fresh


@pytest.fixture
async def stall(database: HouseDatabase) -> AsyncIterator[Stall]:
    """Four products of Quảng Ngãi and one of Hà Tĩnh with certificates since 25 September 2026; the tea has none."""
    async with at_work(HOUSE, database, KEY) as (house, client):
        opened = Stall(house, client)
        for n, a in enumerate((POTS, SALT, SAUCE, GARLIC, GRAPEFRUIT), start=1):
            await opened.hear(issued(a, f"GCN-{a.province}-2026-0000{n}", "2026-09-25"), "2026-09-25")
        yield opened


def owner(a: About) -> tuple[Role, str]:
    return "producer", str(a.producer.id)


def id_of(a: About) -> str:
    return str(a.product.id)


# --- catalogue ---


async def test_a_product_leaves_with_its_certificate_and_comes_back_with_the_next(stall: Stall) -> None:
    await stall.hear(expired(SAUCE, "GCN-51-2026-00003", "2026-11-15"), "2026-11-16")
    assert await stall.get(f"/catalogue/{id_of(SAUCE)}") == 404
    assert (await stall.get("/counts"))["listed"] == 4
    await stall.hear(issued(SAUCE, "GCN-51-2026-00009", "2026-11-20", "renewal"), "2026-11-20")
    row = await stall.get(f"/catalogue/{id_of(SAUCE)}")
    assert (row["certificate"], row["listed_on"], row["extended_until"]) == ("GCN-51-2026-00009", "2026-11-20", None)
    assert await stall.get(f"/products/{id_of(SAUCE)}/listings") == [
        {"certificate": "GCN-51-2026-00003", "stars": 4, "listed_on": "2026-09-25", "off_on": "2026-11-15",
         "reason": "expired"},
        {"certificate": "GCN-51-2026-00009", "stars": 4, "listed_on": "2026-11-20", "off_on": None, "reason": None},
    ]  # fmt: skip
    assert (await stall.said())[-2:] == [
        ("ProductDelisted", date(2026, 11, 15)), ("ProductListed", date(2026, 11, 20)),
    ]  # fmt: skip


async def test_a_replaced_certificate_does_not_take_its_product_along(stall: Stall) -> None:
    replaced = {"replaces_number": "GCN-51-2026-00002", "replaces_certificate_id": an_id("old")}
    await stall.hear(issued(SALT, "GCN-51-2026-00008", "2026-12-18", "upgrade", **replaced), "2026-12-18")
    assert (await stall.get(f"/catalogue/{id_of(SALT)}"))["certificate"] == "GCN-51-2026-00008"
    rows = await stall.get(f"/products/{id_of(SALT)}/listings")
    assert [(row["off_on"], row["reason"]) for row in rows] == [("2026-12-18", "replaced"), (None, None)]
    await stall.hear(revoked(SALT, "GCN-51-2026-00002", "2026-12-20"), "2026-12-20")
    assert (await stall.get(f"/catalogue/{id_of(SALT)}"))["certificate"] == "GCN-51-2026-00008"
    await stall.hear(revoked(SALT, "GCN-51-2026-00008", "2026-12-21"), "2026-12-21")
    assert await stall.get(f"/catalogue/{id_of(SALT)}") == 404


async def test_an_extended_certificate_keeps_its_product_until_the_extension_ends(stall: Stall) -> None:
    extension = CertificateExtended(
        **facts(GARLIC, "GCN-51-2026-00004", "2029-09-26"),
        expires_on=date(2029, 9, 25),
        until_at_most=date(2030, 3, 24),
    )
    await stall.hear(extension, "2029-09-26")
    row = await stall.get(f"/catalogue/{id_of(GARLIC)}")
    assert (row["expires_on"], row["extended_until"]) == ("2029-09-25", "2030-03-24")
    await stall.hear(expired(GARLIC, "GCN-51-2026-00004", "2029-12-01"), "2029-12-01")
    assert await stall.get(f"/catalogue/{id_of(GARLIC)}") == 404


@pytest.mark.parametrize(("expires", "listed_on"), [("2027-09-20", "2026-10-01"), ("2026-09-30", None)])
async def test_an_earlier_recognition_is_listed_from_its_taking_in_on_or_not_at_all(
    stall: Stall, expires: str, listed_on: str | None
) -> None:
    await stall.hear(issued(TEA, "GCN-51-2023-00001", "2023-09-20", "recorded", expires), "2026-10-01")
    row = await stall.get(f"/catalogue/{id_of(TEA)}")
    assert (row if row == 404 else row["listed_on"]) == (listed_on or 404)
    await stall.hear(revoked(TEA, "GCN-51-2023-00001", "2026-10-02"), "2026-10-02")
    assert await stall.get(f"/catalogue/{id_of(TEA)}") == 404


# --- story ---


async def test_a_story_goes_from_producer_to_agency_to_everyone(stall: Stall) -> None:
    path = f"/products/{id_of(POTS)}/story"
    assert (await stall.post(path, TALE, owner(POTS), "2026-09-28")).status_code == 201
    assert await stall.get(path) == 404
    accepted = {"opinion": "Đúng với hồ sơ.", "accepted": True}
    assert (await stall.post(f"{path}/review", accepted, day="2026-10-06")).status_code == 200
    assert await stall.get(path) == 404
    (row,) = await stall.get("/stories", ("agency", "51"), province="51", state="accepted")
    assert (row["product_id"], row["title"], row["opinion"], row["reviewed_on"]) == (
        id_of(POTS), TALE["title"], "Đúng với hồ sơ.", "2026-10-06",
    )  # fmt: skip
    assert (await stall.post(f"{path}/publication", {}, day="2026-10-12")).status_code == 200
    told = await stall.get(path)
    assert (told["title"], told["text"], told["published_on"]) == (*TALE.values(), "2026-10-12")
    await stall.post(path, {"title": "Bản mới", "text": "Chưa duyệt."}, owner(POTS), "2026-10-20")
    assert await stall.get(path) == told
    assert (await stall.said())[-1] == ("StoryPublished", date(2026, 10, 12))


async def test_stories_that_are_not_published_are_for_officers(stall: Stall) -> None:
    assert await stall.get("/stories") == 401
    assert await stall.get("/stories", owner(POTS)) == 403


# --- who may, what is refused ---


@pytest.mark.parametrize(
    ("path", "body", "who", "expected"),
    [
        ("/products/{pots}/story", TALE, owner(SALT), (403, "forbidden")),
        ("/products/{pots}/story", TALE, ("agency", "51"), (403, "forbidden")),
        ("/products/{tea}/story", TALE, owner(TEA), (422, "product-not-listed")),
        ("/products/{pots}/story/review", {"opinion": "x", "accepted": True}, ("agency", "51"), (404, "not-found")),
        ("/products/{pots}/shelves", {"platform": "Sàn", "link": "https://san.example/x"}, owner(SALT),
         (403, "forbidden")),
        ("/products/{tea}/shelves", {"platform": "Sàn", "link": "https://san.example/x"}, owner(TEA),
         (422, "product-not-listed")),
        ("/products/{pots}/shelves", {"platform": "Sàn", "link": "http://san.example/x"}, owner(POTS),
         (422, "invalid-input")),
        ("/sales-points", POINT | {"products": []}, ("agency", "42"), (422, "sales-point-min_products")),
        ("/sales-points", POINT | {"products": [id_of(a) for a in (POTS, SALT, SAUCE)]}, ("agency", "42"),
         (403, "forbidden")),
        ("/sales-points", POINT | {"products": [id_of(POTS)] * 3}, ("agency", "51"), (422, "sales-point-min_products")),
        ("/sales-points", POINT | {"products": [id_of(TEA)]}, ("agency", "51"), (422, "product-not-listed")),
        ("/sales-points", POINT | {"commune": "18073", "products": []}, ("agency", "51"),
         (422, "commune-not-in-province")),
        ("/sales-points", POINT | {"area_m2": 19, "products": [id_of(a) for a in (POTS, SALT, SAUCE)]}, ("agency", "51"),
         (422, "sales-point-min_area_m2")),
        ("/partners", {"kind": "friends", "name": "x", "province": "51"}, ("agency", "51"), (422, "invalid-input")),
        ("/partners", {"kind": "media", "name": "x", "province": "45"}, ("agency", "45"), (422, "unknown-province")),
        ("/partners", {"kind": "media", "name": "x", "province": "42"}, ("agency", "51"), (403, "forbidden")),
        ("/fairs", {"name": "x", "province": "51", "commune": "21025", "until": "2026-09-24", "products": []},
         ("agency", "51"), (422, "fair-ends-before-it-begins")),
    ],
)  # fmt: skip
async def test_what_is_not_allowed_is_refused_and_nothing_is_written(
    stall: Stall, path: str, body: dict[str, Any], who: tuple[Role, str], expected: tuple[int, str]
) -> None:
    before = await stall.house.store.head()
    answer = await stall.post(path.format(pots=id_of(POTS), tea=id_of(TEA)), body, who)
    assert (answer.status_code, answer.json()["rule"]) == expected, answer.text
    assert await stall.house.store.head() == before


# --- shelves, sales points, fairs, partners ---


async def test_a_shelf_is_shown_while_it_is_open(stall: Stall) -> None:
    body = {"id": str(an_id("shelf")), "platform": "Sàn Ví Dụ", "link": "https://san.example/gom"}
    assert (await stall.post(f"/products/{id_of(POTS)}/shelves", body, owner(POTS), "2026-10-15")).json()["id"] == str(
        an_id("shelf")
    )
    (row,) = await stall.get(f"/products/{id_of(POTS)}/shelves")
    assert (row["platform"], row["link"], row["opened_on"]) == ("Sàn Ví Dụ", "https://san.example/gom", "2026-10-15")
    closing = f"/shelves/{an_id('shelf')}/closing"
    assert (await stall.post(closing, {}, owner(SALT))).status_code == 403
    assert (await stall.post(closing, {}, owner(POTS), "2026-12-01")).status_code == 200
    assert (await stall.post(closing, {}, owner(POTS))).json()["rule"] == "shelf-already-closed"
    assert await stall.get(f"/products/{id_of(POTS)}/shelves") == []
    (row,) = await stall.get("/shelves", product=id_of(POTS), state="closed")
    assert row == await stall.get(f"/shelves/{an_id('shelf')}")
    assert row["closed_on"] == "2026-12-01"


async def test_a_sales_point_refused_for_too_few_products_opens_with_more(stall: Stall) -> None:
    point = POINT | {"id": str(an_id("point")), "products": [id_of(POTS), id_of(SALT)]}
    refused = await stall.post("/sales-points", point, day="2026-10-05")
    (error,) = refused.json()["errors"]
    assert (error["field"], error["rule"]) == ("products", "sales-point-min_products")
    more = point | {"products": [id_of(a) for a in (POTS, SALT, GRAPEFRUIT, GARLIC)]}
    assert (await stall.post("/sales-points", more, day="2026-10-20")).status_code == 201
    row = await stall.get(f"/sales-points/{an_id('point')}")
    assert (row["rules"], row["area_m2"], row["opened_on"]) == (POINT["rules"], 32, "2026-10-20")
    assert [p["name"] for p in row["products"]] == [a.product.name for a in (POTS, SALT, GRAPEFRUIT, GARLIC)]
    assert await stall.get("/sales-points", product=id_of(GRAPEFRUIT), state="open") == [row]
    assert await stall.get("/sales-points", product=id_of(SAUCE)) == []
    closing = f"/sales-points/{an_id('point')}/closing"
    assert (await stall.post(closing, {"reason": "Hết hạn thuê"}, day="2027-02-26")).status_code == 200
    (row,) = await stall.get("/sales-points", province="51", commune="21025", state="closed")
    assert (row["closed_on"], row["reason"]) == ("2027-02-26", "Hết hạn thuê")
    assert [name for name, _ in await stall.said()][-2:] == ["SalesPointOpened", "SalesPointClosed"]


async def test_a_fair_is_found_by_its_days_and_products(stall: Stall) -> None:
    body = {
        "id": str(an_id("fair")), "name": "Hội chợ Xuân", "province": "51", "commune": "21025", "until": "2027-01-26",
        "products": [id_of(POTS), id_of(GRAPEFRUIT)],
    }  # fmt: skip
    assert (await stall.post("/fairs", body, day="2027-01-22")).status_code == 201
    row = await stall.get(f"/fairs/{an_id('fair')}")
    assert (row["begins_on"], row["until"]) == ("2027-01-22", "2027-01-26")
    assert [p["id"] for p in row["products"]] == body["products"]
    for query, found in (
        ({"on": "2027-01-22"}, [row]), ({"on": "2027-01-26"}, [row]), ({"on": "2027-01-27"}, []),
        ({"product": id_of(POTS)}, [row]), ({"product": id_of(SALT)}, []), ({"province": "42"}, []),
    ):  # fmt: skip
        assert await stall.get("/fairs", **query) == found
    assert (await stall.said())[-1] == ("FairHeld", date(2027, 1, 22))


async def test_partners_are_listed_by_kind(stall: Stall) -> None:
    kinds = ["inputs", "processing", "retail", "investors", "science", "media", "banks", "international"]
    for kind in kinds:
        body = {"id": str(an_id(kind)), "kind": kind, "name": f"Đối tác {kind}", "province": "51"}
        assert (await stall.post("/partners", body, day="2026-10-01")).status_code == 201
    assert {row["kind"] for row in await stall.get("/partners", province="51")} == set(kinds)
    (row,) = await stall.get("/partners", kind="retail")
    assert row == {
        "id": str(an_id("retail")), "kind": "retail", "name": "Đối tác retail", "province": "51",
        "joined_on": "2026-10-01",
    }  # fmt: skip


# --- views ---


async def test_every_view_made_again_is_the_same(stall: Stall, database: HouseDatabase) -> None:
    await stall.post(f"/products/{id_of(POTS)}/story", TALE, owner(POTS), "2026-10-01")
    await stall.post(f"/products/{id_of(POTS)}/story/review", {"opinion": "Chưa.", "accepted": False})
    shelf = {"id": str(an_id("shelf")), "platform": "Sàn", "link": "https://san.example/gom"}
    await stall.post(f"/products/{id_of(POTS)}/shelves", shelf, owner(POTS))
    await stall.post("/sales-points", POINT | {"products": [id_of(a) for a in (POTS, SALT, SAUCE)]})
    await stall.post("/partners", {"kind": "media", "name": "x", "province": "51"})
    body = {"name": "x", "province": "51", "commune": "21025", "until": "2026-10-02", "products": [id_of(POTS)]}
    assert (await stall.post("/fairs", body)).status_code == 201
    await stall.hear(expired(SAUCE, "GCN-51-2026-00003", "2026-11-15"), "2026-11-15")
    await stall.hear(issued(SAUCE, "GCN-51-2026-00009", "2026-11-20", "renewal"), "2026-11-20")
    for view in ROOM.views:
        await stall.house.freshness.wait(view, f"promotion:{await stall.house.store.head()}")

    result = Findings()
    connection = await asyncpg.connect(database.owner_dsn)
    try:
        await check_views(connection, ROOM, lambda view: OwnFacts(stall.house.store, view), result)
    finally:
        await connection.close()
    assert result.findings == []
    assert result.checked["view rows"] >= 15
