"""Every list by place: what has a code of the old map is found by today's map, and by the map of its day by that code."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
import httpx
import orjson
import pytest
from joserfc.jwk import OKPKey

from ocop.postgres import Server
from ocop.standalone import ROOMS
from shared.auth.actors import Actor, Role
from shared.auth.tokens import ALGORITHM, sign
from shared.clock import Clock
from shared.eventstore.mapper import EventMapper
from shared.eventstore.migrate import migrate
from shared.eventstore.views import Fact, apply
from shared.house import House
from shared.placed import ANYWHERE, NOT_ASKED, meaning
from tests.houses import at_work
from tests.postgres import fresh_database

MINISTRY = Actor("x", "ministry", "TW")
KEY = OKPKey.generate_key(ALGORITHM)
GOLDEN = Path(__file__).parents[1] / "store" / "golden"
OLD, NOW, COMMUNE = "45", "44", "19441"  # Quảng Trị of the old map, since 1 July 2025 a part of 44
BEFORE, AFTER = date(2025, 6, 2), date(2025, 9, 1)
TODAY = date(2026, 12, 1)
DAYS = ("legal_date", "scored_on", "forwarded_on", "as_of")


class Listed(NamedTuple):
    """`said`: the stored sample of the event that makes a row; `commune`: its rows are of communes."""

    path: str
    said: str
    commune: bool = True


OF_THEIR_DAY = (  # rows whose place is that of their own day
    Listed("registration/producers", "registration.ProducerRegistered.v1"),
    Listed("registration/products", "registration.ProductRegistered.v1"),
    Listed("registration/ideas", "registration.IdeaRegistered.v1"),
    Listed("registration/dossiers", "registration.DossierSubmitted.v1"),
    Listed("registration/board", "registration.DossierSubmitted.v1"),
    Listed("registration/imports", "registration.ImportOpened.v1", commune=False),
    Listed("evaluation/rounds", "evaluation.RoundOpened.v2", commune=False),
    Listed("evaluation/councils", "evaluation.CouncilFormed.v2", commune=False),
    Listed("promotion/sales-points", "promotion.SalesPointOpened.v1"),
    Listed("promotion/fairs", "promotion.FairHeld.v1"),
    Listed("promotion/partners", "promotion.PartnerJoined.v1", commune=False),
    Listed("programme/plans", "programme.PlanPublished.v2", commune=False),
    Listed("programme/tasks", "programme.TaskOpened.v2", commune=False),
    Listed("programme/trainings", "programme.TrainingHeld.v1", commune=False),
)
OF_EARLIER_DAYS = (  # rows that repeat the codes of what they follow from
    Listed("registration/plans", "registration.PlanSubmitted.v1"),
    Listed("registration/due", "registration.DossierSubmitted.v1"),
    Listed("evaluation/assessments", "evaluation.AssessmentArrived.v2"),
    Listed("evaluation/appeals", "evaluation.AppealLodged.v1"),
    Listed("certification/proposals", "certification.RecognitionProposed.v2"),
    Listed("certification/certificates", "certification.CertificateIssued.v2"),
    Listed("certification/inspections", "certification.InspectionOpened.v1"),
    Listed("certification/complaints", "certification.ComplaintMade.v1"),
    Listed("promotion/catalogue", "promotion.ProductListed.v1"),
    Listed("promotion/search", "promotion.ProductListed.v1"),
    Listed("promotion/stories", "promotion.StoryWritten.v1"),
    Listed("promotion/shelves", "promotion.ShelfOpened.v1"),
)


def moved(sample: Any, day: date) -> Any:
    """A sample in a place of the old map, on a day."""
    if isinstance(sample, list):
        return [moved(one, day) for one in sample]
    if not isinstance(sample, dict):
        return sample
    put = {"province": OLD, "commune": COMMUNE, "timestamp": f"{day}T02:00:00Z", "sheets": [["x", OLD]]}
    put |= dict.fromkeys(DAYS, day.isoformat())
    return {name: put.get(name, moved(value, day)) if value is not None else None for name, value in sample.items()}


def fact_of(listed: Listed, day: date) -> Fact:
    sample = orjson.loads((GOLDEN / f"{listed.said}.json").read_bytes())
    topic, _, _ = listed.said.rpartition(".v")
    state = orjson.dumps(moved(sample["state"], day))
    event = EventMapper().decode(topic, state, UUID(sample["originator_id"]), sample["originator_version"])
    return Fact(1, event, topic.partition(".")[0])


class Lists(NamedTuple):
    house: House
    client: httpx.AsyncClient

    async def hear(self, fact: Fact) -> None:
        async with self.house.store.pool.acquire() as connection:
            for view in self.house.room.own:
                await apply(connection, view, [fact])

    async def count(self, path: str, who: Actor = MINISTRY, **query: Any) -> int:
        token = sign(who, KEY, datetime.now(UTC) + timedelta(hours=1))
        answer = await self.client.get(path, params=query, headers={"authorization": f"Bearer {token}"})
        assert answer.status_code == 200, answer.text
        rows = answer.json()["rows"] if path == "/search" else answer.json()
        return sum(len(state["rows"]) for state in rows) if path == "/board" else len(rows)


@pytest.fixture
async def lists(listed: Listed, postgres: Server) -> AsyncIterator[Lists]:
    rooms = ROOMS[listed.path.partition("/")[0]]
    async with fresh_database(postgres, rooms.name) as database, at_work(rooms, database, KEY) as (house, client):
        house.clock.play(TODAY)
        yield Lists(house, client)


CASES = [(listed, BEFORE) for listed in OF_THEIR_DAY] + [
    (listed, day) for listed in OF_EARLIER_DAYS for day in (BEFORE, AFTER)
]


@pytest.mark.parametrize(("listed", "day"), CASES, ids=lambda value: str(getattr(value, "path", value)))
async def test_an_old_code_is_found_by_todays_map_and_as_itself_by_the_map_of_its_day(
    listed: Listed, day: date, lists: Lists
) -> None:
    path = f"/{listed.path.partition('/')[2]}"
    await lists.hear(fact_of(listed, day))
    rows = await lists.count(path)
    then = {"map": "day", "known_on": BEFORE.isoformat()}
    assert rows > 0
    assert await lists.count(path, province=NOW) == rows
    assert await lists.count(path, province=OLD) == await lists.count(path, province=NOW, map="day") == 0
    assert await lists.count(path, province=OLD, **then) == rows
    assert await lists.count(path, province=NOW, **then) == 0
    if listed.commune:
        assert await lists.count(path, province=NOW, commune=COMMUNE) == rows
        assert await lists.count(path, commune=COMMUNE, **then) == rows
        assert await lists.count(path, commune=COMMUNE, map="day") == 0


@pytest.mark.parametrize("listed", [one for one in OF_EARLIER_DAYS if one.path == "evaluation/appeals"])
@pytest.mark.parametrize(
    ("role", "place", "reads"), [("agency", NOW, True), ("agency", "51", False), ("commune", COMMUNE, True)]
)
async def test_an_office_reads_the_appeals_of_its_own_land(
    listed: Listed, lists: Lists, role: Role, place: str, reads: bool
) -> None:
    await lists.hear(fact_of(listed, BEFORE))
    assert await lists.count("/appeals", Actor("x", role, place)) == int(reads)


MANY = """
    INSERT INTO products
    SELECT gen_random_uuid(), NULL, n::text, '', 'food', gen_random_uuid(), '', '', '0' || n % 9, '0000' || n % 9, NULL, $1,
        NULL, NULL, NULL, $1, NULL
    FROM generate_series(1, 20000) n
