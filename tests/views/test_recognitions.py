"""Recognitions counted on any day and by every dimension, against a count made by hand, over a real PostgreSQL."""

import random
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import date, timedelta
from fractions import Fraction
from itertools import count, product
from typing import Any, get_args

import httpx
import pytest
from joserfc.jwk import OKPKey

from ocop.postgres import Server
from services.programme.main import HOUSE as PROGRAMME
from services.programme.views.counting import COUNTED
from services.programme.views.known import Span, known
from services.programme.views.recognitions import BEHIND, RECOGNITIONS, Dimension, places_on
from services.programme.views.recognitions import COUNTED as COUNTED_BY
from shared.areas import area
from shared.auth.tokens import ALGORITHM
from shared.bus.listening import Listening
from shared.calendar import certificate_expiry
from shared.clock import Clock
from shared.contracts.certification import (
    CertificateExpired,
    CertificateExtended,
    CertificateIssued,
    CertificateReplaced,
    CertificateRevoked,
)
from shared.contracts.envelope import Envelope, ProductContract
from shared.eventstore.migrate import migrate
from shared.house import House
from shared.values import Decision, ProducerRef, ProductRef
from shared.web import Reading
from tests.given import an_id, on
from tests.postgres import fresh_database

PRODUCTS = 60
DAY = timedelta(days=1)
REGISTER = date(2026, 5, 22)  # from this day on the register itself says what happens; what was before is taken in
PLACES = [("51", "21025"), ("51", "21548"), ("44", "19441"), ("42", "18073")]
SETS = [("10", "food"), ("11", "food"), ("16", "handicraft"), ("09", "food")]
KINDS = ["cooperative", "household", "enterprise"]
DIMENSIONS: tuple[Dimension, ...] = get_args(Dimension)
DAYS = [date(2023, 1, 1) + timedelta(days=n) for n in range(0, 3300, 61)]
Course = list[ProductContract]  # what is said of one product, in order


