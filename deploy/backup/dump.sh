#!/bin/sh
# For small registers: a dump of each house's database. Each is whole in itself; stop the houses, or they are of different moments.
#   dump.sh CONNECTION FOLDER      e.g. dump.sh "host=$PWD/var/socket user=ocop" backup/dump
set -eu
[ $# -eq 2 ] || { echo "usage: dump.sh CONNECTION FOLDER" >&2; exit 2; }
bin=${PG_BIN:+$PG_BIN/}
folder=$2/dump-$(date -u +%Y%m%dT%H%M%SZ)
draft=$2/.${folder##*/}
trap 'rm -rf "$draft"' EXIT
mkdir -p "$draft"
for house in ${HOUSES:-registration evaluation certification promotion programme}; do
    "${bin}pg_dump" --dbname "$1 dbname=${PREFIX:-ocop_}$house" --format custom --file "$draft/$house.dump" --no-password
    "${bin}pg_restore" --list "$draft/$house.dump" > "$draft/$house.list"
done
mv "$draft" "$folder"
echo "$folder"
