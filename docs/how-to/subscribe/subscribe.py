"""Every certificate of the register as it stands, then each change as it is said: without a gap, without a double.

usage: python subscribe.py HOST:PORT        (pip install aiokafka)
"""

import asyncio
import json
import sys

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.structs import ConsumerRecord

EVENTS, STATES = "ocop.certification", "ocop.certificates"
STATE = "vn.ocop.CertificateState.v1"
CHANGES = {
    f"vn.ocop.Certificate{what}.v1" for what in ("Issued", "Replaced", "Extended", "Expired", "Revoked")
}  # fmt: skip


class Register:
    """What is known of each certificate, and as of which position of the register: keep both together, in one place."""

    def __init__(self) -> None:
        self.positions: dict[str, int] = {}
        self.states: dict[str, dict] = {}

    def take_state(self, record: ConsumerRecord) -> None:
        kind, position = attributes(record)
        if kind == STATE and record.value is not None:
            state = json.loads(record.value)
            certificate = state["certificate_id"]
            if position >= self.positions.get(certificate, 0):
                self.positions[certificate], self.states[certificate] = position, state

    def take_event(self, record: ConsumerRecord) -> None:
        kind, position = attributes(record)
        if kind not in CHANGES:  # of a later year, or of no interest here
            return
        event = json.loads(record.value)
        certificate = event["certificate_id"]
        if position <= self.positions.get(certificate, 0):  # the state had it already, or it was delivered again
            return
        self.positions[certificate] = position
        tell(kind.split(".")[2], event["number"], event["legal_date"], position)


def attributes(record: ConsumerRecord) -> tuple[str, int]:
    """Type and position, from the headers: what is not wanted need not be decoded."""
    headers = dict(record.headers)
    return headers["ce_type"].decode(), int(headers["ce_id"].decode().partition(":")[2])


def tell(*facts: object) -> None:
    print(*facts, sep="\t", flush=True)


async def subscribe(bootstrap: str) -> None:
    register = Register()
    consumer = AIOKafkaConsumer(
        EVENTS, STATES, bootstrap_servers=bootstrap, group_id=None, isolation_level="read_committed",
        auto_offset_reset="earliest",
    )  # fmt: skip
    await consumer.start()
    try:
        events = [at for at in consumer.assignment() if at.topic == EVENTS]
        states = [at for at in consumer.assignment() if at.topic == STATES]
        consumer.pause(*events)
        # 1. Where the live stream will begin: before this, everything is committed, and so is its state.
        for at, offset in (await consumer.end_offsets(events)).items():
            consumer.seek(at, offset)
        # 2. Then where the states end, those included whose transaction the broker is still closing.
        ends = await written(bootstrap, states)
        # 3. The states, up to there.
        await consumer.seek_to_beginning(*states)
        while any([await consumer.position(at) < end for at, end in ends.items()]):
            for records in (await consumer.getmany(*states, timeout_ms=200)).values():
                for record in records:
                    register.take_state(record)
        for certificate, state in register.states.items():
            tell("state", state["number"], state["status"], register.positions[certificate])
        tell("live")
        # 4. From now on what is said; what a state had already is passed over.
        consumer.pause(*states)
        consumer.resume(*events)
        async for record in consumer:
            register.take_event(record)
    finally:
        await consumer.stop()


async def written(bootstrap: str, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
    """The ends of the partitions with what is not committed yet."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, isolation_level="read_uncommitted")
    await consumer.start()
    try:
        return await consumer.end_offsets(partitions)
    finally:
        await consumer.stop()


if __name__ == "__main__":
    asyncio.run(subscribe(sys.argv[1]))
