#!/bin/sh
# Puts Apache Kafka's jars into FOLDER by Maven, whole or not at all: FOLDER/.whole is made last.
# Java and Maven come from Debian's packages where they are missing and this may install them.
# usage: fetch.sh FOLDER
set -eu
folder=$1
pom=$(dirname "$0")/pom.xml
oldest_java=17

java_is_new_enough() {
    version=$(java -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p')
    [ -n "$version" ] && [ "$version" -ge "$oldest_java" ]
}

lacking() {
    java_is_new_enough || printf 'default-jre-headless '
    command -v mvn >/dev/null || printf 'maven '
}

if [ -n "$(lacking)" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq
    # The words of lacking() are separate packages.
    # shellcheck disable=SC2046
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $(lacking)
fi
if [ -n "$(lacking)" ]; then
    cat >&2 <<TEXT
Apache Kafka is needed here, and it needs Java $oldest_java or newer and Maven. Missing: $(lacking)
On Debian or Ubuntu: sudo apt-get install $(lacking)
Or name a broker that is there already: OCOP_KAFKA_BOOTSTRAP=HOST:PORT
TEXT
    exit 1
fi

rm -rf "$folder"
mkdir -p "$folder"
# The output folder is given from here, or Maven would put it beside the pom.
mvn -q -B -f "$pom" dependency:copy-dependencies "-DoutputDirectory=$(cd "$folder" && pwd)"
touch "$folder/.whole"
