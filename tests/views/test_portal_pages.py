"""Pages of a certificate and of a product over the houses themselves: what became of each, and what anyone may say of it."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import date

import httpx
import pytest

from ocop.plans import load_plans
from ocop.postgres import Server
from ocop.standalone import Program
from services.certification.domain.certificate import Certificate
from services.certification.domain.numbers import CertificateNumbers
from services.certification.domain.recognition import Recognition
from shared.plans import plan_files
from shared.values import About
from tests import certifying, evaluating
from tests.certifying import FIRST, GARLIC, RULES, SECOND, decision, proposal
from tests.domain.test_registration import a_plan, a_producer, a_product, an_idea, submit
from tests.given import about, an_id, on
from tests.things import IN_PROMOTION, promote
from tests.views.reading import BROWSER, JSON, Page, page
from tests.whole import bearer, begin, browser_on, on_new_databases, shown

TODAY = "2027-02-01"
REVOKED, EXTENDED, OLD, EXPIRED = (f"GCN-51-2026-0000{n}" for n in (3, 4, 5, 6))
ACCOUNT = "Cửa hàng <b>Bí Mật</b> bán hàng quá hạn\nmua ngày 05/11 & còn hóa đơn"
CONTACT = "0905 000 111"


def named(name: str, n: int, province: str = "51", commune: str = "21548") -> About:
    facts = about(name, code=f"{province}-{commune}-{n}-2026")
    return facts.model_copy(update={"province": province, "commune": commune})


def upgraded() -> Recognition:
    """Three stars, then four, which replaced the three."""
    recognition = certifying.certified(3)
    certifying.propose(recognition, proposal(4, kind="upgrade", scored="2026-11-01", assessment="upgrade"))
    certifying.issue(recognition, number=SECOND, day="2026-11-10", assessment="upgrade")
    return recognition


def revoked() -> Recognition:
    facts = named("Nước minh họa", 3)
    recognition = certifying.proposed(proposal(3), facts)
    certifying.issue(recognition, number=REVOKED, day="2026-10-01")
    recognition.confirm_production_stop(REVOKED, "Xưởng đã đóng cửa", RULES, on("2026-11-20"))
    recognition.revoke(
        REVOKED, "đ", decision("2026-12-01"), inspection=None, conclusion=None, role=certifying.CHAIRMAN, ruleset=RULES,
        when=on("2026-12-01"),
    )  # fmt: skip
    return recognition


def earlier(facts: About, number: str, issued: str, expires: str) -> Recognition:
    """Taken into the register from the time of a ruleset whose data are not kept."""
    recognition = Recognition.open(facts, "qd-148-2023", on(issued))
    certificate = Certificate(
        number=number, stars=3, issued_on=date.fromisoformat(issued), expires_on=date.fromisoformat(expires)
    )
    recognition.record(
        certificate, decision(issued), about=facts, ruleset="qd-148-2023", printed="12/GCN", simulated=True,
        recorded_on=date(2026, 5, 25), when=on(issued),
    )  # fmt: skip
    return recognition


def extended() -> Recognition:
    recognition = earlier(named("Ca cao", 4), EXTENDED, "2024-01-10", "2027-01-10")
    recognition.file_renewal(an_id("late dossier"), "Điều 12.3", RULES, on("2026-12-01"))
    recognition.turn(RULES, on("2027-01-11"))
    return recognition


def expired() -> Recognition:
    recognition = earlier(named("Gạo", 6), EXPIRED, "2023-11-14", "2026-11-14")
    recognition.turn(RULES, on("2026-11-15"))
    return recognition


async def numbered(program: Program) -> None:
    """Each number is that of its product, so that something can be said about it."""
    when = on("2026-09-25")
    numbers = CertificateNumbers.open("51", 2026, when)
    products = [GARLIC, GARLIC, named("Nước minh họa", 3), named("Ca cao", 4), named("Chè", 5), named("Gạo", 6)]
    for facts in products:
        numbers.allocate(facts.product.id, when)
    chè = named("Chè", 5, province="44", commune="19075")
    await begin(program, "certification", numbers, upgraded(), revoked(), extended(), expired(),
                earlier(chè, OLD, "2024-05-10", "2027-05-10"))  # fmt: skip


@pytest.fixture(scope="module")
async def program(postgres: Server, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Program]:
    folder = tmp_path_factory.mktemp("evidence")
    async with on_new_databases(postgres, folder, hearing=False) as whole:
        await numbered(whole)
        await begin(whole, "registration", a_producer(), an_idea(), a_plan(), a_product(), submit())
        await begin(whole, "evaluation", evaluating.form(), evaluating.open_round(), evaluating.decided("75", 4))
        await promote(whole)
        whole.clock.play(date.fromisoformat(TODAY))
        await shown(whole)
        yield whole


@pytest.fixture(scope="module")
async def browser(program: Program) -> AsyncIterator[httpx.AsyncClient]:
    async with browser_on(program) as client:
        yield client


# --- a certificate, on any day ---


@pytest.mark.parametrize(
    ("number", "on", "said"),
    [
        (FIRST, "2026-09-24", ["Chưa có hiệu lực"]),
        (FIRST, "2026-09-25", ["Đang có hiệu lực", "Từ ngày 25/09/2026 đến hết ngày 09/11/2026"]),
        (FIRST, "2026-11-10", ["Đã được thay thế", "Từ ngày 10/11/2026", SECOND]),
        (SECOND, "2026-11-10", ["Đang có hiệu lực", "Loại Nâng hạng", "10/11/2029"]),
        (REVOKED, "2026-11-30", ["Đang có hiệu lực", "đến hết ngày 30/11/2026"]),
        (REVOKED, "2026-12-01", ["Đã bị thu hồi", "Lý do:", "không còn sản xuất", "Điều 8.1.đ", "12/QĐ-UBND",
                                 "UBND xã xác nhận ngừng sản xuất", "20/11/2026"]),
        (EXTENDED, "2027-01-10", ["Đang có hiệu lực", "đến hết ngày 10/01/2027"]),
        (EXTENDED, "2027-01-11", ["Được kéo dài hiệu lực", "Điều 12.3", "đến hết ngày 09/07/2027"]),
        (EXPIRED, "2026-11-15", ["Đã hết hạn", "Từ ngày 15/11/2026"]),
        (OLD, "2026-06-01", ["Đang có hiệu lực", "Công nhận trước đây, ghi vào sổ", "12/GCN", "tỉnh Quảng Trị"]),
    ],
)  # fmt: skip
async def test_a_page_says_what_a_certificate_is_on_a_day_since_and_until_when_and_why(
    browser: httpx.AsyncClient, number: str, on: str, said: list[str]
) -> None:
    read = await page(browser, f"/c/{number}", on=on)
    for text in said:
        assert text in read.text, read.text
    facts = (await browser.get(f"/c/{number}", params={"on": on}, headers=JSON)).json()
    assert facts["on"] == on
    assert (facts["status"] == "replaced") == (facts["replaced_by"] is not None)
    assert (facts["status"] == "revoked") == (facts["reason"] is not None)


async def test_a_replaced_certificate_leads_to_its_successor_and_both_show_the_whole_history(
    browser: httpx.AsyncClient,
) -> None:
    for number, other in ((FIRST, SECOND), (SECOND, FIRST)):
        read = await page(browser, f"/c/{number}")
        assert f"/c/{other}" in read.values("a", "href")
        history = read.text[read.text.index("Lịch sử") :]
        for told in (FIRST, SECOND, "Từ ngày 25/09/2026 đến hết ngày 09/11/2026", "Đã được thay thế", "10/11/2029"):
            assert told in history


async def test_on_an_earlier_day_nothing_of_what_came_later_is_told(browser: httpx.AsyncClient) -> None:
    read = await page(browser, f"/c/{FIRST}", on="2026-10-01")
    assert SECOND not in read.text
    assert "Đã được thay thế" not in read.text
    assert "Đã bị thu hồi" not in (await page(browser, f"/c/{REVOKED}", on="2026-11-30")).text


@pytest.mark.parametrize("number", [FIRST, SECOND, REVOKED, EXTENDED, EXPIRED, OLD])
async def test_every_certificate_has_its_paper_whatever_became_of_it(browser: httpx.AsyncClient, number: str) -> None:
    answer = await browser.get(f"/c/{number}.pdf")
    assert answer.headers["content-type"] == "application/pdf"


# --- a complaint from the page ---


def form_on(read: Page) -> dict[str, str]:
    """The hidden fields of the complaint's form."""
    return {str(a["name"]): str(a["value"]) for tag, a in read.tags if tag == "input" and a.get("type") == "hidden"}


