"""The five provincial plans as they were played: each with its own levels, thresholds, rounds and dates.

Legal dates are of the plan's time; what is recorded bears today's. Scores are made up, thresholds are the plan's.
"""

from datetime import date

import pytest

from shared.regulation import rulesets
from tests.given import an_id
from tests.journeys.elder import DAY, LEVEL, Elder, Made, Place, all_three, ballots, plan_of

PLANS = ("quang-ngai-2018-2020", "lai-chau-2020", "quang-tri-2023", "ha-tinh-2023-2025", "quang-ngai-2024")


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


async def carried_out(elder: Elder, here: Place) -> tuple[Made, list[str]]:
    """A product through the first six steps, with the trainings that are steps of their own."""
    training = {"province": here.province, "officers": 0, "producers": 30}
    made = await elder.product("Quế Trà Bồng", here, "2019-02-18")
    played = ["inform", "idea"]  # the guide is handed out on paper
    await elder.do("/programme/trainings", "agency", "51", "2019-02-20", subject="Phương án", **training)
    played.append("train_plan")
    [plan] = await elder.get("/registration/plans", commune=here.commune)
    assert plan["state"] == "approved"
    played.append("plan")
    await elder.do("/programme/trainings", "agency", "51", "2019-03-05", subject="Triển khai", **training)
    played.append("train_execute")
    owner, path = str(an_id("producer Quế Trà Bồng")), f"/registration/plans/{plan['id']}/progress"
    await elder.do(path, "producer", owner, "2019-05-20", done_percent=100, account="Đã làm xong")
    played.append("execute")
    return made, played


async def recorded_as_stars(elder: Elder, made: Made, here: Place) -> None:
    """Filed with the district, seen by its council, sent up whatever the result, seen by the province's."""
    levels = ("district", "province")
    council = {level: await elder.council(level, here, "2019-06-01") for level in levels}
    round = {
        level: await elder.round(level, here, "2019-06-01", date(2019, 7, 20), date(2019, 8, 15)) for level in levels
    }
    await elder.to_council(made, "district", "2019-06-10", council["district"], round_id=round["district"])
    path, present = f"/evaluation/assessments/{made.assessments['district']}", ["535-0", "535-1", "535-2"]
    await elder.do(f"{path}/session", "secretary", "535", "2019-06-14", present=present)
    scored = await elder.ask(
        f"{path}/ballots", "chair", "535", "2019-06-14", "535-0", member_id="535-0", parts={"A": 1}
    )
    assert scored.json()["rule"] == "no-scale-known"
    await elder.refused("stars-wanted", f"{path}/decision", "chair", "535", "2019-06-14")
    await elder.do(f"{path}/decision", "chair", "535", "2019-06-14", stars=3, simulated=True)
    above = await elder.refer(made, "district", "province", "2019-06-20")
    assert (above["referred_on"], above["district"]) == ("2019-06-20", None)
    await elder.to_council(made, "province", "2019-07-01", council["province"], round_id=round["province"])
    await elder.sit(made, "province", "2019-07-10", stars=4)


async def test_quang_ngai_2018_eight_steps_and_two_levels_recorded_as_stars(elder: Elder) -> None:
    plan = plan_of("quang-ngai-2018-2020")
    steps = [step["step"] for step in plan["cycle"]["list"]]
    assert plan["cycle"]["steps"] == len(steps) == 8
    assert [level["level"] for level in plan["levels"]] == ["district", "province"]
    here = Place("51", "535", "21484")
    made, played = await carried_out(elder, here)
    await elder.file(made, "2019-06-03")
    assert (await elder.dossier(made))["ruleset"] == plan["ruleset"] == "plan-2018"
    assert await elder.forward(made, "2019-06-05", "district") == "51-535-21484-1-2019"
    await recorded_as_stars(elder, made, here)
    played.append("assess")
    result = await elder.get(f"/evaluation/assessments/{made.assessments['province']}/result")
    assert (result["stars"], result["average"], result["parts"], result["recognisable"]) == (4, None, [], False)
    dossier = await elder.dossier(made)
    assert (dossier["state"], dossier["ruleset"]) == ("ranked", "plan-2018")
    assert await elder.get("/certification/certificates", product=made.id) == []
    fair = {"name": "Hội chợ (minh họa)", "province": "51", "commune": "21484", "until": "2019-10-14", "products": []}
    await elder.do("/promotion/fairs", "agency", "51", "2019-10-10", **fair)
    assert [*played, "promote"] == steps


