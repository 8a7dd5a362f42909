"""Legal time: working days, terms, last days, and every verdict of the season on a term."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.calendar import (
    VIETNAM,
    Calendar,
    TermUnit,
    add_months,
    add_working_days,
    certificate_expiry,
    days_before,
    due,
    is_working_day,
    local_date,
    next_working_day,
    packaged,
    utc_instant,
    within,
    working_days_before,
)

SEASON = Path(__file__).parents[2] / "ocop" / "season" / "data"
DAY = timedelta(days=1)
DAYS = st.dates(min_value=date(2018, 1, 1), max_value=date(2045, 12, 31))


@dataclass(frozen=True)
class Limit:
    value: int
    unit: TermUnit


# --- working days ---


@pytest.mark.parametrize(
    "on",
    [
        "2026-01-02", "2026-02-16", "2026-02-20", "2026-04-27", "2026-05-01", "2026-08-31", "2026-09-01", "2026-09-02",
        "2026-11-24", "2027-01-01", "2027-02-05", "2027-02-08", "2026-08-23", "2026-08-29",
    ],
)  # fmt: skip
def test_weekends_public_holidays_and_swapped_days_are_not_worked(on: str) -> None:
    assert not is_working_day(date.fromisoformat(on))


@pytest.mark.parametrize("on", ["2026-01-10", "2026-08-22", "2026-09-03", "2026-11-23", "2026-11-25", "2027-02-04"])
def test_saturdays_worked_in_exchange_and_days_not_announced_as_off_are_worked(on: str) -> None:
    assert is_working_day(date.fromisoformat(on))


@pytest.mark.parametrize(
    ("on", "worked"),
    [
        ("2023-05-03", False), ("2025-04-26", True), ("2025-05-02", False), ("2019-01-05", True),
        ("2018-12-31", False), ("2027-04-16", False), ("2027-04-15", True), ("2029-09-03", False),
    ],
)  # fmt: skip
def test_outside_the_settled_stretch_the_package_is_asked(on: str, worked: bool) -> None:
    assert is_working_day(date.fromisoformat(on)) is worked


def test_inside_the_settled_stretch_the_file_and_not_the_estimate_of_the_package_decides() -> None:
    estimated = packaged(2027)[0]
    assert {date(2027, 2, 4), date(2027, 2, 9), date(2027, 2, 10)} <= estimated
    assert all(is_working_day(d) for d in (date(2027, 2, 4), date(2027, 2, 9), date(2027, 2, 10)))


def test_the_file_names_only_days_of_its_stretch_weekdays_as_off_and_weekend_days_as_worked() -> None:
    assert all(VIETNAM.settled_from <= d <= VIETNAM.settled_to for d in VIETNAM.off | VIETNAM.worked)
    assert all(d.weekday() < 5 for d in VIETNAM.off)
    assert all(d.weekday() >= 5 for d in VIETNAM.worked)


def test_each_day_of_the_file_names_its_source() -> None:
    file = Path(__file__).parents[2] / "shared" / "data" / "calendar" / "vn.yaml"
    data = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert all(entry["source"] for entry in data["holidays"] + data["swapped"])


# --- terms ---


def test_the_first_day_is_not_counted() -> None:
    assert add_working_days(date(2026, 6, 1), 1) == date(2026, 6, 2)
    assert add_working_days(date(2026, 6, 5), 1) == date(2026, 6, 8)
    assert due(date(2026, 6, 1), 1, "day") == date(2026, 6, 2)


def test_fifteen_working_days_over_the_national_day_and_a_worked_saturday() -> None:
    assert due(date(2026, 8, 19), 15, "working_day") == date(2026, 9, 11)


@pytest.mark.parametrize(
    ("start", "value", "unit", "end"),
    [
        ("2026-08-02", 30, "day", "2026-09-03"),  # 1 September is off, and so is the 2nd
        ("2026-08-01", 30, "day", "2026-09-03"),  # 31 August is swapped
        ("2026-06-01", 5, "day", "2026-06-08"),  # a Saturday
        ("2026-08-17", 5, "day", "2026-08-22"),  # a Saturday that is worked
        ("2026-07-31", 2, "month", "2026-09-30"),
        ("2026-12-31", 2, "month", "2027-03-01"),  # 28 February is a Sunday
        ("2026-10-01", 3, "month", "2027-01-04"),  # New Year, then a weekend
    ],
)
def test_a_term_that_ends_on_a_day_off_ends_on_the_next_working_day(
    start: str, value: int, unit: TermUnit, end: str
) -> None:
    assert due(date.fromisoformat(start), value, unit) == date.fromisoformat(end)


@settings(deadline=None)
@given(DAYS, st.integers(1, 60), st.sampled_from(["day", "working_day", "month"]))
def test_every_term_ends_on_a_working_day_after_its_beginning(start: date, value: int, unit: TermUnit) -> None:
    end = due(start, value, unit)
    assert is_working_day(end)
    assert end > start
    assert within(start, Limit(value, unit), end)
    assert not within(start, Limit(value, unit), end + DAY)
    assert not within(start, Limit(value, unit), start - DAY)


@settings(deadline=None)
@given(DAYS, st.integers(1, 60))
def test_so_many_working_days_lie_between_the_beginning_and_the_end(start: date, n: int) -> None:
    end = add_working_days(start, n)
    between = [start + i * DAY for i in range(1, (end - start).days + 1)]
    assert sum(map(is_working_day, between)) == n


@pytest.mark.parametrize("unit", ["day", "working_day", "month"])
def test_a_term_of_nothing_is_refused(unit: TermUnit) -> None:
    with pytest.raises(ValueError, match="at least one day or month, not 0"):
        due(date(2026, 6, 1), 0, unit)


def test_a_term_in_another_unit_is_refused() -> None:
    with pytest.raises(ValueError, match="not 'week'"):
        due(date(2026, 6, 1), 2, "week")  # type: ignore[arg-type]


def test_days_counted_back_do_not_roll() -> None:
    assert days_before(date(2027, 3, 1), 1) == date(2027, 2, 28)  # a Sunday
    assert days_before(date(2026, 12, 5), 180) == date(2026, 6, 8)


@given(day=st.dates(date(2026, 3, 1), date(2027, 12, 1)), n=st.integers(1, 30))
def test_working_days_counted_back_are_worked_and_as_many(day: date, n: int) -> None:
    back = working_days_before(day, n)
    assert is_working_day(back)
    between = (back + timedelta(days=i) for i in range((day - back).days))
    assert sum(is_working_day(d) for d in between) == n


@pytest.mark.parametrize(
    ("issued", "expiry"),
    [
        ("2024-02-29", "2027-02-28"),
        ("2026-09-25", "2029-09-25"),
        ("2024-05-30", "2027-05-30"),
        ("2023-08-31", "2026-08-31"),
    ],
)
def test_a_certificate_lives_to_the_same_day_36_months_later_also_if_that_is_a_day_off(
    issued: str, expiry: str
) -> None:
    assert certificate_expiry(date.fromisoformat(issued)) == date.fromisoformat(expiry)


@given(DAYS, st.integers(0, 120))
def test_months_are_counted_by_the_number_of_the_day(start: date, months: int) -> None:
    end = add_months(start, months)
    assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == months
    assert end.day == start.day or (end.day < start.day and (end + DAY).day == 1)


def test_a_province_may_count_by_another_calendar() -> None:
    monday = date(2026, 6, 8)
    calendar = Calendar(date(2026, 1, 1), date(2026, 12, 31), off=frozenset({monday}), worked=frozenset())
    assert next_working_day(date(2026, 6, 6), calendar) == date(2026, 6, 9)
    assert due(date(2026, 6, 5), 1, "working_day", calendar) == date(2026, 6, 9)


# --- instants ---


def test_the_day_begins_in_viet_nam_seven_hours_before_it_begins_in_utc() -> None:
    assert local_date(datetime(2026, 5, 31, 16, 59, tzinfo=UTC)) == date(2026, 5, 31)
    assert local_date(datetime(2026, 5, 31, 17, 0, tzinfo=UTC)) == date(2026, 6, 1)
    assert local_date(datetime(2026, 6, 1, 1, tzinfo=timezone(timedelta(hours=9)))) == date(2026, 5, 31)
    assert utc_instant(date(2026, 6, 1)) == datetime(2026, 6, 1, 2, tzinfo=UTC)


@given(DAYS, st.integers(0, 23))
def test_an_hour_of_a_day_is_on_that_day(d: date, hour: int) -> None:
    assert local_date(utc_instant(d, hour)) == d


def test_an_instant_without_its_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="needs its time zone"):
        local_date(datetime(2026, 6, 1))


# --- the season ---


def stories() -> dict[str, Any]:
    return yaml.safe_load((SEASON / "stories.yaml").read_text(encoding="utf-8"))


def steps_of(season: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for steps in season["parts"].values():
        yield from steps
    for story in season["stories"] + season["ordinary"]:
        yield from story.get("steps", [])


def test_every_verdict_of_the_season_on_a_term_holds() -> None:
    season = stories()
    limited = [step for step in steps_of(season) if "limit" in step]
    for step in limited:
        limit = season["limits"][step["limit"]]
        term = Limit(limit["value"], limit["unit"])
        assert within(step["from"], term, step["date"]) is step.get("kept", True), step
        assert step.get("due") in (None, due(step["from"], term.value, term.unit)), step
    assert len(limited) >= 30
    assert any(not step.get("kept", True) for step in limited)


def test_every_dossier_still_open_at_the_end_of_the_season_is_due_on_the_day_it_says() -> None:
    season = stories()
    limit = season["limits"]["commune_handling"]
    still_open = [story for story in season["stories"] if "due" in story.get("end", {})]
    for story in still_open:
        filed = next(step["date"] for step in story["steps"] if step["do"] == "dossier_submitted")
        assert due(filed, limit["value"], limit["unit"]) == story["end"]["due"]
    assert still_open


def test_every_act_of_an_office_in_the_season_falls_on_a_working_day() -> None:
    acts = [step for step in steps_of(stories()) if step["by"] not in ("clock", "public")]
    assert acts
    assert [step for step in acts if not is_working_day(step["date"])] == []


def test_members_of_every_council_have_the_dossiers_in_time() -> None:
    season = stories()
    term = season["limits"]["members_get_dossier"]
    held = [facts for council in season["councils"].values() for facts in council.values() if isinstance(facts, dict)]
    assert held
    for session in held:
        assert due(session["sent"], term["value"], term["unit"]) <= min(session["sessions"])


def test_every_earlier_certificate_of_the_season_ends_and_opens_its_window_on_the_days_it_says() -> None:
    with (SEASON / "products.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["earlier_decided"]]
    assert rows
    for row in rows:
        expiry = certificate_expiry(date.fromisoformat(row["earlier_decided"]))
        days = (expiry, days_before(expiry, 180), days_before(expiry, 120))
        assert [str(d) for d in days] == [row["earlier_expiry"], row["window_from"], row["window_to"]], row["key"]
