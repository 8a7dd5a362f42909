"""Quảng Trị 2023: two rounds with their dates, the first for what was left over; the second fell under the next decision."""

from datetime import date

from tests.journeys.elder import DAY, Elder, Made, Place, all_three, plan_of, round_of

QUANG_TRI = Place("45", "465", "19441")  # of that day; its code today is 44
Levels = dict[str, str]  # district and province -> the id of its round or council


def quang_tri_ends() -> dict[str, date]:
    """By when each round is over, as the plan prints it: before that day."""
    plan = plan_of("quang-tri-2023")
    assert (plan["province"]["code_then"], plan["province"]["code_now"]) == ("45", "44")
    assert "ran out" in round_of(plan, "qt23-district-1")["for"]
    last = {one["id"]: one["finish_before"] for one in plan["rounds"] if one["finish_before"]}
    assert last == {
        "qt23-district-1": date(2023, 3, 20), "qt23-district-2": date(2023, 10, 5),
        "qt23-province-1": date(2023, 3, 31), "qt23-province-2": date(2023, 11, 30),
    }  # fmt: skip
    return last


async def rounds_of(elder: Elder, n: int, on: str, proposals: dict[str, date], **more: bool) -> Levels:
    """Round `n` of 2023 at both levels: proposals until the day given, done the day before the plan's."""
    last = quang_tri_ends()
    return {
        level: await elder.round(
            level, QUANG_TRI, on, day, last[f"qt23-{level}-{n}"] - DAY, number=n, name=f"Đợt {n}", year=2023, **more
        )
        for level, day in proposals.items()
    }  # fmt: skip


async def through(
    elder: Elder, made: Made, days: tuple[str, ...], councils: Levels, rounds: Levels, points: float
) -> str:
    """Filed, scored by the district, sent up, scored and certified by the province; the product's code."""
    filed, at_district, at_province, certified = days
    await elder.file(made, filed, "renewal" if made.dossier else "first")
    code = await elder.forward(made, filed, "district")
    await elder.to_council(made, "district", filed, councils["district"], round_id=rounds["district"])
    await elder.sit(made, "district", at_district, all_three(points - 35, 15, 20))
    await elder.refer(made, "district", "province", at_district)
    await elder.to_council(made, "province", at_district, councils["province"], round_id=rounds["province"])
    await elder.sit(made, "province", at_province, all_three(points - 35, 15, 20))
    await elder.certify(made, "province", "province", certified)
    return code


async def councils_of_quang_tri(elder: Elder) -> Levels:
    return {level: await elder.council(level, QUANG_TRI, "2019-09-03") for level in ("district", "province")}


async def test_quang_tri_2023_round_one_takes_what_was_left_over(elder: Elder) -> None:
    council = await councils_of_quang_tri(elder)
    old = {
        level: await elder.round(level, QUANG_TRI, "2019-09-03", date(2019, 10, 20), date(2019, 12, 20))
        for level in council
    }
    coffee = await elder.product("Cà phê Khe Sanh", QUANG_TRI, "2019-08-26")
    days: tuple[str, ...] = ("2019-09-10", "2019-10-10", "2019-11-12", "2019-12-18")
    assert await through(elder, coffee, days, council, old, 55) == "45-465-19441-1-2019"
    [first] = await elder.get("/certification/certificates", product=coffee.id)
    assert (first["expires_on"], first["status"]) == ("2022-12-18", "expired")
    expired = {"what": "certificates_expired", "on": "2023-02-09", "province": "44"}
    assert coffee.id in [row["product_id"] for row in await elder.get("/programme/national/list", **expired)]

    proposals = {"district": date(2023, 2, 20), "province": date(2023, 3, 19)}
    rounds = await rounds_of(elder, 1, "2023-02-06", proposals, backlog=True)
    days = ("2023-02-10", "2023-03-15", "2023-03-28", "2023-04-10")
    assert await through(elder, coffee, days, council, rounds, 56) == "45-465-19441-1-2019"
    dossier = await elder.dossier(coffee)
    assert (dossier["ruleset"], dossier["left_over"], dossier["state"]) == ("qd-1048-2019", True, "recognised")
    held = await elder.get("/certification/certificates", product=coffee.id)
    assert [(row["number"], row["expires_on"], row["status"]) for row in held] == [
        ("GCN-45-2019-00001", "2022-12-18", "expired"), ("GCN-45-2023-00001", "2026-04-10", "expired"),
    ]  # fmt: skip
    at_district = await elder.get(f"/evaluation/assessments/{coffee.assessments['district']}")
    assert at_district["round_id"] == rounds["district"]


async def test_quang_tri_2023_what_is_new_waits_for_round_two_and_keeps_the_rules_of_its_filing(elder: Elder) -> None:
    elsewhere = Place("45", "466", "19495")
    council = await elder.council("district", elsewhere, "2023-01-09")
    ends = quang_tri_ends()
    first = await elder.round(
        "district", elsewhere, "2023-02-06", date(2023, 2, 20), ends["qt23-district-1"] - DAY, backlog=True
    )
    pepper = await elder.product("Tiêu Cùa", elsewhere, "2023-01-09")
    await elder.file(pepper, "2023-02-09")
    await elder.forward(pepper, "2023-02-09", "district")
    path = f"/evaluation/assessments/{pepper.assessments['district']}"
    await elder.do(f"{path}/receipt", "agency", "466", "2023-02-10")
    await elder.do(f"{path}/advice", "advisory_team", "466", "2023-02-10", report="Đủ", proposal="Đánh giá")
    new = {"council_id": council, "round_id": first}
    await elder.refused("round-for-backlog-alone", f"{path}/sending", "secretary", "466", "2023-02-13", **new)

    # Round 2 fell under decision 148, the dossier under 1048.
    second = await elder.round(
        "district", elsewhere, "2023-04-10", date(2023, 9, 20), ends["qt23-district-2"] - DAY, number=2, year=2023
    )
    assert (await elder.get(f"/evaluation/rounds/{second}"))["ruleset"] == "qd-148-2023"
    await elder.do(f"{path}/sending", "secretary", "466", "2023-09-11", council_id=council, round_id=second)
    there = ["466-0", "466-1", "466-2"]
    await elder.refused("round-over", f"{path}/session", "secretary", "466", "2023-10-05", present=there)
    await elder.sit(pepper, "district", "2023-10-04", all_three(20, 12, 17))
    [row] = await elder.get("/evaluation/assessments", dossier=pepper.dossier)
    assert (row["average"], row["stars"], row["ruleset"]) == ("49", 2, plan_of("quang-tri-2023")["ruleset"])
