#!/bin/sh
# Makes the data of a new server from a base backup and the archived log, to the log's end or to a point in time:
#   restore.sh BACKUP ARCHIVE DATA [TIME]      TIME as "2026-06-01 02:00:00+00": the last commit that is taken over
# Start PostgreSQL on DATA afterwards: it reads the log, and takes commands when it has come so far. Houses stay stopped until
# `ocop restored` has been asked. OWNER: user[:group] to whom the data are given, where root does this.
set -eu
[ $# -ge 3 ] || { echo "usage: restore.sh BACKUP ARCHIVE DATA [TIME]" >&2; exit 2; }
backup=$1 archive=$2 data=$3 until=${4:-}
[ -f "$backup/backup_label" ] || { echo "$backup is no base backup" >&2; exit 1; }
[ -d "$archive" ] || { echo "$archive is no folder" >&2; exit 1; }
if [ -d "$data" ] && [ -n "$(ls -A "$data")" ]; then
    echo "$data is not empty" >&2
    exit 1
fi
mkdir -p "$data"
cp -R "$backup/." "$data/"
chmod -R go-rwx "$data"
{
    echo "restore_command = 'cp \"$archive/%f\" \"%p\"'"
    echo "recovery_target_timeline = 'latest'"
    echo "hot_standby = off" # nobody reads or writes before it has come so far
    if [ -n "$until" ]; then
        echo "recovery_target_time = '$until'"
        echo "recovery_target_action = 'promote'"
    fi
} >> "$data/postgresql.auto.conf"
touch "$data/recovery.signal"
[ -z "${OWNER:-}" ] || chown -R "$OWNER" "$data"