# --- Lai Châu 2020: district, from 50 points the province, from 90 the ministry ---


LAI_CHAU = Place("12", "106", "03390")


async def lai_chau_begins(elder: Elder) -> tuple[dict[str, str], dict[str, str]]:
    """Councils and rounds of the three levels, the rounds by the plan's own quarters."""
    terms = {LEVEL.get(one["level"], one["level"]): one for one in plan_of("lai-chau-2020")["rounds"]}
    assert [(one["start_from"], one["finish_before"]) for one in terms.values()] == [
        (date(2020, 7, 1), date(2020, 9, 30)), (date(2020, 7, 1), date(2020, 12, 31)),
        (date(2020, 10, 1), date(2020, 12, 31)),
    ]  # fmt: skip
    council = {level: await elder.council(level, LAI_CHAU, "2020-06-15") for level in terms}
    rounds = {}
    for level, one in terms.items():  # a quarter: its last day counts
        last = one["finish_before"]
        rounds[level] = await elder.round(level, LAI_CHAU, one["start_from"], last - 10 * DAY, last, name=one["id"])
    return council, rounds


async def test_lai_chau_2020_district_then_province_from_fifty_then_the_ministry(elder: Elder) -> None:
    council, round = await lai_chau_begins(elder)
    weak, good, best = [await elder.product(key, LAI_CHAU, "2020-05-11") for key in ("Miến đao", "Chè Shan", "Mắc ca")]
    for made in (weak, good, best):
        await elder.file(made, "2020-07-06")
        await elder.forward(made, "2020-07-08", "district")
        await elder.to_council(made, "district", "2020-07-13", council["district"], round_id=round["district"])
    assert (await elder.dossier(good))["ruleset"] == plan_of("lai-chau-2020")["ruleset"] == "qd-1048-2019"
    assert (await elder.sit(weak, "district", "2020-08-04", all_three(20, 10, 19.5)))["stars"] == 2
    assert (await elder.sit(good, "district", "2020-08-04", all_three(20, 10, 20)))["stars"] == 3
    await elder.sit(best, "district", "2020-08-04", all_three(33, 24, 37))
    [row] = await elder.get("/evaluation/assessments", dossier=weak.dossier)
    assert (row["average"], row["sent_up_to"], row["next_actor"]) == ("99/2", None, "district_chairman")
    assert (await elder.dossier(weak))["state"] == "not-recognised"
    up = f"/evaluation/assessments/{row['id']}/referral"
    await elder.refused("result-not-approved", up, "agency", "106", "2020-08-10")

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


# --- Hà Tĩnh 2023-2025: the commune's report, the district's three stars, 70 and more to the province, seasons ---

FORM_03 = {
    "local_origin": "Tại xã", "local_labour": "Lao động tại xã", "origin_of_idea": "Của cộng đồng", "local_identity": "Đặc sản",
    "letter_number": "12/TTr-UBND", "samples": 0,
}  # fmt: skip


HA_TINH = Place("42", "439", "18133")


async def ha_tinh_begins(elder: Elder, on: str) -> tuple[dict[str, str], dict[str, str]]:
    """Councils, the district's with a bylaw that knows seasons, and rounds of the province's own dates."""
    council = {
        "district": await elder.council("district", HA_TINH, on, bylaw={"seasonal": True}),
        "province": await elder.council("province", HA_TINH, on),
    }
    rounds = {
        level: await elder.round(level, HA_TINH, on, date(2023, 8, 31), date(2023, 11, 30), name=on)
        for level in council
    }
    return council, rounds


async def reported_by_the_commune(elder: Elder, key: str) -> Made:
    """The commune, and nobody else, forwards it with its report on form 3."""
    made = await elder.file(await elder.product(key, HA_TINH, "2023-04-03"), "2023-06-05")
    path, on = f"/registration/dossiers/{made.dossier}/forwarding", "2023-06-12"
    await elder.refused("dossier-forwarded-by-another", path, "agency", "439", on, form_03=FORM_03)
    await elder.refused("form-missing", path, "commune", "18133", on)
    code = await elder.forward(made, on, "district", form_03=FORM_03)
    assert code.startswith("42-439-18133-")
    return made


