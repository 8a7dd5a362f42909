"""A library that complains without end does not fill the log."""

import logging

from shared.logs import REPEATED_SECONDS, ROOT, Seldom


def line(name: str, text: str, *arguments: object) -> logging.LogRecord:
    return logging.LogRecord(name, logging.ERROR, __file__, 1, text, arguments, None)


def test_what_a_library_repeats_is_written_once_in_a_while_with_how_often_it_was_said() -> None:
    now = 100.0
    seldom = Seldom(lambda: now)
    assert seldom.filter(line("aiokafka.conn", "Unable to connect to %s", 1))
    assert not any(seldom.filter(line("aiokafka.conn", "Unable to connect to %s", node)) for node in range(9))
    assert seldom.filter(line("aiokafka.conn", "Something else"))
    now += REPEATED_SECONDS
    again = line("aiokafka.conn", "Unable to connect to %s", 1)
    assert seldom.filter(again)
    assert again.facts == {"repeated": 9}  # type: ignore[attr-defined]
    now += REPEATED_SECONDS
    once = line("aiokafka.conn", "Unable to connect to %s", 1)
    assert seldom.filter(once)
    assert not hasattr(once, "facts")


def test_what_the_register_itself_says_is_always_written() -> None:
    seldom = Seldom()
    assert all(seldom.filter(line(ROOT, "relay-failed")) for _ in range(5))
