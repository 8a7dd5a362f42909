"""What the views of evaluation share: the statements of views.sql and how a handler speaks."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from shared.eventstore.sql import Statements
from shared.eventstore.views import Change

HOUSE = "evaluation"
FILE = Path(__file__).parent.with_name("views.sql")
SQL = Statements(FILE)
Changes = Iterator[Change]


def json(value: Any) -> str:
    return orjson.dumps(value).decode()
