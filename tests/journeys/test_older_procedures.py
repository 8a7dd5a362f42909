"""The five provincial plans as they were played: each with its own levels, thresholds, rounds and dates.

Legal dates are of the plan's time; what is recorded bears today's. Scores are made up, thresholds are the plan's.
"""

from collections.abc import AsyncIterator
from datetime import date

import pytest

from ocop.postgres import Server
from shared.regulation import rulesets
from tests.journeys.elder import DAY, LEVEL, Elder, Place, all_three, ballots, plan_of, round_of
from tests.whole import browser_on, on_new_databases

TODAY = date(2027, 1, 4)
PLANS = ("quang-ngai-2018-2020", "lai-chau-2020", "quang-tri-2023", "ha-tinh-2023-2025", "quang-ngai-2024")


@pytest.fixture(scope="module")
async def elder(postgres: Server, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Elder]:
    async with (
        on_new_databases(postgres, tmp_path_factory.mktemp("evidence")) as program, browser_on(program) as client,
    ):  # fmt: skip
        program.clock.play(TODAY)
        yield Elder(program, client)


@pytest.mark.parametrize("id", PLANS)
def test_the_frame_that_a_plan_names_says_of_its_levels_what_the_plan_says(id: str) -> None:
    """Where both speak: who certifies which stars, and from which score or star a product goes up."""
    plan = plan_of(id)
    rules = rulesets.load(plan["ruleset"])
    for told in plan["levels"]:
        level = rules.level(LEVEL.get(told["level"], told["level"]))
        assert list(level.certifies) == told["certifies"], told
        up = told["sends_up"]
        if up is None or level.sends_up is None:
            assert up is None or told["level"] == "central", told
            continue
        assert level.sends_up.to == LEVEL.get(up["to"], up["to"])
        least = up.get("min_score") or (up.get("min_star") and rules.band_of(up["min_star"]).from_)
        assert least is None or level.sends_up.from_ == least, told


# --- Quảng Ngãi 2018-2020: eight steps, two levels, stars recorded ---


async def test_quang_ngai_2018_eight_steps_and_two_levels_recorded_as_stars(elder: Elder) -> None:
    plan = plan_of("quang-ngai-2018-2020")
    steps = [step["step"] for step in plan["cycle"]["list"]]
    assert plan["cycle"]["steps"] == len(steps) == 8
    assert [level["level"] for level in plan["levels"]] == ["district", "province"]
    here = Place("51", "535", "21484")
    training = {"province": "51", "officers": 0}
    played = ["inform"]  # the guide is handed out on paper
    made = await elder.product("Quế Trà Bồng", here, "2019-02-18")
    played.append("idea")
    await elder.do("/programme/trainings", "agency", "51", "2019-02-20", subject="Phương án", producers=30, **training)
    played.append("train_plan")
    [found] = await elder.get("/registration/plans", commune=here.commune)
    assert found["state"] == "approved"
    played.append("plan")
    await elder.do("/programme/trainings", "agency", "51", "2019-03-05", subject="Triển khai", producers=30, **training)
    played.append("train_execute")
    [producer] = await elder.get("/registration/producers", commune=here.commune)
    await elder.do(
        f"/registration/plans/{found['id']}/progress", "producer", producer["id"], "2019-05-20", done_percent=100,
        account="Đã làm xong",
    )  # fmt: skip
    played.append("execute")

    await elder.file(made, "2019-06-03")
    assert (await elder.dossier(made))["ruleset"] == plan["ruleset"] == "plan-2018"
    code = await elder.forward(made, "2019-06-05", "district")
    assert code == "51-535-21484-1-2019"
    councils = {level: await elder.council(level, here, "2019-06-01") for level in ("district", "province")}
    rounds = {
        level: await elder.round(level, here, "2019-06-01", date(2019, 7, 20), date(2019, 8, 15)) for level in councils
    }
    await elder.to_council(made, "district", "2019-06-10", councils["district"], round_id=rounds["district"])
    await elder.do(
        f"/evaluation/assessments/{made.assessments['district']}/session", "secretary", "535", "2019-06-14",
        present=["535-0", "535-1", "535-2"],
    )  # fmt: skip
    ballot = f"/evaluation/assessments/{made.assessments['district']}/ballots"
    refused = await elder.ask(ballot, "chair", "535", "2019-06-14", "535-0", member_id="535-0", parts={"A": 1})
    assert refused.json()["rule"] == "no-scale-known"
    decision = f"/evaluation/assessments/{made.assessments['district']}/decision"
    await elder.refused("stars-wanted", decision, "chair", "535", "2019-06-14")
    await elder.do(decision, "chair", "535", "2019-06-14", stars=3, simulated=True)
    above = await elder.refer(made, "district", "province", "2019-06-20")
    assert (above["referred_on"], above["district"]) == ("2019-06-20", None)
    await elder.to_council(made, "province", "2019-07-01", councils["province"], round_id=rounds["province"])
    await elder.sit(made, "province", "2019-07-10", stars=4)
    played.append("assess")

    result = await elder.get(f"/evaluation/assessments/{made.assessments['province']}/result")
    assert (result["stars"], result["average"], result["parts"], result["recognisable"]) == (4, None, [], False)
    dossier = await elder.dossier(made)
    assert (dossier["state"], dossier["ruleset"]) == ("ranked", "plan-2018")
    assert await elder.get("/certification/certificates", product=made.id) == []
    await elder.do(
        "/promotion/fairs", "agency", "51", "2019-10-10", name="Hội chợ (minh họa)", province="51", commune="21484",
        until="2019-10-14", products=[],
    )  # fmt: skip
    played.append("promote")
    assert played == steps


