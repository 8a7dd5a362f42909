"""Says contracts again to one consumer: on its own topic of Kafka, or into a file where there is no Kafka."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO
from uuid import UUID, uuid4

import orjson

from ocop.asked import CalledWrongly, houses_of
from ocop.inspect import Opened, looking
from ocop.progress import Bar, bars, console
from ocop.standalone import ROOMS
from shared import settings
from shared.bus.replaying import (
    Bound,
    Destination,
    Interrupted,
    NotAConsumer,
    replay,
    span_of,
    to_kafka_topic,
    topic_of,
)
from shared.contracts.envelope import Envelope, contracts_of

FILE = "file:"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asked for, understood."""

    to: str
    houses: list[str]
    begin: Bound
    end: Bound | None
    types: Collection[str] | None
    kafka: str | None


def run_replay(data: Path, *, to: str, begin: str, end: str | None, types: str | None, house: str | None) -> int:
    """0 when everything has been said, 1 when it was interrupted, 2 when it was called wrongly."""
    try:
        wanted = understood(to, begin, end, types, house, settings.read(data).kafka)
    except (CalledWrongly, NotAConsumer) as wrong:
        console.print(f"{wrong}", markup=False, soft_wrap=True)
        return 2
    id = uuid4()

    async def work(opened: Opened) -> int:
        reached: dict[str, int] = {}
        try:
            async with destination(wanted, id) as to:
                said = await said_again(opened, wanted, to, reached)
        except (Interrupted, OSError) as error:
            console.print(
                f"{error}\nDừng giữa chừng; tiếp tục từ / interrupted; go on from: {left(wanted, reached, begin)}",
                markup=False, soft_wrap=True,
            )  # fmt: skip
            return 1
        told = ", ".join(f"{name} {count}" for name, count in said.items())
        console.print(f"{place_of(wanted)}: {told}  (ce_replayid {id})", markup=False, highlight=False, soft_wrap=True)
        return 0

    return looking(data, work)


async def said_again(opened: Opened, wanted: Wanted, to: Destination, reached: dict[str, int]) -> Mapping[str, int]:
    """How many contracts each house said; keeps up to where each has come."""
    said = {}
    with bars() as progress:
        for name in wanted.houses:
            store = opened.stores[name]
            span, bar = await span_of(store, wanted.begin, wanted.end), Bar(progress, name)
            bar.begins(span.length)
            reached[name] = span.first - 1

            def tell(position: int, name: str = name, bar: Bar = bar) -> None:
                bar.tell(position - reached[name])
                reached[name] = position

            said[name] = await replay(store, ROOMS[name].published, span, wanted.types, to, tell)
            bar.gone()
    return said


def left(wanted: Wanted, reached: Mapping[str, int], begin: str) -> str:
    """The house in hand from where it has come, and those that had not begun."""
    in_hand = list(reached.items())[-1:]
    return ", ".join(
        [
            *(f"{name}:{position + 1}" for name, position in in_hand),
            *(f"{begin} (--house {name})" for name in wanted.houses[len(reached) :]),
        ]
    )


# --- what was asked for ---


def understood(to: str, begin: str, end: str | None, types: str | None, house: str | None, kafka: str | None) -> Wanted:
    """Raises CalledWrongly, NotAConsumer."""
    houses_of(house)
    of_begin, first = bound("--from", begin)
    of_end, last = bound("--until", end) if end is not None else (None, None)
    named = {name for name in (house, of_begin, of_end) if name}
    if len(named) > 1:
        raise CalledWrongly(f"nhiều nhà / several houses: {', '.join(sorted(named))}")
    if not named and (isinstance(first, int) or isinstance(last, int)):
        raise CalledWrongly("vị trí cần --house / a position needs --house: positions of several houses do not compare")
    houses = sorted(named) or list(ROOMS)
    chosen = types_of(types, houses)
    if not to.startswith(FILE):
        topic_of(to)
        if not kafka:
            raise CalledWrongly("OCOP_KAFKA_BOOTSTRAP: chưa đặt; hoặc --to file:PATH / not set; or --to file:PATH")
    elif to == FILE or Path(to.removeprefix(FILE)).exists():
        raise CalledWrongly(f"--to {to}: cần tên tệp chưa có / a file that is not there yet is needed")
    return Wanted(to, houses, first, last, chosen, kafka)


def bound(option: str, text: str) -> tuple[str | None, Bound]:
    """`17`, `registration:17`, `2026-06-01`: the house, where one is named, and the position or day. Raises CalledWrongly."""
    house, _, position = text.rpartition(":")
    if position.isascii() and position.isdecimal() and int(position) > 0 and (not house or house in ROOMS):
        return house or None, int(position)
    try:
        return None, date.fromisoformat(text)
    except ValueError as error:
        raise CalledWrongly(f"{option} {text}: cần / expected POSITION, HOUSE:POSITION, YYYY-MM-DD") from error


def types_of(types: str | None, houses: Sequence[str]) -> Collection[str] | None:
    """Raises CalledWrongly where none of the houses says such a contract."""
    if types is None:
        return None
    wanted = {name.strip() for name in types.split(",") if name.strip()}
    kinds = [kind for house in houses for kind in contracts_of(house).values()]
    known = {name for kind in kinds for name in (kind.__name__, kind.type_name())}
    if not wanted or wanted - known:
        raise CalledWrongly(
            f"--types {', '.join(sorted(wanted - known))}: {', '.join(sorted(k.__name__ for k in kinds))}"
        )
    return wanted


# --- where it goes ---


def place_of(wanted: Wanted) -> str:
    return wanted.to.removeprefix(FILE) if wanted.to.startswith(FILE) else topic_of(wanted.to).name


@asynccontextmanager
async def destination(wanted: Wanted, id: UUID) -> AsyncIterator[Destination]:
    """Raises Interrupted, OSError."""
    if wanted.to.startswith(FILE):
        with await asyncio.to_thread(Path(place_of(wanted)).open, "xb") as opened:
            yield ToFile(opened, id)
        return
    assert wanted.kafka
    async with to_kafka_topic(wanted.kafka, wanted.to, id) as topic:
        yield topic


class ToFile:
    """Structured CloudEvents as JSON lines, with the same two marks as on Kafka."""

    def __init__(self, opened: IO[bytes], replay: UUID) -> None:
        self._opened, self._marks = opened, {"replayid": str(replay), "replay": "true"}

    async def say(self, envelopes: Sequence[Envelope]) -> None:
        lines = [orjson.dumps(envelope.structured() | self._marks) + b"\n" for envelope in envelopes]
        await asyncio.to_thread(self._opened.writelines, lines)
