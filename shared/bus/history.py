"""What a house said, as its topic keeps it: for views that are made again from the bus, and for who wants all of it."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Sequence

from aiokafka import ConsumerRecord, TopicPartition

from shared.bus.listening import Listening
from shared.bus.reading import reading
from shared.bus.telling import last_mark
from shared.bus.wire import Malformed, from_kafka
from shared.contracts.envelope import Envelope
from shared.contracts.topics import TOPICS
from shared.logs import log

READ_SECONDS = 600

Kept = dict[str, list[Envelope]]  # by `<house>/<partition>`, each in order


async def kept_on_kafka(bootstrap: str, house: str) -> Kept:
    """Everything that a house's topic holds now, without what is no message of the house. Raises KafkaError."""
    topic = TOPICS[house]
    partitions = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
    kept: Kept = defaultdict(list)
    async with reading(bootstrap) as consumer, asyncio.timeout(READ_SECONDS):
        consumer.assign(partitions)
        await consumer.seek_to_beginning()
        ends = await consumer.end_offsets(partitions)
        while any([await consumer.position(p) < end for p, end in ends.items()]):
            for partition, records in (await consumer.getmany(timeout_ms=200)).items():
                kept[f"{house}/{partition.partition}"] += readable(house, records)
    return {row: envelopes for row, envelopes in kept.items() if envelopes}


def readable(house: str, records: Sequence[ConsumerRecord]) -> Iterator[Envelope]:
    """The messages of a house among records of its topic."""
    for record in records:
        try:
            envelope = from_kafka(record.key, record.value, record.headers)
        except Malformed as error:  # whoever hears the topic has it among its dead letters
            log.warning("history-unreadable", topic=record.topic, offset=record.offset, error=error)
            continue
        if envelope.house == house:
            yield envelope


async def said_on_kafka(bootstrap: str, house: str) -> list[Envelope]:
    """The same in the order in which the house said it; what was said twice is there once."""
    kept = await kept_on_kafka(bootstrap, house)
    by_position = {envelope.position: envelope for envelopes in kept.values() for envelope in envelopes}
    return [by_position[position] for position in sorted(by_position)]


async def catch_up(listening: Listening, bootstrap: str) -> None:
    """Fills a view of another house's facts that is empty from the topic's history. Raises StandsBefore.

    A view that was made anew knows nothing of what its consumer group has long acknowledged.
    """
    source = listening.view.source
    if await listening.position(source):
        return
    mark = (await last_mark(bootstrap, source)).upto
    kept = await kept_on_kafka(bootstrap, source) if mark else {}
    if kept:
        log.warning("view-filled-from-topic", consumer=listening.name, source=source)
        await listening.take(kept, {row: envelopes[-1].position for row, envelopes in kept.items()})
