#!/usr/bin/env bash
# Every certificate of the register as it stands, then each change as it is said: without a gap, without a double.
# usage: subscribe.sh HOST:PORT        (Debian: apt install kcat jq)
set -euo pipefail
bootstrap=$1
# An hour before now: longer than any transaction may last and any two clocks may differ. What this reads twice, the
# positions sort out, so the live stream need not begin at an exact offset.
begin=$(($(date +%s) * 1000 - 3600000))

read_topic() { # topic, where to begin, more options
    topic=$1 from=$2
    shift 2
    kcat -b "$bootstrap" -X isolation.level=read_committed -q -u -C -t "$topic" -o "$from" -J "$@"
}

{
    read_topic ocop.certificates beginning -e
    echo '"live"'
    read_topic ocop.certification "s@$begin"
} | jq --null-input --raw-output --unbuffered '
    def attributes: . as $h | [range(0; length; 2) | {key: $h[.], value: $h[. + 1]}] | from_entries;
    def changes: "Issued", "Replaced", "Extended", "Expired", "Revoked" | "vn.ocop.Certificate\(.).v1";

    foreach inputs as $message ({positions: {}, states: {}};
        .told = []
        | if $message == "live" then
            .positions as $p
            | .told = [(.states[] | ["state", .number, .status, $p[.certificate_id]]), ["live"]]
            | .states = {}
          else
            ($message.headers | attributes) as $ce
            | ($ce.ce_id | split(":")[1] | tonumber) as $position
            | if $ce.ce_type == "vn.ocop.CertificateState.v1" then
                ($message.payload | fromjson) as $state
                | if $position >= (.positions[$state.certificate_id] // 0) then
                    .positions[$state.certificate_id] = $position | .states[$state.certificate_id] = $state
                  else . end
              elif any(changes; . == $ce.ce_type) then
                ($message.payload | fromjson) as $event
                | if $position > (.positions[$event.certificate_id] // 0) then
                    .positions[$event.certificate_id] = $position
                    | .told = [[($ce.ce_type | split(".")[2]), $event.number, $event.legal_date, $position]]
                  else . end
              else . end # of a later year, or of no interest here
          end;
        .told[] | @tsv)
'
