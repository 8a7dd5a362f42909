"""The relay on real Kafka: every contract once, in order per key, whatever happens to whoever writes."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator

import pytest
from aiokafka.errors import IllegalOperation, KafkaError

from ocop.databases import HouseDatabase
from shared.bus.leading import lead
from shared.bus.onkafka import OnKafka
from shared.bus.reactions import Policy
from shared.bus.saying import message_of
from shared.bus.telling import Ahead, KafkaSink
from shared.house import House, running
from tests.bus.two_houses import PUBLISHED, TELLER, count, fresh_topics, house_on, on_topic, told_all, until

Two = dict[str, HouseDatabase]


@pytest.fixture
async def teller(two: Two) -> AsyncIterator[House]:
    async with house_on(two[TELLER], TELLER, Policy(TELLER)) as house:
        yield house


async def told(house: House, bootstrap: str) -> None:
    """The topic has everything of the store."""
    head = await house.store.head()

    async def reached() -> bool:
        return await house.store.position("relay", TELLER) >= head

    await until(reached)
    await told_all(house, bootstrap)  # the broker lets readers see a transaction a moment after its word


async def assert_whole(house: House, bootstrap: str) -> None:
    """Every event of the store is on the topic once; those of one key in one partition, in the order of the store."""
    messages = await on_topic(bootstrap)
    assert sorted(int(id.split(":")[1]) for _, id, _ in messages) == list(range(1, await house.store.head() + 1))
    by_key: dict[str, list[int]] = defaultdict(list)
    partitions: dict[str, set[int]] = defaultdict(set)
    for partition, id, key in messages:
        by_key[key].append(int(id.split(":")[1]))
        partitions[key].add(partition)
    assert all(positions == sorted(positions) for positions in by_key.values())
    assert all(len(found) == 1 for found in partitions.values())


async def batch(house: House, after: int, limit: int = 100):  # type: ignore[no-untyped-def]
    page = await house.store.feed_upto(after, limit, PUBLISHED.topics())
    return [m for r in page.recorded if (m := message_of(TELLER, r, PUBLISHED))], *page.upto


async def test_everything_stored_is_told_once_and_in_order(teller: House, topics: str) -> None:
    for number in range(8):
        await count(teller, f"c{number}", 1, 2, 3, first=True)
    async with running(teller.wake.listen, *OnKafka(teller, topics).tasks()):
        await told(teller, topics)
        for number in range(8):
            await count(teller, f"c{number}", 4, 5)
        await told(teller, topics)
    await assert_whole(teller, topics)


async def test_a_leader_that_ends_between_the_brokers_word_and_its_own_note_says_nothing_twice(
    teller: House, topics: str
) -> None:
    await count(teller, "a", 1, 2, first=True)
    sink = KafkaSink(teller.store, topics)
    messages, upto, hash = await batch(teller, await sink.position(TELLER))
    await sink.send(TELLER, messages, upto, hash)
    await teller.store.pool.execute("UPDATE positions SET position = 0 WHERE reader = 'relay'")
    await sink.close()
    await count(teller, "a", 3)
    async with running(teller.wake.listen, *OnKafka(teller, topics).tasks()):
        await told(teller, topics)
    await assert_whole(teller, topics)


async def test_a_deposed_leader_is_fenced_and_what_it_sends_late_is_not_on_the_topic(
    teller: House, topics: str
) -> None:
    await count(teller, "a", 1, first=True)
    deposed, present = KafkaSink(teller.store, topics), KafkaSink(teller.store, topics)
    messages, upto, hash = await batch(teller, await deposed.position(TELLER))
    assert await present.position(TELLER) == 0
    await present.send(TELLER, messages, upto, hash)
    with pytest.raises((KafkaError, IllegalOperation)):  # it may learn of it between two of its steps
        await deposed.send(TELLER, messages, upto, hash)
    await asyncio.gather(deposed.close(), present.close())
    await assert_whole(teller, topics)


async def test_a_batch_that_was_cut_off_in_its_transaction_is_seen_by_nobody_and_said_by_the_next(
    teller: House, topics: str
) -> None:
    await count(teller, "a", 1, 2, first=True)
    cut = KafkaSink(teller.store, topics)
    messages, *_ = await batch(teller, await cut.position(TELLER))
    assert cut._producer is not None
    await cut._producer.begin_transaction()
    for message in messages:
        await cut._producer.send_and_wait(f"ocop.{TELLER}", value=b"{}", key=message.key)
    async with running(teller.wake.listen, *OnKafka(teller, topics).tasks()):
        await told(teller, topics)
    await cut.close()
    await assert_whole(teller, topics)


async def test_a_fresh_broker_is_told_everything_again(teller: House, topics: str) -> None:
    await count(teller, "a", 1, 2, first=True)
    async with running(teller.wake.listen, *OnKafka(teller, topics).tasks()):
        await told(teller, topics)
    await fresh_topics(topics)
    async with running(teller.wake.listen, *OnKafka(teller, topics).tasks()):
        await told(teller, topics)
    await assert_whole(teller, topics)


async def test_a_store_that_lacks_what_the_topic_has_is_not_told(teller: House, topics: str) -> None:
    await count(teller, "a", 1, first=True)
    sink = KafkaSink(teller.store, topics)
    await sink.position(TELLER)
    await sink.send(TELLER, [], 99)
    with pytest.raises(Ahead, match="99"):
        await sink.position(TELLER)
    await sink.close()


async def test_one_process_leads_and_when_it_falls_silent_another_takes_over_within_five_seconds(
    two: Two, teller: House
) -> None:
    leading: list[str] = []
    taken = asyncio.Event()

    def work(name: str):  # type: ignore[no-untyped-def]
        async def leads() -> None:
            leading.append(name)
            taken.set()
            await asyncio.Event().wait()

        return leads

    first = asyncio.ensure_future(lead(TELLER, two[TELLER].server_dsn, work("first")))
    await taken.wait()
    assert await teller.store.leader_known()
    taken.clear()
    second = asyncio.ensure_future(lead(TELLER, two[TELLER].server_dsn, work("second")))
    await asyncio.sleep(0.6)  # it asks, and does not get it
    assert leading == ["first"]
    first.cancel()
    async with asyncio.timeout(5):
        await taken.wait()
    assert leading == ["first", "second"]
    second.cancel()
    await asyncio.wait([first, second])


async def test_a_leader_that_does_not_reach_the_broker_gives_the_lead_to_one_that_does(two: Two, teller: House) -> None:
    taken = asyncio.Event()

    async def leads() -> None:
        taken.set()
        await asyncio.Event().wait()

    cut_off = OnKafka(teller, "127.0.0.1:1")
    first = asyncio.ensure_future(lead(TELLER, two[TELLER].server_dsn, cut_off.tell))
    await until(teller.store.leader_known)
    second = asyncio.ensure_future(lead(TELLER, two[TELLER].server_dsn, leads))
    async with asyncio.timeout(10):
        await taken.wait()
    for task in (first, second):
        task.cancel()
    await asyncio.wait([first, second])


async def test_the_server_takes_the_lead_from_a_process_that_does_not_speak(two: Two, teller: House) -> None:
    """As of one that is frozen or cut off: its connection stands, and nothing comes on it."""
    import asyncpg

    from shared.bus.leading import SILENT_SECONDS
    from shared.eventstore.sql import STORE

    frozen = await asyncpg.connect(
        two[TELLER].server_dsn, server_settings={"idle_session_timeout": f"{SILENT_SECONDS}s"}
    )
    assert await frozen.fetchval(STORE.take_lead)
    taken = asyncio.Event()

    async def leads() -> None:
        taken.set()
        await asyncio.Event().wait()

    other = asyncio.ensure_future(lead(TELLER, two[TELLER].server_dsn, leads))
    async with asyncio.timeout(5):
        await taken.wait()
    other.cancel()
    await asyncio.wait([other])
    frozen.terminate()
