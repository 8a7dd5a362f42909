"""Bearer tokens: who holds one acts as it says, and nothing else is taken for one."""

import base64
import json
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from shared.auth import tokens
from shared.auth.actors import Actor
from shared.auth.tokens import (
    ALGORITHM,
    BadToken,
    DevOnly,
    UnusableKey,
    actor_from_bearer,
    dev_token,
    load_key,
    sign,
    verify,
)

NOW = datetime(2026, 6, 1, 2, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
KEY = OKPKey.generate_key(ALGORITHM)
OFFICER = Actor(id="nguoi-dung-7", role="agency", place="51")
CLAIMS = {"sub": "nguoi-dung-7", "role": "agency", "place": "51", "exp": int(LATER.timestamp())}


def signed(claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": ALGORITHM}, claims, KEY, algorithms=[ALGORITHM])


def part(facts: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(facts).encode()).rstrip(b"=").decode()


def refusal_of(token: str, key: OKPKey = KEY) -> str:
    with pytest.raises(BadToken) as refused:
        verify(token, key, NOW)
    return refused.value.reason


def test_a_signed_actor_comes_back_as_it_was() -> None:
    token = sign(OFFICER, KEY, LATER, name="Cán bộ trực")
    assert actor_from_bearer(f"Bearer {token}", KEY, NOW) == OFFICER
    assert actor_from_bearer(f"bearer {token}", KEY, NOW) == OFFICER
    assert jwt.decode(token, KEY, algorithms=[ALGORITHM]).claims == CLAIMS | {"name": "Cán bộ trực"}


def test_without_a_header_there_is_no_actor_and_with_another_scheme_a_bad_token() -> None:
    assert actor_from_bearer(None, KEY) is None
    with pytest.raises(BadToken) as refused:
        actor_from_bearer("Basic dXNlcjpwYXNz", KEY)
    assert refused.value.reason == "not-bearer"


def test_a_token_ends_at_the_second_it_says() -> None:
    token = sign(OFFICER, KEY, LATER)
    assert verify(token, KEY, LATER - timedelta(seconds=1)) == OFFICER
    with pytest.raises(BadToken) as refused:
        verify(token, KEY, LATER)
    assert refused.value.reason == "expired"


def test_without_a_given_time_the_machine_decides_whether_a_token_has_ended() -> None:
    long_past, far_ahead = datetime(2001, 1, 1, tzinfo=UTC), datetime(2199, 1, 1, tzinfo=UTC)
    assert verify(sign(OFFICER, KEY, far_ahead), KEY) == OFFICER
    with pytest.raises(BadToken):
        verify(sign(OFFICER, KEY, long_past), KEY)


def test_a_token_that_was_taken_once_is_refused_when_it_has_ended_and_by_any_other_key() -> None:
    token = sign(OFFICER, KEY, LATER)
    assert verify(token, KEY, NOW) == verify(token, KEY, NOW) == OFFICER
    with pytest.raises(BadToken, match="expired"):
        verify(token, KEY, LATER)
    assert refusal_of(token, OKPKey.generate_key(ALGORITHM)) == "malformed"
    assert refusal_of(token[:-4] + "AAAA") == "malformed"


def test_no_more_signatures_are_remembered_than_are_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "MOST_KEPT", 3)
    for number in range(8):
        actor = Actor(f"{OFFICER.id}-{number}", OFFICER.role, OFFICER.place)
        assert verify(sign(actor, KEY, LATER), KEY, NOW) == actor
        assert len(tokens._PROVED) <= 3


def test_a_token_of_another_key_is_refused() -> None:
    assert refusal_of(sign(OFFICER, OKPKey.generate_key(ALGORITHM), LATER)) == "malformed"


def test_a_changed_claim_breaks_the_signature() -> None:
    head, _, signature = sign(OFFICER, KEY, LATER).split(".")
    assert refusal_of(f"{head}.{part(CLAIMS | {'role': 'minister', 'place': 'TW'})}.{signature}") == "malformed"


def test_an_unsigned_token_is_refused() -> None:
    assert refusal_of(f"{part({'alg': 'none'})}.{part(CLAIMS)}.") == "malformed"


def test_the_public_key_cannot_be_used_as_a_shared_secret() -> None:
    secret = OctKey.import_key(KEY.as_dict(private=False)["x"])
    assert refusal_of(jwt.encode({"alg": "HS256"}, CLAIMS, secret, algorithms=["HS256"])) == "malformed"


@pytest.mark.parametrize("missing", ["sub", "role", "place", "exp"])
def test_a_token_without_one_of_its_claims_is_refused(missing: str) -> None:
    assert refusal_of(signed({claim: value for claim, value in CLAIMS.items() if claim != missing})) == "claims"


@pytest.mark.parametrize(
    "wrong",
    [
        {"role": "king"}, {"role": ["agency"]}, {"place": "5"}, {"place": 51}, {"place": "TW"}, {"sub": ""}, {"sub": 7},
        {"exp": "tomorrow"}, {"role": "commune", "place": "51"}, {"role": "producer", "place": "51"},
    ],
)  # fmt: skip
def test_a_claim_that_names_no_actor_is_refused_though_signed(wrong: dict[str, Any]) -> None:
    assert refusal_of(signed(CLAIMS | wrong)) == "claims"


def test_the_system_itself_never_comes_in_by_a_door() -> None:
    assert refusal_of(sign(Actor("evaluation.policy", "clock", "TW"), KEY, LATER)) == "system-role"


@settings(deadline=None)
@given(st.text(max_size=80) | st.binary(max_size=60).map(lambda raw: f"{part({'alg': ALGORITHM})}.{raw.hex()}."))
def test_no_text_whatever_does_more_than_be_refused(text: str) -> None:
    assert refusal_of(text) in {"malformed", "claims"}


def test_the_key_is_made_once_and_open_to_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "data" / "token-key.pem"
    token = sign(OFFICER, load_key(file), LATER)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert verify(token, load_key(file), NOW) == OFFICER
    assert list(file.parent.iterdir()) == [file]


def test_houses_that_start_together_share_the_key_of_the_first(tmp_path: Path) -> None:
    file, together = tmp_path / "key.pem", Barrier(8)

    def start(_: int) -> str:
        together.wait()
        return load_key(file).thumbprint()

    with ThreadPoolExecutor(8) as houses:
        assert len(set(houses.map(start, range(8)))) == 1
    assert list(tmp_path.iterdir()) == [file]


def test_a_key_file_open_to_others_is_not_used(tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    load_key(file)
    file.chmod(0o640)
    with pytest.raises(UnusableKey, match="open to other users"):
        load_key(file)


@pytest.mark.parametrize("content", [b"", b"not a key", OKPKey.generate_key("X25519").as_pem(private=True)])
def test_a_file_without_a_signing_key_is_not_used(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    file.touch(mode=0o600)
    file.write_bytes(content)
    with pytest.raises(UnusableKey):
        load_key(file)


def test_a_local_token_is_signed_only_where_it_is_allowed() -> None:
    with pytest.raises(DevOnly):
        dev_token("commune", "21548", KEY, dev=False, at=NOW)
    token = dev_token("commune", "21548", KEY, dev=True, at=NOW)
    assert verify(token, KEY, NOW) == Actor("dev:commune:21548", "commune", "21548")
    with pytest.raises(ValueError, match="no place of the role commune"):
        dev_token("commune", "51", KEY, dev=True, at=NOW)
