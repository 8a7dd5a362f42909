"""A made-up house with a clock: counters whose name says on which days something is added by itself."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

from shared.auth.actors import Actor
from shared.clock import Clock
from shared.eventstore import due
from shared.eventstore.commands import Command, Request
from shared.eventstore.due import DueRow
from shared.eventstore.store import EventStore
from shared.eventstore.timer import Timer
from shared.eventstore.views import Change, Fact, Room, Stretch, View, advance
from tests.given import an_id
from tests.store.counter import COMMANDS, COUNTERS, HOUSE, Add, Counter, OpenCounter

ACTOR = Actor("someone", "agency", "51")
DEADLINES = View("due", ["due"], HOUSE)
SQL_FILE = Path(__file__).with_name("counter.sql")
ROOM = Room(HOUSE, SQL_FILE, [COUNTERS, DEADLINES])


class Line(OSError):
    """The database's line is down."""


class Machine:
    """The machine's time and faults, in a test's hand."""

    def __init__(self) -> None:
        self.at = datetime(2026, 6, 1, 2, tzinfo=UTC)
        self.faults: set[UUID] = set()


# A counter named "tick 2026-06-05" has something added by the clock on that day; one without a name of that form has not.


@DEADLINES.on(Counter.Opened)
def counter_opened(e: Counter.Opened) -> Iterator[Change]:
    for words in (part.split() for part in e.name.split(", ")):
        if len(words) > 1:
            yield due.opened(
                words[0], e.originator_id, begun_on=e.legal_date, due_on=date.fromisoformat(words[1]), acts=True,
                owner="clock", ref="Điều 1", province="51", commune="21548", what={"number": int([*words, "1"][2])},
            )  # fmt: skip


@DEADLINES.on(Counter.Added)
def counter_added(e: Counter.Added) -> Iterator[Change]:
    """Whatever is added, by whomever, the clock need not add any more."""
    yield due.closed("tick", e.originator_id, e.legal_date)


def timer_of(machine: Machine) -> Timer:
    """Its rules: add the number that the name says; 0 needs no command."""
    timer = Timer(HOUSE)

    @timer.on("tick", "tock")
    def count(row: DueRow) -> Command | None:
        if row.subject in machine.faults:
            raise Line("line down")
        number = row.what["number"]
        return Add(counter_id=row.subject, number=number) if number else None

    return timer


async def ask(store: EventStore, clock: Clock, command: Command, key: str) -> None:
    asked = Request(id=key, actor=ACTOR, action="registration:accept-idea", correlation=key)
    await COMMANDS.execute(command, asked, store, clock)


async def a_counter(store: EventStore, clock: Clock, name: str) -> UUID:
    await ask(store, clock, OpenCounter(id=an_id(name), name=name), f"open {name}")
    await seen(store)
    return an_id(name)


async def seen(store: EventStore) -> None:
    """The views have every event."""
    for view in ROOM.views:
        at = await store.position(view.reader, HOUSE)
        recorded = await store.feed(at, 1000)
        facts = [Fact(r.position, r.event, HOUSE) for r in recorded]
        await advance(store.pool, view, [Stretch(view.source, facts, await store.head())])


async def added(store: EventStore) -> list[tuple[str, str, int]]:
    """(whose, legal date, number) of what was added, in order."""
    events = [r.event for r in await store.feed(0, 1000)]
    names = {e.originator_id: e.name for e in events if isinstance(e, Counter.Opened)}
    return [
        (names[e.originator_id].split()[0], e.legal_date.isoformat(), e.number)
        for e in events
        if isinstance(e, Counter.Added)
    ]


def play(clock: Clock, day: str) -> None:
    clock.play(date.fromisoformat(day))
