"""Every page in a real browser: wide and narrow, dark, on paper, by keyboard alone, without JavaScript, and for axe-core."""

import asyncio
from typing import Any

import httpx
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page

from tests.chromium import kept, opened
from tests.journeys.places import MISSING, NAMES
from tests.views.reading import BROWSER

WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}}
# What colours decide is looked at in both schemes, what width decides at both widths: each of the rules where it can differ.
COLOURS = ["color-contrast", "link-in-text-block"]
NARROW = WCAG | {"rules": {rule: {"enabled": False} for rule in COLOURS}}
DARK = {"runOnly": {"type": "rule", "values": COLOURS}}
MOST_BYTES = 50_000  # of all that a first visit loads, as it goes over the wire
MOST_STOPS = 150
FOCUSED = """() => {
  const at = document.activeElement, box = at.getBoundingClientRect(), style = getComputedStyle(at);
  const inner = at.querySelector && at.querySelector('.shape');
  const drawn = inner ? getComputedStyle(inner).strokeWidth !== '1.5px' : false;
  return {tag: at.tagName.toLowerCase(), text: (at.getAttribute('aria-label') || at.textContent || '').trim().slice(0, 40),
          seen: box.width > 0 && box.height > 0, outlined: style.outlineStyle !== 'none' || drawn};
}"""
BROKEN = """() => [...document.querySelectorAll('main *')].filter(one => {
  const box = one.getBoundingClientRect();
  return box.width && box.right > document.documentElement.clientWidth + 1 && !one.closest('svg, pre, .scroll, .visually-hidden');
}).slice(0, 3).map(one => one.outerHTML.slice(0, 120))"""


async def shown(page: Page, origin: str, path: str, name: str) -> None:
    answer = await page.goto(origin + path)
    assert answer is not None
    assert answer.status == (404 if name in MISSING else 200)


async def findings(page: Page, rules: dict[str, Any] = WCAG) -> list[Any]:
    """What axe-core finds against these rules: rule, help, and where."""
    for details in await page.query_selector_all("details:not([open]) > summary"):
        await details.click()
    results = await Axe().run(page, options=rules)
    return [
        (found["id"], found["help"], [node["html"][:160] for node in found["nodes"][:3]])
        for found in results.response["violations"]
    ]


@pytest.mark.parametrize("name", NAMES)
async def test_a_page_fits_wide_and_narrow_windows_and_has_no_findings(
    browser: Browser, origin: str, paths: dict[str, str], name: str
) -> None:
    async with opened(browser) as page:
        errors: list[str] = []
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        await shown(page, origin, paths[name], name)
        for width, rules in ((1280, WCAG), (360, NARROW)):
            await page.set_viewport_size({"width": width, "height": 900})
            await kept(page, f"{name}-{width}")
            assert await findings(page, rules) == []
            assert await page.evaluate(BROKEN) == []
            assert await page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        assert [text for text in errors if "404" not in text] == []


@pytest.mark.parametrize("name", NAMES)
async def test_a_page_can_be_read_in_the_dark_and_goes_on_paper(
    browser: Browser, origin: str, paths: dict[str, str], name: str
) -> None:
    """On paper black on white, without what only a screen can do, also for whoever reads in the dark."""
    async with opened(browser, dark=True) as page:
        await shown(page, origin, paths[name], name)
        await kept(page, f"{name}-dark")
        ground = await page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert sum(int(part) for part in ground[4:-1].split(",")) < 150
        assert await findings(page, DARK) == []
        await page.emulate_media(media="print")
        await page.set_viewport_size({"width": 800, "height": 900})
        await kept(page, f"{name}-print")
        assert await page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert await page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
        assert not await page.locator("nav").first.is_visible()
        assert not any([await form.is_visible() for form in await page.locator("form").all()])
        assert await page.locator("h1").first.is_visible() or name == "unknown"
        assert (await page.pdf(format="A4")).startswith(b"%PDF")


@pytest.mark.parametrize("name", NAMES)
async def test_a_page_is_walked_by_the_keyboard_alone(
    browser: Browser, origin: str, paths: dict[str, str], name: str
) -> None:
    """The first stop leads past the head of the page; every link, field and button is a stop, and each is seen."""
    async with opened(browser) as page:
        await shown(page, origin, paths[name], name)
        await page.keyboard.press("Tab")
        assert (await page.evaluate(FOCUSED))["text"].startswith("Đến nội dung")
        await page.keyboard.press("Enter")
        assert await page.evaluate("document.activeElement.id") == "main"
        stops = await page.locator(
            "main :is(a[href], button, input:not([type=hidden]), select, textarea, summary)"
        ).count()
        reached = 0
        for _ in range(min(stops, MOST_STOPS)):
            await page.keyboard.press("Tab")
            found = await page.evaluate(FOCUSED)
            if found["tag"] == "body":
                break
            reached += found["tag"] not in {"body", "html"}
            assert found["outlined"], found
            assert found["seen"], found
        hidden = await page.locator("details:not([open]) :is(a, input, textarea, button):not([type=hidden])").count()
        assert reached >= min(stops, MOST_STOPS) - hidden


@pytest.mark.parametrize("name", NAMES)
async def test_a_page_says_the_same_without_javascript(
    browser: Browser, origin: str, paths: dict[str, str], program: httpx.AsyncClient, name: str
) -> None:
    """Most pages have no script at all."""
    if "<script" not in (await program.get(paths[name], headers=BROWSER)).text:
        return
    said = []
    for script in (True, False):
        async with opened(browser, script=script) as page:
            await shown(page, origin, paths[name], name)
            said.append(" ".join((await page.locator("main").inner_text()).split()))
    assert said[0] == said[1] != ""


@pytest.mark.parametrize("name", NAMES)
async def test_a_first_visit_costs_little(browser: Browser, origin: str, paths: dict[str, str], name: str) -> None:
    async with opened(browser) as page:
        wire = await page.context.new_cdp_session(page)
        await wire.send("Network.enable")
        asked: list[str] = []
        loaded: list[float] = []
        wire.on("Network.requestWillBeSent", lambda event: asked.append(event["requestId"]))
        wire.on("Network.loadingFinished", lambda event: loaded.append(event["encodedDataLength"]))
        await page.goto(origin + paths[name], wait_until="load")
        async with asyncio.timeout(10):
            while len(loaded) < len(asked):
                await asyncio.sleep(0.01)
        assert len(loaded) >= 2  # the page and its style sheet
        assert sum(loaded) <= MOST_BYTES, loaded