async def sent(browser: httpx.AsyncClient, number: str, **fields: str) -> httpx.Response:
    return await browser.post(f"/c/{number}/complaint", data=fields, headers=BROWSER)


async def a_reference(browser: httpx.AsyncClient, number: str = FIRST, **fields: str) -> str:
    answer = await sent(browser, number, **fields)
    assert answer.status_code == 303, answer.text
    found = re.fullmatch(r"/complaints/(PA-[A-Z2-7]{10})\?after=certification:\d+", answer.headers["location"])
    assert found
    assert (await browser.get(answer.headers["location"], headers=BROWSER)).status_code == 200
    return found[1]


async def test_anyone_complains_from_the_page_and_reads_the_answer_by_the_reference(
    browser: httpx.AsyncClient, program: Program
) -> None:
    opened = form_on(await page(browser, f"/c/{FIRST}"))
    reference = await a_reference(browser, text=ACCOUNT, contact=CONTACT, **opened)
    waiting = await page(browser, f"/complaints/{reference}")
    for told in (reference, FIRST, "Đang xem xét", "Trả lời chậm nhất ngày", "01/02/2027", "Hãy ghi lại mã"):
        assert told in waiting.text
    answer = "Đã kiểm tra cửa hàng.\nHàng quá hạn đã bị thu giữ."
    path = f"/certification/complaints/{reference}"
    answered = await browser.post(f"{path}/answer", json={"answer": answer}, headers=bearer("agency", "51"))
    assert answered.status_code == 200, answered.text
    read = await page(browser, f"/complaints/{reference}", after=answered.json()["position"])
    assert "Đã trả lời" in read.text
    assert answer in "".join(read.texts)
    kept = await browser.get(f"{path}/details", headers=bearer("agency", "51"))
    assert (kept.json()["text"], kept.json()["contact"]) == (ACCOUNT, CONTACT)


