"""From what a page needs to the page: templates, the words they may use, and which form an asker wants."""

import functools
import gzip
from collections.abc import Mapping
from datetime import date
from typing import Any, Protocol
from urllib.parse import urlencode

from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from services.portal.views import certificate, words
from services.portal.views.language import COOKIE, KEPT_SECONDS, LANGUAGES, Language, known, wanted
from services.portal.views.provinces import Drawing
from services.portal.views.speaking import environment

VARY = "Accept, Accept-Language, Accept-Encoding, Cookie"
WORTH_PACKING = 1_000  # bytes
PACKING = 4  # of 9: most of what is to be had, in half a millisecond
HTML, JSON, PROBLEM = "text/html", "application/json", "application/problem+json"
SHARED = (b"cache-control", b"public, max-age=1")  # of a page that says the same to everybody who asks in its language
# Nothing from elsewhere, no script but our own file: a page of the register cannot be made to say something else.
SECURITY = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
}


class Days(Protocol):
    """Whoever knows which day it is."""

    def today(self) -> date: ...


def quality(accept: str, wanted: str) -> float:
    """How much an Accept header wants a media type, 0 to 1; the most exact range of the header counts."""
    ranges = ("*/*", wanted.partition("/")[0] + "/*", wanted)  # from vague to exact
    found = []
    for part in accept.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        if name in ranges:
            found.append((ranges.index(name), weight(parameters)))
    return max(found)[1] if found else 0.0


def weight(parameters: list[str]) -> float:
    """The `q` of a media range; 1 where it has none, 0 where it is no number."""
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip() == "q":
            return float(value) if value.replace(".", "", 1).isdigit() else 0.0
    return 1.0


def wants_json(accept: str | None) -> bool:
    """Whether JSON is wanted more than the page; the page is for everybody who does not say."""
    given = accept or "*/*"
    return quality(given, JSON) > quality(given, HTML)


def reads_html(accept: str | None) -> bool:
    """Whether somebody reads in a browser: HTML is named, and not less wanted than JSON."""
    given = accept or ""
    most = max(quality(given, JSON), quality(given, PROBLEM))
    return HTML in given.lower() and quality(given, HTML) >= most


def in_words(problem: Mapping[str, Any]) -> dict[str, Any]:
    """A problem for the error page: its texts, each `Vietnamese / English`, taken apart."""
    title_vi, _, title_en = problem["title"].partition(" / ")
    vi, _, en = problem["detail"].partition(" / ")
    return {**problem, "title": words.Text(title_vi, title_en), "detail": words.Text(vi, en)}


class Pages:
    """Makes pages: knows today's date, the public address, the map, and whether what is shown is simulated."""

    def __init__(self, clock: Days, *, simulated: bool, public_url: str | None, drawing: Drawing) -> None:
        self._clock = clock
        self._public_url = public_url
        self.simulated = simulated
        self.drawing = drawing
        self._templates = {language: environment(language) for language in LANGUAGES}
        for templates in self._templates.values():
            templates.globals |= {"simulated_register": simulated}

    def today(self) -> date:
        return self._clock.today()

    def base(self, request: Request) -> str:
        """The public address without a slash at its end."""
        return (self._public_url or str(request.base_url)).rstrip("/")

    def address(self, request: Request, number: str) -> str:
        """The absolute address of a certificate's page: what its QR code says."""
        return self.base(request) + certificate.path_of(number)

    def language(self, request: Request) -> Language:
        headers = request.headers
        return wanted(request.query_params.get("lang"), request.cookies.get(COOKIE), headers.get("accept-language"))

    def response(
        self, request: Request, template: str, status: int, facts: Mapping[str, Any], *, shared: bool = True
    ) -> Response:  # fmt: skip
        """The page in the language that is wanted, packed where the asker unpacks it; `shared`: the same for everybody."""
        base = {
            "path": request.url.path, "base": self.base(request), "query": request.query_params,
            "other_language": functools.partial(in_other_language, request), "today": self.today(),
        }  # fmt: skip
        text = self._templates[self.language(request)].get_template(template).render(base | facts)
        body, packed = packed_for(request.headers.get("accept-encoding"), text.encode())
        response = HTMLResponse(body, status, SECURITY | packed | {"Vary": VARY})
        if shared and status == 200:
            response.headers.raw.append(SHARED)
        if said := known(request.query_params.get("lang")):
            response.set_cookie(COOKIE, said, KEPT_SECONDS, samesite="lax", httponly=True)
        return response

    def error(
        self, request: Request, status: int, problem: Mapping[str, Any], headers: Mapping[str, str]
    ) -> Response:  # fmt: skip
        response = self.response(request, "error.html", status, {"problem": in_words(problem)})
        response.headers.update(headers)
        return response


def in_other_language(request: Request, language: Language) -> str:
    """The address of the same page in a language."""
    query = request.query_params.multi_items()
    return f"{request.url.path}?{urlencode([(k, v) for k, v in query if k not in {'lang', 'after'}] + [('lang', language)])}"


def packed_for(accept: str | None, body: bytes) -> tuple[bytes, dict[str, str]]:
    """Packed with gzip where that is taken, with the header that says so."""
    if len(body) < WORTH_PACKING or "gzip" not in (accept or ""):
        return body, {}
    return gzip.compress(body, PACKING, mtime=0), {"Content-Encoding": "gzip"}
