"""What people decide about dead letters: with a reason, in the order of each key, through the present code, and once."""

import asyncio
from typing import Any

import asyncpg
import pytest

from ocop.databases import HouseDatabase
from shared.auth.actors import Role
from shared.bus.decisions import DropLetter
from shared.bus.wire import to_kafka
from shared.eventstore.commands import Request
from tests.bus.lettering import (
    DATA,
    PLACE,
    TOO_MUCH,
    WHY,
    Counted,
    Noted,
    Opened,
    Post,
    Record,
    actor_of,
    done,
    one_dead,
    refused,
    said,
)

# --- retry ---


async def test_a_retry_says_that_it_is_dead_again_and_why(post: Post) -> None:
    await one_dead(post)
    answer = done(await post.decide("evaluation:3", "retry"))
    assert (answer["outcome"], answer["attempts"]) == ("dead", 1)
    assert answer["reason"].startswith("too-much: ")
    assert [letter for letter, state in await post.held() if state == "dead"] == ["evaluation:3"]
    assert await post.numbers("a") == []


async def test_a_retry_goes_through_the_code_as_it_is_now_and_what_queues_follows_in_order(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    await one_dead(post)
    rule = post.house.rooms.policy.reactions[TOO_MUCH.type]

    def mended(fact: Counted, envelope: Any) -> Any:
        return rule[1](fact.model_copy(update={"number": min(fact.number, 500)}), envelope)

    mended.__name__ = rule[1].__name__
    monkeypatch.setitem(post.house.rooms.policy.reactions, TOO_MUCH.type, (rule[0], mended, rule[2]))
    answer = done(await post.decide("evaluation:3", "retry", reason="mended in this release"))
    assert (answer["outcome"], answer["views"]) == ("done", [])
    await post.emptied()
    assert await post.numbers("a") == [500, 1, 2]
    shown = (await post.get("/dead-letters/evaluation:3")).json()
    assert (shown["state"], [(d["what"], d["actor"]) for d in shown["decisions"]]) == (
        "done",
        [("retry", "someone of ops")],
    )


async def test_a_retry_that_nobody_carries_out_yet_is_said_to_wait(idle: Post) -> None:
    await one_dead(idle)
    answer = done(await idle.decide("evaluation:3", "retry"))
    assert (answer["outcome"], answer["attempts"], answer["behind"]) == ("waiting", 0, None)
    assert refused(await idle.decide("evaluation:3", "retry"))[:2] == (409, "letter-not-dead")


async def test_a_retry_that_fails_for_a_while_waits_and_then_goes_through(post: Post) -> None:
    await post.hear(said(1, Opened, name="a"))
    post.faults.names.add("a")
    await post.hear(said(2, Counted, name="a", number=4))
    await post.house.store.pool.execute("UPDATE held SET attempts = 8, next_at = NULL")
    answer = done(await post.decide("evaluation:2", "retry"))
    assert (answer["outcome"], answer["reason"]) == ("waiting", "OSError: line down")
    assert 0 < answer["attempts"] < 8
    post.faults.names.clear()
    await post.emptied()
    assert await post.numbers("a") == [4]


async def test_what_cannot_be_read_cannot_be_retried(idle: Post) -> None:
    await idle.house.reactions.park_record(Record(17, b"x"), "no header ce_type")
    assert refused(await idle.decide(PLACE, "retry"))[:2] == (409, "letter-unreadable")
    assert await idle.decisions() == []


# --- edit ---


async def test_an_edited_letter_is_taken_as_edited_and_both_are_kept(post: Post) -> None:
    await one_dead(post)
    assert done(await post.decide("evaluation:3", "edit", data=DATA, reason=WHY))["outcome"] == "done"
    await post.emptied()
    assert await post.numbers("a") == [50, 1, 2]
    [decision] = (await post.get("/dead-letters/evaluation:3")).json()["decisions"]
    assert (decision["what"], decision["role"], decision["reason"]) == ("edit", "ops", WHY)
    assert decision["before"]["envelope"]["data"]["number"] == 5000
    assert decision["after"] == decision["before"]["envelope"] | {"data": DATA}


async def test_an_edit_may_wait_for_its_retry(post: Post) -> None:
    await one_dead(post)
    answer = done(await post.decide("evaluation:3", "edit", data=DATA, reason=WHY, retry=False))
    assert answer["outcome"] == "dead"
    assert (await post.get("/dead-letters/evaluation:3")).json()["envelope"]["data"] == DATA
    assert await post.numbers("a") == []
    assert done(await post.decide("evaluation:3", "retry"))["outcome"] == "done"
    await post.emptied()
    assert await post.numbers("a") == [50, 1, 2]


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"data": {"legal_date": "2026-06-01", "name": "a", "number": "many"}}, ["data.number"]),
        ({"data": {"name": "a"}}, ["data.legal_date", "data.number"]),
        ({"data": []}, ["data"]),
        ({}, ["data"]),
        ({"data": {}, "envelope": TOO_MUCH.model_dump(mode="json")}, ["data"]),
        ({"envelope": TOO_MUCH.model_dump(mode="json")}, ["data"]),
        ({"envelope": {"id": "x"}}, None),
        ({"data": {}, "reason": "short"}, ["reason"]),
        ({"data": {}, "reason": " " * 30}, ["reason"]),
        ({"data": {}, "reason": None}, ["reason"]),
        ({"data": {}, "why": "x"}, ["why"]),
    ],
)
async def test_an_edit_that_is_no_contract_names_the_field_and_changes_nothing(
    body: dict[str, Any], fields: list[str] | None, idle: Post
) -> None:
    await one_dead(idle)
    before = await idle.get("/dead-letters/evaluation:3")
    status, _, named = refused(await idle.decide("evaluation:3", "edit", **{"reason": WHY, **body}))
    assert status == 422
    assert named == fields if fields else all(field.startswith("envelope.") for field in named)
    assert (await idle.get("/dead-letters/evaluation:3")).json() == before.json()