"""


async def test_a_list_of_one_province_is_read_by_index_also_after_many_of_all(postgres: Server) -> None:
    """Else PostgreSQL keeps the one plan for whatever is asked, which reads every row."""
    registration = ROOMS["registration"].room
    async with fresh_database(postgres) as database:
        await migrate(database.owner_dsn, database.server_role, registration)
        connection = await asyncpg.connect(database.owner_dsn, server_settings={"search_path": "views,public"})
        try:
            await connection.execute(MANY, BEFORE)
            await connection.execute("ANALYZE products")
            listed = await connection.prepare(registration.sql.products)
            for _ in range(8):
                assert len(await listed.fetch(*ANYWHERE.arguments, None, 100, 0)) == 100
            place = (*meaning("province", "01", TODAY), *NOT_ASKED)
            assert len(await listed.fetch(*place, None, 100, 0)) == 100
            asked = "SELECT max(generic_plans) FROM pg_prepared_statements WHERE statement = $1"
            kept = await connection.fetchval(asked, registration.sql.products)
            explained = await connection.fetch(f"EXPLAIN {registration.sql.products}", *place, None, 100, 0)
        finally:
            await connection.close()
    assert kept == 0
    assert "products_place" in str(explained)


def test_every_list_by_province_can_be_asked_for_by_either_map() -> None:
    """And is shown above, but for those that count the nation, and the feed, which keeps the codes of what was said."""
    apart = {"events", "national", "recognised"}
    lists = {path: names for path, names in asked_with() if path.split("/")[1] not in apart and "province" in names}
    assert lists.keys() == {listed.path for listed, _ in CASES} | {f"{house}/due" for house in ROOMS}
    assert [path for path, names in lists.items() if not {"map", "known_on"} <= names] == []


def asked_with() -> Iterator[tuple[str, set[str]]]:
    """Every door to read with the names of its filters."""
    for house, rooms in ROOMS.items():
        for path, doors in House(rooms, "postgresql://nowhere", Clock(), KEY).app().openapi()["paths"].items():
            parameters = doors.get("get", {}).get("parameters", [])
            yield f"{house}{path}", {one["name"] for one in parameters if one["in"] == "query"}