async def test_what_was_written_and_by_whom_stands_on_no_page_and_in_no_feed(browser: httpx.AsyncClient) -> None:
    reference = await a_reference(browser, text=ACCOUNT, contact=CONTACT, form="kín")
    for path in (f"/complaints/{reference}", f"/c/{FIRST}", f"/certification/complaints/{reference}", "/events",
                 f"/products/{GARLIC.product.id}"):  # fmt: skip
        answer = await browser.get(path, headers=BROWSER)
        assert answer.status_code == 200, path
        assert "Bí Mật" not in answer.text, path
        assert CONTACT not in answer.text, path
    assert (await browser.get(f"/complaints/{reference}")).headers["cache-control"] == "no-store"


async def test_a_form_sent_twice_is_one_complaint_and_a_changed_one_another(browser: httpx.AsyncClient) -> None:
    opened = form_on(await page(browser, f"/c/{FIRST}"))
    twice = await asyncio.gather(*(a_reference(browser, text="Nhãn sai", **opened) for _ in range(2)))
    assert len(set(twice)) == 1
    assert await a_reference(browser, text="Nhãn sai, hàng cũ", **opened) not in twice
    again = form_on(await page(browser, f"/c/{FIRST}"))
    assert await a_reference(browser, text="Nhãn sai", **again) not in twice


@pytest.mark.parametrize("fields", [{"text": " \r\n "}, {}, {"text": "x" * 4001}, {"text": "x", "contact": "y" * 201}])
async def test_a_form_that_is_not_filled_in_comes_back_with_the_reason_and_what_was_typed(
    browser: httpx.AsyncClient, fields: dict[str, str]
) -> None:
    answer = await sent(
        browser, FIRST, contact=fields.get("contact", "giữ lại"), form="một", text=fields.get("text", "")
    )
    assert answer.status_code == 422
    read = Page(answer.text)
    assert "Chưa gửi được" in read.text
    assert [a for tag, a in read.tags if a.get("role") == "alert"]
    assert [a for tag, a in read.tags if tag == "details" and a.get("id") == "complaint" and "open" in a]
    assert fields.get("contact", "giữ lại") in read.values("input", "value")
    assert form_on(read) == {"form": "một"}


@pytest.mark.parametrize(
    ("content", "status"),
    [(b"text=" + b"x" * 70_000, 422), (b"text=%ff%fe", 422), ("text=chữ".encode(), 422), (b"a=1&b=2&c=3&d=4", 422),
     (b"text=a%00b", 422), (b"", 422)],
)  # fmt: skip
async def test_what_no_browser_sends_is_refused_readably(
    browser: httpx.AsyncClient, content: bytes, status: int
) -> None:
    answer = await browser.post(f"/c/{FIRST}/complaint", content=content, headers=BROWSER)
    assert answer.status_code == status
    Page(answer.text)


async def test_about_a_number_that_no_certificate_has_nobody_complains(browser: httpx.AsyncClient) -> None:
    answer = await sent(browser, "GCN-51-1999-00001", text="x")
    assert answer.status_code == 404
    assert "Không tìm thấy" in Page(answer.text).text
    assert (await sent(browser, "%2E%2E", text="x")).status_code == 404


