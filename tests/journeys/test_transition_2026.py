"""Decision 26/2026 art. 12, day by day: what was filed before 22 May 2026 is finished under its own rules within 60 or 30 days,
and a certificate whose renewal could not meet the new window lives until the outcome, at most 180 days past its end.
"""

from collections.abc import AsyncIterator
from datetime import date

import pytest

from ocop.postgres import Server
from tests.given import an_id
from tests.journeys.elder import Elder, Made, Place, all_three
from tests.journeys.test_older_procedures import FORM_03
from tests.whole import bearer, browser_on, day, on_new_databases

THEN = Place("51", "535", "21484")
NOW = Place("51", None, "21484")


@pytest.fixture
async def elder(postgres: Server, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Elder]:
    """On the program's own clock, which begins in 2023."""
    async with (
        on_new_databases(postgres, tmp_path_factory.mktemp("evidence")) as program, browser_on(program) as client,
    ):  # fmt: skip
        program.clock.play(date(2023, 4, 3))
        yield Elder(program, client)


async def certified(elder: Elder, key: str, on: str) -> Made:
    """Three stars of the district under Decision 148, for 36 months from that day."""
    made = await elder.product(key, THEN, "2023-04-03")
    await elder.file(made, "2023-04-10")
    await elder.forward(made, "2023-04-17", "district", form_03=FORM_03)
    council = str(an_id(f"council district {THEN.district} {THEN.province} 2023-04-03"))
    round = await elder.round("district", THEN, "2023-04-03", date(2023, 4, 30), date(2023, 7, 31), name=key)
    await elder.to_council(made, "district", "2023-05-08", council, round_id=round)
    await elder.sit(made, "district", "2023-05-16", all_three(25, 15, 20))
    await elder.certify(made, "district", "district", on)
    made.place = NOW
    return made


async def renewed(elder: Elder, made: Made, on: str) -> None:
    """Filed anew under Decision 148 as amended, and proposed to the province by the commune."""
    await elder.file(made, on, "renewal")
    await elder.forward(made, on, "province", form_03=FORM_03)


async def status(elder: Elder, number: str, on: str) -> tuple[str, str | None]:
    answer = await elder.client.get(f"/c/{number}", params={"on": on}, headers={"accept": "application/json"})
    facts = answer.json()
    return facts["status"], facts["until"]


async def limits(elder: Elder, on: str) -> dict[str, tuple[str, str, str]]:
    """Product -> limit, its last day and how it stands, of the transition's terms."""
    await elder.program.settled()
    answer = await elder.client.get("/registration/due", params={"on": on}, headers=bearer("agency", "51"))
    rows = [row for row in answer.json() if row["limit"].startswith("transition")]
    return {row["product"]: (row["limit"], row["due_on"], row["state"]) for row in rows}


async def decided(elder: Elder, made: Made, on: str, points: float) -> None:
    """By the province's council, in part totals, under the dossier's own rules."""
    council = str(an_id(f"council province {NOW.district} {NOW.province} 2026-04-01"))
    round = str(an_id("round province None 51 2026-12-31 {}"))
    await elder.to_council(made, "province", "2026-06-10", council, round_id=round)
    await elder.sit(made, "province", on, all_three(points - 35, 15, 20))


async def test_what_was_pending_on_22_may_2026_is_finished_under_its_own_rules(elder: Elder) -> None:
    await elder.council("district", THEN, "2023-04-03")
    await day(elder.program, "2023-07-31")
    honey, tea = await certified(elder, "Mật ong", "2023-06-26"), await certified(elder, "Chè", "2023-06-27")
    await day(elder.program, "2026-05-11")
    await elder.council("province", NOW, "2026-04-01")
    await elder.round("province", NOW, "2026-04-01", date(2026, 6, 30), date(2026, 12, 31))
    fish = await elder.product("Mắm", NOW, "2026-04-06")
    await elder.file(fish, "2026-05-04")
    await elder.forward(fish, "2026-05-11", "province", form_03=FORM_03)
    for made in (honey, tea):
        await renewed(elder, made, "2026-03-02")
    dossier = await elder.dossier(honey)
    assert (dossier["ruleset"], dossier["admitted_by"]) == ("qd-148-2023+1489", "Điều 12.3")

    await day(elder.program, "2026-07-17")
    assert await limits(elder, "2026-05-21") == {}
    assert await limits(elder, "2026-06-22") == {
        "Mắm (minh họa)": ("transition_first_or_upgrade", "2026-07-21", "open"),
        "Mật ong (minh họa)": ("transition_reassess", "2026-06-22", "remind"),
        "Chè (minh họa)": ("transition_reassess", "2026-06-22", "remind"),
    }
    assert await status(elder, "GCN-51-2023-00001", "2026-06-26") == ("valid", "2026-06-26")
    assert await status(elder, "GCN-51-2023-00001", "2026-06-27") == ("extended", "2026-12-23")  # 180 days past its end
    await decided(elder, fish, "2026-07-17", 72)
    await decided(elder, honey, "2026-07-17", 65)
    assert (await elder.certify(fish, "province", "province", "2026-07-17"))["stars"] == 4
    new = await elder.certify(honey, "province", "province", "2026-07-17")
    assert (new["stars"], new["replaced"]) == (3, "GCN-51-2023-00001")
    stands = await limits(elder, "2026-07-22")
    assert {name: state for name, (_, _, state) in stands.items()} == {
        "Mắm (minh họa)": "met", "Mật ong (minh họa)": "met-late", "Chè (minh họa)": "overdue",
    }  # fmt: skip

    await day(elder.program, "2026-12-28")  # the tea's outcome never came
    assert await status(elder, "GCN-51-2023-00002", "2026-12-24") == ("extended", "2026-12-24")
    assert (await status(elder, "GCN-51-2023-00002", "2026-12-25"))[0] == "expired"
