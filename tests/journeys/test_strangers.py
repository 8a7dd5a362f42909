"""Strangers find in a minute what they came for, with a browser as it comes: three walks, each from the first page on."""

import re

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from tests.chromium import kept, opened
from tests.views.reading import JSON

QUANG_NGAI = "51"
MOST_STEPS = 4  # things somebody clicks, types or chooses


class Walk:
    """Counts what somebody has to do."""

    def __init__(self, page: Page) -> None:
        self.page, self.steps = page, 0

    async def types(self, label: str, text: str) -> None:
        await self.page.get_by_label(label, exact=True).fill(text)
        await self.page.keyboard.press("Enter")
        await self.page.wait_for_load_state()
        self.steps += 1

    async def clicks(self, name: str | re.Pattern[str], role: str = "link") -> None:
        await self.page.get_by_role(role, name=name).first.click()  # type: ignore[arg-type]
        await self.page.wait_for_load_state()
        self.steps += 1

    async def chooses(self, label: str, value: str) -> None:
        await self.page.get_by_label(label, exact=True).select_option(value)
        self.steps += 1


@pytest.mark.parametrize("script", [True, False], ids=["as it comes", "without javascript"])
async def test_is_this_certificate_valid(
    browser: Browser, origin: str, program: httpx.AsyncClient, script: bool
) -> None:
    """A buyer reads a number from a label and types it in, as they type."""
    number = (await program.get("/promotion/catalogue", params={"limit": 1})).json()[0]["certificate"]
    facts = (await program.get(f"/c/{number}", headers=JSON)).json()
    async with opened(browser, 360, script=script) as page:
        walk = Walk(page)
        await page.goto(origin)
        await walk.types("Số giấy chứng nhận hoặc tên sản phẩm", f" {number.lower()} ")
        await expect(page).to_have_url(f"{origin}/c/{number}")
        verdict = page.locator(".verdict")
        await expect(verdict).to_contain_text("Đang có hiệu lực")
        await expect(verdict).to_contain_text("/".join(reversed(facts["until"].split("-"))))
        await expect(page.get_by_role("heading", level=1)).to_have_text(facts["product"]["name"])
        assert await verdict.evaluate("one => one.getBoundingClientRect().bottom") < 900  # no need to scroll
        await kept(page, "walk-valid")
        assert walk.steps <= MOST_STEPS


@pytest.mark.parametrize("script", [True, False], ids=["as it comes", "without javascript"])
async def test_why_has_this_product_three_stars_and_not_four(
    browser: Browser, origin: str, program: httpx.AsyncClient, script: bool
) -> None:
    """A producer finds their product by name, without accents and with a slip, and reads what holds it back."""
    assessments = (await program.get("/evaluation/assessments", params={"limit": 1000})).json()
    held = next(row for row in assessments if (row["stars"], row["star_by_band"]) == (3, 4) and row["certificate"])
    result = (await program.get(f"/evaluation/assessments/{held['id']}/result")).json()
    async with opened(browser, script=script) as page:
        walk = Walk(page)
        await page.goto(origin)
        await walk.types("Số giấy chứng nhận hoặc tên sản phẩm", "nep ngu sa huynnh")
        await walk.clicks(held["product_name"])
        await walk.clicks("Vì sao được số sao này")
        told = page.locator("main")
        await expect(told).to_contain_text("Điểm đạt mức 4 sao, nhưng tiêu chí tối thiểu giữ ở 3 sao")
        await expect(told).to_contain_text("Để đạt 4 sao còn thiếu")
        for gate in result["gates_missed"]:
            await expect(told).to_contain_text(f"{gate['criterion']}. {gate['label_vi']}")
        assert await page.locator("#result").evaluate("one => one.getBoundingClientRect().top") < 900
        await kept(page, "walk-why")
        assert walk.steps <= MOST_STEPS


@pytest.mark.parametrize("script", [True, False], ids=["as it comes", "without javascript"])
async def test_which_certificates_of_quang_ngai_end_this_quarter(
    browser: Browser, origin: str, program: httpx.AsyncClient, script: bool
) -> None:
    """An officer of the province wants the list; what stands there is what the certificates themselves say."""
    today = (await program.get("/certification/standing")).json()["today"]
    async with opened(browser, script=script) as page:
        walk = Walk(page)
        await page.goto(origin)
        await walk.clicks("Giấy hết hạn trong quý này")
        await walk.chooses("Tỉnh, thành phố", QUANG_NGAI)
        await walk.clicks("Xem", "button")
        await expect(page.get_by_role("heading", level=1)).to_contain_text("tỉnh Quảng Ngãi")
        since = await page.get_by_label("Từ ngày", exact=True).input_value()
        until = await page.get_by_label("Đến ngày", exact=True).input_value()
        assert since <= today <= until
        listed = {await one.inner_text() for one in await page.locator("td a.code").all()}
        await kept(page, "walk-ending")
        assert walk.steps <= MOST_STEPS
        assert listed == await ending(program, since, until, today, QUANG_NGAI)
        await walk.clicks("180 ngày tới")
        assert await page.get_by_label("Tỉnh, thành phố", exact=True).input_value() == QUANG_NGAI
        await walk.chooses("Tỉnh, thành phố", "")
        await walk.clicks("Xem", "button")
        half = await page.get_by_label("Đến ngày", exact=True).input_value()
        numbers = {await one.inner_text() for one in await page.locator("td a.code").all()}
        assert numbers == await ending(program, today, half, today) != set()


async def ending(
    program: httpx.AsyncClient, since: str, until: str, today: str, province: str | None = None
) -> set[str]:
    """Reckoned from the certificates themselves, without programme's view."""
    query = {"limit": 1000} | ({"province": province} if province else {})
    rows = (await program.get("/certification/certificates", params=query)).json()
    in_force = [row for row in rows if row["status"] in {"valid", "extended"} and row["on"] == today]
    return {row["number"] for row in in_force if since <= row["until"] <= until}


async def test_a_list_changes_while_somebody_types_and_the_address_with_it(browser: Browser, origin: str) -> None:
    async with opened(browser) as page:
        await page.goto(f"{origin}/products")
        await page.evaluate("window.was_here = true")
        await page.get_by_label("Tìm theo tên, mã, chủ thể, địa danh").press_sequentially("gom my thien")
        await expect(page.locator("#results tbody tr")).to_have_count(1)
        await expect(page.locator("#results")).to_contain_text("Gốm Mỹ Thiện")
        await expect(page).to_have_url(re.compile(r"q=gom"))
        assert await page.evaluate("window.was_here")  # the page was not loaded anew


async def test_the_map_leads_by_keyboard_to_a_province(browser: Browser, origin: str) -> None:
    async with opened(browser) as page:
        await page.goto(f"{origin}/dashboard")
        tile = page.get_by_role("link", name=re.compile("^tỉnh Quảng Ngãi: "))
        await tile.focus()
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(re.compile(r"province=51"))
        await expect(page.get_by_role("heading", level=1)).to_contain_text("tỉnh Quảng Ngãi")


async def test_a_reader_chooses_english_once(browser: Browser, origin: str) -> None:
    async with opened(browser) as page:
        await page.goto(origin)
        await page.get_by_role("link", name="English").click()
        await expect(page.locator("html")).to_have_attribute("lang", "en")
        await page.goto(f"{origin}/products")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Catalogue of OCOP products")
    async with opened(browser, language="en-GB") as page:
        await page.goto(origin)
        await expect(page.locator("html")).to_have_attribute("lang", "en")
