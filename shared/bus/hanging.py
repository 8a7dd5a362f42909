"""Transactions that a broker has ended without telling the partitions of it, and how the next leader closes them.

A broker that was killed and is started again takes up the transactions it finds before it is let in. Until then no
partition has a leader: it takes them for deleted, and what ends meanwhile ends without a marker (Apache Kafka 4.4; a lone
broker that is its own controller, whose former session has to run out first). Readers of what is committed then stand
before those records for ever, and the next marker of the same producer brings them to light: a second time, where the next
leader has said them again.
"""

import asyncio
from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from shared.bus.reading import reading
from shared.bus.wire import ID, header
from shared.logs import log

READ_SECONDS = 20
NOTHING = b""  # the value of what only has to be there to be aborted


async def closed(producer: AIOKafkaProducer, bootstrap: str, partitions: Sequence[TopicPartition]) -> int | None:
    """Aborts what stands open on partitions that only this producer writes, which has no transaction now.

    Returns the lowest position of the house that readers do not see because of it; None where nothing stands open.
    Raises KafkaError, TimeoutError.
    """
    async with reading(bootstrap) as seeing, reading(bootstrap, "read_uncommitted") as written:
        seen, ends = await asyncio.gather(seeing.end_offsets(partitions), written.end_offsets(partitions))
        first = {partition: seen[partition] for partition in partitions if seen[partition] < ends[partition]}
        if not first:
            return None
        async with asyncio.timeout(READ_SECONDS):
            hidden = await _positions(written, first)
    log.warning("transaction-left-open", partitions=[f"{p.topic}/{p.partition}" for p in first], positions=hidden)
    await producer.begin_transaction()
    for topic, number in first:
        await producer.send_and_wait(topic, NOTHING, key=NOTHING, partition=number)
    await producer.abort_transaction()
    return min(hidden, default=None)


async def _positions(written: AIOKafkaConsumer, first: dict[TopicPartition, int]) -> list[int]:
    """Which positions the first open record of each partition tells of; marks and what is no contract tell of none."""
    written.assign(list(first))
    for partition, offset in first.items():
        written.seek(partition, offset)
    wanted, found = set(first), []
    while wanted:
        for partition, records in (await written.getmany(timeout_ms=1000)).items():
            id = header(records[0].headers, "ce_id")
            if partition in wanted and id and ID.fullmatch(id):
                found.append(int(id.rpartition(":")[2]))
            wanted.discard(partition)
    return sorted(found)
