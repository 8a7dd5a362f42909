"""What an operator may set, read from the environment once at start. Names begin with OCOP_."""

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from shared.contracts.topics import HOUSES


class BadSetting(ValueError):
    """A setting cannot be read; the text names it and what it must be."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Frozen after it was read: a setting never changes under a running program."""

    data: Path
    database_url: str | None  # an own PostgreSQL instead of the embedded one; for one house's process, its own database
    dev: bool = False  # allows `ocop token`
    public_url: str | None = None  # what a QR code leads to; by default the address that was asked
    kafka: str | None = None  # bootstrap servers, `host:port[,host:port…]`
    houses: Mapping[str, str] = field(default_factory=dict)  # where each house's doors are, for the portal
    outline: Path | None = None  # an SVG of the provinces to be the map, one path `p-CODE` each; by default tiles
    simulated: bool = False  # a season is played: pages say so, and its day is the program's day
    traces: str | None = None  # where OpenTelemetry spans are sent (OTLP over HTTP); none are made without
    log_level: str = "WARNING"
    house_passwords: Mapping[str, str] = field(default_factory=dict)  # for `ocop prepare`; by default derived

    @property
    def evidence(self) -> Path:
        return self.data / "evidence"

    @property
    def key_file(self) -> Path:
        return self.data / "token-key.pem"

    @property
    def checkpoint_key_file(self) -> Path:
        """The key of the installation that signs checkpoints: who only checks them never needs it."""
        return self.data / "checkpoint-key.pem"


def read(data: Path) -> Settings:
    """Raises BadSetting."""
    get = os.environ.get
    return Settings(
        data=data,
        database_url=get("OCOP_DATABASE_URL") or None,
        dev=get("OCOP_DEV") == "1",
        public_url=get("OCOP_PUBLIC_URL") or None,
        kafka=get("OCOP_KAFKA_BOOTSTRAP") or None,
        houses=addresses(get("OCOP_HOUSES") or ""),
        outline=Path(name) if (name := get("OCOP_MAP")) else None,
        simulated=get("OCOP_SIMULATED") == "1",
        traces=get("OCOP_TRACES") or None,
        log_level=level(get("OCOP_LOG_LEVEL") or "WARNING"),
        house_passwords={
            house: secret for house in HOUSES if (secret := get(f"OCOP_{house.upper()}_PASSWORD"))
        },
    )  # fmt: skip


def level(given: str) -> str:
    """A level of logging. Raises BadSetting."""
    if given.upper() not in logging.getLevelNamesMapping():
        raise BadSetting(f"OCOP_LOG_LEVEL: {given}: expected {', '.join(logging.getLevelNamesMapping())}")
    return given.upper()


def addresses(given: str) -> dict[str, str]:
    """`registration=http://127.0.0.1:8101,…` by house. Raises BadSetting."""
    pairs = [part.partition("=") for part in given.split(",") if part.strip()]
    found = {house.strip(): url.strip() for house, _, url in pairs}
    wrong = [
        house for house, url in found.items() if house not in HOUSES or not url.startswith(("http://", "https://"))
    ]
    if wrong:
        raise BadSetting(f"OCOP_HOUSES: {', '.join(wrong)}: expected HOUSE=http://HOST:PORT of {', '.join(HOUSES)}")
    return found
