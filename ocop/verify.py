"""Proves the hash chain of the houses, against the checkpoints in the store and those kept elsewhere; carries them away."""

import asyncio
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import asyncpg
import orjson
from pydantic import ValidationError

from ocop.asked import CalledWrongly, houses_of
from ocop.inspect import Opened, looking
from ocop.progress import Bar, bars, console
from ocop.standalone import ROOMS
from shared.eventstore.checkpoints import CHECKPOINTS, Checkpoint
from shared.eventstore.proving import Proof, prove
from shared.eventstore.store import EventStore

PAGE = 1000
Copies = dict[str, list[Checkpoint]]  # by house


# --- verify ---


def run_verify(data: Path, *, house: str | None, first: int, upto: int | None, file: Path | None, as_json: bool) -> int:
    """0 where everything looked at is whole, 1 where it is not, 2 where it was called wrongly."""
    try:
        houses = houses_of(house)
        if upto is not None and upto < first:
            raise CalledWrongly(f"--to {upto}: nhỏ hơn / less than --from {first}")
        copies = read_copies(file) if file else {}
        if file and not copies.keys() & set(houses):
            raise CalledWrongly(f"{file}: không có điểm kiểm tra của / no checkpoint of {', '.join(houses)}")
    except CalledWrongly as wrong:
        console.print(f"{wrong}", markup=False, soft_wrap=True)
        return 2

    async def work(opened: Opened) -> int:
        proofs = []
        with bars() as progress:
            for name in houses:
                bar = Bar(progress, name)
                proofs.append(await proved(opened, name, first, upto, copies.get(name, []), bar))
                bar.gone()
        if as_json:
            sys.stdout.buffer.write(orjson.dumps(report(proofs), option=orjson.OPT_APPEND_NEWLINE))
        else:
            tell(proofs)
        return 0 if all(proof.whole for proof in proofs) else 1

    return looking(data, work)


async def proved(
    opened: Opened, house: str, first: int, upto: int | None, copies: Sequence[Checkpoint], bar: Bar
) -> Proof:
    """Read as the role that serves: who can only read can prove it."""
    connection = await asyncpg.connect(opened.databases[house].server_dsn)
    try:
        return await prove(
            connection, house, first=first, upto=upto, copies=copies, begins=bar.begins, tell=bar.tell
        )  # fmt: skip
    finally:
        await connection.close()


def report(proofs: Sequence[Proof]) -> dict[str, Any]:
    """`given`: the hash before `from` that was not computed but taken as it stands; null from the beginning on."""
    return {
        "whole": all(proof.whole for proof in proofs),
        "houses": [
            {
                "house": proof.house, "whole": proof.whole, "from": proof.first, "to": proof.upto, "head": proof.head,
                "events": proof.events, "hash": proof.hash.hex(), "given": proof.given and proof.given.hex(),
                "first_bad": proof.bad and {
                    "position": proof.bad.position, "aggregate": proof.bad.aggregate, "version": proof.bad.version,
                    "why": proof.bad.why,
                },
                "findings": proof.findings,
                "checkpoints": {"stored": proof.stored, "copies": proof.copies, "keys": proof.keys},
            }
            for proof in proofs
        ],
    }  # fmt: skip


def tell(proofs: Sequence[Proof]) -> None:
    for proof in proofs:
        word = "toàn vẹn / whole" if proof.whole else "KHÔNG TOÀN VẸN / NOT WHOLE"
        told = f"{proof.house}: {word}, {proof.first}–{proof.upto} / {proof.head}"
        if proof.given:
            told += f"; hash của {proof.first - 1} được coi là đúng / taken as given: {proof.given.hex()}"
        if proof.stored or proof.copies:
            told += f"; điểm kiểm tra / checkpoints: {proof.stored}, bản lưu / copies: {proof.copies}, "
            told += f"khóa / keys: {', '.join(proof.keys)}"
        for finding in [told, *([f"  {proof.bad}"] if proof.bad else []), *(f"  {text}" for text in proof.findings)]:
            console.print(finding, markup=False, highlight=False, soft_wrap=True)


# --- checkpoints kept elsewhere ---


def read_copies(file: Path) -> Copies:
    """Raises CalledWrongly, naming the line that is no checkpoint."""
    found: Copies = defaultdict(list)
    try:
        lines = file.read_bytes().splitlines()
    except OSError as error:
        raise CalledWrongly(f"{file}: {error.strerror}") from error
    for number, line in enumerate(lines, 1):
        try:
            checkpoint = Checkpoint.model_validate_json(line)
        except ValidationError as error:
            where = ", ".join(".".join(map(str, e["loc"])) or "JSON" for e in error.errors())
            raise CalledWrongly(f"{file}:{number}: không phải điểm kiểm tra / no checkpoint: {where}") from error
        if checkpoint.house not in ROOMS:
            raise CalledWrongly(f"{file}:{number}: house: {', '.join(ROOMS)}")
        found[checkpoint.house].append(checkpoint)
    return found


async def checkpoints_of(store: EventStore) -> list[Checkpoint]:
    kind, found, after = CHECKPOINTS[store.house], list[Checkpoint](), 0
    while recorded := await store.feed(after, PAGE, [kind.CheckpointMade.TOPIC]):
        after = recorded[-1].position
        found += [r.event.checkpoint for r in recorded]  # type: ignore[attr-defined]
    return found


def export_checkpoints(data: Path, file: Path, house: str | None) -> int:
    """Writes the checkpoints as JSON lines. An earlier copy is replaced only by one that has all of it."""
    try:
        houses = houses_of(house)
        kept = {line for lines in read_copies(file).values() for line in lines} if file.exists() else set()
    except CalledWrongly as wrong:
        console.print(f"{wrong}", markup=False, soft_wrap=True)
        return 2

    async def work(opened: Opened) -> int:
        found = [checkpoint for name in houses for checkpoint in await checkpoints_of(opened.stores[name])]
        if lost := kept - set(found):
            console.print(
                f"{file}: {len(lost)} điểm kiểm tra không còn trong kho; tệp được giữ nguyên, hãy chạy ocop verify "
                f"--checkpoint / {len(lost)} checkpoints are not in the store any more; the file stays as it is"
            )
            return 1
        await asyncio.to_thread(write, file, found)
        console.print(f"{file}: {len(found)} điểm kiểm tra / checkpoints")
        return 0

    return looking(data, work)


def write(file: Path, checkpoints: Sequence[Checkpoint]) -> None:
    """Whole or not at all."""
    draft = file.with_name(f"{file.name}.new")
    draft.write_text("".join(f"{checkpoint.model_dump_json()}\n" for checkpoint in checkpoints), encoding="utf-8")
    draft.replace(file)
