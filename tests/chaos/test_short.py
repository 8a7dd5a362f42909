"""The short form of the trial of force: a part of a season, and the faults that take no minutes."""

import random
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from shared.contracts.topics import HOUSES
from tests.chaos.faults import WORKERS, Fault, flooded, killed, killed_at_once, killed_server, paused, restarted
from tests.chaos.trial import trial

UNTIL = date(2026, 7, 2)  # ideas, plans, recognitions taken in, the first dossiers


def some_of_each(dice: random.Random) -> Sequence[Fault]:
    faults = [
        killed_at_once(*dice.sample(WORKERS, 2), f"{dice.choice(HOUSES)}-api", "portal"), killed("kafka"),
        killed_server(), restarted(dice.choice(WORKERS)), paused(dice.choice(WORKERS)), flooded("registration", 400),
    ]  # fmt: skip
    dice.shuffle(faults)
    return faults


@pytest.mark.timeout(600)
async def test_a_season_goes_on_as_if_nothing_had_happened_whatever_dies_under_it(tmp_path: Path) -> None:
    report = await trial("short", tmp_path, UNTIL, some_of_each)
    assert sum(report.survived.values()) == 6
