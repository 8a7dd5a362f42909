"""What happened, as everyone who took part wrote it down before and after each step; it survives the death of who wrote it.

One file of JSON lines for each worker. Times are those of the machine's monotonic clock, which all its processes share.
"""

import os
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from tests.checker.port import Answer, Command, Entry, Event

Place = tuple[str, int]  # a request and which part of it


@dataclass(frozen=True, slots=True)
class Ask:
    """One invocation of `append`. Without an answer: lost, or who asked died meanwhile."""

    command: Command
    at: int
    answer: Answer | None = None
    answered_at: int | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """One answer of `feed` to a follower: what came after a position, asked for at a time, at most `limit`."""

    after: int
    limit: int
    at: int
    seen: tuple[tuple[int, Place], ...]

    @property
    def end(self) -> int:
        """The position from which the follower goes on."""
        return self.seen[-1][0] if self.seen else self.after


@dataclass(frozen=True, slots=True)
class Final:
    """The store when all is over: everything in its order, and each stream as it is loaded."""

    entries: Sequence[Entry]
    streams: dict[str, Sequence[Event]]
    proof: Sequence[str] = ()


@dataclass(slots=True)
class History:
    """`followers`: what each follower read, over all its lives. `failures`: what nobody should meet."""

    asks: list[Ask] = field(default_factory=list)
    followers: dict[str, list[Read]] = field(default_factory=lambda: defaultdict(list))
    failures: list[str] = field(default_factory=list)
    lives: int = 0

    @property
    def acknowledged(self) -> dict[str, Ask]:
        """Of each request that was told to be stored, the first such answer."""
        first: dict[str, Ask] = {}
        for ask in sorted(self.answers, key=lambda ask: ask.answered_at or 0):
            first.setdefault(ask.command.request, ask)
        return first

    @property
    def answers(self) -> list[Ask]:
        """What was told to be stored, each time that it was told."""
        return [ask for ask in self.asks if ask.answer and ask.answer.stored]


class Log:
    """One worker's own file. A line is written whole before the next step is taken, or not at all."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write(self, *facts: Any) -> None:
        os.write(self._descriptor, orjson.dumps(facts) + b"\n")

    def began(self) -> None:
        self.write("began", time.monotonic_ns())

    def asks(self, number: int, command: Command) -> None:
        events = [(e.stream, e.version, e.part) for e in command.events]
        self.write("ask", time.monotonic_ns(), number, command.request, events, command.answer)

    def answered(self, number: int, answer: Answer) -> None:
        told = (answer.stored, answer.position, answer.answer, answer.repeated)
        self.write("answer", time.monotonic_ns(), number, told)

    def read(self, after: int, limit: int, at: int, entries: Sequence[Entry]) -> None:
        self.write("read", at, after, limit, [(e.position, e.event.request, e.event.part) for e in entries])

    def failed(self, error: BaseException) -> None:
        self.write("failed", time.monotonic_ns(), f"{type(error).__name__}: {error}")

    def ended(self) -> None:
        self.write("ended", time.monotonic_ns())


def lines(path: Path) -> list[list[Any]]:
    """The lines of a log; a last one that is cut off was never written."""
    text = path.read_bytes() if path.exists() else b""
    return [orjson.loads(line) for line in text.split(b"\n")[:-1]]


def answers_in(path: Path) -> int:
    """How many times a writer was told that its command is stored and new to the store: a quick look, while it goes on."""
    return path.read_bytes().count(b",false]]\n") - path.read_bytes().count(b"[false,null,null,false]]\n")


def read(writers: Iterable[Path], followers: Iterable[Path]) -> History:
    """All logs of one history together."""
    history = History()
    for path in writers:
        _asks(history, lines(path))
    for path in followers:
        for kind, at, *rest in lines(path):
            if kind == "read":
                after, limit, seen = rest
                found = tuple((position, (request, part)) for position, request, part in seen)
                history.followers[path.stem].append(Read(after, limit, at, found))
            _else(history, path, kind, rest)
    return history


def _asks(history: History, found: list[list[Any]]) -> None:
    """An answer belongs to the last ask of its number: a worker's next life counts anew."""
    pending: dict[int, Ask] = {}
    for kind, at, *rest in found:
        if kind == "began":
            history.asks += pending.values()
            pending = {}
        elif kind == "ask":
            number, request, events, answer = rest
            parts = tuple(Event(stream, version, request, part, len(events)) for stream, version, part in events)
            pending[number] = Ask(Command(request, parts, answer), at)
        elif kind == "answer":
            number, told = rest
            ask = pending.pop(number)
            history.asks.append(Ask(ask.command, ask.at, Answer(*told), at))
        _else(history, Path("writer"), kind, rest)
    history.asks += pending.values()


def _else(history: History, path: Path, kind: str, rest: list[Any]) -> None:
    history.lives += kind == "began"
    if kind == "failed":
        history.failures.append(f"{path.stem}: {rest[0]}")
