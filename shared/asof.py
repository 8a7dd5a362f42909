"""As of: a view or an aggregate as it stood at a legal date (`on`), or as it was known at an instant (`known_at`)."""

import re
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Query
from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from shared.clock import Clock
from shared.contracts.envelope import as_utc
from shared.values import Refusal

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6}\d*)?)?(Z|[+-]\d\d:\d\d)", re.ASCII)
HEADER = "Ocop-Known-At"  # in every answer that says what was known at an instant


class KnownAtInFuture(Refusal):
    rule = "known-at-in-future"
    vi = "Thời điểm {known_at} chưa đến (bây giờ là {now})."
    en = "The instant {known_at} has not come yet (it is {now})."


class NotRemembered(Refusal):
    rule = "known-at-not-remembered"
    vi = "Danh sách này không lưu những gì đã biết trước đây; xin hỏi không có known_at."
    en = "This list does not remember what was known before; please ask without known_at."


def as_instant(given: object) -> object:
    """An instant with its time zone, as UTC: without one nobody knows which it is, and a bare number is no instant."""
    if not isinstance(given, str):
        return given
    try:
        return instant_of(given)
    except (ValueError, OverflowError) as error:
        message = "Input should be an instant such as 2026-11-27T05:38:00Z"
        raise PydanticCustomError("instant_parsing", message) from error


def instant_of(text: str) -> datetime:
    """Raises ValueError, or OverflowError at either end of time."""
    if not INSTANT.fullmatch(text):
        raise ValueError(text)
    return datetime.fromisoformat(text).astimezone(UTC)


Instant = Annotated[datetime, BeforeValidator(as_instant)]
KnownAt = Annotated[
    Instant | None,
    Query(
        description="những gì đã biết vào thời điểm này / as it was known at this instant, e.g. 2026-11-27T05:38:00Z"
    ),
]


def check(known_at: datetime, clock: Clock) -> None:
    """Raises KnownAtInFuture: what is going to be known nobody can say."""
    if known_at > (now := clock.latest()):
        raise KnownAtInFuture(field="known_at", known_at=as_utc(known_at), now=as_utc(now))


def head_of(known_at: datetime | None) -> dict[str, str]:
    """The head of an answer that says of which instant it is; empty for one of now."""
    return {HEADER: as_utc(known_at)} if known_at else {}
