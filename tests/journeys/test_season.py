"""The whole season, through HTTP: every product ends as its story tells, and every page answers as told on every day."""

from datetime import date
from typing import Any

import httpx
import pytest

from ocop.season.play import OtherSeason, Player, check_goes_on, play, product_id, steps_of
from ocop.season.script import Season
from ocop.season.summary import summarise
from ocop.standalone import Program
from tests.journeys.told import LINES, SEASON, certificates_of, issued_steps, page, recorded_on, rows

ENDS_AT = [(key, at) for key, line in LINES.items() for at in line.at]
FIVE_STARS, CENTRAL, OWN = "toi-ly-son", "toi-den", "tinh-dau-que"


# --- the whole ---


def test_the_script_has_all_70_products_44_stories_and_60_situations() -> None:
    shown = {what for line in LINES.values() for what in line.shows} | {event.do for event in SEASON.events}
    assert (len(LINES), sum(bool(line.shows) for line in LINES.values()), len(shown)) == (70, 44, 60)


async def test_every_product_ends_as_its_story_tells(played: Program, season: Season) -> None:
    summary = await summarise(played, season)
    assert [row for row in summary.rows if not row.as_told] == []
    assert {row.key: row.result for row in summary.rows} == {row.key: row.expected for row in summary.rows}
    assert summary.counts == {
        "products": 70, "certificates": 65, "stars": {"5": 6, "4": 27, "3": 32}, "none": 5, "issued": 86,
    }  # fmt: skip


async def test_playing_again_does_nothing(played: Program, season: Season) -> None:
    before = {name: await house.store.head() for name, house in played.houses.items()}
    assert await play(played, season, lambda day, done, total: None) == 0
    assert {name: await house.store.head() for name, house in played.houses.items()} == before


def test_data_of_another_season_are_not_played_on(played: Program, season: Season) -> None:
    steps = steps_of(season)
    half = date(2026, 10, 1)
    done = frozenset(step.key for _, step in steps if step.day < half)
    check_goes_on(Player(played, season, done, half, {}), steps)
    other = frozenset(key for key in done if "recognition_recorded" not in key)
    with pytest.raises(OtherSeason, match="thiếu 21 bước"):
        check_goes_on(Player(played, season, other, half, {}), steps)


async def test_every_delivery_is_made(program: httpx.AsyncClient) -> None:
    answer = await program.get("/readyz")
    assert (answer.status_code, answer.json()["behind"]) == (200, [])


# --- how each ends ---


@pytest.mark.parametrize("key", LINES)
async def test_each_ends_with_the_certificate_the_status_and_the_stars_told(
    key: str, program: httpx.AsyncClient
) -> None:
    end, found = LINES[key].end, await certificates_of(program, key)
    if end["certificate"] is None:
        assert not found
        return
    assert max(found) == end["certificate"]
    shown = await page(program, found[end["certificate"]]["number"], SEASON.last)
    assert (shown["status"], shown["stars"]) == (end["status"], end["stars"])


@pytest.mark.parametrize("key", LINES)
async def test_each_is_in_the_catalogue_as_told(key: str, program: httpx.AsyncClient) -> None:
    answer = await program.get(f"/promotion/catalogue/{product_id(key)}")
    assert (answer.status_code == 200) is LINES[key].end["listed"]


@pytest.mark.parametrize(("key", "at"), ENDS_AT, ids=lambda value: str(value)[:60])
async def test_a_certificates_page_answers_as_the_story_says(
    key: str, at: dict[str, Any], program: httpx.AsyncClient
) -> None:
    found = await certificates_of(program, key)
    if at["certificate"] is None:
        assert all(date.fromisoformat(c["issued_on"]) > at["date"] for c in found.values())
        return
    shown = await page(program, found[at["certificate"]]["number"], at["date"])
    assert (shown["status"], shown["stars"]) == (at["status"], at["stars"])


