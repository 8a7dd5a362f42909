"""Hearing on real Kafka: one effect each, in order per key, nothing acknowledged that is not kept, nothing lost to garbage."""

import asyncio
from typing import Any

import orjson
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from ocop.databases import HouseDatabase
from ocop.postgres import Server
from shared.bus.history import said_on_kafka
from shared.bus.onkafka import OnKafka
from shared.bus.reading import reading
from shared.contracts.topics import TOPICS
from shared.eventstore.migrate import migrate
from shared.house import House, running
from tests.bus.two_houses import (
    HEARER,
    HEARER_ROOM,
    TELLER,
    Faults,
    count,
    heard_all,
    hearer_at_work,
    house_on,
    in_view,
    numbers_of,
    policy_of,
    throw,
    total,
    until,
)
from tests.given import an_id
from tests.holding import held_and_dead
from tests.observed.series import value

Two = dict[str, HouseDatabase]
GROUP = f"ocop-{HEARER}-{TELLER}"


@pytest.fixture
def faults() -> Faults:
    return Faults()


async def committed(bootstrap: str) -> int:
    """How many offsets the hearer's group has acknowledged on all partitions."""
    client = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await client.start()
    try:
        return sum(offset.offset for offset in (await client.list_consumer_group_offsets(GROUP)).values())
    finally:
        await client.close()


async def acknowledged_all(bootstrap: str) -> int | None:
    """The same, once it is every message of a topic that knows one key only: the marker of its transaction stands behind."""
    partitions = [TopicPartition(TOPICS[TELLER].name, number) for number in range(TOPICS[TELLER].partitions)]
    async with reading(bootstrap) as asking:
        end = max((await asking.end_offsets(partitions)).values())
    return end - 1 if await committed(bootstrap) == end - 1 else None


def headers(**given: str) -> list[tuple[str, bytes]]:
    return [(name, value.encode()) for name, value in given.items()]


async def test_what_one_house_says_has_one_effect_in_the_other_and_in_its_view(
    two: Two, topics: str, teller: House, faults: Faults
) -> None:
    async with hearer_at_work(two, topics, faults) as hearer:
        for number in range(8):
            await count(teller, f"c{number}", 1, 2, 3, first=True)
        await heard_all(teller, hearer)
        for number in range(8):
            assert await numbers_of(hearer, f"c{number}") == [1, 2, 3]
            assert await in_view(hearer, f"c{number}") == [1, 2, 3]


async def test_a_message_delivered_again_changes_nothing(two: Two, topics: str, teller: House, faults: Faults) -> None:
    await count(teller, "a", 1, 2, first=True)
    async with hearer_at_work(two, topics, faults) as hearer:
        await heard_all(teller, hearer)
    await forget_acknowledgements(topics)
    await count(teller, "a", 3)
    async with hearer_at_work(two, topics, faults) as hearer:
        await heard_all(teller, hearer)
        assert await numbers_of(hearer, "a") == [1, 2, 3]
        assert await in_view(hearer, "a") == [1, 2, 3]


async def forget_acknowledgements(bootstrap: str) -> None:
    """As after a process died between effect and acknowledgement: the group is back at the beginning."""
    topic = TOPICS[TELLER]
    partitions = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, group_id=GROUP, enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign(partitions)
        await consumer.commit(dict.fromkeys(partitions, 0))
    finally:
        await consumer.stop()


async def test_unreadable_messages_are_kept_as_they_came_unknown_ones_passed_over_and_the_others_go_on(
    two: Two, topics: str, teller: House, faults: Faults
) -> None:
    kind = "vn.ocop._Added.v1"
    whole = {
        "ce_id": f"{TELLER}:1", "ce_type": kind, "ce_source": f"/ocop/{TELLER}", "ce_subject": "x",
        "ce_time": "2026-06-01T00:00:00Z", "ce_dataschema": "x",
    }  # fmt: skip
    async with hearer_at_work(two, topics, faults) as hearer:
        await count(teller, "a", 1, first=True)
        garbage = [
            (b"k", b"{}", []),  # no header at all
            (b"k", b"\xff\xfe", headers(**whole)),  # no text
            (b"k", b"{", headers(**whole)),  # no JSON
            (b"k", b"{}", [*headers(**whole), ("ce_type", b"\xff")]),  # a header that is no text
            (b"k", b"{}", headers(**whole | {"ce_id": "registration"})),
            (b"k", b"{}", headers(**whole | {"ce_id": "evaluation:1"})),
            (None, b"{}", headers(**whole)),
            (b"k", None, headers(**whole | {"ce_time": "yesterday"})),
        ]
        later = whole | {"ce_id": "registration:999999999"}
        unknown = [(b"k", b"\xff", headers(**later | {"ce_type": f"vn.ocop.Later{n}.v1"})) for n in range(5)]
        await throw(topics, *garbage, *unknown)
        await count(teller, "a", 2)
        await heard_all(teller, hearer)
        assert await numbers_of(hearer, "a") == [1, 2]
        assert await in_view(hearer, "a") == [1, 2]
        rows = await until(lambda: kept(hearer, len(garbage)))
    assert {row["kind"] for row in rows} == {"unreadable"}
    assert all(row["id"] == f"{row['topic']}/{row['partition']}/{row['kafka_offset']}" for row in rows)
    assert sorted(row["raw"] for row in rows) == sorted(value or b"" for _, value, _ in garbage)


