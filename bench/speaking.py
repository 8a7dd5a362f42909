"""One of the two houses of `visible` as a process: the teller gives commands at a rate, the hearer says when it saw what.

Questions and answers are lines of JSON on standard input and output.
"""

import asyncio
import sys
import time
from typing import Any

import asyncpg
import orjson
import uvloop

from ocop.databases import HouseDatabase
from shared.bus.onkafka import OnKafka
from shared.bus.reactions import Policy
from shared.eventstore.commands import Request
from shared.eventstore.projector import APPENDED
from shared.house import House, running
from shared.memory import settled
from tests.bus.two_houses import ACTOR, TELLER, Faults, count, house_on, policy_of
from tests.given import an_id
from tests.store.counter import Add

COUNTERS = 8192  # so many that each has a handful of events, as a product or a dossier has in a year
PAGE = 2048


async def main(name: str, dsn: str, bootstrap: str) -> None:
    database = HouseDatabase(name, dsn, dsn, "")
    policy = Policy(name) if name == TELLER else policy_of(Faults())
    async with house_on(database, name, policy) as house, running(*house.tasks(), *OnKafka(house, bootstrap).tasks()):
        lines = await standard_input()
        settled()
        answer = await telling(house) if name == TELLER else await hearing(house, dsn)
        while line := await lines.readline():
            sys.stdout.buffer.write(orjson.dumps(await answer(orjson.loads(line)), option=orjson.OPT_APPEND_NEWLINE))
            sys.stdout.buffer.flush()


async def telling(house: House) -> Any:
    """`{"rate", "seconds"}` -> when each command began, by the id of what it made the house say."""
    for first in range(0, COUNTERS, PAGE):
        await asyncio.gather(*(count(house, f"c{number}", first=True) for number in range(first, first + PAGE)))
    given = 0

    async def one(number: int, begun: dict[str, float]) -> None:
        at = time.time()
        asked = Request(id=f"add {number}", actor=ACTOR, action="count", correlation="bench")
        answer = await house.execute(Add(counter_id=an_id(f"c{number % COUNTERS}"), number=0), asked)
        begun[answer.position] = at

    async def answer(load: dict[str, float]) -> dict[str, float]:
        nonlocal given
        begun: dict[str, float] = {}
        first, tasks = time.perf_counter(), []
        for number in range(int(load["rate"] * load["seconds"])):
            await asyncio.sleep(max(0.0, first + number / load["rate"] - time.perf_counter()))
            tasks.append(asyncio.create_task(one(given, begun)))
            given += 1
        await asyncio.gather(*tasks)
        return begun

    return answer


async def hearing(house: House, dsn: str) -> Any:
    """`[ids]` -> when the effect of each could be read, seen at each hint after a commit, never by asking again and again."""
    seen: dict[str, float] = {}
    news, after = asyncio.Event(), 0
    listener = await asyncpg.connect(dsn)
    await listener.add_listener(APPENDED, lambda *_: news.set())

    async def look() -> None:
        nonlocal after
        while recorded := await house.store.feed(after, PAGE):
            at, after = time.time(), recorded[-1].position
            seen.update({str(r.metadata.get("causation")): at for r in recorded})

    async def keep() -> None:
        while True:
            await news.wait()
            news.clear()
            await look()

    task = asyncio.create_task(keep())

    async def answer(wanted: list[str]) -> dict[str, float]:
        while not all(message in seen for message in wanted):
            assert not task.done(), task
            assert not listener.is_closed()
            await asyncio.sleep(0.05)
        return {message: seen[message] for message in wanted}

    return answer


async def standard_input() -> asyncio.StreamReader:
    reader = asyncio.StreamReader(limit=2**26)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return reader


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:]))
