#!/bin/sh
# Loads what dump.sh wrote into a server that has the houses' roles (`ocop prepare` makes them). What is there is replaced.
#   load.sh CONNECTION DUMP      e.g. load.sh "host=db user=ocop" backup/dump/dump-20260601T020000Z
set -eu
[ $# -eq 2 ] || { echo "usage: load.sh CONNECTION DUMP" >&2; exit 2; }
bin=${PG_BIN:+$PG_BIN/}
for file in "$2"/*.dump; do
    house=$(basename "$file" .dump)
    database=${PREFIX:-ocop_}$house
    "${bin}psql" --dbname "$1 dbname=postgres" --no-psqlrc --quiet --set ON_ERROR_STOP=1 \
        --command "DROP DATABASE IF EXISTS \"$database\" WITH (FORCE)" \
        --command "CREATE DATABASE \"$database\" OWNER \"${house}_owner\" TEMPLATE template0"
    "${bin}pg_restore" --dbname "$1 dbname=$database" --exit-on-error --no-password "$file"
done
