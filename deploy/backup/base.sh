#!/bin/sh
# A base backup of a whole server, all houses at one moment, while they are at work:
#   base.sh CONNECTION FOLDER      e.g. base.sh "host=db user=ocop" /backup/base
# Prints the folder of the new backup, which is checked before it gets its name. PG_BIN: where PostgreSQL's programs are;
# CHECK: what checks, by default pg_verifybackup (check.py does the same where that does not run).
set -eu
[ $# -eq 2 ] || { echo "usage: base.sh CONNECTION FOLDER" >&2; exit 2; }
bin=${PG_BIN:+$PG_BIN/}
name=base-$(date -u +%Y%m%dT%H%M%SZ)
draft=$2/.$name
trap 'rm -rf "$draft"' EXIT
mkdir -p "$2"
"${bin}pg_basebackup" --dbname "$1" --pgdata "$draft" --wal-method stream --checkpoint fast --manifest-checksums SHA256 \
    --no-password >&2
${CHECK:-${bin}pg_verifybackup --quiet} "$draft" >&2
mv "$draft" "$2/$name"
echo "$2/$name"
