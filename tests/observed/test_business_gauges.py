"""What the houses know of the programme, as gauges: equal to the domain's own words, and gone to 0 when it is no more."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

import asyncpg
import pytest
from prometheus_client import CollectorRegistry

from ocop.databases import HouseDatabase
from services.certification.domain.certificate import Course, status
from services.certification.main import HOUSE as CERTIFICATION
from services.certification.views.room import GAUGES as CERTIFIED
from services.registration.main import HOUSE as REGISTRATION
from services.registration.views.room import GAUGES as REGISTERED
from shared.eventstore import due
from shared.eventstore.gauged import Gauged
from shared.eventstore.store import EventStore
from shared.eventstore.views import DUE
from shared.measures import Declarations, Measure
from shared.metrics import CERTIFICATE_STATUSES, CERTIFICATES, DOSSIERS, OVERDUE
from tests.given import about, an_id
from tests.observed.series import value
from tests.opened import opened

TODAY = date(2027, 6, 15)
FIELDS = ("issued_on", "expires_on", "extended_until", "expired_on", "revoked_on", "replaced_on")


@pytest.fixture
async def registration(database: HouseDatabase) -> AsyncIterator[EventStore]:
    async with opened(database, REGISTRATION.room) as store:
        yield store


@pytest.fixture
async def certification(database: HouseDatabase) -> AsyncIterator[EventStore]:
    async with opened(database, CERTIFICATION.room) as store:
        yield store


def apart(gauges: Sequence[Gauged], measure: Measure) -> tuple[Gauged, CollectorRegistry]:
    """A house's gauge on a registry of its own: programs of other tests in this process fill the common one."""
    gauged, registry = next(gauged for gauged in gauges if gauged.measure is measure), CollectorRegistry()
    alike = Declarations(registry).gauge(
        measure.name, measure.about, *measure.bounds, unit=measure.unit, on=measure.processes
    )
    return replace(gauged, measure=alike), registry


# --- certificates ---


def course(chance: Random) -> Course:
    """A certificate that was issued on some day, and any ends."""
    issued = TODAY - timedelta(days=chance.randint(-5, 1400))
    expires = issued + timedelta(days=1095)
    extended = chance.random() < 0.3
    lasts = expires + timedelta(days=chance.randint(1, 180) if extended else 0)
    revoked, replaced = (
        issued + timedelta(days=chance.randint(0, 1300)) if chance.random() < 0.3 else None for _ in range(2)
    )
    return Course(
        number="x", stars=3, issued_on=issued, expires_on=expires, extended_until=lasts if extended else None,
        expired_on=lasts + timedelta(days=1) if chance.random() < 0.5 else None, revoked_on=revoked,
        replaced_on=revoked if chance.random() < 0.1 else replaced,
    )  # fmt: skip


def counted_as(course: Course, on: date) -> str | None:
    """What a certificate is counted as, by the domain's own word for it."""
    said = status(course, on).status
    if said in ("valid", "extended"):
        left = (course.lasts_until - on).days
        return next((f"expiring_{days}" for days in (30, 120, 180) if left <= days), "valid")
    return None if said == "not-yet-valid" else said


async def enter(connection: Any, courses: list[Course]) -> None:
    await connection.execute("TRUNCATE certificates")
    await connection.executemany(
        """INSERT INTO certificates (number, certificate_id, product_id, product_name, set, "group", producer_id,
               producer_name, producer_kind, province, commune, stars, decision, kind, simulated, ruleset, known, map_on,
               issued_on, expires_on, extended_until, expired_on, revoked_on, replaced_on)
           VALUES ($1, gen_random_uuid(), gen_random_uuid(), '', '', '', gen_random_uuid(), '', '', '51', '', 3, '{}',
               '', false, '', known_since(now()), $2, $2, $3, $4, $5, $6, $7)""",
        [(str(number), *(getattr(course, field) for field in FIELDS)) for number, course in enumerate(courses)],
    )


def shown(registry: CollectorRegistry) -> dict[str, float]:
    return {status: value("ocop_certificates", registry, status=status) for status in CERTIFICATE_STATUSES}