class Teller:
    """Makes up what can become of certificates; the same at every run."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.numbers = count(1)

    def course(self, name: str) -> Course:
        """One product from its first certificate to whatever end."""
        self.about = self.facts(name)
        begun = date(2023, 1, 1) + self.days(0, 1600)
        said: Course = [self.certificate(begun, "recorded" if begun < REGISTER else "first")]
        self.until = said[0].expires_on  # type: ignore[attr-defined]
        for _ in range(self.dice.randint(0, 5)):
            said += self.next(said)
        return said

    def next(self, said: Course) -> Course:
        """What may happen to the certificate held last, or after its end."""
        held = next(fact for fact in reversed(said) if isinstance(fact, CertificateIssued))
        if ended(said):
            return [self.issue(self.off + self.days(0, 300))]
        earliest = max(held.issued_on + DAY, REGISTER)
        if self.until < earliest:
            return [self.issue(REGISTER + self.days(0, 300))]
        within = earliest + self.days(0, (self.until - earliest).days)
        match self.dice.choice(["replaced", "replaced", "revoked", "withdrawn", "expired", "unsaid", "extended"]):
            case "replaced":
                return [self.replace(held, within)]
            case "revoked":
                return [self.end(held, within, ground="b")]
            case "withdrawn":
                return [self.end(held, within, ground="10.1b")]
            case "extended" if self.until == held.expires_on:
                return self.extended(held)
            case "unsaid":  # it ends by its dates alone, and the next one comes
                return [self.issue(self.until + self.days(1, 300))]
            case _:
                return [self.end(held, self.until + DAY)]

    def extended(self, held: CertificateIssued) -> Course:
        self.until = held.expires_on + 180 * DAY
        facts = self.said(held, self.until - 179 * DAY)
        extension = CertificateExtended(**facts, expires_on=held.expires_on, until_at_most=self.until)
        early = self.dice.choice([[], [self.end(held, held.expires_on + self.days(2, 180))]])
        return [extension, *early]

    # --- facts ---

    def days(self, least: int, most: int) -> timedelta:
        return timedelta(days=self.dice.randint(least, most))

    def facts(self, name: str) -> dict[str, Any]:
        set_no, group = self.dice.choice(SETS)
        kind = self.dice.choice(KINDS)
        return {
            "product": ProductRef(id=an_id(name), code=None, name=name, set=set_no, group=group),
            "producer": ProducerRef(id=an_id(f"producer of {name}"), name="Hợp tác xã", kind=kind),
        }

    def certificate(self, day: date, kind: str, **other: Any) -> Any:
        """A place may change from one certificate to the next."""
        province, commune = self.dice.choice(PLACES)
        number = f"GCN-{province}-{day.year}-{next(self.numbers):05}"
        return (CertificateReplaced if other else CertificateIssued)(
            **self.about, province=province, commune=commune, legal_date=day, number=number,
            ruleset="qd-148-2023" if kind == "recorded" else "qd-26-2026", certificate_id=an_id(number),
            stars=self.dice.choice([3, 3, 4, 4, 5]), issued_on=day, expires_on=certificate_expiry(day), kind=kind,
            decision=Decision(number="1", date=day - self.days(0, 40) if kind == "recorded" else day, authority="x"),
            assessment_id=None, simulated=self.dice.random() < 0.3, **other,
        )  # fmt: skip

    def issue(self, day: date) -> CertificateIssued:
        new = self.certificate(day, "first")
        self.until = new.expires_on
        return new

    def replace(self, held: CertificateIssued, day: date) -> CertificateReplaced:
        new = self.certificate(
            day, "upgrade", replaces_number=held.number, replaces_certificate_id=held.certificate_id
        )  # fmt: skip
        self.until = new.expires_on
        return new

    def said(self, held: CertificateIssued, day: date) -> dict[str, Any]:
        kept = ("product", "producer", "province", "commune", "ruleset", "number", "certificate_id", "stars")
        return {"legal_date": day, **{field: getattr(held, field) for field in kept}}

    def end(self, held: CertificateIssued, day: date, ground: str | None = None) -> ProductContract:
        self.off, facts = day, self.said(held, day)
        if ground is None:
            return CertificateExpired(**facts, expired_on=day)
        return CertificateRevoked(
            **facts, ground=ground, concluded_on=day, effective_on=day,
            decision=Decision(number="2", date=day, authority="x"),
        )  # fmt: skip


def ended(said: Course) -> bool:
    return isinstance(said[-1], CertificateExpired | CertificateRevoked)


TELLER = Teller(seed=26)
COURSES = [TELLER.course(f"product {n}") for n in range(PRODUCTS)]

# --- the count by hand: what was said by that day, one after the other ---


def held_on(said: Course, day: date) -> CertificateIssued | None:
    """The certificate that a product holds on a day."""
    held, until = None, date.min
    for fact in (fact for fact in said if fact.legal_date <= day):
        match fact:
            case CertificateIssued():
                held, until = fact, fact.expires_on
            case CertificateExtended():
                until = fact.until_at_most
            case _:
                held = None
    return held if day <= until else None


def certificates(said: Course, day: date) -> list[CertificateIssued]:
    return [fact for fact in said if isinstance(fact, CertificateIssued) and fact.issued_on <= day]


def value_of(fact: CertificateIssued, by: Dimension) -> str:
    match by:
        case "province" | "commune":
            return str(getattr(fact, by))
        case "group" | "set":
            return str(getattr(fact.product, by))
        case "stars":
            return str(fact.stars)
        case "producer_kind":
            return fact.producer.kind


def by_hand(day: date, valid: bool, by: Dimension, province: str | None) -> dict[str | None, tuple[int, int]]:
    """Value -> (products, of these with a simulated certificate); None -> the total."""
    groups: dict[str | None, set[Any]] = defaultdict(set, {None: set()})
    simulated: dict[str | None, set[Any]] = defaultdict(set)
    for said in COURSES:
        held = held_on(said, day)
        counting = ([held] if held else []) if valid else certificates(said, day)
        for fact in (fact for fact in counting if province in (None, fact.province)):
            for value in (value_of(fact, by), None):
                groups[value].add(fact.product.id)
                if fact.simulated:
                    simulated[value].add(fact.product.id)
    return {value: (len(products), len(simulated[value])) for value, products in groups.items()}


def recognised_anew(day: date, since: date, province: str, stars: set[int], only: set[int]) -> int:
    """Products whose first certificate of these stars, wrong ones aside, was decided in the period, and is one of `only`."""
    found = 0
    for said in COURSES:
        wrong = {
            fact.number for fact in said
            if isinstance(fact, CertificateRevoked) and fact.ground == "10.1b" and fact.effective_on <= day
        }  # fmt: skip
        right = [
            fact for fact in said
            if isinstance(fact, CertificateIssued) and fact.number not in wrong and fact.decision.date <= day
            and fact.stars in stars
        ]  # fmt: skip
        first = min(right, key=lambda fact: fact.decision.date, default=None)
        found += bool(first and first.decision.date >= since and first.province == province and first.stars in only)
    return found


# --- the house ---


@pytest.fixture(scope="module")
async def house(postgres: Server) -> AsyncIterator[House]:
    """Programme after it heard everything, product by product mixed, in batches of any size, some of them twice."""
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(fresh_database(postgres, "programme"))
        await migrate(database.owner_dsn, database.server_role, PROGRAMME.room)
        opened = House(PROGRAMME, database.server_dsn, Clock(), OKPKey.generate_key(ALGORITHM))
        await opened.store.open()
        stack.push_async_callback(opened.store.close)
        sink, dice = Listening(RECOGNITIONS, opened.store), random.Random(26)
        said = [envelope(fact, n) for n, fact in enumerate(mixed(dice), start=1)]
        at = 0
        while at < len(said):
            batch = said[max(0, at - dice.randint(0, 3)) : at + dice.randint(1, 40)]
            await sink.send("certification", batch, batch[-1].position)
            at = batch[-1].position
        yield opened


def mixed(dice: random.Random) -> list[ProductContract]:
    """All that is said, in the order of each product's own course."""
    left, said = [list(course) for course in COURSES], []
    while any(left):
        said.append(dice.choice([course for course in left if course]).pop(0))
    return said