async def test_what_could_not_be_read_is_written_anew_as_a_whole(post: Post) -> None:
    await post.hear(said(1, Opened, name="a"))
    await post.house.reactions.park_record(Record(17, b"{"), "the value is not JSON")
    envelope = said(2, Counted, name="a", number=6).model_dump(mode="json")
    answer = done(await post.decide(PLACE, "edit", envelope=envelope, reason=WHY))
    assert (answer["outcome"], answer["id"]) == ("done", "evaluation:2")
    assert await post.numbers("a") == [6]
    for id in (PLACE, "evaluation:2"):
        shown = (await post.get(f"/dead-letters/{id}")).json()
        assert (shown["state"], [d["letter"] for d in shown["decisions"]]) == ("done", [PLACE])
    await post.house.reactions.park_record(Record(17, b"{"), "the value is not JSON")  # delivered again
    await post.hear(said(2, Counted, name="a", number=6))
    assert (await post.held(), await post.numbers("a")) == ([], [6])


async def test_data_are_enough_where_headers_and_key_could_be_read(post: Post) -> None:
    await post.hear(said(1, Opened, name="a"))
    key, _, headers = to_kafka(said(2, Counted, name="a", number=6))
    await post.house.reactions.park_record(Record(17, b"{", key, tuple(headers)), "the value is not JSON")
    answer = done(await post.decide(PLACE, "edit", data=DATA, reason=WHY))
    assert (answer["outcome"], await post.numbers("a")) == ("done", [50])


async def test_a_message_is_not_written_anew_under_an_id_that_is_held_or_is_none(idle: Post) -> None:
    await one_dead(idle)
    await idle.house.reactions.park_record(Record(17, b"{"), "the value is not JSON")
    given = said(4, Counted, name="a", number=6).model_dump(mode="json")
    for change, expected in (
        ({}, (422, "letter-id-held", ["envelope.id"])),
        ({"id": "x"}, (422, "letter-no-envelope", ["envelope.id"])),
        ({"id": "nowhere:1"}, (422, "letter-no-envelope", ["envelope.id"])),
        ({"key": "", "id": "evaluation:9"}, (422, "letter-no-envelope", ["envelope.key"])),
        ({"type": "vn.ocop.Stranger.v1", "id": "evaluation:9"}, (422, "letter-not-heard", ["envelope.type"])),
    ):
        assert refused(await idle.decide(PLACE, "edit", envelope=given | change, reason=WHY)) == expected
    lacking = await idle.decide(PLACE, "edit", data=given["data"], reason=WHY)
    assert refused(lacking) == (422, "letter-no-envelope", ["data"])
    assert (PLACE, "dead") in await idle.held()
    assert await idle.decisions() == []


