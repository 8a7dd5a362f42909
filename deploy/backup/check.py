"""Checks a base backup against its manifest, as pg_verifybackup does; for where that program is missing or does not run.

Every file that the manifest names is there, of its size and with its SHA-256, and there is no other. Exit status 1 where not.
"""

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

MANIFEST = "backup_manifest"
# As pg_verifybackup passes over them.
NOT_IN_IT = {MANIFEST, "postgresql.auto.conf", "recovery.signal", "standby.signal"}


def wrong(backup: Path) -> Iterator[str]:
    named = {entry["Path"]: entry for entry in json.loads((backup / MANIFEST).read_text())["Files"]}
    there = {str(path.relative_to(backup)) for path in backup.rglob("*") if path.is_file()}
    for name in sorted(there - named.keys() - NOT_IN_IT):
        if not name.startswith("pg_wal/"):
            yield f"{name} is not in the manifest"
    for name, entry in named.items():
        if name not in there:
            yield f"{name} is missing"
        elif name not in NOT_IN_IT and not is_as(backup / name, entry):
            yield f"{name} is not what was backed up"


def is_as(file: Path, entry: dict[str, object]) -> bool:
    if entry["Checksum-Algorithm"] != "SHA256" or file.stat().st_size != entry["Size"]:
        return False
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest() == entry["Checksum"]


def main() -> int:
    found = list(wrong(Path(sys.argv[1])))
    sys.stderr.write("".join(f"{text}\n" for text in found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
