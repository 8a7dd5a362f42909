"""The questions that a page puts to a house in one: each says what the house's single doors say, over the season's data."""

from datetime import date
from typing import Any

import httpx
import pytest

from ocop.season.play import product_id
from tests.journeys.told import LINES, rows

BY = ("province", "group", "stars", "producer_kind")
KEYS = list(LINES)[::4]


async def ask(program: httpx.AsyncClient, path: str, **query: Any) -> Any:
    answer = await program.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


# --- the catalogue's search ---


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("tỏi lý sơn", "Tỏi Lý Sơn"), ("toi ly son", "Tỏi Lý Sơn"), ("TOI  LY-SON", "Tỏi Lý Sơn"),
        ("tooi ly son", "Tỏi Lý Sơn"), ("toi lyson", "Tỏi Lý Sơn"), ("toily son", "Tỏi Lý Sơn"), ("toi yl son", "Tỏi Lý Sơn"),
        ("gom my thienn", "Gốm Mỹ Thiện"), ("mat ogn huong son", "Mật ong Hương Sơn"), ("buoi phcu trach", "Bưởi Phúc Trạch"),
        ("51-21548-1-2026", "Tỏi Lý Sơn"), ("nhung huou", "Nhung hươu Hương Sơn"), ("quang ngai gom", "Gốm Mỹ Thiện"),
    ],
)  # fmt: skip
async def test_a_product_is_found_however_it_is_typed(program: httpx.AsyncClient, typed: str, name: str) -> None:
    found = await ask(program, "/promotion/search", q=typed)
    assert name in {row["product_name"] for row in found["rows"]}
    assert found["total"] >= len(found["rows"]) > 0


async def test_words_that_are_there_are_taken_as_they_are_and_others_say_what_was_read(
    program: httpx.AsyncClient,
) -> None:
    assert (await ask(program, "/promotion/search", q="toi ly son"))["read_as"] == {}
    assert (await ask(program, "/promotion/search", q="tooi ly son"))["read_as"] == {"tooi": ["toi"]}
    nothing = await ask(program, "/promotion/search", q="zzzzzz")
    assert (nothing["total"], nothing["rows"], nothing["read_as"]) == (0, [], {"zzzzzz": []})


@pytest.mark.parametrize("q", ["%", "_", "'", ".*", "(", "[a-z]+", "\\", "toi|gom", "a" * 200, "😀", "đ" * 200])
async def test_signs_are_no_orders_to_the_search(program: httpx.AsyncClient, q: str) -> None:
    found = await ask(program, "/promotion/search", q=q)
    assert found["total"] == len(found["rows"]) or found["total"] > 100 or len(found["rows"]) == 100
    if q == ".*":
        assert found["total"] == (await ask(program, "/promotion/counts"))["listed"]  # nothing was asked for


async def test_the_search_keeps_to_filters_and_pages(program: httpx.AsyncClient) -> None:
    every = await rows(program, "/promotion/catalogue")
    for filters in ({"province": "51"}, {"stars": "4"}, {"group": "craft"}, {"set": "10"}, {"commune": "21548"},
                    {"state": "extended"}, {"province": "51", "stars": "3"}):  # fmt: skip
        found = await ask(program, "/promotion/search", limit=1000, **filters)
        state = filters.get("state")
        wanted = [
            row for row in every
            if all(str(row[key]) == value for key, value in filters.items() if key != "state")
            and (state is None or row["extended_until"] is not None)
        ]  # fmt: skip
        assert found["rows"] == wanted
        assert found["total"] == len(wanted)
    second = await ask(program, "/promotion/search", limit=10, offset=10)
    assert (second["rows"], second["total"]) == (every[10:20], len(every))
    past = await ask(program, "/promotion/search", limit=10, offset=10_000)
    assert (past["rows"], past["total"]) == ([], len(every))
    typed = await ask(program, "/promotion/search", q="tooi", limit=1, offset=1)
    assert typed["total"] > 1
    assert len(typed["rows"]) == 1


# --- a product, one question a house ---


