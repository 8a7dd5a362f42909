"""Logs: one JSON object a line, with the ids of the piece of work, and nothing of what persons sent."""

import io
import json
import logging
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc.jwk import OKPKey
from obstore.store import LocalStore

from ocop.databases import HouseDatabase
from services.registration.commands import producers
from services.registration.main import HOUSE
from shared.auth.actors import Actor
from shared.auth.tokens import ALGORITHM, sign
from shared.logs import FOREIGN, JsonLines, bound, log, plain, to_standard_error
from shared.values import Refusal
from tests.given import an_id
from tests.houses import at_work

KEY = OKPKey.generate_key(ALGORITHM)
PERSON = {
    "name": "Nguyễn Thị Bí Mật", "gender": "nữ giới", "ethnicity": "Hrê-Cor", "phone": "0912 345 678",
    "email": "bi.mat@example.vn",
}  # fmt: skip
SECRETS = [*PERSON.values(), "0912345678", "Mật", "example.vn", "Bearer", "eyJ"]


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Everything that is logged, from DEBUG on, as `to_standard_error` writes it; the test's own logging comes back."""
    root, written = logging.getLogger(), io.StringIO()
    before = root.handlers[:], root.level
    monkeypatch.setattr("sys.stderr", written)
    root.handlers = []
    to_standard_error("DEBUG", house="registration", role="api")
    yield written
    root.handlers, root.level = before


def read(written: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


# --- the form ---


def test_a_line_says_when_where_and_for_which_piece_of_work(lines: io.StringIO) -> None:
    with bound(correlation="c-1", nothing=None), bound(trace="t-1"):
        log.info("done", position=7)
    log.warning("later")
    first, second = read(lines)
    assert datetime.fromisoformat(first.pop("at")).tzinfo is not None
    assert first == {
        "level": "INFO", "event": "done", "house": "registration", "role": "api", "correlation": "c-1", "trace": "t-1",
        "position": 7,
    }  # fmt: skip
    assert "correlation" not in second


def test_what_libraries_say_comes_as_the_same_lines_from_a_warning_on(lines: io.StringIO) -> None:
    for name in FOREIGN:
        logging.getLogger(name).info("GET /producers?name=%s", PERSON["name"])
        logging.getLogger(name).warning("lost")
    said = read(lines)
    assert [(line["logger"], line["event"]) for line in said] == [(name, "lost") for name in FOREIGN]


def test_a_level_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="LOUD"):
        to_standard_error("LOUD")


def test_an_error_is_told_by_kind_and_place_and_never_in_its_own_words() -> None:
    class Odd(Refusal):
        rule = "odd"
        vi = en = "{name}"

    def fail() -> None:
        try:
            raise Odd(name=PERSON["name"])
        except Odd as error:
            raise ExceptionGroup("several", [ValueError(PERSON["phone"]), OSError(5, "disk")]) from error

    with pytest.raises(ExceptionGroup) as caught:
        fail()
    record = logging.LogRecord("ocop", logging.ERROR, "", 1, "failed", None, (None, caught.value, None))
    line = JsonLines().format(record)
    error = json.loads(line)["error"]
    assert [part["kind"] for part in error["of"]] == ["ValueError", "OSError: [Errno 5] disk"]
    assert error["after"]["kind"].endswith("Odd odd")
    assert error["stack"][-1].endswith(" fail")
    assert "test_logs.py:" in error["stack"][-1]
    assert not told(line)


@pytest.mark.parametrize("id", ["0912 345 678", "+84912345678", "bi.mat@example.vn", "hồ sơ của Mật", "x" * 300, ""])
def test_an_id_that_may_be_words_or_a_telephone_number_is_logged_as_a_digest(id: str) -> None:
    assert plain(id).startswith("sha256:")
    assert plain(id) == plain(id) != plain(id + "x")


@pytest.mark.parametrize("id", ["on_dossier_forwarded:registration:12", str(an_id("x")), "import-7"])
def test_an_id_of_the_program_is_logged_as_it_is(id: str) -> None:
    assert plain(id) == id


# --- nothing personal ---


def told(text: str) -> list[str]:
    """The secrets that a text tells, also where it is escaped."""
    return [secret for secret in SECRETS if secret in text or json.dumps(secret)[1:-1] in text]


@pytest.fixture
async def client(database: HouseDatabase, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with at_work(HOUSE, database, KEY, files=LocalStore(tmp_path)) as (house, _):
        house.clock.play(date(2026, 5, 25))
        quiet = httpx.ASGITransport(house.app(), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=quiet, base_url="http://house") as client:
            yield client


def bearer() -> dict[str, str]:
    until = datetime.now(UTC) + timedelta(hours=1)
    return {"authorization": f"Bearer {sign(Actor('x', 'producer', str(an_id('p'))), KEY, until)}"}


def producer(**other: Any) -> dict[str, Any]:
    return {
        "id": str(an_id("p")), "name": "Hợp tác xã", "kind": "cooperative", "province": "51", "commune": "21548",
        "registration_number": "1", "representative": PERSON,
    } | other  # fmt: skip


async def test_no_personal_value_and_no_token_is_ever_logged(
    lines: io.StringIO, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    posts: list[tuple[dict[str, Any], dict[str, str], int]] = [
        (producer(), {"idempotency-key": PERSON["phone"]}, 201),
        (producer(), {"idempotency-key": "again"}, 409),
        (producer(kind=PERSON["name"]), {"idempotency-key": PERSON["phone"]}, 422),
        (producer(kind=PERSON["name"]), {}, 422),
        (producer(representative=PERSON | {"phone": [PERSON["phone"]], PERSON["email"]: 1}), {}, 422),
    ]
    answers = []
    for body, headers, _ in posts:
        headers |= {"x-correlation-id": PERSON["email"]}
        answers.append(await client.post("/producers", json=body, headers=bearer() | headers))
    await client.get(f"/producers/{PERSON['name']}", headers=bearer(), params={"name": PERSON["name"]})

    async def fails(*_: Any) -> None:
        raise RuntimeError(f"cannot take {PERSON}")

    monkeypatch.setattr(producers, "sealed", fails)
    broken = await client.post("/producers", json=producer(id=str(an_id("q"))), headers=bearer())
    assert [answer.status_code for answer in answers] == [status for *_, status in posts], [a.text for a in answers]
    assert broken.status_code == 500
    said = read(lines)
    assert {line["event"] for line in said} >= {"command", "request-failed"}
    assert [line["outcome"] for line in said if line["event"] == "command"].count("ok") == 1
    failed = next(line for line in said if line["event"] == "request-failed")
    assert failed["error"]["kind"] == "RuntimeError"
    assert not told(lines.getvalue())
