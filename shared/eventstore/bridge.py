"""The store of a house for callers that wait: its event loop runs in a thread of its own and takes coroutines from others."""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, Self, TypeVar

from eventsourcing.persistence import InterfaceError

from shared.eventstore.projector import Wake, woken
from shared.eventstore.store import EventStore

T = TypeVar("T")


class Bridge:
    """One store, opened by `with` or by `open`, for any number of threads.

    A caller that is itself an event loop stands still meanwhile; it has the store itself.
    """

    def __init__(self, house: str, dsn: str) -> None:
        self.store = EventStore(house, dsn)
        self._wake = Wake(dsn)
        self._hinted: set[threading.Event] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=f"store of {house}", daemon=True)
        self._tasks: list[asyncio.Task[None]] = []

    def open(self) -> None:
        """Raises what the database raises, and then has left nothing behind. A bridge is opened once."""
        self._thread.start()
        try:
            self.wait(self._open())
        except BaseException:
            self._end()
            raise

    def close(self) -> None:
        """Flushes what waits, then ends the thread."""
        try:
            self.wait(self._close())
        finally:
            self._end()

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def wait(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """What the coroutine returns or raises, once it has. Raises InterfaceError where the bridge is not open."""
        if not self._loop.is_running():
            coroutine.close()
            raise InterfaceError(f"the store of {self.store.house} is not open")
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    def hint(self, event: threading.Event) -> None:
        """Sets the event whenever something may have been appended: when told so, and every second."""
        self._loop.call_soon_threadsafe(self._hinted.add, event)

    def no_hint(self, event: threading.Event) -> None:
        """The event is left alone from now on."""
        if self._loop.is_running():
            self._loop.call_soon_threadsafe(self._hinted.discard, event)

    async def _open(self) -> None:
        await self.store.open()
        self._tasks = [asyncio.create_task(task()) for task in (self._wake.listen, self._pass_on)]

    async def _pass_on(self) -> None:
        heard = self._wake.reader()
        while True:
            await woken(heard)
            for event in self._hinted:
                event.set()

    async def _close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.store.close()

    def _end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