async def test_a_complaint_is_looked_up_by_its_reference_as_somebody_types_it(browser: httpx.AsyncClient) -> None:
    reference = await a_reference(browser, text="Biển ghi sai sao", form="tra cứu")
    answer = await browser.get("/complaints", params={"reference": f" {reference.lower()} "})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/complaints/{reference}")
    assert "Đang xem xét" in (await page(browser, f"/complaints/{reference.lower()}")).text
    assert "Không có phản ánh nào" in (await page(browser, "/complaints/PA-AAAAAAAAAA", 404)).text
    assert "Tra cứu phản ánh theo mã" in (await page(browser, "/complaints")).text
    await page(browser, "/complaints/%2E%2E", 404)


# --- a product ---


async def test_a_product_page_shows_its_certificates_dossiers_and_where_it_is_sold(browser: httpx.AsyncClient) -> None:
    read = await page(browser, f"/products/{GARLIC.product.id}")
    for told in (FIRST, SECOND, "Đã được thay thế", "Nơi bán và giới thiệu", "Điểm", "Sàn", "Hồ sơ", "Xã đang kiểm tra",
                 "Lên gian hàng điện tử"):  # fmt: skip
        assert told in read.text
    links = [attrs for tag, attrs in read.tags if tag == "a" and attrs.get("href") == "https://san.example/toi"]
    assert links[0]["rel"] == "nofollow noopener noreferrer"


async def test_a_story_is_shown_once_it_is_published_as_text_and_nothing_else(
    browser: httpx.AsyncClient, program: Program
) -> None:
    path = f"/products/{GARLIC.product.id}"
    assert "story" not in (await page(browser, path)).values("h2", "id")
    body = {"title": "Tỏi & gió", "text": "Đoạn một.\n<script>alert(1)</script>"}
    at = f"/promotion/products/{IN_PROMOTION['product_id']}/story"
    owner, agency = bearer("producer", str(GARLIC.producer.id)), bearer("agency", "51")
    for step, said, who in (("", body, owner), ("/review", {"opinion": "Được", "accepted": True}, agency),
                            ("/publication", {}, agency)):  # fmt: skip
        answer = await browser.post(at + step, json=said, headers=who)
        assert answer.is_success, answer.text
    read = await page(browser, path, after=answer.json()["position"])
    assert body["text"] in "".join(read.texts)
    assert "story" in read.values("h2", "id")
    assert "script" not in {tag for tag, _ in read.tags}
    assert "Đăng câu chuyện sản phẩm" in read.text


# --- every page ---


@pytest.mark.parametrize(
    "path",
    ["/", "/products", "/dossiers", "/dashboard", "/complaints", "/complaints/PA-AAAAAAAAAA", "/c/GCN-51-1999-00001",
     f"/products/{GARLIC.product.id}", *(f"/c/{n}" for n in (FIRST, SECOND, REVOKED, EXTENDED, EXPIRED, OLD))],
)  # fmt: skip
async def test_every_page_says_that_results_are_simulated_and_works_without_a_script(
    browser: httpx.AsyncClient, path: str
) -> None:
    answer = await browser.get(path, headers=BROWSER)
    read = Page(answer.text)
    assert "Kết quả mô phỏng, không phải kết quả thật" in read.text
    names = [tag for tag, _ in read.tags]
    assert names.count("h1") == names.count("main") == 1
    assert not {"style", "iframe"} & set(names)
    assert all(attrs["src"].startswith("/static/htmx.min.js") for tag, attrs in read.tags if tag == "script")
    assert read.values("html", "lang") == ["vi"]
    assert "width=device-width, initial-scale=1" in read.values("meta", "content")
    labelled = [a["id"] for tag, a in read.tags if tag in {"input", "select", "textarea"} and a.get("type") != "hidden"]
    assert set(labelled) <= set(read.values("label", "for"))
    ids = [attrs["id"] for _, attrs in read.tags if attrs.get("id")]
    assert len(ids) == len(set(ids))


# --- plans ---


async def test_a_plan_is_named_after_the_province_that_keeps_it_now(
    program: Program, browser: httpx.AsyncClient
) -> None:
    """44 was Quảng Bình when the old Quảng Trị published its plan."""
    (file,) = (path for path in plan_files() if path.stem == "quang-tri-2023")
    await load_plans(program.houses["programme"].store, program.clock, [file])
    await shown(program)
    said = (await page(browser, "/plans")).text
    assert "tỉnh Quảng Trị 01/01/2023" in said
    assert "Quảng Bình" not in said
