"""Questions to a history and the store that is left: pure functions, each of which returns what is wrong in words.

`QUESTIONS` names them. A store that does not promise all of it is asked only those that it does.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator
from itertools import accumulate

from tests.checker.history import Final, History, Place, Read
from tests.checker.port import Entry

MOST = 5  # findings of one question that are put into words
Found = Iterator[str]


def everything_acknowledged_is_there_once(history: History, final: Final) -> Found:
    """Each part of each request that was told to be stored; and nothing is there twice, told or not."""
    there = Counter(place(entry) for entry in final.entries)
    for request, ask in history.acknowledged.items():
        lacking = [e.part for e in ask.command.events if (request, e.part) not in there]
        if lacking:
            yield f"{request} was acknowledged, and its part {lacking[0]} of {len(ask.command.events)} is not there"
    for (request, part), times in there.items():
        if times > 1:
            yield f"part {part} of {request} is there {times} times"


def nothing_is_half_written(history: History, final: Final) -> Found:
    """All events of a command side by side, or none; and of what was refused, or never asked for, none."""
    asked = defaultdict(list)
    for ask in history.asks:
        asked[ask.command.request].append(ask)
    positions: dict[str, dict[int, int]] = defaultdict(dict)
    for entry in final.entries:
        positions[entry.event.request].setdefault(entry.event.part, entry.position)
    for request, parts in positions.items():
        if request not in asked:
            yield f"{request} is there, and nobody asked for it"
            continue
        whole = {len(ask.command.events) for ask in asked[request]}
        if len(parts) not in whole or sorted(parts) != list(range(1, len(parts) + 1)):
            yield f"{request} is half-written: parts {sorted(parts)} of {sorted(whole)}"
        elif all(ask.answer and not ask.answer.stored for ask in asked[request]):
            yield f"{request} was refused each time, and is there"


def every_event_is_what_was_asked_for(history: History, final: Final) -> Found:
    """On the stream and at the version that its command said, in an ask that was not refused."""
    asked = defaultdict(set)
    for ask in history.asks:
        if not ask.answer or ask.answer.stored:
            asked[ask.command.request].update(ask.command.events)
    for entry in final.entries:
        event = entry.event
        if event not in asked.get(event.request, {event}):
            yield f"{event} at {entry.position} was not asked for so"


def a_commands_events_stand_together(_: History, final: Final) -> Found:
    """In the order of its parts, with no other's between."""
    before: Entry | None = None
    for entry in final.entries:
        event, last = entry.event, before.event if before else None
        begins = last is None or last.part == last.parts
        follows = last is not None and (event.request, event.part) == (last.request, last.part + 1)
        if not (event.part == 1 if begins else follows):
            yield f"part {event.part} of {event.request} at {entry.position} stands behind {last}"
        before = entry


def a_repeated_request_is_answered_the_same(history: History, final: Final) -> Found:
    """The same position and text as the first time, and the position is where its last event stands."""
    last: dict[str, int] = {}
    for entry in final.entries:
        last[entry.event.request] = max(entry.position, last.get(entry.event.request, 0))
    told: dict[str, tuple[int | None, str | None]] = {}
    for ask in sorted(history.answers, key=lambda ask: ask.answered_at or 0):
        request, answer = ask.command.request, ask.answer
        assert answer is not None
        said = answer.position, answer.answer
        if told.setdefault(request, said) != said:
            yield f"{request} was answered {told[request]}, and then {said}"
    for request, (position, _) in told.items():
        if request in last and position != last[request]:
            yield f"{request} was told to end at {position}, and ends at {last[request]}"


def versions_have_no_gaps(_: History, final: Final) -> Found:
    """Of each stream 1, 2, 3, … in the order of reading; and it is loaded as it is read."""
    streams = defaultdict(list)
    for entry in final.entries:
        streams[entry.event.stream].append(entry.event)
    for stream in streams.keys() | final.streams.keys():
        versions = [event.version for event in streams[stream]]
        if versions != list(range(1, len(versions) + 1)):
            at = next(n for n, version in enumerate(versions, 1) if version != n)
            yield f"{stream}: version {versions[at - 1]} where {at} is due, of {len(versions)}"
        elif list(final.streams.get(stream, [])) != streams[stream]:
            yield f"{stream} is loaded otherwise than it is read"


def positions_have_no_gaps(_: History, final: Final) -> Found:
    """1, 2, 3, …"""
    for due, entry in enumerate(final.entries, 1):
        if entry.position != due:
            yield f"position {entry.position} where {due} is due"
            return


