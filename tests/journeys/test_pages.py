"""The public pages over the whole program, after products went their way from idea to certificate.

The fixture `program` is an HTTP client on the program; the pages are read as a browser reads them.
"""

from io import BytesIO
from typing import Any

import httpx
import pytest
from pypdf import PdfReader

from ocop.season.play import product_id
from services.portal.views import words
from services.portal.views.lists import PAGE
from services.portal.views.words import day
from tests.journeys.told import LINES, certificates_of
from tests.views.reading import BROWSER, JSON, Page, page

NOBODY = "00000000-0000-0000-0000-000000000000"
SIMULATED = "Kết quả mô phỏng, không phải kết quả thật"
ENTERED = {"product_registered", "recognition_recorded"}  # by one of these steps a product comes into the register
PRODUCTS = [key for key, line in LINES.items() if ENTERED & {step.do for step in line.steps}]
ENDS_AT = [(key, at) for key, line in LINES.items() for at in line.at if at["certificate"] is not None]


async def a_listing(program: httpx.AsyncClient) -> dict[str, Any]:
    """A product that went the whole way from its idea to its certificate."""
    answer = await program.get("/promotion/catalogue", params={"q": "gốm Mỹ Thiện"})
    return answer.json()[0]


# --- what holds for every page ---


@pytest.mark.parametrize(
    "path", ["/", "/products", "/dossiers", "/dashboard", "/dashboard/list", "/c/NO-SUCH", "/nowhere"]
)
async def test_a_page_can_be_read_by_everybody_without_a_script(program: httpx.AsyncClient, path: str) -> None:
    answer = await program.get(path, headers=BROWSER)
    read = Page(answer.text)
    names = [name for name, _ in read.tags]
    assert names.count("h1") == names.count("main") == 1
    assert read.values("html", "lang") == ["vi"]
    assert "style" not in names
    assert not [attrs for _, attrs in read.tags if "style" in attrs or any(name.startswith("on") for name in attrs)]
    fields = read.values("input", "id") + read.values("select", "id")
    assert set(fields) <= set(read.values("label", "for"))
    ids = [attrs["id"] for _, attrs in read.tags if attrs.get("id")]
    assert len(ids) == len(set(ids))
    assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_the_home_page_counts_what_the_houses_count(program: httpx.AsyncClient) -> None:
    home = await page(program, "/")
    assert str((await program.get("/promotion/counts")).json()["listed"]) in home.texts
    assert str((await program.get("/registration/counts")).json()["ideas"]) in home.texts


# --- certificate ---


async def test_a_certificate_is_a_page_for_readers_and_json_for_programs(program: httpx.AsyncClient) -> None:
    listing = await a_listing(program)
    path = f"/c/{listing['certificate']}"
    as_json = await program.get(path, headers=JSON)
    facts = as_json.json()
    assert as_json.headers["vary"] == "Accept"
    assert set(facts) == {
        "number", "on", "status", "since", "until", "stars", "product", "producer", "province", "decision", "reason",
        "replaced_by",
    }  # fmt: skip
    assert (facts["number"], facts["status"], facts["stars"]) == (listing["certificate"], "valid", listing["stars"])
    shown = (await page(program, path)).text
    for part in ("Đang có hiệu lực", "Valid", facts["product"]["name"], facts["producer"]["name"],
                 facts["decision"]["number"], day(facts["since"]), day(facts["until"])):  # fmt: skip
        assert part in shown
    assert "Accept" in (await program.get(path, headers=BROWSER)).headers["vary"].split(", ")


async def test_a_certificate_answers_for_the_day_that_is_asked(program: httpx.AsyncClient) -> None:
    listing = await a_listing(program)
    path = f"/c/{listing['certificate']}"
    before = await program.get(path, params={"on": "2020-01-01"}, headers=JSON)
    assert (before.json()["status"], before.json()["on"]) == ("not-yet-valid", "2020-01-01")
    assert "Chưa có hiệu lực" in (await page(program, path, on="2020-01-01")).text
    assert "Đã hết hạn" in (await page(program, path, on="2099-01-01")).text


