"""Every route of the program as its route tables say, and by which rule each is open: the table of actions, or to anyone."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount

from tests.whole import unopened


@dataclass(frozen=True)
class Door:
    """One method of one path; `action` is null where nobody is asked who they are."""

    method: str
    path: str
    action: str | None
    body: Mapping[str, Any] | None  # JSON Schema, null where it is not a command's

    @property
    def house(self) -> str:
        """`registration` and so on; whatever stands first in a path of the portal."""
        return self.path.split("/")[1]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


# --- open to anyone: why (../../docs/architecture.md, and the doors that do not move) ---

OF_EVERY_HOUSE = {
    "/openapi.json": "whoever connects a system reads what it can ask",
    "/docs": "the same, to be read",
    "/docs/oauth2-redirect": "comes with /docs; hands out nothing",
    "/redoc": "the same, to be read",
    "/events": "the feed: contracts, which hold nothing personal",
    "/schemas/{name}.json": "what a contract looks like",
    "/asyncapi.json": "which topics the house writes, and what it says on them",
    "/counts": "numbers of the home page",
    "/standing": "how far the house has come, in numbers",
}
REGISTER = "the register is public: products, producers by trading name, where each step stands; nothing personal"
RESULT = "a council's result is explained to everyone; ballots are not in it"
CERTIFICATE = "whoever scans a label asks"
PROMOTED = "what is promoted is to be found"
PROGRAMME = "plans and their numbers are public"
REFERENCE = "whoever holds the reference reads state and answer, nothing else"
PROCESS = "of the process, for those who run it; holds no facts of people"
PAGE = "a page for everyone, made of what the houses show to everyone"
OPEN = {
    **{f"/{house}{path}": why for house in ("registration", "evaluation", "certification", "promotion", "programme")
       for path, why in OF_EVERY_HOUSE.items()},
    "/registration/units": "names of administrative units and their history: public data",
    "/registration/producers": REGISTER, "/registration/producers/{producer_id}": REGISTER,
    "/registration/ideas": REGISTER, "/registration/ideas/{idea_id}": REGISTER,
    "/registration/plans": REGISTER, "/registration/plans/{plan_id}": REGISTER,
    "/registration/products": REGISTER, "/registration/products/{product_id}": REGISTER,
    "/registration/products/{product_id}/timeline": REGISTER,
    "/registration/products/{product_id}/file": REGISTER, "/registration/board": REGISTER,
    "/registration/dossiers": REGISTER, "/registration/dossiers/{dossier_id}": REGISTER,
    "/evaluation/rounds": PROGRAMME, "/evaluation/rounds/{round_id}": PROGRAMME,
    "/evaluation/rounds/{round_id}/results": RESULT, "/evaluation/products/{product_id}/results": RESULT,
    "/evaluation/councils": "offices are public, names are not", "/evaluation/councils/{council_id}": "the same",
    "/evaluation/assessments": RESULT, "/evaluation/assessments/{assessment_id}": RESULT,
    "/evaluation/assessments/{assessment_id}/result": RESULT,
    "/evaluation/appeals/by-reference/{reference}": REFERENCE,
    "/certification/proposals": "which results await a decision, as the timeline of the product says too",
    "/certification/certificates": CERTIFICATE, "/certification/certificates/{number}": CERTIFICATE,
    "/certification/certificates/{number}/details": CERTIFICATE, "/certification/histories": CERTIFICATE,
    "/certification/complaints/{reference}": REFERENCE,
    "/promotion/catalogue": PROMOTED, "/promotion/catalogue/{product_id}": PROMOTED,
    "/promotion/search": PROMOTED, "/promotion/products/{product_id}/offers": PROMOTED,
    "/promotion/products/{product_id}/listings": PROMOTED, "/promotion/products/{product_id}/story": PROMOTED,
    "/promotion/products/{product_id}/shelves": PROMOTED,
    "/promotion/shelves": PROMOTED, "/promotion/shelves/{shelf_id}": PROMOTED,
    "/promotion/sales-points": PROMOTED, "/promotion/sales-points/{sales_point_id}": PROMOTED,
    "/promotion/fairs": PROMOTED, "/promotion/fairs/{fair_id}": PROMOTED, "/promotion/partners": PROMOTED,
    "/programme/recognised": PROGRAMME, "/programme/recognised/list": PROGRAMME,
    "/programme/recognised/overview": PROGRAMME, "/programme/recognised/ending": PROGRAMME,
    "/programme/national": PROGRAMME, "/programme/national/list": PROGRAMME, "/programme/national/cycle": PROGRAMME,
    "/programme/plans": PROGRAMME, "/programme/plans/{plan_id}": PROGRAMME,
    **{f"/programme/plans/{{plan_id}}/{part}": PROGRAMME
       for part in ("tasks", "duties", "calendar", "file", "report", "reports", "targets/{target}/figures")},
    "/programme/lists/{province}": PROGRAMME,
    "/programme/tasks": PROGRAMME, "/programme/tasks/{task_id}": PROGRAMME, "/programme/trainings": PROGRAMME,
    "/livez": PROCESS, "/readyz": PROCESS, "/metrics": PROCESS, "/openapi.json": PROCESS,
    "/events": OF_EVERY_HOUSE["/events"], "/static": "style sheet and drawing",
    "/": PAGE, "/c": PAGE, "/c/{number}": CERTIFICATE, "/c/{number}.pdf": CERTIFICATE, "/products": PAGE,
    **dict.fromkeys(
        ("/results/{assessment_id}", "/rounds", "/rounds/{round_id}", "/expiring", "/plans", "/plans/{plan_id}", "/data",
         "/data/{dataset}.dictionary", "/data/{dataset}.{form}", "/developers", "/parts"), PAGE
    ),
    "/products/{product_id}": PAGE, "/dossiers": PAGE, "/dashboard": PAGE, "/dashboard/list": PAGE,
    "/complaints": PAGE, "/complaints/{reference}": REFERENCE,
}  # fmt: skip
OPEN_TO_SEND = {
    "/certification/certificates/{number}/complaints": "anyone may complain, and nobody is asked who they are",
    "/c/{number}/complaint": "the same, from the page",
}
# --- open to those whom the table names ---

READ = {
    "/evaluation/assessments/{assessment_id}/ballots", "/evaluation/appeals", "/evaluation/appeals/{appeal_id}",
    "/certification/inspections", "/certification/complaints", "/promotion/stories",
    "/registration/imports", "/registration/imports/{import_id}", "/registration/imports/{import_id}/rows",
    "/registration/imports/{import_id}/rows/{sheet}/{row}", "/registration/imports/{import_id}/report",
    *(f"/{house}/due" for house in ("registration", "evaluation", "certification", "promotion", "programme")),
}  # fmt: skip
GUARDED = {
    **{("GET", path): f"{path.split('/')[1]}:read-internal" for path in READ},
    ("GET", "/certification/complaints/{reference}/details"): "certification:answer-complaint",
    ("POST", "/registration/evidence"): "registration:send-evidence",
    ("POST", "/registration/imports"): "registration:import-register",
    ("POST", "/registration/imports/{import_id}/recording"): "registration:import-register",
    ("POST", "/registration/imports/{import_id}/undoing"): "registration:import-register",
    **{
        ("GET", f"/{house}/dead-letters{one}"): f"{house}:read-letters"
        for one in ("", "/{letter_id}")
        for house in ("registration", "evaluation", "certification", "promotion", "programme")
    },
}
AGGREGATES = {
    f"/{house}/aggregates/{{aggregate}}/{{aggregate_id}}": f"{house}:read-aggregate"
    for house in ("registration", "evaluation", "certification", "promotion", "programme")
}
GUARDED |= {("GET", path): action for path, action in AGGREGATES.items()}
OF_A_PLACE = {  # what is bound to where the thing is, besides every command with a body
    "/registration/imports/{import_id}/recording", "/registration/imports/{import_id}/undoing",
    "/evaluation/assessments/{assessment_id}/ballots", "/evaluation/appeals/{appeal_id}",
    "/certification/complaints/{reference}/details", *AGGREGATES,
}  # fmt: skip
OF_NO_PLACE = {"/registration/evidence"}  # a paper by its content, which no dossier names yet


CONVERTER = re.compile(r":\w+(?=})")  # of a path parameter: what it may be is no part of its name


def walked(app: FastAPI, under: str = "") -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """(method, path, what the route says of itself for OpenAPI) of an app and of those mounted in it."""
    for route in iter_route_contexts(app.routes):
        if isinstance(route.original_route, Mount):
            inner = route.original_route.app
            if isinstance(inner, FastAPI):
                yield from walked(inner, route.original_route.path)
            else:
                yield "GET", f"{under}{route.original_route.path}", {}
            continue
        extra = getattr(route, "openapi_extra", None) or {}
        for method in sorted((route.methods or set()) - {"HEAD"}):
            yield method, f"{under}{CONVERTER.sub('', route.path)}", extra


def opened_to(method: str, path: str, extra: Mapping[str, Any]) -> Door:
    action = extra.get("x-action") or GUARDED.get((method, path))
    if (path in OPEN and method == "GET") or (path in OPEN_TO_SEND and method == "POST"):
        action = None
    content = extra.get("requestBody", {}).get("content", {})
    return Door(method, path, action, content.get("application/json", {}).get("schema"))


FOUND = list(walked(unopened().app))
DOORS = [opened_to(*one) for one in FOUND]
GUARDED_DOORS = [door for door in DOORS if door.action]
COMMANDS = [door for door in GUARDED_DOORS if door.body is not None]