async def kept(house: House, number: int) -> list[object] | None:
    rows = await house.store.pool.fetch("SELECT * FROM held")
    return rows if len(rows) == number else None


async def test_a_message_that_is_no_contract_of_its_type_waits_for_a_person_and_holds_its_key_alone(
    two: Two, topics: str, teller: House, faults: Faults
) -> None:
    whole = {
        "ce_id": f"{TELLER}:7", "ce_type": "vn.ocop._Added.v1", "ce_source": f"/ocop/{TELLER}", "ce_subject": "x",
        "ce_time": "2026-06-01T00:00:00Z", "ce_dataschema": "x",
    }  # fmt: skip
    async with hearer_at_work(two, topics, faults) as hearer:
        await throw(topics, (str(an_id("a")).encode(), b'{"legal_date": "2026-06-01"}', headers(**whole)))
        await until(lambda: kept(hearer, 1))
        await count(teller, "a", 1, first=True)
        await count(teller, "b", 1, first=True)
        await heard_all(teller, hearer)
        rows = await hearer.store.pool.fetch("SELECT key, kind, next_at FROM held ORDER BY ordinal")
        assert [(row["key"], row["kind"]) for row in rows] == [
            (str(an_id("a")), "malformed"), (str(an_id("a")), "queued"), (str(an_id("a")), "queued"),
        ]  # fmt: skip
        assert rows[0]["next_at"] is None
        assert await total(hearer, "b") == 1


async def test_what_is_held_keeps_the_headers_and_the_place_with_which_it_came(
    two: Two, topics: str, faults: Faults
) -> None:
    """Whether it is no contract of its type or cannot be taken now; headers that no envelope has are there too."""
    whole = {
        "ce_type": "vn.ocop._Added.v1", "ce_source": f"/ocop/{TELLER}", "ce_subject": "x",
        "ce_time": "2026-06-01T00:00:00Z", "ce_dataschema": "x", "odd": "of someone else",
    }  # fmt: skip
    key, good = str(an_id("a")).encode(), orjson.dumps({"legal_date": "2026-06-01", "id": str(an_id("a")), "number": 1})
    malformed, failing = headers(ce_id=f"{TELLER}:7", **whole), headers(ce_id=f"{TELLER}:8", **whole)
    faults.names = {an_id("a")}
    async with hearer_at_work(two, topics, faults) as hearer:
        await throw(topics, (b"b", b'{"legal_date": "2026-06-01"}', malformed), (key, good, failing))
        await until(lambda: kept(hearer, 2))
        for id, sent, its_key in ((f"{TELLER}:7", malformed, "b"), (f"{TELLER}:8", failing, key.decode())):
            letter = await hearer.letters.shown(id)
            assert letter["headers"] == [[name, value.decode()] for name, value in sent]
            assert (letter["kafka_key"], letter["topic"], letter["offset"]) == (its_key, TOPICS[TELLER].name, 0)
            assert letter["partition"] in range(TOPICS[TELLER].partitions)
            assert letter["envelope"]["id"] == id
        tried = await until(lambda: tried_again(hearer, f"{TELLER}:8"))
        assert tried["headers"] == [[name, value.decode()] for name, value in failing]


async def tried_again(house: House, id: str) -> dict[str, Any] | None:
    letter = await house.letters.shown(id)
    return letter if letter["attempts"] > 0 else None


async def test_a_failing_key_is_held_and_goes_on_by_itself_in_order_while_others_were_not_kept_waiting(
    two: Two, topics: str, teller: House, faults: Faults
) -> None:
    async with hearer_at_work(two, topics, faults) as hearer:
        faults.names.add(an_id("a"))
        await count(teller, "a", 1, 2, first=True)
        await count(teller, "b", 1, 2, first=True)
        await heard_all(teller, hearer)
        assert await total(hearer, "b") == 3
        assert await total(hearer, "a") == 0
        assert await held_and_dead(hearer.store) == (2, 0)
        await hearer.watching.look()
        assert value("ocop_held_messages", house=HEARER, state="waiting") == 2
        assert value("ocop_held_messages", house=HEARER, state="dead") == 0
        faults.names.clear()
        await count(teller, "a", 3)

        async def nothing_held() -> bool:
            return await held_and_dead(hearer.store) == (0, 0) and await total(hearer, "a") == 6

        await until(nothing_held)
        assert await numbers_of(hearer, "a") == [1, 2, 3]


