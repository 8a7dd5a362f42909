"""The pictures of the README, from a running demo: `python -m tests.pictures http://127.0.0.1:8000` writes docs/images."""

import asyncio
import sys
from pathlib import Path

import httpx
import typst

from services.portal import paper
from services.portal.views import certificate
from services.portal.views.houses import Houses
from tests.chromium import opened, running
from tests.journeys.places import places

IMAGES = Path(__file__).parent.parent / "docs" / "images"
PICTURES = {"home": 900, "dashboard": 1250, "held-back": 1180, "certificate": 1000}  # page -> height of what is shown
NAMES = {"held-back": "product"}
WIDTH = 1180
PAPER_PPI = 72.0


async def take(origin: str) -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    async with httpx.AsyncClient(base_url=origin, trust_env=False) as program:
        paths = await places(program)
        await asyncio.to_thread(print_paper, await stated(program, origin, paths["certificate"]))
    async with running() as browser:
        for name, height in PICTURES.items():
            async with opened(browser, WIDTH) as page:
                await page.set_viewport_size({"width": WIDTH, "height": height})
                await page.goto(origin + paths[name])
                await page.screenshot(path=IMAGES / f"{NAMES.get(name, name)}.png")


async def stated(program: httpx.AsyncClient, origin: str, path: str) -> paper.Paper:
    """What stands on the paper of a certificate."""
    number = path.rpartition("/")[2]
    houses = Houses({"certification": httpx.AsyncClient(base_url=f"{origin}/certification", trust_env=False)})
    facts = await certificate.details(houses, number, None)
    assert facts
    return certificate.paper_of(facts, f"https://ocop.example.vn/c/{number}", simulated=True)


def print_paper(stated: paper.Paper) -> None:
    typst.compile(
        paper.TEMPLATE, output=IMAGES / "paper.png", format="png", ppi=PAPER_PPI, ignore_system_fonts=True,
        sys_inputs=paper.inputs_of(stated),
    )  # fmt: skip


if __name__ == "__main__":
    asyncio.run(take(sys.argv[1]))
