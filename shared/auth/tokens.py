"""Bearer tokens: JSON Web Tokens signed with a local Ed25519 key (RFC 7519, RFC 9864)."""

import os
import secrets
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import OKPKey

from shared.auth.actors import Actor, Role

ALGORITHM = "Ed25519"
DEV_TOKEN_LASTS = timedelta(hours=12)
PRIVATE = 0o600
OPEN_TO_OTHERS = 0o077
MOST_KEPT = 16_384  # tokens; a whole programme has fewer people at work in a day
SYSTEM_ROLE: Role = "clock"  # acts inside the process only and never comes in by a door


class BadToken(Exception):
    """There is no usable token; `reason`: missing, not-bearer, malformed, expired, claims, system-role."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"no usable bearer token: {reason}")


class UnusableKey(Exception):
    """The key file is open to other users, or holds no Ed25519 key."""

    def __init__(self, file: Path, why: str) -> None:
        super().__init__(f"{file}: {why}")


class DevOnly(Exception):
    """A local token was asked for where OCOP_DEV is not 1."""

    def __init__(self) -> None:
        super().__init__("tokens are signed locally only with OCOP_DEV=1")


# --- the key ---


def load_key(file: Path) -> OKPKey:
    """The key of a PEM file, made with mode 0600 if there is none. Raises UnusableKey."""
    if not file.exists():
        _make_key(file)
    if file.stat().st_mode & OPEN_TO_OTHERS:
        raise UnusableKey(file, "open to other users, so that they could sign too; chmod 600 is needed")
    try:
        key = OKPKey.import_key(file.read_bytes())
    except ValueError as error:
        raise UnusableKey(file, "not a key in PEM form") from error
    if key.curve_name != ALGORITHM:
        raise UnusableKey(file, f"a key for {key.curve_name}, not for {ALGORITHM}")
    return key


def _make_key(file: Path) -> None:
    """Whole or not at all: of two processes that start together, both use the key of the first."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f"{file.name}.{secrets.token_hex(8)}")
    pem = OKPKey.generate_key(ALGORITHM).as_pem(private=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(pem)
    try:
        os.link(draft, file)
    except FileExistsError:
        return
    finally:
        draft.unlink()


# --- tokens ---


def sign(actor: Actor, key: OKPKey, expires: datetime, name: str | None = None) -> str:
    """A token for an actor, good until `expires` (with a time zone); `name` is for display and decides nothing."""
    claims = {"sub": actor.id, "role": actor.role, "place": actor.place, "exp": int(expires.timestamp())}
    if name is not None:
        claims["name"] = name
    return jwt.encode({"alg": ALGORITHM}, claims, key, algorithms=[ALGORITHM])


def verify(token: str, key: OKPKey, now: datetime | None = None) -> Actor:
    """The actor of a token. Expiry is measured against the machine's time unless `now` is given. Raises BadToken."""
    at = int(time.time() if now is None else now.timestamp())
    proved = _PROVED.get((token, id(key)))
    if proved is None:
        proved = _prove(token, key, at)
        if len(_PROVED) >= MOST_KEPT:
            _PROVED.clear()
        _PROVED[token, id(key)] = proved
    if proved.expires <= at:
        raise BadToken("expired")
    return proved.actor


@dataclass(frozen=True, slots=True)
class Proved:
    """What a signature stands for, until it expires. `key` keeps its identity from being another's."""

    actor: Actor
    expires: float
    key: OKPKey


_PROVED: dict[tuple[str, int], Proved] = {}  # a signature that was checked once is not checked with every request


def _prove(token: str, key: OKPKey, at: int) -> Proved:
    essential = {name: {"essential": True} for name in ("exp", "sub", "role", "place")}
    rules = jwt.JWTClaimsRegistry(now=at, **essential)
    try:
        claims = jwt.decode(token, key, algorithms=[ALGORITHM]).claims
    except (JoseError, ValueError) as error:
        raise BadToken("malformed") from error
    try:
        rules.validate(claims)
        actor = Actor(id=claims["sub"], role=claims["role"], place=claims["place"])
    except ExpiredTokenError as error:
        raise BadToken("expired") from error
    except (JoseError, ValueError, TypeError) as error:
        raise BadToken("claims") from error
    if actor.role == SYSTEM_ROLE:
        raise BadToken("system-role")
    return Proved(actor, claims["exp"], key)


def actor_from_bearer(header: str | None, key: OKPKey, now: datetime | None = None) -> Actor | None:
    """The actor of an `Authorization` header, None where there is no header. Raises BadToken."""
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer":
        raise BadToken("not-bearer")
    return verify(token.strip(), key, now)


def dev_token(role: Role, place: str, key: OKPKey, *, dev: bool, at: datetime) -> str:
    """A token for trying things out, good for 12 hours from `at`. Raises DevOnly, ValueError as Actor does."""
    if not dev:
        raise DevOnly()
    return sign(Actor(id=f"dev:{role}:{place}", role=role, place=place), key, at + DEV_TOKEN_LASTS)