# --- Lai Châu 2020: district, from 50 points the province, from 90 the ministry ---


async def test_lai_chau_2020_district_then_province_from_fifty_then_the_ministry(elder: Elder) -> None:
    plan = plan_of("lai-chau-2020")
    terms = {LEVEL.get(one["level"], one["level"]): one for one in plan["rounds"]}
    assert [(terms[level]["start_from"], terms[level]["finish_before"]) for level in terms] == [
        (date(2020, 7, 1), date(2020, 9, 30)), (date(2020, 7, 1), date(2020, 12, 31)),
        (date(2020, 10, 1), date(2020, 12, 31)),
    ]  # fmt: skip
    here = Place("12", "106", "03390")
    council = {level: await elder.council(level, here, "2020-06-15") for level in terms}
    round = {  # a quarter: its last day counts
        level: await elder.round(
            level, here, one["start_from"], one["finish_before"] - 10 * DAY, one["finish_before"], name=one["id"]
        )
        for level, one in terms.items()
    }  # fmt: skip
    weak, good, best = [await elder.product(key, here, "2020-05-11") for key in ("Miến đao", "Chè Shan", "Mắc ca")]
    for made in (weak, good, best):
        await elder.file(made, "2020-07-06")
        await elder.forward(made, "2020-07-08", "district")
        await elder.to_council(made, "district", "2020-07-13", council["district"], round_id=round["district"])
    assert (await elder.dossier(good))["ruleset"] == plan["ruleset"] == "qd-1048-2019"
    assert (await elder.sit(weak, "district", "2020-08-04", all_three(20, 10, 19.5)))["stars"] == 2
    assert (await elder.sit(good, "district", "2020-08-04", all_three(20, 10, 20)))["stars"] == 3
    await elder.sit(best, "district", "2020-08-04", all_three(33, 24, 37))

    [row] = await elder.get("/evaluation/assessments", dossier=weak.dossier)
    assert (row["average"], row["sent_up_to"], row["next_actor"]) == ("99/2", None, "district_chairman")
    assert (await elder.dossier(weak))["state"] == "not-recognised"
    await elder.refused(
        "result-not-approved", f"/evaluation/assessments/{row['id']}/referral", "agency", "106", "2020-08-10"
    )
    for made in (good, best):
        await elder.refer(made, "district", "province", "2020-08-10")
        await elder.to_council(made, "province", "2020-09-07", council["province"], round_id=round["province"])
    assert (await elder.dossier(good))["state"] == "in-assessment"
    assert (await elder.sit(good, "province", "2020-09-15", all_three(25, 20, 26.5)))["stars"] == 4
    await elder.sit(best, "province", "2020-09-15", all_three(33, 24, 34))
    held = await elder.certify(good, "province", "province", "2020-09-30")
    assert (held["number"], held["stars"], held["expires_on"]) == ("GCN-12-2020-00001", 4, "2023-09-30")
    await elder.refer(best, "province", "national", "2020-10-12")
    await elder.to_council(best, "national", "2020-11-16", council["national"], round_id=round["national"])
    await elder.sit(best, "national", "2020-11-24", all_three(32, 23, 36))
    five = await elder.certify(best, "national", "national", "2020-12-15")
    assert (five["number"], five["stars"]) == ("GCN-TW-2020-00001", 5)
    page = await elder.get("/certification/certificates", product=good.id)
    assert [(row["number"], row["status"]) for row in page] == [("GCN-12-2020-00001", "expired")]


