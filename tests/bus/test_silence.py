"""A relay that has nothing to say does not say so at every event."""

from typing import Any

import pytest

from ocop.databases import HouseDatabase
from shared.bus import relay as relaying
from shared.bus.reactions import Policy
from shared.bus.relay import relay
from shared.eventstore.publishing import Published
from shared.house import running
from tests.bus.two_houses import TELLER, count, house_on, opened, until
from tests.store.counter import Counter

Two = dict[str, HouseDatabase]
MANY_SECONDS = 600.0


class Listener:
    """A sink that takes down what it is sent: how much was said, and up to where."""

    name = "listener"

    def __init__(self) -> None:
        self.sent: list[tuple[int, int]] = []

    async def position(self, _: str) -> int:
        return 0

    async def send(self, _: str, said: list[Any], upto: int, __: object) -> None:
        self.sent.append((len(said), upto))

    async def has_come_to(self, position: int) -> bool:
        return bool(self.sent) and self.sent[-1][1] == position


async def test_what_is_private_is_told_with_the_next_word_or_after_a_while(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relaying, "SILENT_SECONDS", MANY_SECONDS)
    only_opened, listener, silence = Published(TELLER), Listener(), Listener()
    only_opened.on(Counter.Opened)(opened)
    async with house_on(two[TELLER], TELLER, Policy(TELLER)) as house:
        async with running(house.wake.listen, lambda: relay(house.store, only_opened, listener, house.wake)):
            await count(house, "a", first=True)
            await until(lambda: listener.has_come_to(1))
            await count(house, "a", 1, 2, 3, 4, 5)
            await count(house, "b", first=True)
            await until(lambda: listener.has_come_to(7))
        assert listener.sent == [(1, 1), (1, 7)]
        monkeypatch.setattr(relaying, "SILENT_SECONDS", 0.05)
        async with running(house.wake.listen, lambda: relay(house.store, only_opened, silence, house.wake)):
            await until(lambda: silence.has_come_to(7))
            await count(house, "b", 1, 2)
            await until(lambda: silence.has_come_to(9))
        assert silence.sent[-1] == (0, 9)