@pytest.mark.parametrize("key", KEYS)
async def test_one_question_tells_of_a_product_what_many_tell(program: httpx.AsyncClient, key: str) -> None:
    product = product_id(key)
    file = await ask(program, f"/registration/products/{product}/file")
    assert file["product"] == await ask(program, f"/registration/products/{product}")
    assert file["timeline"] == await ask(program, f"/registration/products/{product}/timeline")
    dossiers = await rows(program, "/registration/dossiers", product=product)
    assert [one["id"] for one in file["dossiers"]] == [one["id"] for one in dossiers]
    for one in file["dossiers"]:
        assert one["changed"] == (await ask(program, f"/registration/dossiers/{one['id']}"))["changed"]
    offers = await ask(program, f"/promotion/products/{product}/offers")
    assert offers["listings"] == await ask(program, f"/promotion/products/{product}/listings")
    assert offers["sales_points"] == await rows(program, "/promotion/sales-points", product=product)
    story = await program.get(f"/promotion/products/{product}/story")
    assert offers["story"] == (story.json() if story.status_code == 200 else None)
    results = await ask(program, f"/evaluation/products/{product}/results")
    assessments = await rows(program, "/evaluation/assessments", product=product)
    assert [{k: v for k, v in one.items() if k != "result"} for one in results] == assessments
    for one in results:
        single = await program.get(f"/evaluation/assessments/{one['id']}/result")
        assert one["result"] == (single.json() if single.status_code == 200 else None)


async def test_the_totals_of_ballots_are_told_without_whose_they_are(program: httpx.AsyncClient) -> None:
    for assessment in (await rows(program, "/evaluation/assessments"))[:20]:
        answer = await program.get(f"/evaluation/assessments/{assessment['id']}/result")
        if answer.status_code == 200 and answer.json()["totals"]:
            totals = answer.json()["totals"]
            assert totals == sorted(totals)
            assert len(totals) == answer.json()["ballots"]
            assert round(max(totals) - min(totals), 6) == round(answer.json()["spread"], 6)


@pytest.mark.parametrize("on", [None, "2026-12-01"])
async def test_one_question_tells_of_a_plan_what_its_doors_tell(program: httpx.AsyncClient, on: str | None) -> None:
    day = {"on": on} if on else {}
    for plan in await rows(program, "/programme/plans"):
        at = f"/programme/plans/{plan['id']}"
        file = await ask(program, f"{at}/file", **day)
        assert file == {
            "plan": await ask(program, at, **day), "tasks": await ask(program, f"{at}/tasks", **day),
            "duties": await ask(program, f"{at}/duties", **day), "calendar": await ask(program, f"{at}/calendar"),
        }  # fmt: skip
    assert (await program.get("/programme/plans/no-such-plan/file")).status_code == 404


# --- rounds ---


