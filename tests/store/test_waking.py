"""What wakes the readers of a store must never keep them from ending."""

import asyncio

import pytest

from shared.eventstore.projector import woken


async def test_a_cancellation_that_comes_with_a_hint_still_ends_the_reader() -> None:
    hint = asyncio.Event()
    reader = asyncio.create_task(woken(hint))
    await asyncio.sleep(0)  # it waits now
    hint.set()
    reader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reader