# --- what only views read ---


async def test_a_letter_that_only_views_read_is_done_once_it_is_a_contract_and_they_are_named(post: Post) -> None:
    envelope = said(1, Noted, name="a", number="many")
    await post.house.reactions.park(envelope, "number: not an integer")
    assert refused(await post.decide(envelope.id, "retry")) == (422, "invalid-input", ["data.number"])
    answer = done(await post.decide(envelope.id, "edit", data=DATA, reason=WHY))
    assert (answer["outcome"], answer["views"], await post.held()) == ("done", ["heard"], [])


async def test_a_letter_that_is_of_no_use_here_can_only_be_dropped(idle: Post) -> None:
    stranger = said(1, Opened, name="a").model_copy(update={"type": "vn.ocop.Stranger.v1"})
    await idle.house.reactions.park(stranger, "of an earlier policy")
    assert refused(await idle.decide(stranger.id, "retry"))[:2] == (409, "letter-not-heard")
    assert done(await idle.decide(stranger.id, "drop", reason=WHY))["outcome"] == "dropped"


# --- drop ---


async def test_what_queues_behind_a_dropped_letter_goes_on_in_order(post: Post) -> None:
    await one_dead(post)
    assert done(await post.decide("evaluation:3", "drop", reason=WHY))["outcome"] == "dropped"
    await post.emptied()
    assert await post.numbers("a") == [1, 2]
    [decision] = await post.decisions()
    assert (decision["letter"], decision["what"], decision["actor"], decision["reason"], decision["after"]) == (
        "evaluation:3", "drop", "someone of ops", WHY, None,
    )  # fmt: skip
    assert (await post.get("/dead-letters/evaluation:3")).json()["state"] == "dropped"


async def test_a_dropped_message_has_no_effect_when_it_is_delivered_again(post: Post) -> None:
    await one_dead(post)
    await post.decide("evaluation:3", "drop", reason=WHY)
    await post.emptied()
    await post.hear(said(3, Counted, name="a", number=5), said(7, Counted, name="a", number=3))
    assert (await post.held(), await post.numbers("a")) == ([], [1, 2, 3])


async def test_an_edited_message_that_is_delivered_again_as_it_was_has_one_effect(post: Post) -> None:
    await one_dead(post)
    await post.decide("evaluation:3", "edit", data=DATA, reason=WHY)
    await post.emptied()
    await post.hear(TOO_MUCH)
    assert (await post.held(), await post.numbers("a")) == ([], [50, 1, 2])


async def test_a_dead_letter_that_is_delivered_again_stays_as_it_is(idle: Post) -> None:
    await one_dead(idle)
    before = (await idle.get("/dead-letters/evaluation:3")).json()
    await idle.hear(TOO_MUCH, said(4, Counted, name="a", number=1))
    assert (await idle.get("/dead-letters/evaluation:3")).json() == before


@pytest.mark.parametrize("body", [{}, {"reason": "because"}, {"reason": ""}, {"reason": None}, {"reason": "  no   "}])
async def test_nothing_is_dropped_without_a_reason(body: dict[str, Any], idle: Post) -> None:
    await one_dead(idle)
    assert refused(await idle.decide("evaluation:3", "drop", **body)) == (422, "invalid-input", ["reason"])
    assert await idle.decisions() == []
    with pytest.raises(asyncpg.CheckViolationError):  # nor by a program that forgot to ask
        await idle.house.letters.commands.execute(
            DropLetter.model_construct(letter_id="evaluation:3", reason="because"),
            Request("x", actor_of("ops"), "registration:decide-letters", "x"), idle.house.store, idle.house.clock,
        )  # fmt: skip
    assert (await idle.held())[0] == ("evaluation:3", "dead")


