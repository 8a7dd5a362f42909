"""Dead letters: seen by whom it may concern, as they came; nobody else sees them, and decisions about them stay."""

from typing import Any

import asyncpg
import pytest

from shared.auth.actors import ROLES, Role
from shared.bus.wire import to_kafka
from tests.bus.lettering import PLACE, TOO_MUCH, WHY, Counted, Opened, Post, Record, one_dead, refused, said

# --- looking ---


async def test_a_dead_letter_is_listed_with_its_reason_and_how_many_queue_behind_it(post: Post) -> None:
    await one_dead(post)
    [letter] = (await post.get("/dead-letters")).json()
    assert letter["reason"].startswith("too-much: ")
    assert {k: letter[k] for k in ("id", "key", "kind", "state", "behind", "type", "source", "position", "attempts")} == {
        "id": "evaluation:3", "key": "a", "kind": "refused", "state": "dead", "behind": 2,
        "type": "vn.ocop._Counted.v1", "source": "evaluation", "position": 3, "attempts": 0,
    }  # fmt: skip
    waiting = (await post.get("/dead-letters", waiting=True)).json()
    assert [(letter["id"], letter["kind"]) for letter in waiting] == [
        ("evaluation:3", "refused"), ("evaluation:4", "queued"), ("evaluation:6", "queued"),
    ]  # fmt: skip


async def test_the_list_is_narrowed_and_paged(post: Post) -> None:
    for n in range(1, 6):
        await post.hear(said(n, Counted, name=f"n{n}", number="many"))
    await post.hear(said(6, Counted, name="nobody", number=1))

    async def ids(**query: Any) -> list[str]:
        return [letter["id"] for letter in (await post.get("/dead-letters", **query)).json()]

    assert await ids(kind="malformed", limit=2, offset=3) == ["evaluation:4", "evaluation:5"]
    assert await ids(kind="refused") == ["evaluation:6"]
    assert await ids(key="n2") == ["evaluation:2"]
    assert await ids(kind="failed") == await ids(offset=6) == []


async def test_a_letter_is_shown_as_it_came(post: Post) -> None:
    await one_dead(post)
    letter = (await post.get("/dead-letters/evaluation:3")).json()
    assert letter["envelope"]["data"] == {"legal_date": "2026-06-01", "name": "a", "number": 5000}
    assert [tuple(header) for header in letter["headers"]] == [(k, v.decode()) for k, v in to_kafka(TOO_MUCH).headers]
    assert (letter["state"], letter["decisions"], letter["raw"]) == ("dead", [], None)


async def test_an_error_of_ours_is_shown_with_its_stack(idle: Post) -> None:
    await idle.hear(said(1, Opened, name="a"))
    idle.faults.names.add("a")
    await idle.hear(said(2, Counted, name="a", number=1))
    letter = (await idle.get("/dead-letters/evaluation:2")).json()
    assert (letter["kind"], letter["state"], letter["reason"]) == ("failed", "waiting", "OSError: line down")
    assert "in on_counted" in letter["stack"]


@pytest.mark.parametrize(
    ("value", "expected"), [("khác".encode(), "khác"), (b"\xff\x00", {"base64": "/wA="}), (None, "")]
)
async def test_what_cannot_be_read_is_shown_with_its_headers_and_bytes(
    value: bytes | None, expected: Any, idle: Post
) -> None:
    await idle.house.reactions.park_record(Record(17, value), "no header ce_type")
    letter = (await idle.get(f"/dead-letters/{PLACE}")).json()
    assert (letter["raw"], letter["kafka_key"], letter["envelope"]) == (expected, "a", None)
    assert letter["headers"] == [["ce_id", "evaluation:1"], ["odd", {"base64": "/w=="}]]
    assert (letter["topic"], letter["partition"], letter["offset"]) == ("ocop.evaluation", 3, 17)


async def test_after_waits_for_the_reactions_of_the_house(post: Post) -> None:
    await one_dead(post)
    assert (await post.get("/dead-letters", after="evaluation:6")).status_code == 200
    assert (await post.get("/dead-letters/evaluation:3", after="programme:99")).status_code == 200
    assert (await post.get("/dead-letters", after="nowhere")).status_code == 422


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 1001}, {"offset": -1}, {"kind": "lost"}, {"waiting": "x"}])
async def test_a_list_asked_for_wrongly_names_the_field(query: dict[str, Any], post: Post) -> None:
    assert refused(await post.get("/dead-letters", **query)) == (422, "invalid-input", list(query))


# --- who may ---


@pytest.mark.parametrize("role", [None, *ROLES])
async def test_only_who_runs_the_system_and_the_ministry_see_and_decide(role: Role | None, idle: Post) -> None:
    await one_dead(idle)
    answers = [
        await idle.get("/dead-letters", role), await idle.get("/dead-letters/evaluation:3", role),
        await idle.decide("evaluation:3", "retry", role), await idle.decide("evaluation:3", "edit", role, reason=WHY),
        await idle.decide("evaluation:3", "drop", role),
    ]  # fmt: skip
    expected = {"ops": {200, 422}, "ministry": {200, 422}, "clock": {401}, None: {401}}.get(role, {403})
    assert {answer.status_code for answer in answers} == expected


async def test_the_serving_role_adds_decisions_and_changes_or_removes_none(idle: Post) -> None:
    await one_dead(idle)
    await idle.decide("evaluation:3", "drop", reason=WHY)
    for statement in (
        "UPDATE letter_decisions SET reason = 'another reason'", "DELETE FROM letter_decisions",
        "TRUNCATE letter_decisions",
    ):  # fmt: skip
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await idle.house.store.pool.execute(statement)
    assert len(await idle.decisions()) == 1