# --- Quảng Trị 2023: two rounds, the first also for the backlog ---


async def test_quang_tri_2023_two_rounds_the_first_for_what_was_left_over(elder: Elder) -> None:
    plan = plan_of("quang-tri-2023")
    last = {one["id"]: one["finish_before"] for one in plan["rounds"] if one["finish_before"]}
    assert last == {
        "qt23-district-1": date(2023, 3, 20), "qt23-district-2": date(2023, 10, 5),
        "qt23-province-1": date(2023, 3, 31), "qt23-province-2": date(2023, 11, 30),
    }  # fmt: skip
    assert "ran out" in round_of(plan, "qt23-district-1")["for"]
    here = Place("45", "465", "19441")  # Quảng Trị of that day; its code today is 44
    assert (plan["province"]["code_then"], plan["province"]["code_now"]) == ("45", "44")
    council = {level: await elder.council(level, here, "2019-09-03") for level in ("district", "province")}
    old = {
        level: await elder.round(level, here, "2019-09-03", date(2019, 10, 20), date(2019, 12, 20)) for level in council
    }

    async def through(
        made: object, days: tuple[str, str, str, str], rounds: dict[str, str], points: tuple[float, ...]
    ) -> str:
        """Filed, scored by the district, sent up, scored and certified by the province."""
        filed, at_district, at_province, certified = days
        await elder.file(made, filed, "renewal" if made.dossier else "first")
        code = await elder.forward(made, filed, "district")
        await elder.to_council(made, "district", filed, council["district"], round_id=rounds["district"])
        await elder.sit(made, "district", at_district, all_three(*points))
        await elder.refer(made, "district", "province", at_district)
        await elder.to_council(made, "province", at_district, council["province"], round_id=rounds["province"])
        await elder.sit(made, "province", at_province, all_three(*points))
        await elder.certify(made, "province", "province", certified)
        return code

    coffee = await elder.product("Cà phê Khe Sanh", here, "2019-08-26")
    code = await through(coffee, ("2019-09-10", "2019-10-10", "2019-11-12", "2019-12-18"), old, (20, 15, 20))
    assert code == "45-465-19441-1-2019"
    [first] = await elder.get("/certification/certificates", product=coffee.id)
    assert (first["expires_on"], first["status"]) == ("2022-12-18", "expired")

    # Round 1: before 20 March in the districts, before 31 March in the province; only for what was left over.
    proposals = {"district": date(2023, 2, 20), "province": date(2023, 3, 19)}
    rounds = {
        level: await elder.round(
            level, here, "2023-02-06", proposals[level], last[f"qt23-{level}-1"] - DAY, number=1, name="Đợt 1",
            year=2023, backlog=True,
        )
        for level in council
    }  # fmt: skip
    pepper = await elder.product("Tiêu Cùa", here, "2023-01-09")
    await elder.file(pepper, "2023-02-09")
    await elder.forward(pepper, "2023-02-09", "district")
    await elder.do(f"/evaluation/assessments/{pepper.assessments['district']}/receipt", "agency", "465", "2023-02-10")
    path = f"/evaluation/assessments/{pepper.assessments['district']}"
    await elder.do(f"{path}/advice", "advisory_team", "465", "2023-02-10", report="Đủ", proposal="Đánh giá")
    new = {"council_id": council["district"], "round_id": rounds["district"]}
    await elder.refused("round-for-backlog-alone", f"{path}/sending", "secretary", "465", "2023-02-13", **new)
    listed = await elder.get("/programme/national/list", what="certificates_expired", on="2023-02-09", province="44")
    assert coffee.id in [row["product_id"] for row in listed]
    assert await through(coffee, ("2023-02-10", "2023-03-15", "2023-03-28", "2023-04-10"), rounds, (21, 15, 20)) == code
    dossier = await elder.dossier(coffee)
    assert (dossier["ruleset"], dossier["left_over"], dossier["state"]) == (plan["ruleset"], True, "recognised")
    held = await elder.get("/certification/certificates", product=coffee.id)
    assert [(row["number"], row["expires_on"], row["status"]) for row in held] == [
        ("GCN-45-2019-00001", "2022-12-18", "expired"), ("GCN-45-2023-00001", "2026-04-10", "expired"),
    ]  # fmt: skip
    late = f"/evaluation/assessments/{coffee.assessments['district']}"
    assert (await elder.get(late))["round_id"] == rounds["district"]

    # Round 2 fell under decision 148; a dossier keeps the rules under which it was filed, so the pepper goes on by 1048.
    again = {
        level: await elder.round(
            level, here, "2023-04-10", date(2023, 9, 20), last[f"qt23-{level}-2"] - DAY, number=2, name="Đợt 2", year=2023
        )
        for level in council
    }  # fmt: skip
    await elder.do(
        f"{path}/sending", "secretary", "465", "2023-09-11", council_id=council["district"], round_id=again["district"]
    )
    await elder.refused(
        "round-over", f"{path}/session", "secretary", "465", "2023-10-05", present=["465-0", "465-1", "465-2"]
    )
    await elder.sit(pepper, "district", "2023-10-04", all_three(20, 12, 17))
    [row] = await elder.get("/evaluation/assessments", dossier=pepper.dossier)
    assert (row["average"], row["stars"], row["ruleset"]) == ("49", 2, "qd-1048-2019")


