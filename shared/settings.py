"""What an operator may set, read from the environment once at start. Names begin with OCOP_."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """Frozen after it was read: a setting never changes under a running program."""

    data: Path
    database_url: str | None  # an own PostgreSQL instead of the embedded one
    dev: bool = False  # allows `ocop token`
    public_url: str | None = None  # what a QR code leads to; by default the address that was asked

    @property
    def evidence(self) -> Path:
        return self.data / "evidence"

    @property
    def key_file(self) -> Path:
        return self.data / "token-key.pem"


def read(data: Path) -> Settings:
    return Settings(
        data=data,
        database_url=os.environ.get("OCOP_DATABASE_URL") or None,
        dev=os.environ.get("OCOP_DEV") == "1",
        public_url=os.environ.get("OCOP_PUBLIC_URL") or None,
    )
