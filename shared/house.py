"""One house put together: its rooms, its store, its app, its tasks. `main.py` of each house names the rooms."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, FastAPI

from shared import problems
from shared.aggregates import aggregate_routes
from shared.auth.actors import Actor
from shared.bus.decisions import Decision
from shared.bus.feed import Feed, feed_routes
from shared.bus.letters import Letters
from shared.bus.listening import Listening
from shared.bus.reactions import READER, Policy, Reactions
from shared.bus.relay import Sink
from shared.bus.stating import Stating
from shared.bus.wire import Message
from shared.clock import Clock
from shared.contracts.topics import HOUSES
from shared.deadlines import due_routes
from shared.eventstore import due
from shared.eventstore.checkpointing import Checkpointing
from shared.eventstore.commands import Answer, Command, Commands
from shared.eventstore.commands import Request as Asked
from shared.eventstore.freshness import Freshness
from shared.eventstore.gauged import Gauged, keep_gauged
from shared.eventstore.projector import Wake, project
from shared.eventstore.publishing import Published, States
from shared.eventstore.store import EventStore
from shared.eventstore.timer import Ticking, Timer
from shared.eventstore.views import Room
from shared.eventstore.watching import Watching
from shared.letters import letter_routes
from shared.measured import Measured
from shared.routing import Straight
from shared.standing import standing_routes
from shared.under import UnderItsName


@dataclass(frozen=True)
class Rooms:
    """What a house is made of, as its `main.py` says."""

    name: str
    commands: Commands
    policy: Policy
    published: Published
    room: Room
    routes: APIRouter
    timer: Timer | None = None  # where its clock does something by itself
    states: States | None = None  # the latest state of what it keeps, for the compacted topic
    gauges: tuple[Gauged, ...] = ()  # what it knows of the programme

    def __post_init__(self) -> None:
        if self.timer and due.VIEW not in {view.name for view in self.room.own}:
            raise ValueError(f"{self.name}: a timer needs a view {due.VIEW} of the house's own events")


def reactions_of(rooms: Rooms, store: EventStore, clock: Clock) -> Reactions:
    """The policy of a house at work on a store that is open."""
    actor = Actor(id=f"{rooms.name}.policy", role="clock", place="TW")
    return Reactions(rooms.policy, rooms.commands, store, clock, actor)


class House:
    """A house at work: what its routes find under `request.app.state.house`."""

    def __init__(
        self, rooms: Rooms, dsn: str, clock: Clock, key: Any, files: Any = None, checkpoint_key: Any = None
    ) -> None:
        self.name = rooms.name
        self.rooms = rooms
        self.room = rooms.room
        self.clock = clock
        self.key = key
        self.files = files  # where evidence is kept; None where a house keeps none
        self.store = EventStore(rooms.name, dsn)
        self.wake = Wake(dsn)
        self.feed = Feed(self.store, rooms.published)
        self.reactions = reactions_of(rooms, self.store, clock)
        self.letters = Letters(self.store, rooms.policy, rooms.room.foreign, clock)
        states = rooms.states
        self._stating = Stating(self.store, rooms.published, states) if states else None
        self.ticking = Ticking(rooms.timer or Timer(rooms.name), rooms.commands, self.store, clock)
        self.checkpointing = Checkpointing(self.store, clock, checkpoint_key)
        self.watching = Watching(self.store, rooms.room.views)
        self.freshness = Freshness(self.store, rooms.policy.hears, set(HOUSES))

    async def execute(self, command: Command, asked: Asked) -> Answer:
        commands = self.letters.commands if isinstance(command, Decision) else self.rooms.commands
        return await commands.execute(command, asked, self.store, self.clock, self.files)

    def sinks(self) -> list[tuple[str, Sink]]:
        """(source house, sink): the reactions to each house heard, and each view of another house's facts."""
        heard: list[tuple[str, Sink]] = [(source, self.reactions) for source in sorted(self.rooms.policy.hears)]
        return heard + [(view.source, Listening(view, self.store)) for view in self.room.foreign]

    def readers(self) -> list[tuple[str, str]]:
        """(reader, source house) of everything that reads a feed here."""
        found = [(view.reader, view.source) for view in self.room.views]
        return found + [(READER, source) for source in sorted(self.rooms.policy.hears)]

    async def states(self, said: list[Message]) -> list[Message]:
        """What stands after these contracts, of a house that tells states."""
        return await self._stating.told(said) if self._stating else []

    def tasks(self) -> list[Callable[[], Awaitable[None]]]:
        """What runs beside the doors: projections, retries, the timer, checkpoints, the listener."""
        timer = [self.ticking.run] if self.rooms.timer else []
        signing = [self.checkpointing.keep] if self.checkpointing.key else []
        return [
            self.wake.listen,
            lambda: project(self.store, self.room.own, self.wake, self.ticking.hint.set),
            self.reactions.keep_retrying,
            self.watching.keep,
            lambda: keep_gauged(self.store, self.clock, self.rooms.gauges),
            *timer,
            *signing,
        ]

    def app(self) -> FastAPI:
        """The HTTP application of the house; it is mounted or served under its own path."""
        app = FastAPI(title=f"OCOP – {self.name}", version="1", root_path_in_servers=False)
        app.state.house = self
        app.include_router(self.rooms.routes)
        app.include_router(feed_routes())
        app.include_router(due_routes())
        app.include_router(standing_routes())
        app.include_router(letter_routes(self.name))
        app.include_router(aggregate_routes(self.name))
        app.router.routes.insert(0, Straight(self.rooms.routes.routes))
        problems.install(app)
        app.add_middleware(Measured, house=self.name)
        app.add_middleware(UnderItsName, f"/{self.name}")
        return app


@asynccontextmanager
async def running(*starters: Callable[[], Awaitable[None]]) -> AsyncIterator[list[asyncio.Task[None]]]:
    """Runs tasks until the block ends, then cancels and awaits them."""
    tasks = [asyncio.ensure_future(start()) for start in starters]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
