#!/usr/bin/env python3
"""Writes the passwords of docker-compose.yml into .env, which compose reads: `python3 deploy/passwords.py`.

Needs nothing but Python. Never overwrites: the databases keep the passwords with which they were made.
"""

import argparse
import os
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[1]
SECRETS = (
    "OCOP_DB_PASSWORD",  # the administrator of PostgreSQL
    "OCOP_REGISTRATION_PASSWORD",  # each house's way into its own database
    "OCOP_EVALUATION_PASSWORD",
    "OCOP_CERTIFICATION_PASSWORD",
    "OCOP_PROMOTION_PASSWORD",
    "OCOP_PROGRAMME_PASSWORD",
    "GRAFANA_PASSWORD",  # of Grafana's user `admin`
)
SECRET_BYTES = 24
OWNER_ONLY = 0o600
HEAD = "# Made by deploy/passwords.py. Keep a copy with the backups, and show it to nobody.\n"
DEMO = """\
# The season is played and every page says that results are simulated. Nothing of this belongs in production.
COMPOSE_PROFILES=demo
OCOP_SIMULATED=1
"""


def environment(*, production: bool) -> str:
    """The text of .env: new secrets of letters and digits, so that they stand in an address as they are."""
    secrets = "".join(f"{name}={os.urandom(SECRET_BYTES).hex()}\n" for name in SECRETS)
    return HEAD + secrets + ("" if production else DEMO)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", nargs="?", default=str(TOP / ".env"), help="by default .env beside docker-compose.yml")
    parser.add_argument("--production", action="store_true", help="no simulated season")
    asked = parser.parse_args()
    if asked.file == "-":
        sys.stdout.write(environment(production=asked.production))
        return 0
    try:
        descriptor = os.open(asked.file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    except FileExistsError:
        sys.stderr.write(f"{asked.file} is there already; the databases know the passwords in it\n")
        return 1
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        opened.write(environment(production=asked.production))
    return 0


if __name__ == "__main__":
    sys.exit(main())
