"""Makes the topics of the bus as `shared/contracts/topics.py` says, and tells whether a broker answers."""

import asyncio
import time
from collections.abc import Sequence

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from shared.contracts.topics import ALL_TOPICS, Topic

ASK_SECONDS = 5
KNOWN_SECONDS = 10
MOST_REPLICAS = 3
FOR_EVER = {"cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1"}
LAST_OF_EACH_KEY = {
    "cleanup.policy": "compact", "segment.ms": str(3_600_000), "min.cleanable.dirty.ratio": "0.1",
    "delete.retention.ms": str(86_400_000),
}  # fmt: skip
CONFIGS = {
    "kept": FOR_EVER, "compacted": LAST_OF_EACH_KEY,
    "passing": {"cleanup.policy": "delete", "retention.ms": str(30 * 86_400_000)},
}  # fmt: skip


class OtherTopics(RuntimeError):
    """A topic is there with another number of partitions: keys would go elsewhere than before."""


async def answers(bootstrap: str) -> bool:
    """Whether a broker takes requests now."""
    client = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=ASK_SECONDS * 1000)
    try:
        async with asyncio.timeout(ASK_SECONDS):
            await client.start()
            await client.describe_cluster()
    except (KafkaError, OSError, TimeoutError):
        return False
    else:
        return True
    finally:
        await client.close()


async def make_topics(bootstrap: str) -> list[str]:
    """Makes what is missing and returns its names. Safe to repeat. Raises KafkaError, OtherTopics."""
    return await _make(bootstrap, ALL_TOPICS)


async def make_topic(bootstrap: str, topic: Topic) -> bool:
    """Makes one that is not of the bus's own, and returns whether it was missing. Raises KafkaError, OtherTopics."""
    return bool(await _make(bootstrap, [topic]))


async def _make(bootstrap: str, topics: Sequence[Topic]) -> list[str]:
    client = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await client.start()
    try:
        brokers = len((await client.describe_cluster())["brokers"])
        made = []
        for topic in topics:
            if await _made(client, topic, min(brokers, MOST_REPLICAS)):
                made.append(topic.name)
        await _check(client, topics)
        return made
    finally:
        await client.close()


async def _made(client: AIOKafkaAdminClient, topic: Topic, replicas: int) -> bool:
    configs = CONFIGS[topic.cleanup]
    if replicas == MOST_REPLICAS:
        configs = configs | {"min.insync.replicas": "2"}
    answer = await client.create_topics(
        [NewTopic(topic.name, topic.partitions, replicas, topic_configs=configs)]
    )  # fmt: skip
    for _, code, *_ in answer.topic_errors:
        error = for_code(code)
        if error is TopicAlreadyExistsError:
            return False
        if code:
            raise error(topic.name)
    return True


async def _check(client: AIOKafkaAdminClient, topics: Sequence[Topic]) -> None:
    """A topic just made is known to every broker a moment later."""
    names, deadline = [topic.name for topic in topics], time.monotonic() + KNOWN_SECONDS
    while True:
        described = await client.describe_topics(names)
        found = {topic["topic"]: len(topic["partitions"]) for topic in described}
        wrong = [topic for topic in topics if found.get(topic.name) != topic.partitions]
        if not wrong:
            return
        if time.monotonic() > deadline:
            raise OtherTopics(
                ", ".join(
                    f"{topic.name} has {found.get(topic.name)} partitions, not {topic.partitions}" for topic in wrong
                )
            )
        await asyncio.sleep(0.1)
