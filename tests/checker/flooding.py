"""Many events and one who follows them closely: whether any of them is never seen. Roles of workers, like writers and followers.

Flooders write as fast as they can, and wait for the watcher where it falls behind: only who reads at the very end of what is
there can step over what comes late.
"""

import asyncio
import hashlib
import itertools
import os
import random
import struct
from collections.abc import Sequence
from pathlib import Path

from tests.checker.port import Command, Entry, Event, Store, Unknown

LANES = 32
MOST_PARTS = 3
PAGE = 500
NEAR = 4000  # events that flooders may be ahead of the watcher
PAUSE = 0.001
SEEN = struct.Struct("<q8s")  # of each event its position, and what it is


def seen_path(folder: Path) -> Path:
    return folder / "seen"


def watched(folder: Path) -> int:
    """Up to which position the watcher has come, over all its lives."""
    return last_of(seen_path(folder))[0]


def last_of(path: Path) -> tuple[int, int]:
    """The last position in a file of what was seen, and the file's length without a record that is cut off."""
    try:
        with path.open("rb") as file:
            whole = os.fstat(file.fileno()).st_size // SEEN.size * SEEN.size
            if not whole:
                return 0, 0
            file.seek(whole - SEEN.size)
            return SEEN.unpack(file.read(SEEN.size))[0], whole
    except FileNotFoundError:
        return 0, 0


def mark(entry: Entry) -> bytes:
    text = f"{entry.event.request}/{entry.event.part}".encode()
    return SEEN.pack(entry.position, hashlib.blake2b(text, digest_size=8).digest())


async def flood(name: str, seed: int, store: Store, folder: Path) -> None:
    """Commands of one to three events on streams of their own, until `stop` is there."""
    numbers, dice = itertools.count(1), random.Random(f"{seed} {name}")
    ahead = [0]

    async def lane() -> None:
        while not (folder / "stop").exists():
            request = f"{name}/{next(numbers)}"
            parts = dice.randint(1, MOST_PARTS)
            events = tuple(Event(request, n, request, n, parts) for n in range(1, parts + 1))
            try:
                answer = await store.append(Command(request, events, ""))
            except Unknown:
                continue
            ahead[0] = max(ahead[0], answer.position or 0)
            while ahead[0] > watched(folder) + NEAR and not (folder / "stop").exists():
                await asyncio.sleep(PAUSE)

    async with asyncio.TaskGroup() as group:
        for _ in range(LANES):
            group.create_task(lane())


async def watch(store: Store, folder: Path) -> None:
    """Writes down all that the feed gives, until it has reached what stands in `end`."""
    path = seen_path(folder)
    after, whole = last_of(path)
    with path.open("ab") as file:
        file.truncate(whole)
        while True:
            try:
                entries: Sequence[Entry] = await store.feed(after, PAGE)
            except Unknown:
                entries = ()
            if entries:
                os.write(file.fileno(), b"".join(map(mark, entries)))
                after = entries[-1].position
            elif (folder / "end").exists() and after >= int((folder / "end").read_text()):
                return
            else:
                await asyncio.sleep(PAUSE)