async def test_nothing_is_acknowledged_while_the_database_cannot_keep_it(
    two: Two, topics: str, teller: House, faults: Faults, postgres: Server
) -> None:
    import asyncpg

    admin = await asyncpg.connect(postgres.admin_dsn)
    try:
        async with hearer_at_work(two, topics, faults) as hearer:
            await count(teller, "a", 1, first=True)
            await heard_all(teller, hearer)
            before = await until(lambda: acknowledged_all(topics))
            name = two[HEARER].name
            await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
            await admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name)
            await count(teller, "a", 2, 3)
            await asyncio.sleep(1)  # time in which a consumer that acknowledges too early would have done so
            assert await committed(topics) == before
            await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
            await heard_all(teller, hearer)
            assert await numbers_of(hearer, "a") == [1, 2, 3]
            assert await in_view(hearer, "a") == [1, 2, 3]
    finally:
        await admin.close()


async def test_a_view_that_rests_asks_the_broker_for_nothing_and_then_hears_on(
    two: Two, topics: str, teller: House, faults: Faults
) -> None:
    async with house_on(two[HEARER], HEARER, policy_of(faults)) as hearer:
        bus = OnKafka(hearer, topics)
        reacting, viewing = bus.ears
        viewing.taker.apart = 1.0

        async def rests() -> bool:
            return viewing.joined and viewing.consumer.paused() == viewing.consumer.assignment()

        async with running(*hearer.tasks(), *bus.tasks()):
            await count(teller, "a", 1, first=True)
            await until(rests)
            assert not reacting.consumer.paused()
            await count(teller, "a", 2)
            await heard_all(teller, hearer)
            assert await in_view(hearer, "a") == [1, 2]


async def test_two_processes_of_a_house_share_the_work_and_nothing_is_done_twice(
    two: Two, topics: str, teller: House, faults: Faults
) -> None:
    async with hearer_at_work(two, topics, faults) as one, hearer_at_work(two, topics, faults) as other:
        for number in range(12):
            await count(teller, f"c{number}", 1, 2, first=True)
        await heard_all(teller, one)
        for number in range(12):
            await count(teller, f"c{number}", 3)
        await heard_all(teller, other)
        for number in range(12):
            assert await numbers_of(one, f"c{number}") == [1, 2, 3]
            assert await in_view(one, f"c{number}") == [1, 2, 3]


async def test_a_view_made_anew_is_filled_from_the_topics_history_equal_to_before(
    two: Two, topics: str, teller: House, faults: Faults
) -> None:
    async with hearer_at_work(two, topics, faults) as hearer:
        await count(teller, "a", 1, 2, first=True)
        await count(teller, "b", 7, first=True)
        await heard_all(teller, hearer)
        before = await hearer.store.pool.fetch("SELECT * FROM views.heard ORDER BY position")
    await forget_views(two)
    async with hearer_at_work(two, topics, faults) as hearer:
        await count(teller, "a", 3)
        await heard_all(teller, hearer)
        after = await hearer.store.pool.fetch("SELECT * FROM views.heard ORDER BY position")
        assert after[: len(before)] == before
        assert await in_view(hearer, "a") == [1, 2, 3]
    said = await said_on_kafka(topics, TELLER)
    assert [envelope.position for envelope in said] == list(range(1, await teller.store.head() + 1))


async def forget_views(two: Two) -> None:
    """As a new version of the house's views does."""
    import asyncpg

    owner = await asyncpg.connect(two[HEARER].owner_dsn)
    try:
        await owner.execute("UPDATE schema_version SET views = ''")
    finally:
        await owner.close()
    await migrate(two[HEARER].owner_dsn, two[HEARER].server_role, HEARER_ROOM)


async def test_a_mark_does_not_count_while_a_transaction_before_it_is_still_open(
    two: Two, topics: str, teller: House, faults: Faults
) -> None:
    """A broker closes a transaction partition by partition: what it has not closed yet may belong to the mark."""
    async with hearer_at_work(two, topics, faults) as hearer:
        await count(teller, "a", 1, first=True)
        await heard_all(teller, hearer)
        slow = AIOKafkaProducer(bootstrap_servers=topics, transactional_id="slow")
        await slow.start()
        try:
            async with slow.transaction():
                await slow.send_and_wait(TOPICS[TELLER].name, value=b"{}", key=b"k", headers=headers(ce_type="x"))
                reached = await hearer.store.position("reactions", TELLER)
                await count(teller, "b", 1, first=True)
                await until(lambda: told(teller))
                await asyncio.sleep(0.5)  # time in which a mark that counts too early would have been counted
                assert await hearer.store.position("reactions", TELLER) == reached
        finally:
            await slow.stop()
        await heard_all(teller, hearer)


async def told(teller: House) -> bool:
    return await teller.store.position("relay", TELLER) == await teller.store.head()
