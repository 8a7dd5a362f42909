"""The state of a certificate on the bus is its page: after every event, on every day, both say the same."""

from collections.abc import AsyncIterator, Callable
from datetime import date, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from fastapi.encoders import jsonable_encoder

from ocop.databases import HouseDatabase
from services.certification.domain.recognition import Recognition
from services.certification.published import PUBLISHED, STATES, certificate_states
from services.certification.views.certificates import CERTIFICATES as VIEW
from services.certification.views.certificates import public
from services.certification.views.room import ROOM
from services.certification.views.tables import SQL
from shared.calendar import HANOI
from shared.contracts.certification import CertificateState
from shared.contracts.envelope import Envelope
from shared.contracts.topics import CERTIFICATES
from shared.eventstore.migrate import migrate
from shared.eventstore.views import Fact, apply
from shared.values import Moment
from tests.certifying import (
    FIRST,
    GARLIC,
    MINISTER,
    RULES,
    SECOND,
    certified,
    decision,
    issue,
    proposal,
    propose,
    record,
    recorded,
)  # fmt: skip
from tests.given import an_id, on
from tests.saying import Recorder

DAY = timedelta(days=1)
PAGE = (
    "number", "on", "status", "since", "until", "stars", "product", "producer", "province", "decision", "reason",
    "replaced_by",
)  # fmt: skip

# --- what can become of a certificate ---


def expired() -> Recognition:
    recognition = certified(3)
    recognition.turn(RULES, on("2029-09-26"))
    return recognition


def upgraded_under_another_name() -> Recognition:
    recognition = certified(3)
    renamed = GARLIC.model_copy(update={"product": GARLIC.product.model_copy(update={"name": "Tỏi cô đơn Lý Sơn"})})
    recognition.propose(proposal(4, assessment="upgrade", kind="upgrade"), renamed, RULES, on("2026-11-02"))
    issue(recognition, number=SECOND, day="2026-12-18", assessment="upgrade")
    return recognition


def revoked() -> Recognition:
    recognition = certified(3)
    recognition.confirm_production_stop(FIRST, "Cơ sở đã đóng cửa", RULES, on("2027-02-18"))
    recognition.revoke(
        FIRST, "đ", decision("2027-03-03"), inspection=None, conclusion=None, role="province_chairman", ruleset=RULES,
        when=on("2027-03-03"),
    )  # fmt: skip
    return recognition


def withdrawn() -> Recognition:
    recognition = certified(4)
    recognition.annul(an_id("assessment"), on("2026-11-09"))
    recognition.withdraw(
        FIRST, decision("2026-11-13"), "Xung đột", role="province_chairman", ruleset=RULES, when=on("2026-11-13")
    )
    return recognition


def extended_then_replaced() -> Recognition:
    recognition = recorded("2023-07-17", "2026-07-17", stars=5)
    recognition.file_renewal(an_id("late"), "Điều 12.3", RULES, on("2026-06-08"))
    recognition.turn(RULES, on("2026-07-18"))
    propose(recognition, proposal(5, assessment="renewal", kind="renewal", level="national", scored="2026-08-21"))
    issue(recognition, number="GCN-TW-2026-00001", day="2026-08-28", role=MINISTER, assessment="renewal")
    return recognition


def extended_then_expired() -> Recognition:
    recognition = recorded("2023-07-17", "2026-07-17", stars=5)
    recognition.file_renewal(an_id("late"), "Điều 12.3", RULES, on("2026-06-08"))
    recognition.turn(RULES, on("2027-02-01"))
    return recognition


def lapsed_and_won_again() -> Recognition:
    recognition = expired()
    propose(recognition, proposal(4, assessment="anew", scored="2029-10-03"))
    issue(recognition, number=SECOND, day="2029-10-05", assessment="anew")
    return recognition


def an_older_one_taken_in_later() -> Recognition:
    recognition = recorded("2023-07-17", "2026-07-17")
    record(recognition, "2019-03-01", "2022-03-01", number="GCN-51-2019-00001", taken_in="2026-05-26")
    return recognition


STORIES: tuple[Callable[[], Recognition], ...] = (
    expired, upgraded_under_another_name, revoked, withdrawn, extended_then_replaced, extended_then_expired,
    lapsed_and_won_again, an_older_one_taken_in_later,
)  # fmt: skip


@pytest.fixture
async def tables(database: HouseDatabase) -> AsyncIterator[asyncpg.Connection]:
    """The tables of the house's views, with nothing in them."""
    await migrate(database.owner_dsn, database.server_role, ROOM)
    connection = await asyncpg.connect(database.owner_dsn, server_settings={"search_path": "views,public"})
    try:
        yield connection
    finally:
        await connection.close()


