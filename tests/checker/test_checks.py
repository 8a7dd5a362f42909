"""Each question by itself, on histories made by hand: it finds its own faults, and nothing where all is well."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.checker import checks
from tests.checker.history import Ask, Final, History, Read
from tests.checker.port import Answer, Command, Entry, Event

A = (Event("one", 1, "a", 1, 2), Event("two", 1, "a", 2, 2))
B = (Event("one", 2, "b", 1, 1),)
LOST = (Event("two", 2, "lost", 1, 1),)
ENTRIES = [Entry(1, A[0]), Entry(2, A[1]), Entry(3, B[0])]
STREAMS = {"one": [A[0], B[0]], "two": [A[1]]}


def ask(events: tuple[Event, ...], at: int, position: int | None = None, told: str = "yes") -> Ask:
    answer = Answer(True, position, told) if position else None
    return Ask(Command(events[0].request, events, told), at, answer, at + 5 if answer else None)


def a_history() -> History:
    """Two commands one after the other, one that nobody answered, and a follower that saw it all."""
    history = History([ask(A, 0, 2), ask(B, 10, 3), ask(LOST, 12)])
    history.followers["follower"] = [
        Read(0, 10, 6, ((1, ("a", 1)), (2, ("a", 2)))), Read(2, 10, 8, ()), Read(2, 10, 20, ((3, ("b", 1)),)),
    ]  # fmt: skip
    return history


def stored(*entries: Entry, **streams: list[Event]) -> Final:
    return Final(entries, streams or {name: list(events) for name, events in STREAMS.items()})


WHOLE = stored(*ENTRIES)


def test_in_a_whole_history_nothing_is_found() -> None:
    assert checks.wrong(a_history(), WHOLE) == {}


def test_a_command_that_nobody_answered_may_be_there() -> None:
    history = a_history()
    history.followers["follower"].append(Read(3, 10, 30, ((4, ("lost", 1)),)))
    final = stored(*ENTRIES, Entry(4, LOST[0]), one=[A[0], B[0]], two=[A[1], LOST[0]])
    assert checks.wrong(history, final) == {}


def lost(_: History) -> Final:
    return stored(*ENTRIES[:2], one=[A[0]], two=[A[1]])


def twice(_: History) -> Final:
    again = replace(B[0], version=3)
    return stored(*ENTRIES, Entry(4, again), one=[A[0], B[0], again], two=[A[1]])


def half(history: History) -> Final:
    history.asks[0] = ask(A, 0)
    return stored(Entry(1, A[0]), Entry(2, B[0]), one=[A[0], B[0]])


def refused_and_there(history: History) -> Final:
    history.asks[1] = replace(history.asks[1], answer=Answer(False))
    return WHOLE


def never_asked(history: History) -> Final:
    del history.asks[1]
    return WHOLE


def other_version(history: History) -> Final:
    history.asks[1] = ask((replace(B[0], version=1),), 10, 3)
    return WHOLE


def between(_: History) -> Final:
    return stored(ENTRIES[0], Entry(2, B[0]), Entry(3, A[1]))


def other_answer(history: History) -> Final:
    history.asks.append(ask(A, 30, 2, "no"))
    return WHOLE


def other_position(history: History) -> Final:
    history.asks[0] = ask(A, 0, 1)
    return WHOLE


def version_gap(_: History) -> Final:
    jumped = replace(B[0], version=3)
    return stored(*ENTRIES[:2], Entry(3, jumped), one=[A[0], jumped], two=[A[1]])


def loaded_otherwise(_: History) -> Final:
    return stored(*ENTRIES, one=[A[0]], two=[A[1]])


def position_gap(_: History) -> Final:
    return stored(*ENTRIES[:2], Entry(4, B[0]))


def behind(history: History) -> Final:
    history.asks[1] = ask(B, 10, 1)
    return stored(Entry(1, B[0]), Entry(2, A[0]), Entry(3, A[1]), one=[B[0], A[0]], two=[A[1]])


def missed(history: History) -> Final:
    del history.followers["follower"][2]
    return WHOLE


def seen_twice(history: History) -> Final:
    history.followers["follower"].append(history.followers["follower"][2])
    return WHOLE


def seen_and_gone(history: History) -> Final:
    history.followers["follower"].append(Read(3, 10, 30, ((4, ("lost", 1)),)))
    return WHOLE


def stale(history: History) -> Final:
    history.followers["follower"].insert(2, Read(2, 10, 16, ()))
    return WHOLE


def half_seen(history: History) -> Final:
    first, *rest = history.followers["follower"]
    halves = [Read(0, 10, 1, first.seen[:1]), Read(1, 10, 6, first.seen[1:])]
    history.followers["follower"] = [*halves, *rest]
    return WHOLE


def unwhole(_: History) -> Final:
    return replace(WHOLE, proof=["the chain breaks at 2"])


def failed(history: History) -> Final:
    history.failures.append("writer1: KeyError")
    return WHOLE


FOUND: list[tuple[Callable[[History], Final], checks.Question]] = [
    (lost, checks.everything_acknowledged_is_there_once),
    (twice, checks.everything_acknowledged_is_there_once),
    (half, checks.nothing_is_half_written),
    (refused_and_there, checks.nothing_is_half_written),
    (never_asked, checks.nothing_is_half_written),
    (other_version, checks.every_event_is_what_was_asked_for),
    (between, checks.a_commands_events_stand_together),
    (other_answer, checks.a_repeated_request_is_answered_the_same),
    (other_position, checks.a_repeated_request_is_answered_the_same),
    (version_gap, checks.versions_have_no_gaps),
    (loaded_otherwise, checks.versions_have_no_gaps),
    (position_gap, checks.positions_have_no_gaps),
    (behind, checks.who_was_answered_first_stands_first),
    (missed, checks.followers_miss_nothing_and_see_it_in_order),
    (seen_twice, checks.followers_miss_nothing_and_see_it_in_order),
    (seen_and_gone, checks.followers_miss_nothing_and_see_it_in_order),
    (stale, checks.what_is_acknowledged_is_read),
    (half_seen, checks.nobody_sees_half_a_command),
    (unwhole, checks.the_store_finds_itself_whole),
    (failed, checks.nothing_else_went_wrong),
]


@pytest.mark.parametrize(("spoilt", "question"), FOUND, ids=lambda value: value.__name__)
def test_a_spoilt_history_is_found(spoilt: Callable[[History], Final], question: checks.Question) -> None:
    history = a_history()
    assert question.__name__ in checks.wrong(history, spoilt(history))


def test_every_question_finds_something() -> None:
    assert {question for _, question in FOUND} == set(checks.QUESTIONS)
