"""What a view is made of, page by page, however much it is: to make it again, or to see whether it is what it should be."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple, Protocol

from shared.eventstore.projector import topics_of
from shared.eventstore.store import EventStore
from shared.eventstore.views import Fact, View

PAGE = 5000  # positions


class Page(NamedTuple):
    """What a view reads up to a position; `steps`: positions since the page before."""

    facts: Sequence[Fact]
    upto: int
    steps: int


class Source(Protocol):
    """What a view is made of."""

    async def head(self) -> int: ...

    async def facts(self, after: int, upto: int) -> Sequence[Fact]:
        """Those after a position, up to another, in order."""
        ...


class OwnFacts:
    """The events of the view's own house."""

    def __init__(self, store: EventStore, view: View) -> None:
        self._store, self._topics = store, topics_of(view)

    async def head(self) -> int:
        return await self._store.head()

    async def facts(self, after: int, upto: int) -> Sequence[Fact]:
        return await self._store.facts(after, upto, self._topics)


async def pages(source: Source, after: int, upto: int) -> AsyncIterator[Page]:
    """The facts of a source, piece by piece; the next is read while the one before is in hand."""
    ends = [min(end, upto) for end in range(after + PAGE, upto + PAGE, PAGE)]
    ahead: asyncio.Task[Sequence[Fact]] | None = None
    try:
        for number, end in enumerate(ends):
            begin = after + number * PAGE
            facts = await (ahead or source.facts(begin, end))
            following = ends[number + 1] if number + 1 < len(ends) else None
            ahead = asyncio.ensure_future(source.facts(end, following)) if following else None
            yield Page(facts, end, end - begin)
    finally:
        if ahead:
            ahead.cancel()
            await asyncio.gather(ahead, return_exceptions=True)