def days_of(recognition: Recognition) -> list[date]:
    """The days on which something begins or ends, with those before and after."""
    ends = [
        day
        for held in recognition.certificates
        for day in (held.issued_on, held.expires_on, held.extended_until, held.revoked_on, held.replaced_on)
        if day
    ]
    return sorted({day + shift for day in ends for shift in (-DAY, timedelta(), DAY)})


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
async def test_after_every_event_the_state_is_what_the_page_says_on_any_day(
    story: Callable[[], Recognition], tables: asyncpg.Connection
) -> None:
    told, so_far = story(), None
    for position, event in enumerate(told.pending_events, 1):
        so_far = event.mutate(so_far)
        await apply(tables, VIEW, [Fact(position, event, "certification")])
        for day in {event.legal_date, *days_of(told)}:
            for state in certificate_states(so_far, day, position):
                row = await tables.fetchrow(SQL.certificate, state.number)
                said = state.model_dump(mode="json")
                page = jsonable_encoder(public(dict(row), day))
                assert tuple(page) == PAGE
                assert page | {"certificate_id": str(row["certificate_id"]), "position": position} == said
    assert len(certificate_states(told, date(2030, 1, 1), 1)) == await tables.fetchval(
        "SELECT count(*) FROM certificates"
    )


def test_the_stories_hold_every_event_that_changes_a_state() -> None:
    assert {type(event) for story in STORIES for event in story().pending_events} >= set(STATES.changed_by)


def test_only_what_changes_a_state_is_named_so_and_each_is_said_in_public() -> None:
    """An event that is not named leaves every certificate as it was, on every day."""
    for story in STORIES:
        so_far: Any = None
        for event in story().pending_events:
            before = certificate_states(so_far, event.legal_date, 1) if so_far else []
            so_far = event.mutate(so_far)
            changed = certificate_states(so_far, event.legal_date, 1) != before
            assert not changed or type(event) in STATES.changed_by
    assert all(PUBLISHED.types([kind]) for kind in STATES.changed_by)


# --- as it is said ---


async def states_of(told: Recognition, upto: int | None = None) -> tuple[list[Envelope], list[Envelope]]:
    """The states after the first so many contracts, and all contracts."""
    recorder = Recorder()
    said = recorder.record(told)
    return await recorder.states(said[:upto]), said


async def test_states_are_kept_by_certificate_and_no_two_messages_share_source_and_id() -> None:
    told = upgraded_under_another_name()
    states, said = await states_of(told)
    assert [state.key for state in states] == [str(held.id) for held in told.certificates]
    assert {(state.type, state.position) for state in states} == {("vn.ocop.CertificateState.v1", said[-1].position)}
    every = [*states, *said]
    assert len({(envelope.source, envelope.id) for envelope in every}) == len(every)
    assert {state.dataschema for state in states} == {"/certification/schemas/CertificateState.v1.json"}


async def test_a_state_is_as_of_the_contract_that_is_said_with_it_and_not_of_what_came_later() -> None:
    (first,), _ = await states_of(upgraded_under_another_name(), 1)
    assert (first.data["status"], first.data["position"], first.data["replaced_by"]) == ("valid", first.position, None)


async def test_an_old_recognition_taken_in_does_not_turn_back_what_is_known_of_the_later_one() -> None:
    told = recorded("2023-07-17", "2026-07-17")
    older = Moment(date(2019, 3, 1), datetime(2026, 5, 26, 3, tzinfo=HANOI))
    told.record(
        told.certificates[0].stated.model_copy(
            update={"number": "GCN-51-2019-00001", "issued_on": older.on, "expires_on": date(2022, 3, 1)}
        ),
        decision("2019-03-01"), about=GARLIC, ruleset="qd-148-2023", printed=None, recorded_on=date(2026, 5, 26),
        simulated=True, when=older,
    )  # fmt: skip
    states, _ = await states_of(told)
    known = [CertificateState.model_validate(state.data) for state in states]
    assert [(state.number, state.status, state.on) for state in known] == [
        ("GCN-51-2019-00001", "expired", date(2026, 5, 26)), ("GCN-51-2023-00001", "valid", date(2026, 5, 26)),
    ]  # fmt: skip


def test_states_are_said_on_the_compacted_topic_of_the_house_that_keeps_them() -> None:
    assert (STATES.topic, CERTIFICATES.owner, CERTIFICATES.cleanup) == (CERTIFICATES, PUBLISHED.house, "compacted")