@pytest.mark.parametrize("key", [key for key, line in LINES.items() if issued_steps(line)])
async def test_a_certificate_begins_on_the_day_of_its_decision_and_lasts_36_months(
    key: str, program: httpx.AsyncClient
) -> None:
    found = await certificates_of(program, key)
    for number, step in enumerate(issued_steps(LINES[key]), 1):
        certificate, last = found[number], step.day.replace(year=step.day.year + 3)
        assert (certificate["issued_on"], certificate["expires_on"]) == (str(step.day), str(last))
        assert certificate["simulated"] is True
        before = await page(program, certificate["number"], date.fromordinal(step.day.toordinal() - 1))
        assert before["status"] == "not-yet-valid"


@pytest.mark.parametrize("key", [key for key, line in LINES.items() if line.product.earlier])
async def test_an_earlier_certificate_has_its_own_dates_and_is_not_of_today(
    key: str, program: httpx.AsyncClient
) -> None:
    earlier, found = LINES[key].product.earlier, (await certificates_of(program, key))[0]
    assert earlier
    assert (found["issued_on"], found["expires_on"]) == (str(earlier.decided), str(earlier.expires))
    assert (found["kind"], found["stars"], found["simulated"]) == ("recorded", earlier.stars, True)
    product = (await program.get(f"/registration/products/{product_id(key)}")).json()
    assert product["registered_on"] == str(recorded_on(LINES[key]))


async def test_two_products_of_one_producer_share_it(program: httpx.AsyncClient) -> None:
    keys = ("sen-say", "sen-say-wasabi", "ngu-tra-hong-lien")
    products = [(await program.get(f"/registration/products/{product_id(key)}")).json() for key in keys]
    assert len({product["producer_id"] for product in products}) == 1


async def test_dossiers_stand_as_told(program: httpx.AsyncClient) -> None:
    found = await rows(program, "/registration/dossiers")
    states: dict[str, list[str]] = {}
    for dossier in found:
        states.setdefault(dossier["product_id"], []).append(dossier["state"])
    assert states[product_id("ruou-toi")] == ["rejected"]
    assert states[product_id("nuoc-uong-minh-hoa")] == ["stopped"]
    assert states[product_id("keo-guong")] == ["not-recognised", "recognised"]
    assert states[product_id("hanh-ly-son")] == ["recognised", "not-recognised"]
    assert states[product_id("hai-san-kho")] == ["recognised"]
    for key, line in LINES.items():
        if "dossier" in line.end:
            assert states[product_id(key)] == [line.end["dossier"]]
    assert product_id("tinh-bot-nghe-nam-dong") not in states  # its renewal was refused, and nothing is kept of it


# --- the ways up and back ---


async def test_a_result_of_90_or_more_waits_for_the_ministry(program: httpx.AsyncClient) -> None:
    for key in (FIVE_STARS, CENTRAL, OWN):
        levels = [a["level"] for a in await rows(program, "/evaluation/assessments", product=product_id(key))]
        assert levels[:2] == ["province", "national"]
        assert (await certificates_of(program, key))[1]["issued_on"] > "2027-03-01"
    assert (await certificates_of(program, FIVE_STARS))[1]["number"].startswith("GCN-TW-2027-")


async def test_a_product_keeps_its_code_through_upgrade_renewal_and_re_entry(program: httpx.AsyncClient) -> None:
    for key in ("keo-guong", "banh-trang", "hanh-ly-son"):
        dossiers = await rows(program, "/registration/dossiers", product=product_id(key))
        assert len(dossiers) == 2
        assert len({d["product_code"] for d in dossiers}) == 1


