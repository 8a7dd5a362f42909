"""`make chaos`: a whole season through separate processes, while everything that can die, stop, freeze or be cut off does."""

import itertools
import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from shared.contracts.topics import HOUSES
from tests.chaos.faults import (
    KILLED,
    MINUTE,
    WORKERS,
    Fault,
    away,
    cut_off,
    flooded,
    killed,
    killed_at_once,
    killed_everything,
    killed_server,
    one_of_two_paused,
    paused,
    paused_server,
    restarted,
)
from tests.chaos.trial import trial
from tests.native.running import HOUSE_PROGRAMS

BY_CHANCE = 16


def everything(dice: random.Random) -> Sequence[Fault]:
    """Each process in turn, then whatever comes, in an order of chance."""
    each = [*map(killed, KILLED), killed_server()]
    by_chance = [dice.choice([*map(killed, KILLED), killed_server()]) for _ in range(BY_CHANCE)]
    at_once = [killed_at_once(*dice.sample([*HOUSE_PROGRAMS, "kafka", "portal"], n)) for n in (2, 3, 4, 6)]
    again = [*map(restarted, WORKERS), *map(restarted, ("kafka", "kafka", "postgres", "postgres", "portal"))]
    again.append(restarted(f"{dice.choice(HOUSES)}-api"))
    missing = [away("kafka", MINUTE), away("postgres", 10), away(dice.choice(WORKERS), 15)]
    frozen = [
        *map(paused, dice.sample(WORKERS, 3)),
        paused(f"{dice.choice(HOUSES)}-api"),
        paused("kafka"),
        paused_server(),
    ]
    zombies = [one_of_two_paused(house) for house in dice.sample(HOUSES, 2)]
    cut = [cut_off(house, alone=alone) for house, alone in zip(dice.sample(HOUSES, 2), (True, False), strict=True)]
    flood = [flooded(dice.choice(("registration", "certification", "evaluation")))]
    rest = [*by_chance, *at_once, *again, *missing, *frozen, *zombies, *cut, *flood, killed_everything()]
    dice.shuffle(rest)
    return list(itertools.chain(each, rest))


@pytest.mark.chaos
@pytest.mark.timeout(5400)
async def test_a_season_ends_as_told_and_everything_is_whole_after_every_fault_there_is(tmp_path: Path) -> None:
    report = await trial("chaos", tmp_path, None, everything)
    assert sum(report.survived.values()) >= 60