def envelope(fact: ProductContract, number: int) -> Envelope:
    return Envelope(
        id=f"certification:{number}", type=fact.type_name(), source="/ocop/certification", subject="s",
        time=on("2026-07-22").at, dataschema="/x.json", key=str(fact.product.id), data=fact.model_dump(mode="json"),
    )  # fmt: skip


@pytest.fixture(scope="module")
async def client(house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(house.app()), base_url="http://programme") as client:
        yield client


def test_the_made_up_courses_hold_everything_that_can_happen() -> None:
    kinds = {type(fact) for course in COURSES for fact in course}
    assert kinds == {
        CertificateIssued, CertificateReplaced, CertificateExtended, CertificateExpired, CertificateRevoked
    }  # fmt: skip
    grounds = {fact.ground for course in COURSES for fact in course if isinstance(fact, CertificateRevoked)}
    assert grounds == {"b", "10.1b"}
    extended = [c for c in COURSES if any(isinstance(fact, CertificateExtended) for fact in c)]
    after = {type(c[i + 1]) for c in extended for i, f in enumerate(c[:-1]) if isinstance(f, CertificateExtended)}
    assert after >= {CertificateReplaced, CertificateExpired}
    unsaid = [
        held_on(c[:i], f.issued_on) is None and not ended(c[:i])
        for c in COURSES for i, f in enumerate(c) if i and type(f) is CertificateIssued
    ]  # fmt: skip
    assert any(unsaid)


@pytest.mark.parametrize("by", DIMENSIONS)
async def test_every_count_on_every_day_is_that_made_by_hand(house: House, by: Dimension) -> None:
    places, pool = places_on("day", None, DAYS[-1]), house.store.pool
    for day, valid, province in product(DAYS, (True, False), (None, "51")):
        rows = await pool.fetch(COUNTED_BY, day, valid, by, province, *places)
        counted = {row["value"]: (row["count"], row["simulated"]) for row in rows}
        assert counted == by_hand(day, valid, by, province), (day, valid, province)


