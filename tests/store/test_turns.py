"""Turns of commands that clash: one after another, nobody in a circle, and nothing is left when all have gone."""

import asyncio
from uuid import UUID

import pytest

from shared.eventstore.turns import NotItsTurn, Turns
from tests.given import an_id

A, B = an_id("a"), an_id("b")


async def test_a_turn_is_one_commands_and_newcomers_are_told_so() -> None:
    turns, mine = Turns(), {A}
    async with turns.of(mine):
        turns.check(A, mine)
        turns.check(B, mine)
        with pytest.raises(NotItsTurn) as met:
            turns.check(A, set())
    assert met.value.id == A
    turns.check(A, set())


async def test_turns_for_the_same_aggregates_in_any_order_come_one_after_another() -> None:
    turns, inside, most = Turns(), 0, 0

    async def one(*ids: UUID) -> None:
        nonlocal inside, most
        async with turns.of(ids):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        for number in range(20):
            group.create_task(one(A, B) if number % 2 else one(B, A))
    assert most == 1
    turns.check(A, set())
    turns.check(B, set())


async def test_one_who_goes_while_waiting_leaves_the_turn_to_the_others() -> None:
    turns, done = Turns(), []

    async def one(name: str, *ids: UUID) -> None:
        async with turns.of(ids):
            done.append(name)

    async with turns.of({A}):
        leaving, staying = asyncio.create_task(one("leaving", A)), asyncio.create_task(one("staying", A))
        await asyncio.sleep(0)
        leaving.cancel()
        await asyncio.wait([leaving])
        with pytest.raises(NotItsTurn):
            turns.check(A, set())
    async with asyncio.timeout(10):
        await staying
    assert done == ["staying"]
    turns.check(A, set())