async def test_an_unknown_number_is_404_in_both_forms(program: httpx.AsyncClient) -> None:
    answer = await program.get("/c/GCN-51-1999-00001", headers=JSON)
    assert (answer.status_code, answer.json()["status"]) == (404, "unknown")
    assert "Không có trong sổ đăng ký" in (await page(program, "/c/GCN-51-1999-00001", 404)).text
    assert (await program.get("/c/GCN-51-1999-00001.pdf")).status_code == 404


@pytest.mark.parametrize("on", ["tomorrow", "2026-13-01", "1700000000", "2026-06-01T00:00:00"])
async def test_a_day_that_is_no_date_is_refused_with_its_field(program: httpx.AsyncClient, on: str) -> None:
    path = f"/c/{(await a_listing(program))['certificate']}"
    answer = await program.get(path, params={"on": on}, headers=JSON)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"][0]["field"] == "on"
    assert "Không phải ngày hợp lệ" in (await page(program, path, 422, on=on)).text


async def test_the_form_on_the_home_page_finds_a_certificate_typed_in_small_letters(program: httpx.AsyncClient) -> None:
    number = (await a_listing(program))["certificate"]
    answer = await program.get("/c", params={"number": f" {number.lower()} "})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/c/{number}")


async def test_the_paper_is_one_page_that_leads_back_to_the_register(program: httpx.AsyncClient) -> None:
    listing = await a_listing(program)
    answer = await program.get(f"/c/{listing['certificate']}.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    reader = PdfReader(BytesIO(answer.content))
    text = " ".join(reader.pages[0].extract_text().split())
    assert len(reader.pages) == 1
    assert listing["product_name"] in text
    assert f"/c/{listing['certificate']}" in text
    assert "MÔ PHỎNG" in text


# --- product ---


async def test_a_product_page_tells_its_way_from_the_idea_to_the_certificate(program: httpx.AsyncClient) -> None:
    listing = await a_listing(program)
    read = await page(program, f"/products/{listing['product_id']}")
    told = [read.text.index(step) for step in (
        "Chủ thể đăng ký ý tưởng sản phẩm", "Phương án được phê duyệt", "Chủ thể nộp hồ sơ", "Hội đồng kết luận",
        f"Cấp giấy chứng nhận {listing['stars']} sao", "Sản phẩm vào danh mục quảng bá",
    )]  # fmt: skip
    assert told == sorted(told)
    assert f"/c/{listing['certificate']}" in read.values("a", "href")


async def test_a_product_page_explains_its_score_by_every_criterion(program: httpx.AsyncClient) -> None:
    listing = await a_listing(program)
    assessments = await program.get("/evaluation/assessments", params={"product": listing["product_id"]})
    result = await program.get(f"/evaluation/assessments/{assessments.json()[-1]['id']}/result")
    text = (await page(program, f"/products/{listing['product_id']}")).text
    for row in result.json()["criteria"]:
        assert f"{row['criterion']}. {row['label_vi']}" in text
        assert row["option_vi"] is None or " ".join(row["option_vi"].split()) in text


async def test_an_unknown_product_is_a_friendly_page_or_a_problem(program: httpx.AsyncClient) -> None:
    assert "Không tìm thấy" in (await page(program, f"/products/{NOBODY}", 404)).text
    answer = await program.get(f"/products/{NOBODY}", headers=JSON)
    assert (answer.status_code, answer.json()["rule"]) == (404, "not-found")


# --- the season: every product, every certificate ---


@pytest.mark.parametrize("key", PRODUCTS)
async def test_every_product_has_a_page_that_shows_each_of_its_certificates_and_says_it_is_simulated(
    program: httpx.AsyncClient, key: str
) -> None:
    read = await page(program, f"/products/{product_id(key)}")
    assert SIMULATED in read.text
    assert LINES[key].product.name in read.text
    links = read.values("a", "href")
    for certificate in (await certificates_of(program, key)).values():
        assert f"/c/{certificate['number']}" in links
        shown = await page(program, f"/c/{certificate['number']}")
        assert SIMULATED in shown.text
        assert words.STATUS[certificate["status"]].vi in shown.text
        assert (certificate["reason"] is not None) is ("Lý do:" in shown.text)
        if certificate["replaced_by"]:
            assert f"/c/{certificate['replaced_by']}" in shown.values("a", "href")
    assert "None" not in read.texts


@pytest.mark.parametrize(("key", "at"), ENDS_AT, ids=lambda value: str(value)[:60])
async def test_the_page_of_a_certificate_says_on_a_day_what_its_story_says(
    program: httpx.AsyncClient, key: str, at: dict[str, Any]
) -> None:
    number = (await certificates_of(program, key))[at["certificate"]]["number"]
    read = await page(program, f"/c/{number}", on=str(at["date"]))
    assert f"{words.STATUS[at['status']].vi} {words.STATUS[at['status']].en}" in read.text


async def test_what_became_of_the_papers_stands_in_a_products_own_words(program: httpx.AsyncClient) -> None:
    """No step of the season is shown by its key."""
    for key in LINES:
        answer = await program.get(f"/registration/products/{product_id(key)}/timeline")
        assert {step["what"] for step in answer.json()} <= set(words.STEPS)
    dossiers = await program.get("/registration/dossiers", params={"limit": 1000})
    assert {dossier["state"] for dossier in dossiers.json()} <= set(words.DOSSIER_STATES)


async def test_an_upgrade_shows_what_changed_and_a_second_turn_of_ballots_both_turns(
    program: httpx.AsyncClient,
) -> None:
    dossiers = (await program.get("/registration/dossiers", params={"limit": 1000})).json()
    later = next(dossier for dossier in dossiers if dossier["kind"] == "upgrade")
    read = await page(program, f"/products/{later['product_id']}")
    assert "Thay đổi so với hồ sơ trước" in read.text
    assessments = (await program.get("/evaluation/assessments", params={"limit": 1000})).json()
    twice = next(row for row in assessments if len(row["ballot_rounds"]) > 1)
    assert "Các lượt phiếu" in (await page(program, f"/products/{twice['product_id']}")).text


async def test_a_result_that_was_annulled_is_kept_and_says_so(program: httpx.AsyncClient) -> None:
    assessments = (await program.get("/evaluation/assessments", params={"limit": 1000})).json()
    void = next(row for row in assessments if row["annulled_on"])
    text = (await page(program, f"/products/{void['product_id']}")).text
    assert "Kết quả này đã bị hủy ngày" in text
    assert "Đánh giá lại cùng hồ sơ" in text


async def test_the_story_of_a_product_and_where_it_is_sold_stand_on_its_page(program: httpx.AsyncClient) -> None:
    shelf = (await program.get("/promotion/shelves", params={"state": "open"})).json()[0]
    assert shelf["link"] in (await page(program, f"/products/{shelf['product_id']}")).values("a", "href")
    point = (await program.get("/promotion/sales-points", params={"state": "open"})).json()[0]
    assert point["name"] in (await page(program, f"/products/{point['products'][0]['id']}")).text
    told = [key for key, line in LINES.items() if any(step.do == "story_published" for step in line.steps)]
    story = (await program.get(f"/promotion/products/{product_id(told[0])}/story")).json()
    assert story["title"] in (await page(program, f"/products/{product_id(told[0])}")).text


# --- lists ---


async def test_a_product_is_found_without_accents(program: httpx.AsyncClient) -> None:
    listing = await a_listing(program)
    bare = (
        listing["product_name"]
        .lower()
        .translate(str.maketrans("đáàảãạóòỏõọơớờởỡợýỳỷỹỵ", "daaaaaooooooooooo" + "yyyyy"))
    )
    read = await page(program, "/products", q=bare, province="", group="", stars="")
    assert f"/products/{listing['product_id']}" in read.values("a", "href")
    none = await page(program, "/products", q="không có sản phẩm nào tên thế này")
    assert "Không có sản phẩm nào khớp" in none.text


async def test_the_lists_keep_to_their_filters(program: httpx.AsyncClient) -> None:
    listing = await a_listing(program)
    link = f"/products/{listing['product_id']}"
    filters = {"province": listing["province"], "group": listing["group"], "stars": listing["stars"]}
    assert link in (await page(program, "/products", **filters)).values("a", "href")
    assert link not in (await page(program, "/products", **filters | {"province": "99"})).values("a", "href")
    place = {"province": listing["province"], "commune": listing["commune"]}
    assert link in (await page(program, "/dossiers", state="recognised", **place)).values("a", "href")
    assert link not in (await page(program, "/dossiers", state="submitted", **place)).values("a", "href")
    await page(program, "/dossiers", 422, state="lost")


async def test_every_number_of_the_dashboard_leads_to_as_many_products(program: httpx.AsyncClient) -> None:
    read = await page(program, "/dashboard")
    counted = await program.get("/programme/recognised", params={"by": "province"})
    assert counted.json()["valid"]["definition"]["vi"] in read.text
    assert counted.json()["ever"]["definition"]["vi"] in read.text
    for row in counted.json()["valid"]["values"]:
        (href,) = {h for h in read.values("a", "href") if f"province={row['value']}" in h and "count=valid" in h}
        listed = (await page(program, href)).values("a", "href")
        assert len([h for h in listed if h.startswith("/products/")]) == min(row["count"], PAGE)


# --- feed ---


async def test_the_feed_tells_everything_once_and_each_house_in_order(program: httpx.AsyncClient) -> None:
    positions: dict[str, list[int]] = {}
    cursor = None
    while True:
        answer = await program.get("/events", params={"limit": 200} | ({"after": cursor} if cursor else {}))
        body = answer.json()
        for event in body["events"]:
            house, _, number = event["id"].partition(":")
            positions.setdefault(house, []).append(int(number))
        if not body["events"]:
            assert body["next"] == cursor
            break
        cursor = body["next"]
    assert {"registration", "evaluation", "certification", "promotion"} <= set(positions)
    for house, numbers in positions.items():
        assert numbers == sorted(set(numbers)), house
    own = await program.get("/certification/events", params={"limit": 1000})
    assert positions["certification"][:1000] == [int(e["id"].partition(":")[2]) for e in own.json()["events"]]


async def test_the_feed_tells_only_what_is_wanted(program: httpx.AsyncClient) -> None:
    listing = await a_listing(program)
    wanted = {
        "product": listing["product_id"],
        "types": "CertificateIssued,ProductListed",
        "province": listing["province"],
    }
    events = (await program.get("/events", params=wanted)).json()["events"]
    assert {event["type"] for event in events} == {"vn.ocop.CertificateIssued.v1", "vn.ocop.ProductListed.v1"}
    assert {event["data"]["product"]["id"] for event in events} == {listing["product_id"]}
    assert (await program.get("/events", params=wanted | {"province": "99"})).json()["events"] == []


@pytest.mark.parametrize("path", ["/events", "/registration/events"])
@pytest.mark.parametrize("province", ["08", "14", "52", "86"])
async def test_a_filtered_page_holds_all_there_is_up_to_its_limit(
    path: str, province: str, program: httpx.AsyncClient
) -> None:
    """However far behind others the first event of a province stands."""
    everything, cursor = [], None
    while True:
        body = (await program.get(path, params={"limit": 1000} | ({"after": cursor} if cursor else {}))).json()
        if not body["events"]:
            break
        everything += [e["id"] for e in body["events"] if e.get("province") == province]
        cursor = body["next"]
    page = (await program.get(path, params={"province": province, "limit": 1000})).json()
    assert sorted(e["id"] for e in page["events"]) == sorted(everything)
    assert len(everything) > 2


@pytest.mark.parametrize(
    ("params", "rule"),
    [
        ({"after": "nonsense"}, "cursor-malformed"), ({"limit": 0}, "invalid-input"), ({"limit": 1001}, "invalid-input"),
        ({"wait": 5.1}, "invalid-input"), ({"wait": -1}, "invalid-input"),
    ],
)  # fmt: skip
async def test_the_feed_refuses_what_it_does_not_understand(
    program: httpx.AsyncClient, params: dict[str, Any], rule: str
) -> None:
    answer = await program.get("/events", params=params, headers=BROWSER)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["rule"] == rule


async def test_the_feed_with_nothing_new_answers_after_the_wait_with_the_same_cursor(
    program: httpx.AsyncClient,
) -> None:
    cursor, events = None, True
    while events:
        body = (await program.get("/events", params={"limit": 1000} | ({"after": cursor} if cursor else {}))).json()
        cursor, events = body["next"], body["events"]
    waited = (await program.get("/events", params={"after": cursor, "wait": 0.3})).json()
    assert waited == {"events": [], "next": cursor}
