"""The facts behind the national numbers are the same however they come: live in any order, twice, or made again."""

import random
from collections.abc import AsyncIterator, Iterable

import asyncpg
import pytest

from ocop.databases import HouseDatabase
from ocop.postgres import Server
from services.programme.views.heard import ASSESSED, PROMOTED, REGISTERED
from services.programme.views.recognitions import RECOGNITIONS
from services.programme.views.room import ROOM
from shared.bus.listening import Listening
from shared.contracts.envelope import Envelope
from shared.eventstore.fsck import Findings, check_views
from shared.eventstore.rebuilding import Rebuild
from shared.eventstore.store import EventStore
from shared.eventstore.views import Fact, View, apply
from tests.cycling import Teller, any_order, envelopes
from tests.given_facts import Given
from tests.opened import opened
from tests.postgres import fresh_database

TOLD = Teller(seed=5, products=60)
VIEWS = {"registration": REGISTERED, "evaluation": ASSESSED, "certification": RECOGNITIONS, "promotion": PROMOTED}
SAID = {house: envelopes(house, story.said) for house, story in TOLD.houses.items()}
PARTITIONS = 12


class Desk:
    """Programme's database, opened as its server and as its owner."""

    def __init__(self, store: EventStore, database: HouseDatabase) -> None:
        self.store, self.database = store, database

    async def rows(self) -> dict[str, list[str]]:
        """Every table of the views of other houses' facts, in an order of its own."""
        found = {}
        for table in (table for view in ROOM.foreign for table in view.tables):
            rows = await self.store.pool.fetch(f"SELECT t::text AS row FROM views.{table} t ORDER BY 1")
            found[table] = [row["row"] for row in rows]
        return found

    async def hear(self, house: str, said: Iterable[Envelope], dice: random.Random) -> None:
        """As from Kafka: partition by partition in any turn, each in its own order, in batches of any size."""
        sink = Listening(VIEWS[house], self.store)
        parts: dict[str, list[Envelope]] = {}
        for one in said:
            parts.setdefault(f"{house}/{hash_of(one.key)}", []).append(one)
        while parts:
            row = dice.choice(list(parts))
            batch = parts[row][: dice.randint(1, 20)]
            await sink.take({row: batch}, {row: batch[-1].position})
            parts[row] = parts[row][len(batch) :]
            if not parts[row]:
                del parts[row]

    async def apply(self, house: str, said: Iterable[Envelope]) -> None:
        """Whatever its position."""
        view = VIEWS[house]
        async with self.store.pool.acquire() as connection:
            await apply(connection, view, Listening(view, self.store).facts(house, list(said)))

    async def work_as_owner(self, work) -> None:  # type: ignore[no-untyped-def]
        owner = await asyncpg.connect(self.database.owner_dsn)
        try:
            await work(owner)
        finally:
            await owner.close()


def hash_of(key: str) -> int:
    """A partition, not Python's own hash: that is another at every run."""
    return sum(key.encode()) % PARTITIONS


def facts_in_order(view: View) -> list[Fact]:
    return Listening(view, EventStore(ROOM.house, "")).facts(view.source, SAID.get(view.source, []))


def source_of(view: View) -> Given:
    """The house itself has said nothing here."""
    return Given(facts_in_order(view) if view in ROOM.foreign else [], len(SAID.get(view.source, [])))


@pytest.fixture
async def desk(postgres: Server) -> AsyncIterator[Desk]:
    async with fresh_database(postgres, "programme") as database, opened(database, ROOM) as store:
        yield Desk(store, database)


@pytest.fixture
async def in_order(postgres: Server) -> AsyncIterator[dict[str, list[str]]]:
    """The rows after everything came once, in the order in which each house said it."""
    async with fresh_database(postgres, "programme") as database, opened(database, ROOM) as store:
        for house, said in SAID.items():
            await Listening(VIEWS[house], store).send(house, said, said[-1].position)
        yield await Desk(store, database).rows()


def test_something_comes_under_two_keys() -> None:
    """A producer is told of by its own registration, and by each earlier recognition of a product of its."""
    keys: dict[str, set[str]] = {}
    for one in SAID["registration"]:
        if one.name in ("ProducerRegistered", "RecognitionRecorded"):
            keys.setdefault(one.data["producer"]["id"], set()).add(one.key)
    assert any(len(found) > 1 for found in keys.values())


@pytest.mark.parametrize("seed", range(4))
async def test_messages_of_different_partitions_in_any_order_make_the_same_rows(
    desk: Desk, in_order: dict[str, list[str]], seed: int
) -> None:
    for house, said in SAID.items():
        await desk.hear(house, said, random.Random(seed))
    assert await desk.rows() == in_order
    nobody_was = {"registered_was", "assessed_was", "placings"}  # placed anew, or said twice by the same house
    assert {table for table, rows in in_order.items() if not rows} == nobody_was


@pytest.mark.parametrize("seed", range(6))
async def test_messages_of_different_keys_in_any_order_and_more_than_once_make_the_same_rows(
    desk: Desk, in_order: dict[str, list[str]], seed: int
) -> None:
    """Each key's own in order; once more from the first to the last, as after a restore that lost the positions."""
    dice = random.Random(seed)
    for house, said in SAID.items():
        mixed = list(any_order(said, dice))
        assert mixed != said
        await desk.apply(house, (again for one in mixed for again in [one] * dice.randint(1, 2)))
        await desk.apply(house, any_order(said, dice))
    assert await desk.rows() == in_order


async def test_a_view_made_again_from_its_facts_is_the_same_and_fsck_says_so(
    desk: Desk, in_order: dict[str, list[str]]
) -> None:
    dice, result = random.Random(1), Findings()
    for house, said in SAID.items():
        await desk.hear(house, said, dice)
        await Listening(VIEWS[house], desk.store).take({}, {house: said[-1].position})
    await desk.work_as_owner(lambda owner: check_views(owner, ROOM, source_of, result))
    assert result.findings == []
    for view in ROOM.foreign:
        database = desk.database
        await Rebuild(database.owner_dsn, ROOM, view, source_of(view), database.server_role).run()
    assert await desk.rows() == in_order
