"""A broker that dies in the middle of a transaction and forgets to close it: nothing is said twice, and nobody waits for ever."""

import asyncio
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition

from ocop.databases import HouseDatabase
from shared.bus.onkafka import OnKafka
from shared.bus.partition import partition_of
from shared.bus.reactions import Policy
from shared.bus.reading import reading
from shared.bus.saying import message_of
from shared.bus.telling import Interrupted, KafkaSink
from shared.bus.topics import make_topics
from shared.bus.wire import Message
from shared.contracts.topics import MARKS, TOPICS
from shared.house import running
from tests.bus.two_houses import PUBLISHED, TELLER, count, house_on, on_topic, told_all
from tests.kafka import broker_in, started

TOPIC = TOPICS[TELLER]
TIMEOUT_MS = 1000  # of the transaction that is cut off: shorter than the broker is away


async def ends(bootstrap: str, *partitions: TopicPartition) -> tuple[list[int], list[int]]:
    """Where what is committed ends, and what is written."""
    async with reading(bootstrap) as seeing, reading(bootstrap, "read_uncommitted") as written:
        found = await asyncio.gather(seeing.end_offsets(partitions), written.end_offsets(partitions))
    return list(found[0].values()), list(found[1].values())


async def in_a_transaction(bootstrap: str, message: Message, at: int) -> AIOKafkaProducer:
    """A relay that has said something with its mark, and has not come to commit it."""
    relay = AIOKafkaProducer(
        bootstrap_servers=bootstrap, transactional_id=f"relay-{TELLER}", acks="all", transaction_timeout_ms=TIMEOUT_MS
    )
    await relay.start()
    await relay.begin_transaction()
    await relay.send_and_wait(TOPIC.name, message.value, message.key, at, headers=message.headers)
    await relay.send_and_wait(MARKS.name, b'{"upto": 3}', TELLER.encode(), 0)
    return relay


async def test_what_a_broker_left_open_is_closed_by_the_next_leader_and_said_once(
    two: dict[str, HouseDatabase], tmp_path: Path
) -> None:
    broker = broker_in(tmp_path / "broker")
    await broker.prepare()
    async with house_on(two[TELLER], TELLER, Policy(TELLER)) as house:
        async with started(broker) as process:
            await make_topics(broker.bootstrap)
            await count(house, "a", 1, 2, first=True)
            sink = KafkaSink(house.store, broker.bootstrap)
            page = await house.store.feed_upto(await sink.position(TELLER), 100, PUBLISHED.topics())
            said = [m for r in page.recorded if (m := message_of(TELLER, r, PUBLISHED))]
            await sink.send(TELLER, said[:2], 2)
            await sink.close()

            at = partition_of(said[2].key, TOPIC.partitions)
            cut = await in_a_transaction(broker.bootstrap, said[2], at)
            process.kill()
            process.wait()
        async with started(broker):
            where = TopicPartition(TOPIC.name, at), TopicPartition(MARKS.name, 0)
            await asyncio.sleep(TIMEOUT_MS / 1000)
            seen, written = await ends(broker.bootstrap, *where)
            assert seen != written, (
                "this broker closes what it finds: there is nothing left to do for shared/bus/hanging.py"
            )
            async with running(house.wake.listen, *OnKafka(house, broker.bootstrap).tasks()):
                await told_all(house, broker.bootstrap)
            ids = [id for _, id, _ in await on_topic(broker.bootstrap)]
            assert ids == [f"{TELLER}:{position}" for position in (1, 2, 3)]
            seen, written = await ends(broker.bootstrap, *where)
            assert seen == written
        await cut.stop()


async def test_a_broker_that_was_silent_for_long_is_not_taken_at_its_word(
    two: dict[str, HouseDatabase], topics: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.bus.telling.SUSPECT_SECONDS", 0.0)
    async with house_on(two[TELLER], TELLER, Policy(TELLER)) as house:
        sink = KafkaSink(house.store, topics)
        await sink.position(TELLER)
        with pytest.raises(Interrupted):
            await sink.send(TELLER, [], 0)
        await sink.close()
