"""One real Apache Kafka for the whole test session; every test makes topics of its own on it."""

import asyncio
import os
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from ocop.native.kafka import Broker, controller_port, free_port, wait_until_it_answers
from ocop.native.supervising import ends_with_its_parent

END_SECONDS = 30


def broker_in(folder: Path) -> Broker:
    """A broker on ports that are free now."""
    port = free_port()
    return Broker(folder, port, controller_port(port))


@asynccontextmanager
async def running_broker() -> AsyncIterator[str]:
    """The address of a broker in a folder of its own; both are gone afterwards. OCOP_KAFKA_BOOTSTRAP names another."""
    if there := os.environ.get("OCOP_KAFKA_BOOTSTRAP"):
        await wait_until_it_answers(there, lambda: None)
        yield there
        return
    with tempfile.TemporaryDirectory(prefix="ocop-kafka-") as folder:
        broker = broker_in(Path(folder))
        await broker.prepare()
        async with started(broker):
            yield broker.bootstrap


def spawned(command: list[str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("ab") as output:
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, preexec_fn=ends_with_its_parent
        )


@asynccontextmanager
async def started(broker: Broker) -> AsyncIterator[subprocess.Popen[bytes]]:
    """The broker's process, which answers; killed in the end, since what it was told dies with the tests."""
    log = broker.folder / "broker.log"
    process = spawned(broker.command(), log)
    try:
        await wait_until_it_answers(
            broker.bootstrap, lambda: None if process.poll() is None else log.read_text(errors="replace")[-2000:]
        )
        yield process
    finally:
        process.kill()
        await asyncio.to_thread(process.wait, END_SECONDS)