async def test_ha_tinh_2023_the_district_certifies_three_stars_and_sends_seventy_up(elder: Elder) -> None:
    plan = plan_of("ha-tinh-2023-2025")
    commune, district, _ = plan["levels"]
    assert "form 3" in commune["sends_up"]["note"]
    assert (district["certifies"], district["sends_up"]["min_score"], district["sends_up"]["max_score"]) == (
        [3],
        70,
        100,
    )
    council, round = await ha_tinh_begins(elder, "2023-05-08")
    honey, deer = await reported_by_the_commune(elder, "Mật ong"), await reported_by_the_commune(elder, "Nhung hươu")
    assert (await elder.dossier(honey))["ruleset"] == plan["ruleset"] == "qd-148-2023"
    for made in (honey, deer):
        await elder.to_council(made, "district", "2023-07-03", council["district"], round_id=round["district"])
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
    other = {"number": "9", "date": "2023-07-25", "authority": "UBND tỉnh"}
    asked = {"product_id": honey.id, "assessment_id": row["id"], "decision": other}
    path = "/certification/certificates"
    await elder.refused("wrong-authority", path, "province_chairman", "42", "2023-07-25", **asked)
    held = await elder.certify(honey, "district", "district", "2023-07-25")
    assert (held["number"], held["stars"], held["expires_on"]) == ("GCN-42-2023-00001", 3, "2026-07-25")
    [row] = await elder.get("/evaluation/assessments", dossier=deer.dossier)
    assert (row["average"], row["sent_up_to"]) == ("70", "province")
    await elder.refer(deer, "district", "province", "2023-07-20")
    await elder.to_council(deer, "province", "2023-08-14", council["province"], round_id=round["province"])
    await elder.sit(deer, "province", "2023-08-22", all_three(30, 18, 24))
    assert (await elder.certify(deer, "province", "province", "2023-09-15"))["stars"] == 4


async def test_ha_tinh_2023_a_seasonal_product_is_assessed_outside_the_rounds(elder: Elder) -> None:
    assert "seasonal products" in plan_of("ha-tinh-2023-2025")["rounds_note"]
    council, round = await ha_tinh_begins(elder, "2023-05-09")
    orange = await reported_by_the_commune(elder, "Cam bù")
    path, season = f"/evaluation/assessments/{orange.assessments['district']}", "Cam bù chín từ tháng 12 đến tháng 2"
    await elder.do(f"{path}/receipt", "agency", "439", "2023-11-20")
    await elder.do(f"{path}/advice", "advisory_team", "439", "2023-11-20", report="Đủ", proposal="Theo mùa vụ")
    at, to = f"{path}/sending", {"council_id": council["district"]}
    in_round = to | {"round_id": round["district"]}
    await elder.refused("round-and-season", at, "secretary", "439", "2023-11-21", season=season, **in_round)
    await elder.do(f"/evaluation/rounds/{round['district']}/closing", "agency", "439", "2023-11-30")
    day = "2023-12-05"
    await elder.refused("round-missing", at, "secretary", "439", day, **to)
    await elder.refused("round-closed", at, "secretary", "439", day, **in_round)
    await elder.do(at, "secretary", "439", day, season=season, **to)
    await elder.sit(orange, "district", "2023-12-12", all_three(25, 15, 20))
    [row] = await elder.get("/evaluation/assessments", dossier=orange.dossier)
    assert (row["round_id"], row["season"], row["stars"]) == (None, season, 3)
    assert (await elder.certify(orange, "district", "district", "2023-12-20"))["stars"] == 3


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

    # The two times: legal dates are of 2024, what is recorded bears today's.
    said = (await elder.get("/events", types="ProductScored", limit=1000))["events"]
    own = [(event["legaldate"], event["time"][:10]) for event in said if event["data"]["product"]["id"] == tea.id]
    today = elder.program.clock.today().isoformat()
    assert own == [("2024-06-11", today), ("2024-07-16", today)]
