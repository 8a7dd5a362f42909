"""From what a page needs to the page: templates, the words they may use, and which form an asker wants."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from services.portal.views import certificate, words
from shared.regulation import limits

HTML, JSON, PROBLEM = "text/html", "application/json", "application/problem+json"
TEMPLATES = Path(__file__).parent.parent / "templates"
# Nothing from elsewhere, no script at all: a page of the register cannot be made to say something else.
SECURITY = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
}


class Days(Protocol):
    """Whoever knows which day it is."""

    def today(self) -> date: ...


def environment() -> Environment:
    """A name that a template misspells is an error, not an empty place."""
    env = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=select_autoescape(), undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    env.filters |= {"day": words.day, "moment": words.moment, "number": words.number, "cut": words.cut,
                    "decision": words.decision}  # fmt: skip
    env.globals |= {"words": words, "complaint_term": limits.SETTINGS["complaint"]}
    return env


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
    """Makes pages: knows today's date, the public address, and whether what is shown is simulated."""

    def __init__(self, clock: Days, *, simulated: bool, public_url: str | None) -> None:
        self._clock = clock
        self._public_url = public_url
        self.simulated = simulated
        self._templates = environment()
        self._templates.globals |= {"simulated_register": simulated}

    def today(self) -> date:
        return self._clock.today()

    def base(self, request: Request) -> str:
        """The public address without a slash at its end."""
        return (self._public_url or str(request.base_url)).rstrip("/")

    def address(self, request: Request, number: str) -> str:
        """The absolute address of a certificate's page: what its QR code says."""
        return self.base(request) + certificate.path_of(number)

    def response(self, request: Request, template: str, status: int, facts: Mapping[str, Any]) -> Response:
        base = {"path": request.url.path, "base": self.base(request), "query": request.query_params}
        text = self._templates.get_template(template).render(base | facts)
        return HTMLResponse(text, status, SECURITY | {"Vary": "Accept"})

    def error(
        self, request: Request, status: int, problem: Mapping[str, Any], headers: Mapping[str, str]
    ) -> Response:  # fmt: skip
        response = self.response(request, "error.html", status, {"problem": in_words(problem)})
        response.headers.update(headers)
        return response
