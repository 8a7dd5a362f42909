"""Facts that a test has in hand, as a view's source reads them."""

from collections.abc import Sequence

from shared.eventstore.views import Fact


class Given:
    """Facts in order of their positions, of a source that ends with the last or later; without any nothing is heard of it."""

    def __init__(self, facts: Sequence[Fact] = (), head: int = 0) -> None:
        self._facts = facts
        self._head = max([head, *(fact.position for fact in facts)])

    async def head(self) -> int:
        return self._head

    async def facts(self, after: int, upto: int) -> list[Fact]:
        return [fact for fact in self._facts if after < fact.position <= upto]