@pytest.mark.parametrize("key", [k for k, line in LINES.items() if any("changed" in s.facts for s in line.steps)])
async def test_an_upgrade_shows_what_changed(key: str, program: httpx.AsyncClient) -> None:
    [step] = [s for s in LINES[key].steps if "changed" in s.facts]
    dossiers = await rows(program, "/registration/dossiers", product=product_id(key))
    shown = (await program.get(f"/registration/dossiers/{dossiers[-1]['id']}")).json()
    assert shown["kind"] == "upgrade"
    changed = shown["changed"]
    assert sorted(c["criterion"] for c in changed["criteria"]) == sorted(step.facts["changed"])
    assert all(c["after"] and c["after"] != c["before"] for c in changed["criteria"])
    assert (shown["previous"] is not None) is (len(dossiers) > 1)
    if shown["previous"]:  # a new test report took the place of the old one
        kinds = [[paper["kind"] for paper in changed[what]] for what in ("evidence_added", "evidence_removed")]
        assert kinds == [["EV12"], ["EV12"]]


# --- catalogue and counts ---


async def test_the_catalogue_lists_each_product_in_force_once(program: httpx.AsyncClient) -> None:
    listed = [row["product_id"] for row in await rows(program, "/promotion/catalogue")]
    certified = await rows(program, "/certification/certificates", on=str(SEASON.last))
    in_force = [row["product"]["id"] for row in certified if row["status"] in ("valid", "extended")]
    assert sorted(listed) == sorted(in_force)
    assert len(listed) == 65


@pytest.mark.parametrize(
    "on", ["2026-05-25", "2026-07-18", "2026-09-24", "2026-09-30", "2026-11-17", "2026-12-31", "2027-03-31"]
)
async def test_national_counts_equal_the_lists_they_count(on: str, program: httpx.AsyncClient) -> None:
    counted = (await program.get("/programme/recognised", params={"by": "stars", "on": on})).json()["valid"]
    listed = await rows(program, "/programme/recognised/list", on=on)
    certified = await rows(program, "/certification/certificates", on=on)
    in_force = [c["number"] for c in certified if c["status"] in ("valid", "extended")]
    assert counted["total"] == len(listed) == len(in_force)


async def test_a_plans_targets_are_counted_from_the_certificates(program: httpx.AsyncClient) -> None:
    [found] = await rows(program, "/programme/plans", province="51")
    plan = (await program.get(f"/programme/plans/{found['id']}", params={"on": "2026-12-31"})).json()
    actual = {target["metric"]: target["actual"] for target in plan["targets"]}
    told = [
        (line.product.earlier, step.facts["stars"])
        for line in LINES.values()
        if line.product.province == "51"
        for step in issued_steps(line)[:1]
        if step.day <= date(2026, 12, 31)
    ]
    assert actual["products_newly_recognised_min_star_3"] == len([1 for earlier, _ in told if earlier is None])
    certified = await rows(program, "/certification/certificates", province="51", stars="4", on="2026-12-31")
    assert actual["products_certified_star_4"] == sum(c["status"] == "valid" for c in certified)


async def test_what_belongs_to_no_product_is_there_too(program: httpx.AsyncClient) -> None:
    points = {point["name"].split(" OCOP ")[1]: point for point in await rows(program, "/promotion/sales-points")}
    assert [len(points[name]["products"]) for name in sorted(points)] == [12, 6]
    assert [points[name]["closed_on"] for name in sorted(points)] == [None, "2027-02-26"]
    [fair] = await rows(program, "/promotion/fairs")
    assert (fair["until"], len(fair["products"])) == ("2027-01-26", 9)
    assert len({partner["kind"] for partner in await rows(program, "/promotion/partners")}) == 8
    shelves = await rows(program, "/promotion/shelves", product=product_id("que-thu-cong"))
    assert [shelf["link"] for shelf in shelves] == ["https://san.example/que-thu-cong"]
    assert (await program.get(f"/promotion/products/{product_id('gom-my-thien')}/story")).status_code == 200
    assert {task["done_percent"] for task in await rows(program, "/programme/tasks")} == {60, 100}
    [training] = await rows(program, "/programme/trainings")
    assert (training["producers"], training["officers"]) == (45, 15)