async def test_every_certificate_is_counted_once_and_as_the_domain_says(
    certification: EventStore, database: HouseDatabase
) -> None:
    connection = await asyncpg.connect(database.owner_dsn, server_settings={"search_path": "views,public"})
    gauge, registry = apart(CERTIFIED, CERTIFICATES)
    chance, of_each = Random(26), Counter[str | None]()
    for _ in range(25):
        some = [course(chance) for _ in range(40)]
        await enter(connection, some)
        await gauge.fill(certification.pool, TODAY)
        expected = Counter(counted_as(one, TODAY) for one in some)
        assert shown(registry) == {status: expected[status] for status in CERTIFICATE_STATUSES}
        of_each += expected
    assert of_each.keys() == {*CERTIFICATE_STATUSES, None}
    await enter(connection, [])
    await gauge.fill(certification.pool, TODAY)
    await connection.close()
    assert shown(registry) == dict.fromkeys(CERTIFICATE_STATUSES, 0.0)


# --- deadlines ---


async def test_overdue_deadlines_are_those_that_the_list_of_deadlines_shows(registration: EventStore) -> None:
    rows = [
        ("commune_handling", "missed", "2027-06-14", None), ("commune_handling", "last day", "2027-06-15", None),
        ("commune_handling", "met", "2027-06-01", "2027-06-01"), ("addition", "missed", "2027-05-01", None),
        ("addition", "missed too", "2027-05-02", None), ("appeal", "to come", "2027-07-01", None),
    ]  # fmt: skip
    for limit, name, last, closed_on in rows:
        opening = due.opened(
            limit, an_id(name), begun_on=date(2027, 4, 1), due_on=date.fromisoformat(last), owner="commune", ref="",
            about=about(),
        )  # fmt: skip
        closing = due.closed(limit, an_id(name), date.fromisoformat(closed_on)) if closed_on else None
        for change in filter(None, (opening, closing)):
            await registration.pool.execute(change.statement, *change.arguments)
    gauge, registry = apart(REGISTERED, OVERDUE)
    await gauge.fill(registration.pool, TODAY)
    listed = await registration.pool.fetch(DUE.on_a_day, TODAY, "overdue", None, 100, 0, *[None] * 4)
    kinds = ("commune_handling", "addition", "appeal")
    assert {kind: value("ocop_overdue_deadlines", registry, house="registration", kind=kind) for kind in kinds} == {
        kind: sum(row["limit"] == kind for row in listed) for kind in kinds
    } == {"commune_handling": 1, "addition": 2, "appeal": 0}  # fmt: skip


# --- dossiers ---


async def file(store: EventStore, name: str, state: str, province: str) -> None:
    await store.pool.execute(
        """INSERT INTO dossiers (id, product_id, product_name, producer_name, set, "group", province, commune, ruleset,
               kind, state, evidence, submitted_on, commune_due, changed_on, changed, ticks, papers,
               left_over)
           VALUES ($1, $1, '', '', '', '', $3, '', '', '', $2, 0, $4, $4, $4, '{}', '{}', '[]', false)""",
        an_id(name), state, province, TODAY,
    )  # fmt: skip


async def test_dossiers_are_counted_by_state_and_province_and_go_to_zero_when_they_move_on(
    registration: EventStore,
) -> None:
    gauge, registry = apart(REGISTERED, DOSSIERS)
    for name, state, province in (("a", "submitted", "51"), ("b", "submitted", "51"), ("c", "forwarded", "01")):
        await file(registration, name, state, province)
    await gauge.fill(registration.pool, TODAY)
    assert value("ocop_dossiers", registry, state="submitted", province="51") == 2
    assert value("ocop_dossiers", registry, state="forwarded", province="01") == 1
    await registration.pool.execute("UPDATE dossiers SET state = 'forwarded' WHERE province = '51'")
    await gauge.fill(registration.pool, TODAY)
    assert value("ocop_dossiers", registry, state="submitted", province="51") == 0
    assert value("ocop_dossiers", registry, state="forwarded", province="51") == 2


async def test_provinces_and_states_that_nobody_knows_are_counted_together(registration: EventStore) -> None:
    gauge, registry = apart(REGISTERED, DOSSIERS)
    await gauge.fill(registration.pool, TODAY)
    before = gauge.measure.series()
    for number in range(50):
        await file(registration, f"odd {number}", f"state {number}", f"province {number}")
    await gauge.fill(registration.pool, TODAY)
    assert value("ocop_dossiers", registry, state="other", province="other") == 50
    assert gauge.measure.series() - before == {("other", "other")}
