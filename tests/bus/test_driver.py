"""A connection that is gone is a lost connection, and a client that died is replaced."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.conn import AIOKafkaConnection
from aiokafka.errors import ConcurrentTransactions, KafkaConnectionError
from aiokafka.producer.sender import AddPartitionsToTxnHandler
from aiokafka.protocol.metadata import MetadataRequest

from ocop.databases import HouseDatabase
from shared.bus.driver import BETWEEN_TRANSACTIONS
from shared.bus.onkafka import OnKafka
from shared.bus.reactions import Policy
from shared.house import running
from tests.bus.two_houses import HEARER, TELLER, Faults, count, heard_all, house_on, in_view, policy_of, until

Two = dict[str, HouseDatabase]


class ClosedTransport:
    """As uvloop's once the other side has gone."""

    def write(self, _: bytes) -> None:
        raise RuntimeError("unable to perform operation on <TCPTransport closed=True>; the handler is closed")

    def close(self) -> None:
        """It is."""


async def test_a_write_on_a_closed_connection_is_a_lost_connection() -> None:
    lost: list[Any] = []
    connection = AIOKafkaConnection("127.0.0.1", 9092, on_close=lambda *what: lost.append(what))
    connection._writer, connection._reader = ClosedTransport(), object()
    connection._versions, connection._read_task = {3: (0, 1)}, asyncio.create_task(asyncio.sleep(60))
    with pytest.raises(KafkaConnectionError, match="is gone"):
        connection.send(MetadataRequest([]))
    assert not connection.connected()
    assert len(lost) == 1


def test_a_transaction_that_follows_upon_another_is_tried_again_within_a_millisecond() -> None:
    waiting: Any = SimpleNamespace(_retry_backoff=0.1, _txn_manager=SimpleNamespace(txn_partitions=set()))
    still_closing = SimpleNamespace(errors=[("a-topic", [(0, ConcurrentTransactions.errno)])])
    handler = AddPartitionsToTxnHandler(waiting, [TopicPartition("a-topic", 0)])
    assert handler.handle_response(still_closing) == BETWEEN_TRANSACTIONS == 0.001


async def kill(consumer: Any, *tasks: str) -> None:
    """Ends tasks of a consumer's own, as an error that it does not know does."""
    inside = {
        "metadata": consumer._client._sync_task, "fetching": consumer._fetcher._fetch_task,
        "coordination": getattr(consumer._coordinator, "_coordination_task", None),
    }  # fmt: skip
    for name in tasks:
        inside[name].cancel()
        await asyncio.wait([inside[name]])


@pytest.mark.parametrize("task", ["metadata", "fetching", "coordination"])
async def test_a_consumer_that_died_inside_is_replaced_and_hears_on(two: Two, topics: str, task: str) -> None:
    async with (
        house_on(two[TELLER], TELLER, Policy(TELLER)) as teller,
        house_on(two[HEARER], HEARER, policy_of(Faults())) as hearer,
    ):
        bus = OnKafka(hearer, topics)
        async with running(*teller.tasks(), *OnKafka(teller, topics).tasks(), *hearer.tasks(), *bus.tasks()):
            await count(teller, "a", 1, first=True)
            await heard_all(teller, hearer)
            dead = bus.ears[0].consumer
            await kill(dead, task)
            await count(teller, "a", 2)
            await heard_all(teller, hearer)
            await until(lambda: replaced(bus, dead))
            assert await in_view(hearer, "a") == [1, 2]


async def replaced(bus: OnKafka, dead: Any) -> bool:
    return bus.ears[0].consumer not in (None, dead) and bus.ears[0].joined


async def test_the_reader_of_marks_is_replaced_too(two: Two, topics: str) -> None:
    async with (
        house_on(two[TELLER], TELLER, Policy(TELLER)) as teller,
        house_on(two[HEARER], HEARER, policy_of(Faults())) as hearer,
    ):
        bus = OnKafka(hearer, topics)
        async with running(*teller.tasks(), *OnKafka(teller, topics).tasks(), *hearer.tasks(), *bus.tasks()):
            await count(teller, "a", 1, first=True)
            await heard_all(teller, hearer)
            dead = bus.following._written
            await kill(dead, "metadata")

            async def another() -> bool:
                return bus.following._written is not dead

            await until(another)
            await count(teller, "a", 2)
            await heard_all(teller, hearer)
