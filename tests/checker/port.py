"""What the checker asks of an event store: three calls of a store at work, and a ground on which histories are played."""

import random
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol


class Unknown(ConnectionError):
    """No answer came: whether the command was stored is not known, and it may be asked again under the same request id."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a command: `part` of `parts` (from 1), to be stored as this version (from 1) of a stream."""

    stream: str
    version: int
    request: str
    part: int
    parts: int


@dataclass(frozen=True, slots=True)
class Command:
    """What is asked for: all of its events or none, each at the version that it says. `answer` is what is told again."""

    request: str
    events: tuple[Event, ...]
    answer: str


@dataclass(frozen=True, slots=True)
class Answer:
    """`stored`: it is there, now or since it was asked before (`repeated`); otherwise a version was taken: nothing of it is.

    `position` is that of its last event, `answer` what was told the first time.
    """

    stored: bool
    position: int | None = None
    answer: str | None = None
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """An event as it is read, with its place in the one order that all readers see."""

    position: int
    event: Event


class Store(Protocol):
    """One process's way into the store. Whatever is lost on the way is told as `Unknown`."""

    async def append(self, command: Command) -> Answer: ...

    async def feed(self, after: int, limit: int) -> Sequence[Entry]: ...

    async def load(self, stream: str) -> Sequence[Event]: ...

    async def close(self) -> None: ...


class Opening(Protocol):
    """`tests.checker.ours:open_store`: what a worker is told by name, and calls in its own process. Raises Unknown."""

    async def __call__(self, address: str) -> Store: ...


class Ground(Protocol):
    """Where histories are played, held by the process that checks them."""

    opening: str  # the name of the Opening

    def new(self) -> AbstractAsyncContextManager[str]:
        """The address of a store with nothing in it."""
        ...

    async def cut(self, address: str, dice: random.Random) -> None:
        """Ends some of the connections to the store."""
        ...

    async def crash(self, address: str, dice: random.Random) -> None:
        """Kills what serves the store without a word; returns once it answers again."""
        ...

    async def restart(self) -> None:
        """Stops and starts it in order; returns once it answers again."""
        ...

    async def proof(self, address: str) -> list[str]:
        """What the store itself finds wrong when all is over: in its chain, in its views against a replay."""
        ...


def named(opening: str) -> Opening:
    """From `module:function`."""
    module, _, function = opening.partition(":")
    return getattr(import_module(module), function)