def who_was_answered_first_stands_first(history: History, final: Final) -> Found:
    """A command asked for after another was acknowledged stands behind it: order of reading is order of commit."""
    position = {entry.event.request: entry.position for entry in reversed(final.entries)}
    asked: dict[str, int] = {}
    for ask in history.asks:
        request = ask.command.request
        asked[request] = min(ask.at, asked.get(request, ask.at))
    done = sorted((ask.answered_at or 0, position[r], r) for r, ask in history.acknowledged.items() if r in position)
    furthest = list(accumulate(done, lambda one, other: max(one, other, key=lambda ask: ask[1])))
    times = [at for at, *_ in done]
    for request, at in asked.items():
        earlier = bisect_left(times, at)
        if earlier and request in position and furthest[earlier - 1][1] > position[request]:
            _, ahead, other = furthest[earlier - 1]
            yield f"{request} at {position[request]} was asked after {other} at {ahead} was acknowledged"


def followers_miss_nothing_and_see_it_in_order(history: History, final: Final) -> Found:
    """What a follower saw over all its lives is everything, in the final order."""
    order = [(entry.position, place(entry)) for entry in final.entries]
    for name, reads in history.followers.items():
        seen = [one for read in reads for one in read.seen]
        if seen == order:
            continue
        had, there = set(seen), set(order)
        missed = [position for position, what in order if (position, what) not in had]
        gone = [position for position, what in seen if (position, what) not in there]
        if missed:
            yield f"{name} never saw {len(missed)} of {len(order)} events, the first at {missed[0]}"
        if gone:
            yield f"{name} saw {len(gone)} events that are not there, the first at {gone[0]}"
        if not missed and not gone:
            yield f"{name} saw {len(seen)} events in another order, or twice, of {len(order)}"


def what_is_acknowledged_is_read(history: History, final: Final) -> Found:
    """A read that begins after an acknowledgement has it, unless its page is full."""
    position = {entry.event.request: entry.position for entry in final.entries}
    done = sorted((ask.answered_at or 0, position[r]) for r, ask in history.acknowledged.items() if r in position)
    times, furthest = [at for at, _ in done], list(accumulate((at for _, at in done), max))
    for name, read in open_ended(history):
        earlier = bisect_left(times, read.at)
        if earlier and furthest[earlier - 1] > read.end:
            yield f"{name} read up to {read.end} when {furthest[earlier - 1]} had been acknowledged"


def nobody_sees_half_a_command(history: History, _: Final) -> Found:
    """A page that is not full ends with the last part of a command."""
    parts = {ask.command.request: len(ask.command.events) for ask in history.asks}
    for name, read in open_ended(history):
        if read.seen:
            position, (request, part) = read.seen[-1]
            if part != parts.get(request, part):
                yield f"{name} saw part {part} of {parts[request]} of {request} at {position}, and no more"


def the_store_finds_itself_whole(_: History, final: Final) -> Found:
    """By its own means: a chain of hashes, views against a replay."""
    yield from final.proof


def nothing_else_went_wrong(history: History, _: Final) -> Found:
    """Every worker met nothing but the answers and the silence that the port knows."""
    yield from history.failures


Question = Callable[[History, Final], Found]
QUESTIONS: tuple[Question, ...] = (
    everything_acknowledged_is_there_once,
    nothing_is_half_written,
    every_event_is_what_was_asked_for,
    a_commands_events_stand_together,
    a_repeated_request_is_answered_the_same,
    versions_have_no_gaps,
    positions_have_no_gaps,
    who_was_answered_first_stands_first,
    followers_miss_nothing_and_see_it_in_order,
    what_is_acknowledged_is_read,
    nobody_sees_half_a_command,
    the_store_finds_itself_whole,
    nothing_else_went_wrong,
)


def wrong(history: History, final: Final, promised: Collection[Question] = QUESTIONS) -> dict[str, list[str]]:
    """By the name of each question that has findings: the first of them, and how many more there are."""
    found = {}
    for question in promised:
        texts = list(question(history, final))
        if texts:
            more = [f"and {len(texts) - MOST} more"] if len(texts) > MOST else []
            found[question.__name__] = texts[:MOST] + more
    return found


def open_ended(history: History) -> Iterator[tuple[str, Read]]:
    """Reads whose page had room for more."""
    for name, reads in history.followers.items():
        yield from ((name, read) for read in reads if len(read.seen) < read.limit)


def place(entry: Entry) -> Place:
    return entry.event.request, entry.event.part
