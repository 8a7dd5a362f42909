#!/bin/sh
# Keeps one file of the write-ahead log elsewhere; PostgreSQL calls it, and calls again until it succeeds:
#   archive_command = '/deploy/backup/archive.sh "%p" "%f" /backup/wal'
# A name is never written twice with other contents: two servers that archive into one place are a mistake.
set -eu
from=$1 name=$2 archive=$3
to=$archive/$name
if [ -e "$to" ]; then
    cmp -s "$from" "$to" && exit 0
    echo "$to is there already, with other contents" >&2
    exit 1
fi
draft=$archive/.$name.$$
trap 'rm -f "$draft"' EXIT
cp "$from" "$draft"
sync "$draft" 2>/dev/null || sync
ln "$draft" "$to" # whole or not at all, and never over another
sync "$archive" 2>/dev/null || sync