# --- Hà Tĩnh 2023-2025: the commune's report, the district's three stars, 70 and more to the province, seasons ---

FORM_03 = {
    "local_origin": "Tại xã", "local_labour": "Lao động tại xã", "origin_of_idea": "Của cộng đồng", "local_identity": "Đặc sản",
    "letter_number": "12/TTr-UBND", "samples": 0,
}  # fmt: skip


async def test_ha_tinh_2023_the_district_certifies_three_stars_and_sends_seventy_up(elder: Elder) -> None:
    plan = plan_of("ha-tinh-2023-2025")
    commune, district, _ = plan["levels"]
    assert "form 3" in commune["sends_up"]["note"]
    assert (district["certifies"], district["sends_up"]["min_score"], district["sends_up"]["max_score"]) == (
        [3],
        70,
        100,
    )
    assert plan["rounds"] == []
    here = Place("42", "439", "18133")
    council = {"district": await elder.council("district", here, "2023-05-08", bylaw={"seasonal": True}),
               "province": await elder.council("province", here, "2023-05-08")}  # fmt: skip
    round = {
        level: await elder.round(level, here, "2023-05-08", date(2023, 8, 31), date(2023, 11, 30)) for level in council
    }
    honey, orange, deer = [await elder.product(key, here, "2023-04-03") for key in ("Mật ong", "Cam bù", "Nhung hươu")]
    for made in (honey, orange, deer):
        await elder.file(made, "2023-06-05")
        await elder.refused(
            "dossier-forwarded-by-another", f"/registration/dossiers/{made.dossier}/forwarding", "agency", "439", "2023-06-12",
            form_03=FORM_03,
        )  # fmt: skip
        await elder.refused(
            "form-missing", f"/registration/dossiers/{made.dossier}/forwarding", "commune", "18133", "2023-06-12"
        )
        code = await elder.forward(made, "2023-06-12", "district", form_03=FORM_03)
        assert code.startswith("42-439-18133-")
    assert (await elder.dossier(honey))["ruleset"] == plan["ruleset"] == "qd-148-2023"
    await elder.to_council(honey, "district", "2023-07-03", council["district"], round_id=round["district"])
    await elder.to_council(deer, "district", "2023-07-03", council["district"], round_id=round["district"])
    await elder.sit(honey, "district", "2023-07-11", ballots((28, 17, 24), (28, 17, 25), (28, 17, 24)))
    await elder.sit(deer, "district", "2023-07-11", all_three(30, 18, 22))

    # 69.33 is three stars, the district's; 70 goes up.
    [row] = await elder.get("/evaluation/assessments", dossier=honey.dossier)
    assert (row["average"], row["stars"], row["sent_up_to"], row["certifier"]) == (
        "208/3",
        3,
        None,
        "district_chairman",
    )
    path = {"product_id": honey.id, "assessment_id": row["id"]}
    other = {"number": "9", "date": "2023-07-25", "authority": "UBND tỉnh"}
    await elder.refused(
        "wrong-authority", "/certification/certificates", "province_chairman", "42", "2023-07-25",
        decision=other, **path,
    )  # fmt: skip
    held = await elder.certify(honey, "district", "district", "2023-07-25")
    assert (held["number"], held["stars"], held["expires_on"]) == ("GCN-42-2023-00001", 3, "2026-07-25")
    [row] = await elder.get("/evaluation/assessments", dossier=deer.dossier)
    assert (row["average"], row["sent_up_to"]) == ("70", "province")
    await elder.refer(deer, "district", "province", "2023-07-20")
    await elder.to_council(deer, "province", "2023-08-14", council["province"], round_id=round["province"])
    await elder.sit(deer, "province", "2023-08-22", all_three(30, 18, 24))
    assert (await elder.certify(deer, "province", "province", "2023-09-15"))["stars"] == 4

    # The oranges ripen in winter: outside the rounds, with the reason, where the bylaw allows it.
    await elder.do(f"/evaluation/rounds/{round['district']}/closing", "agency", "439", "2023-11-30")
    sending = f"/evaluation/assessments/{orange.assessments['district']}/sending"
    await elder.do(f"/evaluation/assessments/{orange.assessments['district']}/receipt", "agency", "439", "2023-12-04")
    await elder.do(
        f"/evaluation/assessments/{orange.assessments['district']}/advice", "advisory_team", "439", "2023-12-04",
        report="Đủ", proposal="Đánh giá theo mùa vụ",
    )  # fmt: skip
    await elder.refused("round-missing", sending, "secretary", "439", "2023-12-05", council_id=council["district"])
    await elder.refused(
        "round-closed",
        sending,
        "secretary",
        "439",
        "2023-12-05",
        council_id=council["district"],
        round_id=round["district"],
    )
    season = "Cam bù chín từ tháng 12 đến tháng 2"
    await elder.do(sending, "secretary", "439", "2023-12-05", council_id=council["district"], season=season)
    await elder.sit(orange, "district", "2023-12-12", all_three(25, 15, 20))
    [row] = await elder.get("/evaluation/assessments", dossier=orange.dossier)
    assert (row["round_id"], row["season"], row["stars"]) == (None, season, 3)
    assert (await elder.certify(orange, "district", "district", "2023-12-20"))["number"] == "GCN-42-2023-00003"


