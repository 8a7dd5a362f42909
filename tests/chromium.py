"""A real browser for the tests: Debian's Chromium, with letters for Vietnamese, driven by Playwright."""

import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright

from tests.debian import NoProgram, install, need

SCREENS = Path(__file__).parent.parent / "var" / "screens"
FONTS = "fonts-noto-core"


def chromium() -> str:
    """The path of the browser. Raises NoProgram where it is missing and may not be installed, or no font has Vietnamese."""
    path = need("chromium", "chromium")
    if not letters():
        install(FONTS)
        if not letters():
            raise NoProgram(
                f"These tests need a font for Vietnamese. On Debian or Ubuntu: sudo apt-get install {FONTS}"
            )
    return path


def letters() -> bool:
    """Whether a font of this machine has all letters of Vietnamese; the browser's own package may bring none."""
    lister = shutil.which("fc-list")
    return bool(lister and subprocess.run([lister, ":lang=vi"], capture_output=True, check=False).stdout.strip())


@asynccontextmanager
async def running() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def opened(
    browser: Browser, width: int = 1280, *, language: str = "vi-VN", dark: bool = False, script: bool = True
) -> AsyncIterator[Page]:
    """A window of somebody who was never here before."""
    context = await browser.new_context(
        viewport={"width": width, "height": 900}, locale=language, color_scheme="dark" if dark else "light",
        java_script_enabled=script,
    )  # fmt: skip
    try:
        yield await context.new_page()
    finally:
        await context.close()


async def kept(page: Page, name: str) -> None:
    """A picture of the whole page under `var/screens`, to be looked at."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=SCREENS / f"{name}.png", full_page=True)