async def test_counts_change_on_the_very_days_that_decide(house: House) -> None:
    """Around each fact and each last day: one day before, the day, one day after."""
    sql, pool = house.room.sql, house.store.pool
    edges = {fact.legal_date for course in COURSES for fact in course}
    edges |= {f.expires_on for c in COURSES for f in c if isinstance(f, CertificateIssued)}
    edges |= {f.until_at_most for c in COURSES for f in c if isinstance(f, CertificateExtended)}
    for day in sorted({edge + n * DAY for edge in edges for n in (-1, 0, 1)}):
        valid = {course[0].product.id for course in COURSES if held_on(course, day)}
        ever = {course[0].product.id for course in COURSES if certificates(course, day)}
        assert dict(await pool.fetchrow(sql.counts, day)) == {"valid": len(valid), "ever": len(ever)}, day


async def test_the_list_behind_a_count_shows_each_product_by_the_certificate_held_that_day(house: House) -> None:
    places, pool = places_on("day", None, DAYS[-1]), house.store.pool
    for day in DAYS:
        rows = await pool.fetch(BEHIND, day, True, *[None] * 6, 1000, 0, None, *places)
        held = {held.number for course in COURSES if (held := held_on(course, day))}
        assert {row["number"] for row in rows} == held
        assert len(rows) == len(held)


async def test_targets_are_counted_as_their_definitions_say(house: House) -> None:
    """The same certificates counted by the metrics of plans and by hand, on every day on which anything changed."""
    since = date(2025, 1, 1)
    plan = {"id": an_id("plan"), "province": "51"}
    for day in [d for d in DAYS if d > since]:
        span = Span(since, day, area("51", date(2026, 6, 1), day))
        found = await known(Reading(house), plan, span.area, day, {"certificates"})
        row = {name: COUNTED[name].count(found, span) for name in COUNTED if COUNTED[name].kinds == ("certificates",)}
        valid = by_hand(day, True, "stars", "51")
        total = valid[None][0]
        share = {stars: Fraction(100 * valid.get(str(stars), (0, 0))[0], total) if total else None for stars in (4, 5)}
        assert row["products_recognised_min_star_3"] == total
        assert row["share_products_star_4"] == share[4]
        assert row["share_products_star_5"] == share[5]
        every = {3, 4, 5}
        assert row["products_newly_recognised_min_star_3"] == recognised_anew(day, since, "51", every, every), day
        assert row["products_newly_recognised_star_3_or_4"] == recognised_anew(day, since, "51", every, {3, 4})
        assert row["products_certified_star_4"] == recognised_anew(day, since, "51", {4}, {4})


# --- labels ---


@pytest.mark.parametrize("by", DIMENSIONS)
async def test_recognitions_of_earlier_laws_have_labels_too(client: httpx.AsyncClient, by: Dimension) -> None:
    """On this day only earlier recognitions are known, whose ruleset is an id without data."""
    answer = (await client.get("/recognised", params={"on": "2023-12-31", "by": by})).json()
    assert answer["valid"]["values"]
    for row in answer["valid"]["values"]:
        assert row["label_vi"] != str(row["value"]) != row["label_en"]


async def test_an_earlier_recognition_names_places_as_on_the_day_it_was_taken_in(client: httpx.AsyncClient) -> None:
    """Code 44 was Quảng Bình until 30 June 2025, and is Quảng Trị since."""
    answer = (await client.get("/recognised", params={"on": "2024-06-30", "by": "province"})).json()
    labels = {row["value"]: row["label_vi"] for row in answer["valid"]["values"]}
    assert labels["44"] == "tỉnh Quảng Trị"


async def test_a_definition_tells_what_ends_a_certificate(client: httpx.AsyncClient) -> None:
    answer = (await client.get("/recognised")).json()
    assert "gia hạn" in answer["valid"]["definition"]["vi"]
    assert "replaced or revoked" in answer["valid"]["definition"]["en"]
    assert "thu hồi" in answer["ever"]["definition"]["vi"]
