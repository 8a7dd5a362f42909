"""What the Kafka driver does not see to itself: a connection that is gone, and a client whose own tasks have ended.

On uvloop, writing to a closed connection raises RuntimeError, which the driver takes for nothing that it knows (aiokafka's
issue 1038): its task that keeps the cluster's metadata ends, every later question about it waits for ever, and the consumer
keeps its partitions and reads no more. Here such a write is a lost connection, and a client that died nevertheless is known.

A transaction that follows at once upon another is refused as long as the broker still closes that one's partitions, which
takes it a millisecond or two. The driver then waits for twenty: every message that is said meanwhile would wait with it.
"""

from asyncio import Future, Task
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.conn import AIOKafkaConnection, CloseReason
from aiokafka.errors import KafkaConnectionError
from aiokafka.producer import sender

BETWEEN_TRANSACTIONS = 0.001  # seconds

sender.BACKOFF_OVERRIDE = BETWEEN_TRANSACTIONS
_send = AIOKafkaConnection.send


def send(connection: AIOKafkaConnection, request: Any, expect_response: bool = True) -> Future[Any]:
    """The driver's own way. Raises KafkaConnectionError also where the event loop says that the connection is closed."""
    try:
        return _send(connection, request, expect_response)
    except RuntimeError as error:
        connection.close(reason=CloseReason.CONNECTION_BROKEN)
        raise KafkaConnectionError(f"connection to {connection.host}:{connection.port} is gone: {error}") from error


AIOKafkaConnection.send = send


def is_dead(consumer: AIOKafkaConsumer) -> bool:
    """Whether a task has ended without which a consumer that was started does nothing; it tells nobody itself."""
    return any(task.done() for task in _tasks(consumer))


def end(consumer: AIOKafkaConsumer) -> None:
    """Of a dead consumer: what is left of it would keep its partitions, or whoever stops it, waiting."""
    for task in _tasks(consumer):
        task.cancel()


def _tasks(consumer: AIOKafkaConsumer) -> list[Task[Any]]:
    coordinator, fetcher = consumer._coordinator, consumer._fetcher
    tasks = [
        consumer._client._sync_task, fetcher and fetcher._fetch_task,
        getattr(coordinator, "_coordination_task", None),  # of a consumer in a group
    ]  # fmt: skip
    return [task for task in tasks if task is not None]


async def let_go(producer: AIOKafkaProducer) -> None:
    """Of a producer that could not be stopped in order: nothing of it stays at work."""
    sender = producer._sender and producer._sender.sender_task
    if sender:
        sender.cancel()
    await producer.client.close()
