"""A consumer of no group: for who reads a topic as it stands, or asks where it ends."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from shared.logs import log

Isolation = Literal["read_committed", "read_uncommitted"]


@asynccontextmanager
async def reading(
    bootstrap: str, isolation: Isolation = "read_committed", wait_ms: int = 500
) -> AsyncIterator[AIOKafkaConsumer]:
    """`read_uncommitted` is for ends that count open transactions too; `wait_ms`: how long the broker waits for news.

    Raises KafkaError.
    """
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        enable_auto_commit=False,
        isolation_level=isolation,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=wait_ms,
    )
    try:
        await consumer.start()
        yield consumer
    finally:
        try:
            await consumer.stop()
        except KafkaError as error:
            log.warning("consumer-not-stopped", error=error)