# --- Quảng Ngãi 2024: the province's four stars, five-star candidates to the centre ---


async def test_quang_ngai_2024_four_stars_of_the_province_and_a_candidate_for_five(elder: Elder) -> None:
    plan = plan_of("quang-ngai-2024")
    assert [(level["level"], level["certifies"]) for level in plan["levels"]] == [("province", [4]), ("central", [5])]
    here = Place("51", "525", "21115")
    council = {level: await elder.council(level, here, "2024-04-01") for level in ("district", "province", "national")}
    round = {
        level: await elder.round(level, here, "2024-04-01", date(2024, 9, 30), date(2024, 12, 31)) for level in council
    }
    salt, tea = [await elder.product(key, here, "2024-04-02") for key in ("Muối Sa Huỳnh", "Trà quế")]
    for made, points in ((salt, (32, 18, 24)), (tea, (38, 23, 32))):
        await elder.file(made, "2024-05-06")
        await elder.forward(made, "2024-05-14", "district", form_03=FORM_03)
        await elder.to_council(made, "district", "2024-06-03", council["district"], round_id=round["district"])
        await elder.sit(made, "district", "2024-06-11", all_three(*points))
        await elder.refer(made, "district", "province", "2024-06-20")
        await elder.to_council(made, "province", "2024-07-08", council["province"], round_id=round["province"])
        await elder.sit(made, "province", "2024-07-16", all_three(*points))
    four = await elder.certify(salt, "province", "province", "2024-08-05")
    assert (four["stars"], four["number"], four["expires_on"]) == (4, "GCN-51-2024-00001", "2027-08-05")
    [row] = await elder.get("/evaluation/assessments", dossier=tea.dossier, level="province")
    assert (row["average"], row["sent_up_to"], row["certifier"]) == ("93", "national", None)
    await elder.refer(tea, "province", "national", "2024-08-12")
    assert (await elder.dossier(tea))["state"] == "referred"
    on_the_day = await elder.get("/programme/recognised", by="stars", on="2024-12-31", province="51")
    assert [(row["value"], row["count"]) for row in on_the_day["valid"]["values"]] == [(4, 1)]


# --- the two times of all this ---


async def test_legal_dates_are_of_their_time_and_recorded_at_is_todays(elder: Elder) -> None:
    said = await elder.get("/events", types="ProductScored", limit=1000)
    assert len(said["events"]) >= 10
    for event in said["events"]:
        assert event["legaldate"] < "2025"
        assert event["time"][:10] == TODAY.isoformat()
