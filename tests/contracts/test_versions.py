"""Two versions of one contract stand side by side: each is read by its own class, whoever was there first."""

from types import SimpleNamespace
from typing import Any, ClassVar

import orjson
import pytest

from shared.bus.listening import Listening
from shared.bus.reactions import Policy
from shared.contracts.envelope import Contract, Envelope
from shared.eventstore.commands import NothingToDo
from shared.eventstore.views import View

HOUSE = "registration"


class _Weighed(Contract):
    """As it was first said, in pounds; a note came later."""

    HOUSE: ClassVar[str] = HOUSE
    pounds: float
    note: str | None = None


class _WeighedInGrams(Contract):
    """The second version."""

    HOUSE: ClassVar[str] = HOUSE
    VERSION: ClassVar[int] = 2
    grams: int


_WeighedInGrams.__name__ = "_Weighed"

GOLDEN: dict[str, dict[str, Any]] = {
    "_Weighed.v1 of the first year": {"legal_date": "2026-06-01", "pounds": 3},
    "_Weighed.v1 with its note": {"legal_date": "2027-06-01", "pounds": 3, "note": "ướt"},
    "_Weighed.v2": {"legal_date": "2028-06-01", "grams": 1500},
    "_Weighed.v2 of a later year": {"legal_date": "2029-06-01", "grams": 1500, "reader": "Hoa"},
}
KINDS: dict[str, type[Contract]] = {"vn.ocop._Weighed.v1": _Weighed, "vn.ocop._Weighed.v2": _WeighedInGrams}


def envelope(name: str) -> Envelope:
    kind = f"vn.ocop.{name.partition(' ')[0]}"
    return Envelope.model_validate(
        {"id": f"{HOUSE}:1", "type": kind, "source": f"/ocop/{HOUSE}", "subject": "x", "time": "2026-06-01T00:00:00Z",
         "dataschema": "x", "key": "k", "data": orjson.loads(orjson.dumps(GOLDEN[name]))}
    )  # fmt: skip


def test_each_version_has_a_name_of_its_own() -> None:
    assert {kind.type_name(): kind for kind in (_Weighed, _WeighedInGrams)} == KINDS


@pytest.mark.parametrize("name", GOLDEN)
def test_a_view_that_reads_both_gets_each_as_its_own_class(name: str) -> None:
    view = View("weighed", [], HOUSE)
    view.on(_Weighed, _WeighedInGrams)(lambda fact: [])
    [fact] = Listening(view, SimpleNamespace(house="evaluation")).facts(HOUSE, [envelope(name)])  # type: ignore[arg-type]
    assert type(fact.body) is KINDS[envelope(name).type]
    known = {field: value for field, value in GOLDEN[name].items() if field in type(fact.body).model_fields}
    assert fact.body.model_dump(mode="json", exclude_none=True) == known


@pytest.mark.parametrize("name", GOLDEN)
def test_who_knows_the_first_alone_passes_over_the_second(name: str) -> None:
    view = View("weighed", [], HOUSE)
    view.on(_Weighed)(lambda fact: [])
    found = Listening(view, SimpleNamespace(house="evaluation")).facts(HOUSE, [envelope(name)])  # type: ignore[arg-type]
    assert len(found) == (".v1" in name)


def test_a_policy_reacts_to_each_by_a_function_of_its_own() -> None:
    policy = Policy("evaluation")

    @policy.on(_Weighed)
    def on_weighed(fact: _Weighed, _: Envelope) -> NothingToDo:
        return NothingToDo()

    @policy.on(_WeighedInGrams)
    def on_weighed_in_grams(fact: _WeighedInGrams, _: Envelope) -> NothingToDo:
        return NothingToDo()

    assert {name: function.__name__ for name, (_, function, _) in policy.reactions.items()} == {
        "vn.ocop._Weighed.v1": "on_weighed", "vn.ocop._Weighed.v2": "on_weighed_in_grams",
    }  # fmt: skip
