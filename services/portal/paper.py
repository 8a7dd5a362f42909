"""The certificate on paper: one A4 page in Vietnamese, with a QR code that leads back to its public page."""

import asyncio
from dataclasses import asdict, dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path

import orjson
import segno
import typst

TEMPLATE = Path(__file__).with_name("certificate.typ")
KEPT = 256  # rendered papers; a page is about 40 kB


@dataclass(frozen=True, slots=True)
class Paper:
    """What stands on the page, in the words in which it stands there; `url` is what the QR code says."""

    number: str
    url: str
    product: str
    code: str
    producer: str
    place: str
    set: str
    stars: int
    decision: str
    authority: str
    validity: str
    state: str
    in_force: bool
    simulated: bool


async def printed(paper: Paper) -> bytes:
    """The page as PDF; the same paper gives the same bytes. Rendered beside the event loop, kept while it is asked for."""
    return await asyncio.to_thread(rendered, paper)


@lru_cache(maxsize=KEPT)
def rendered(paper: Paper) -> bytes:
    return typst.compile(TEMPLATE, format="pdf", ignore_system_fonts=True, sys_inputs=inputs_of(paper))


def inputs_of(paper: Paper) -> dict[str, str]:
    """What the template is given: texts and QR code."""
    return {"paper": orjson.dumps(asdict(paper)).decode(), "qr": qr_svg(paper.url)}


def qr_of(url: str) -> segno.QRCode:
    """Level M still reads with 15 % of the label scratched off."""
    return segno.make_qr(url, error="m")


def qr_svg(url: str) -> str:
    out = BytesIO()
    qr_of(url).save(out, kind="svg", border=2, dark="#0b3d2a", xmldecl=False)
    return out.getvalue().decode()
