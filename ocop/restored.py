"""After a restore: what others have heard that the restored stores have not, and how the houses go on. Run before they start."""

import asyncio
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import orjson
from pydantic import ValidationError

from ocop.asked import CalledWrongly, houses_of
from ocop.progress import console
from ocop.standalone import ROOMS, looked_at
from shared import settings
from shared.bus.reactions import READER
from shared.bus.restored import (
    BROKER_SILENT,
    AtWork,
    Differs,
    Loss,
    as_settler,
    check_alone,
    hear_again,
    heard_on_kafka,
    loss_of,
    mark_anew,
    readers_ahead,
    settle,
)
from shared.clock import Clock
from shared.contracts.envelope import Envelope
from shared.eventstore.store import EventStore

SHOWN = 20  # lost contracts of a house that are shown to people; JSON has all
# By house: what was heard of it, and up to which position it was told.
Heard = Mapping[str, tuple[Sequence[Envelope], int]]


def run_restored(data: Path, *, against: Path | None, house: str | None, reason: str | None, as_json: bool) -> int:
    """0 where nothing is lost, or the houses go on; 1 where something is, or they cannot; 2 where it was called wrongly."""
    read = settings.read(data)
    try:
        houses, kafka = houses_of(house), read.kafka
        copies = read_copies(against) if against else None
        if copies is None and not kafka:
            raise CalledWrongly("cần / needs --against FILE, or OCOP_KAFKA_BOOTSTRAP")
        if reason is not None and len(reason.strip()) < 10:
            raise CalledWrongly("--continue: ghi lý do, ít nhất 10 chữ / a reason of at least 10 characters")
        return asyncio.run(main(read, houses, copies, None if against else kafka, reason, as_json))
    except CalledWrongly as wrong:
        console.print(f"{wrong}", markup=False, soft_wrap=True)
        return 2
    except (AtWork, Differs, *BROKER_SILENT) as refused:
        console.print(f"{type(refused).__name__}: {refused}", markup=False, soft_wrap=True)
        return 1


async def main(
    read: settings.Settings, houses: Sequence[str], copies: Heard | None, kafka: str | None, reason: str | None,
    as_json: bool,
) -> int:  # fmt: skip
    async with AsyncExitStack() as stack:
        found = await stack.enter_async_context(looked_at(read))
        stores = {}
        for name in houses:
            stores[name] = EventStore(name, as_settler(found[name].server_dsn))
            await stores[name].open()
            stack.push_async_callback(stores[name].close)
        heard = copies or {name: await heard_on_kafka(kafka or "", name) for name in houses}
        losses = await losses_of(stores, heard)
        (tell_json if as_json else tell)(losses)
        if reason is None:
            return 0 if all(loss.none for loss in losses) else 1
        await go_on(stores, losses, kafka, reason)
    return 0


async def losses_of(stores: Mapping[str, EventStore], heard: Heard) -> list[Loss]:
    """One of each house. A reader of another store that has come further than its source counts as having heard."""
    reached = [
        (whose, reader, row, position)
        for whose, store in stores.items()
        for (reader, row), position in (await store.standing()).positions.items()
    ]
    losses = []
    for name, store in stores.items():
        envelopes, mark = heard.get(name, ((), 0))
        ahead = readers_ahead(name, await store.head(), reached)
        told = max([mark, *(position for _, _, position in ahead)])
        loss = await loss_of(store, ROOMS[name].published, envelopes, told)
        loss.readers = ahead
        losses.append(loss)
    return losses


async def go_on(stores: Mapping[str, EventStore], losses: Sequence[Loss], kafka: str | None, reason: str) -> None:
    """All or nothing as far as can be known before: then positions, marks, and consumers from the beginning.

    Raises AtWork, Differs, BROKER_SILENT. Safe to repeat.
    """
    for loss in losses:
        await check_alone(stores[loss.house])
        if loss.differs:
            raise Differs(f"{loss.house}: {', '.join(loss.differs[:SHOWN])}")
    when = Clock().now()
    for loss in losses:
        store = stores[loss.house]
        head = await settle(store, loss, reason, when)
        if kafka:
            await mark_anew(store, kafka)
            await hear_again(kafka, loss.house, hearing(loss.house))
        console.print(f"{loss.house}: tiếp tục từ / goes on after {head}", markup=False, highlight=False)


def hearing(house: str) -> list[tuple[str, str]]:
    """(reader, source house) of all in a house that hear another."""
    rooms = ROOMS[house]
    reactions = [(READER, source) for source in sorted(rooms.policy.hears)]
    return [*reactions, *((view.reader, view.source) for view in rooms.room.foreign)]


# --- what is told ---


def report(losses: Iterable[Loss]) -> dict[str, Any]:
    found = list(losses)
    return {
        "whole": all(loss.none for loss in found),
        "houses": [
            {
                "house": loss.house, "head": loss.head, "told": loss.told, "positions": loss.positions,
                "lost": [
                    {"id": e.id, "type": e.type, "key": e.key, "subject": e.subject, "time": e.time}
                    for e in loss.lost
                ],
                "differs": loss.differs,
                "readers": [{"house": h, "reader": r, "position": p} for h, r, p in loss.readers],
            }
            for loss in found
        ],
    }  # fmt: skip


def tell_json(losses: Sequence[Loss]) -> None:
    sys.stdout.buffer.write(orjson.dumps(report(losses), option=orjson.OPT_APPEND_NEWLINE))


def tell(losses: Sequence[Loss]) -> None:
    for loss in losses:
        words = "không mất gì / nothing is lost" if loss.none else f"MẤT / LOST {loss.positions}"
        lines = [f"{loss.house}: {words}; {loss.head} / {loss.told}"]
        lines += [f"  {e.id}  {e.type}  {e.key}  {e.time.isoformat()}" for e in loss.lost[:SHOWN]]
        if len(loss.lost) > SHOWN:
            lines.append(f"  … {len(loss.lost) - SHOWN} nữa / more: --json")
        lines += [f"  khác / differs: {id}" for id in loss.differs[:SHOWN]]
        lines += [f"  {house} {reader}: {position}" for house, reader, position in loss.readers]
        for line in lines:
            console.print(line, markup=False, highlight=False, soft_wrap=True)


# --- what was heard, from a file ---


def read_copies(file: Path) -> Heard:
    """CloudEvents as JSON lines, as `ocop events` prints them and subscribers may have kept them. Raises CalledWrongly."""
    found: dict[str, dict[int, Envelope]] = {house: {} for house in ROOMS}
    try:
        lines = file.read_bytes().splitlines()
    except OSError as error:
        raise CalledWrongly(f"{file}: {error.strerror}") from error
    for number, line in enumerate(lines, 1):
        try:
            envelope = unstructured(orjson.loads(line))
            found[envelope.house][envelope.position] = envelope
        except (ValidationError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise CalledWrongly(f"{file}:{number}: không phải CloudEvent của OCOP / no CloudEvent of ours") from error
    return {house: ([kept[p] for p in sorted(kept)], max(kept, default=0)) for house, kept in found.items()}


def unstructured(event: dict[str, Any]) -> Envelope:
    """The structured form has no key: it is the product's id, or the subject. Raises ValidationError, KeyError, TypeError."""
    product = event["data"].get("product")
    key = product["id"] if isinstance(product, dict) else event["subject"]
    return Envelope.model_validate({"key": key, **event})