async def test_a_round_tells_its_products_and_how_many_came_to_what(program: httpx.AsyncClient) -> None:
    for one in await rows(program, "/evaluation/rounds"):
        found = await ask(program, f"/evaluation/rounds/{one['id']}/results", limit=1000)
        assessments = await rows(program, "/evaluation/assessments", round=one["id"])
        assert one["assessments"] == len(found["rows"]) == len(assessments) == sum(t["count"] for t in found["tally"])
        assert {row["id"] for row in found["rows"]} == {row["id"] for row in assessments}
        averages = [row["average_2dp"] for row in found["rows"] if row["average_2dp"] is not None]
        assert averages == sorted(averages, reverse=True)
        for tally in found["tally"]:
            like = [
                row for row in assessments
                if (row["outcome"], row["stars"]) == (tally["outcome"], tally["stars"])
                and (None if row["average_2dp"] is None else min(int(row["average_2dp"] // 5 * 5), 95)) == tally["points"]
            ]  # fmt: skip
            assert len(like) == tally["count"]


# --- dossiers by state ---


async def test_the_board_has_every_dossier_once_and_the_most_urgent_first(program: httpx.AsyncClient) -> None:
    every = await rows(program, "/registration/dossiers")
    board = await ask(program, "/registration/board", limit=1000)
    assert sorted(row["id"] for state in board for row in state["rows"]) == sorted(row["id"] for row in every)
    for state in board:
        assert state["count"] == len(state["rows"])
        assert {row["state"] for row in state["rows"]} == {state["state"]}
        assert state["overdue"] == sum(bool(row["overdue"]) for row in state["rows"])
        days = [row["due_on"] for row in state["rows"] if row["due_on"]]
        assert days == sorted(days)
    few = await ask(program, "/registration/board", limit=2)
    assert all(len(state["rows"]) <= 2 for state in few)
    assert [state["count"] for state in few] == [state["count"] for state in board]
    place = await ask(program, "/registration/board", province="42", limit=1000)
    assert sum(state["count"] for state in place) == sum(row["province"] == "42" for row in every) > 0


# --- the dashboard ---


@pytest.mark.parametrize("province", [None, "51", "99"])
@pytest.mark.parametrize("on", [None, "2026-10-01", "2020-01-01"])
@pytest.mark.parametrize("map", ["day", "today"])
async def test_the_overview_counts_as_each_single_count_does(
    program: httpx.AsyncClient, map: str, on: str | None, province: str | None
) -> None:
    scope = {name: value for name, value in (("on", on), ("province", province), ("map", map)) if value}
    found = await ask(program, "/programme/recognised/overview", **scope)
    for by in BY:
        single = await ask(program, "/programme/recognised", by=by, **scope)
        assert found["valid"]["total"] == single["valid"]["total"]
        assert found["ever"]["total"] == single["ever"]["total"]
        for count in ("valid", "ever"):
            assert {row["value"]: row[count] for row in found["by"][by] if row[count]} == {
                row["value"]: row["count"] for row in single[count]["values"]
            }
        assert {row["value"]: row["label_vi"] for row in found["by"][by]} == {
            row["value"]: row["label_vi"] for row in single["ever"]["values"]
        }
    for row in found["by"]["year"]:
        listed = await rows(program, "/programme/recognised/list", count="valid", year=str(row["value"]), **scope)
        assert len(listed) == row["valid"]


async def test_months_count_what_the_certificates_say(program: httpx.AsyncClient) -> None:
    found = await ask(program, "/programme/recognised/overview")
    on = date.fromisoformat(found["on"])
    for month in found["months"][::5]:
        first = date.fromisoformat(month["month"])
        last = date.fromordinal(date(first.year + first.month // 12, first.month % 12 + 1, 1).toordinal() - 1)
        listed = await ask(program, "/programme/recognised/ending", since=first, until=last)
        assert listed["total"] == len(listed["rows"]) == month["ending"]
        assert all(first.isoformat() <= row["valid_to"] <= last.isoformat() for row in listed["rows"])
        if last <= on:
            certificates = await rows(program, "/certification/certificates", on=last.isoformat())
            assert month["valid"] == sum(row["status"] in {"valid", "extended"} for row in certificates)


@pytest.mark.parametrize("query", [{}, {"since": "2027-01-01"}, {"since": "soon", "until": "2027-01-01"}])
async def test_days_that_are_missing_or_none_are_refused(program: httpx.AsyncClient, query: dict[str, str]) -> None:
    assert (await program.get("/programme/recognised/ending", params=query)).status_code == 422


async def test_certification_counts_how_its_certificates_stand_today(program: httpx.AsyncClient) -> None:
    counts = await ask(program, "/certification/counts")
    certificates = await rows(program, "/certification/certificates")
    today = date.fromisoformat(certificates[0]["on"])
    in_force = [row for row in certificates if row["status"] in {"valid", "extended"}]
    ends = [(date.fromisoformat(row["until"]) - today).days for row in in_force]
    assert counts["in_force"] == len(in_force)
    assert counts["ending_180"] == sum(days < 180 for days in ends)
    assert counts["revoked"] == sum(row["status"] == "revoked" for row in certificates)
    assert counts["renewed"] == sum(row["kind"] in {"renewal", "upgrade"} for row in certificates)
