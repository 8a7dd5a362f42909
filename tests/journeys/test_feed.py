"""The feed keeps the last contracts ready; what it tells does not depend on which those are."""

import pytest

from ocop.standalone import Program
from shared.bus import feed as feeds
from shared.bus.feed import Feed, Wanted


@pytest.mark.parametrize("kept", [0, 3, 700])
async def test_a_feed_that_keeps_little_tells_the_same(
    kept: int, played: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = played.houses["registration"]
    wanted = Wanted("IdeaRegistered,DossierSubmitted", "51")
    whole = await house.feed.read(0, wanted, 1000)
    assert len(whole[0]) > 30
    monkeypatch.setattr(feeds, "KEPT", kept)
    small = Feed(house.store, house.rooms.published)
    assert await small.read(0, wanted, 1000) == whole
    page, upto = await small.read(0, wanted, 10)
    rest, end = await small.read(upto, wanted, 1000)
    assert ([*page, *rest], end) == whole
