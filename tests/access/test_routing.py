"""Routes found by their segments are those that the framework would have found."""

import inspect
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.routing import Match

from ocop.standalone import ROOMS
from services.portal.api import ROUTES as PORTAL
from shared.routing import CommandRoute, Straight

ROUTES = [(house, route) for house, rooms in ROOMS.items() for route in rooms.routes.routes]


def scope_of(method: str, path: str, root: str = "") -> dict[str, Any]:
    return {"type": "http", "method": method, "path": root + path, "root_path": root, "headers": []}


def filled(path: str) -> str:
    return "/".join("x-1" if segment.startswith("{") else segment for segment in path.split("/"))


@pytest.mark.parametrize("root", ["", "/evaluation"])
@pytest.mark.parametrize(("house", "route"), ROUTES, ids=[f"{house} {route.path}" for house, route in ROUTES])
def test_every_route_of_a_house_is_found_as_the_framework_finds_it(house: str, route: Any, root: str) -> None:
    straight = Straight(ROOMS[house].routes.routes)
    for method in route.methods:
        scope = scope_of(method, filled(route.path), root)
        first = next(r for r in ROOMS[house].routes.routes if r.matches(scope)[0] == Match.FULL)
        match, found = straight.matches(scope)
        assert match == Match.FULL
        assert found["route"] is first
        assert found["path_params"] == first.matches(scope)[1]["path_params"]


@pytest.mark.parametrize(
    ("method", "path"),
    [("DELETE", "/dossiers"), ("POST", "/dossiers/"), ("GET", "/dossiers//timeline"), ("GET", "/dossiers/a/b/c/d"),
     ("POST", "/dossiers/x-1/forwarding/"), ("GET", "/nothing"), ("GET", "")],
)  # fmt: skip
def test_what_no_route_takes_is_left_to_the_framework(method: str, path: str) -> None:
    assert Straight(ROOMS["registration"].routes.routes).matches(scope_of(method, path)) == (Match.NONE, {})


def test_a_parameter_is_never_empty_nor_more_than_a_segment() -> None:
    straight = Straight(ROOMS["registration"].routes.routes)
    assert straight.matches(scope_of("GET", "/dossiers/"))[0] == Match.NONE
    assert straight.matches(scope_of("GET", "/dossiers/a b%"))[1]["path_params"] == {"dossier_id": "a b%"}


def test_every_command_has_a_door_of_its_own() -> None:
    commands = [route for _, route in ROUTES if isinstance(route, CommandRoute)]
    assert len(commands) > 50
    assert all(route.methods == {"POST"} and route.openapi_extra["requestBody"] for route in commands)


def called(dependant: Dependant) -> Iterator[Any]:
    yield dependant.call
    for further in dependant.dependencies:
        yield from called(further)


EVERY = [route for route in (*(route for _, route in ROUTES), *PORTAL.routes) if isinstance(route, APIRoute)]


@pytest.mark.parametrize("route", EVERY, ids=lambda route: route.path)
def test_nothing_of_a_route_is_sent_to_a_thread(route: APIRoute) -> None:
    """The framework does so with whatever is no coroutine; the way there and back costs more than most of them do."""
    assert [call for call in called(route.dependant) if not inspect.iscoroutinefunction(call)] == []