async def test_what_is_still_tried_cannot_be_decided_about(idle: Post) -> None:
    await one_dead(idle)
    for what, body in (("retry", {}), ("drop", {"reason": WHY}), ("edit", {"reason": WHY, "data": TOO_MUCH.data})):
        assert refused(await idle.decide("evaluation:4", what, **body))[:2] == (409, "letter-not-dead")


async def test_who_comes_second_hears_who_decided_what_and_why(post: Post) -> None:
    await one_dead(post)
    await post.decide("evaluation:3", "drop", reason=WHY)
    answer = await post.decide("evaluation:3", "drop", "ministry", reason="ours is another reason")
    assert refused(answer)[:2] == (409, "letter-decided")
    assert "someone of ops" in answer.json()["detail"]
    assert WHY in answer.json()["detail"]


async def test_a_letter_that_never_was_is_not_found(idle: Post) -> None:
    assert refused(await idle.get("/dead-letters/evaluation:99"))[:2] == (404, "not-found")
    for what, body in (("retry", {}), ("drop", {"reason": WHY}), ("edit", {"reason": WHY, "data": {}})):
        assert refused(await idle.decide("evaluation:99", what, **body))[:2] == (404, "not-found")
    assert refused(await idle.decide("evaluation%00", "retry"))[:2] == (422, "invalid-input")


# --- the same key ---


async def test_a_repeated_key_is_answered_the_same_and_decides_once(post: Post) -> None:
    await one_dead(post)
    for what, body in (("retry", {}), ("drop", {"reason": WHY})):
        first = await post.decide("evaluation:3", what, key=f"my {what}", **body)
        again = await post.decide("evaluation:3", what, key=f"my {what}", **body)
        assert (again.status_code, again.json()) == (200, done(first))
    assert [decision["what"] for decision in await post.decisions()] == ["retry", "drop"]


async def test_a_key_means_one_thing(post: Post) -> None:
    await one_dead(post)
    await post.decide("evaluation:3", "retry", key="mine")
    others: list[tuple[str, Role, dict[str, Any]]] = [
        ("drop", "ops", {"reason": WHY}), ("retry", "ministry", {}), ("retry", "ops", {"reason": "x"}),
    ]  # fmt: skip
    for what, role, body in others:
        answer = await post.decide("evaluation:3", what, role, "mine", **body)
        assert refused(answer)[:2] == (422, "idempotency-key-reused")
    assert len(await post.decisions()) == 1


async def test_a_decision_whose_answer_was_lost_is_not_made_twice(post: Post, database: HouseDatabase) -> None:
    """As after kill -9 between the two: the answer is not kept, the decision is."""
    await one_dead(post)
    asked: list[tuple[str, str, dict[str, Any]]] = [
        ("evaluation:3", "retry", {}),
        ("evaluation:3", "edit", {"data": DATA, "reason": WHY}),
    ]
    owner = await asyncpg.connect(database.owner_dsn)
    try:
        for id, what, body in asked:
            first = done(await post.decide(id, what, key=what, **body))
            await owner.execute("DELETE FROM requests WHERE id = $1", what)
            assert done(await post.decide(id, what, key=what, **body)) | {"position": ""} == first | {"position": ""}
    finally:
        await owner.close()
    await post.emptied()
    assert await post.numbers("a") == [50, 1, 2]
    assert [decision["request"] for decision in await post.decisions()] == ["retry", "edit"]


async def test_two_who_send_the_same_key_at_once_decide_once(post: Post) -> None:
    await one_dead(post)
    both = await asyncio.gather(*(post.decide("evaluation:3", "drop", key="mine", reason=WHY) for _ in range(5)))
    assert {str(done(answer) | {"position": ""}) for answer in both} == {str(both[0].json() | {"position": ""})}
    assert len(await post.decisions()) == 1
