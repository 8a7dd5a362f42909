"""The one clock of a process: instants in the order of asking, also on a day that stands and after a new start."""

from datetime import UTC, date, datetime, timedelta

from shared.clock import Clock

DAY = date(2027, 3, 31)
NINE = datetime(2027, 3, 31, 2, tzinfo=UTC)  # in Viet Nam the office opens
NOW = datetime(2026, 11, 27, 5, tzinfo=UTC)
TICK = timedelta(microseconds=1)


def test_a_day_that_stands_gives_distinct_instants() -> None:
    clock = Clock(lambda: NOW)
    clock.rest(DAY)
    assert [clock.now().at for _ in range(2)] == [NINE + TICK, NINE + 2 * TICK]
    assert clock.today() == DAY


def test_a_program_that_starts_again_on_that_day_goes_on_after_what_was_recorded() -> None:
    recorded, clock = NINE + 500 * TICK, Clock(lambda: NOW)
    clock.rest(DAY)
    clock.goes_on_after(recorded)
    assert clock.now().at == recorded + TICK
    clock.goes_on_after(NINE)  # of another house, earlier: nothing follows from it
    assert clock.now().at == recorded + 2 * TICK


def test_another_day_begins_at_nine_whatever_the_day_before_had() -> None:
    clock = Clock(lambda: NOW)
    clock.play(DAY)
    clock.goes_on_after(NINE + 500 * TICK)
    clock.play(DAY + timedelta(days=1))
    assert clock.now().at == NINE + timedelta(days=1) + TICK


def test_the_machine_s_own_time_is_taken_once_it_is_later() -> None:
    clock = Clock(lambda: NOW)
    clock.goes_on_after(NOW - TICK)
    assert clock.now().at == NOW
    clock.goes_on_after(NOW + TICK)  # the machine's clock was set back
    assert clock.now().at == NOW + 2 * TICK
