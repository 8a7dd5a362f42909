"""A made-up house for tests of the store: counters that can be opened and added to."""

from pathlib import Path
from typing import Self
from uuid import UUID

from pydantic import Field

from shared.eventstore.aggregate import Aggregate, Begun, Changed, event
from shared.eventstore.commands import Command, Commands, Session
from shared.eventstore.views import Change, Room, View
from shared.values import Moment, Refusal

HOUSE = "registration"  # any house's name: it stands in positions only


class TooMuch(Refusal):
    rule = "too-much"
    vi = "Quá {most}."
    en = "More than {most}."


class Counter(Aggregate):
    TOPIC = "test.Counter"

    class Opened(Begun):
        TOPIC = "test.CounterOpened"
        name: str

    class Added(Changed):
        TOPIC = "test.CounterAdded"
        number: int

    @classmethod
    def open(cls, id: UUID, name: str, when: Moment) -> Self:
        return cls._create(cls.Opened, id=id, when=when, name=name)

    @event(Opened)
    def __init__(self, name: str) -> None:
        self.name = name
        self.total = 0

    def add(self, number: int, when: Moment) -> None:
        if self.total + number > 1000:
            raise TooMuch(field="number", most=1000)
        self.trigger_event(self.Added, when=when, number=number)

    @event(Added)
    def _added(self, number: int) -> None:
        self.total += number


COMMANDS = Commands(HOUSE)


class OpenCounter(Command):
    id: UUID
    name: str


@COMMANDS.handler
async def open_counter(command: OpenCounter, session: Session) -> None:
    session.save(Counter.open(command.id, command.name, session.when), id=command.id)


class Add(Command):
    counter_id: UUID
    number: int = Field(ge=0)


@COMMANDS.handler
async def add(command: Add, session: Session) -> None:
    counter = await session.load(Counter, command.counter_id)
    counter.add(command.number, session.when)
    session.save(counter, total=counter.total)


COUNTERS = View("counters", ["counters"], HOUSE)
ROOM = Room(HOUSE, Path(__file__).with_name("counter.sql"), [COUNTERS])


@COUNTERS.on(Counter.Opened)
def opened(e: Counter.Opened) -> list[Change]:
    return [Change(ROOM.sql.opened, (e.originator_id, e.name))]


@COUNTERS.on(Counter.Added)
def added(e: Counter.Added) -> list[Change]:
    return [Change(ROOM.sql.added, (e.originator_id, e.number))]
